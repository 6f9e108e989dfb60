"""What moved between two builds, and why."""

from __future__ import annotations

import copy
import json
from dataclasses import fields

import numpy as np
import pytest

from cxresearch.core.languages import Language
from cxresearch.report import sidecar
from cxresearch.report.moved import between, changes, compare, keep

NUMBER = {
    "value": 10.0, "ci": [8.0, 12.0], "n": 90, "unit": "orders", "confidence": 0.95,
    "method": "counted", "note": "",
}  # fmt: skip
RECORD = {
    "numbers": {"a": NUMBER},
    "build": {
        "notebook": "1",
        "parameters": {"confidence": 0.95},
        "versions": {"pandas": "2"},
        "files": {"data/s/orders.csv": "1", "data/s/study.yaml": "1", "cxresearch/x.py": "1"},
        "reports": {},
    },
}


def changed(value: float = 20.0, number: dict | None = None, **build: object) -> dict:
    record = copy.deepcopy(RECORD)
    record["numbers"]["a"] |= {"value": value, "ci": [value - 2, value + 2]} | (number or {})
    files = build.pop("files", {})
    record["build"]["files"] |= files
    record["build"] |= build
    return record


def causes(after: dict) -> list[str]:
    return [one.cause for one in between("r", RECORD, after)]


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        (changed(files={"data/s/orders.csv": "2"}), "data"),
        # sqrt(2**2 + 2**2) = 2.83: less is what other customers of one shop would do.
        (changed(12.8, files={"data/s/orders.csv": "2"}), "within noise"),
        (changed(12.9, files={"data/s/orders.csv": "2"}), "data"),
        # One wrong row moves the number and widens its interval: that is no noise.
        (changed(16, {"ci": [4, 28]}, files={"data/s/orders.csv": "2"}), "data"),
        (changed(10.1, files={"cxresearch/x.py": "2"}), "code"),
        (changed(versions={"pandas": "3"}), "code"),
        (changed(files={"cxresearch/x.py": "2", "data/s/orders.csv": "2"}), "data and code"),
        (changed(files={"data/s/study.yaml": "2"}), "definition"),
        (changed(parameters={"confidence": 0.9}), "definition"),
        # A later month of the same files: the day is in the manifest, and is no definition.
        (changed(files={"data/s/study.yaml": "2"}, as_of="2026-10-31"), "data"),
        (changed(12.8, files={"data/s/study.yaml": "2"}, as_of="2026-10-31"), "within noise"),
        (changed(parameters={"confidence": 0.9}, as_of="2026-10-31"), "data"),
        (changed(10.0, {"method": "guessed"}, files={"data/s/orders.csv": "2"}), "definition"),
        (changed(10.0, {"value": None}, files={"data/s/orders.csv": "2"}), "data"),
    ],
)
def test_each_difference_has_its_cause(after, cause):
    assert causes(after) == [cause]


def drawn(rng: np.random.Generator, n: int) -> dict:
    """Return the mean of n orders as a record has it."""
    sample = rng.gamma(4.0, 5.0, n)
    half = 1.96 * sample.std(ddof=1) / np.sqrt(n)
    mean = float(sample.mean())
    return NUMBER | {"value": mean, "ci": [mean - half, mean + half], "n": n}


@pytest.mark.parametrize("sizes", [(400, 400), (150, 600), (900, 300)])
def test_of_two_months_of_a_shop_that_stays_the_same_one_number_in_twenty_is_called_moved(sizes):
    rng = np.random.default_rng(15)
    called = 0
    for _ in range(3000):
        was, now = ({"numbers": {"a": drawn(rng, n)}} for n in sizes)
        was["build"], now["build"] = RECORD["build"], changed(files={"d.csv": "2"})["build"]
        (one,) = between("r", was, now)
        called += one.cause == "data"
    # 5 % and the error of 3,000 draws, 0.4 points.
    assert 0.036 < called / 3000 < 0.064


def test_a_wrong_row_that_widens_its_interval_is_no_noise():
    rng = np.random.default_rng(15)
    orders = rng.gamma(4.0, 5.0, 400)
    wrong = np.append(orders[1:], 20_000.0)
    records = []
    for sample in (orders, wrong):
        half = 1.96 * sample.std(ddof=1) / 20
        mean = sample.mean()
        records.append(changed(mean, {"ci": [mean - half, mean + half]}, files={"d.csv": mean}))
    # Its own interval holds what was before.
    assert records[1]["numbers"]["a"]["ci"][0] < records[0]["numbers"]["a"]["value"]
    assert [one.cause for one in between("r", *records)] == ["data"]


def test_the_numbers_of_a_map_are_compared_by_their_place_on_it(tmp_path):
    ends = {"ci_low": 0.7, "ci_high": 0.8}
    number = {name: NUMBER[name] for name in ("n", "unit", "confidence", "method")} | ends
    kept = {"lane": "satisfaction", "what": "chat", "value": 0.75, **number}
    for name, value, files in (("one", 0.75, {}), ("other", 0.5, {"data/s/orders.csv": "2"})):
        stages = [{"stage": "service", "numbers": [kept | {"value": value}]}]
        record = changed(10.0, files=files) | {"stages": stages}
        (tmp_path / name).mkdir()
        (tmp_path / name / "r.json").write_text(json.dumps(record))
    (one,) = compare(tmp_path / "one", tmp_path / "other")
    assert (one.name, one.before, one.after) == ("service satisfaction chat", 0.75, 0.5)
    assert one.cause == "data"


def test_a_finding_that_opened_is_named_before_the_numbers(tmp_path):
    after = copy.deepcopy(RECORD)
    found = {"hurts": True, "measure": "m", "group": {}, "words": {"en": {"what": "It broke."}}}
    after["findings"] = {"found": [found]}
    for name, record in {"one": RECORD, "other": after}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "r.json").write_text(json.dumps(record))
    for before, now, cause in (("one", "other", "appeared"), ("other", "one", "gone")):
        (one,) = compare(tmp_path / before, tmp_path / now)
        assert (one.name, one.cause) == ("It broke.", cause)


def finding(measure: str, **fields: object) -> dict:
    level = {"value": 0.02, "unit": "share"}
    return {
        "measure": measure, "group": {}, "state": "open", "hurts": True, "since": None,
        "until": None, "before": level, "now": level | {"value": 0.2},
        "words": {"en": {"what": f"{measure} broke."}},
    } | fields  # fmt: skip


def test_breaks_since_the_last_build_and_since_that_of_a_year_ago(project):
    (project / "data" / "shop").mkdir(parents=True)
    (project / "data" / "shop" / "study.yaml").write_text(
        'title: {en: Shop}\ncurrency: EUR\ntime_zone: UTC\nas_of: "2026-10-31"\n'
        "tables: {orders: {file: o.csv}}\nreports: {r: {notebook: n.ipynb}}\n"
    )
    folder = sidecar.path("shop", "r").parent
    builds = {
        # Two days are near to a year ago: the nearer one is taken.
        "history/2025-10-31": [finding("old")],
        "history/2025-11-30": [],
        "history/2026-09-30": [finding("old")],
        "": [
            finding("error", since="2026-10-12"),
            finding("late", state="past", hurts=False, since="2026-02-01", until="2026-03-01"),
            finding("mail", state="standing", since="2026-10-20"),
        ],
    }
    for path, found in builds.items():
        (folder / path).mkdir(parents=True, exist_ok=True)
        record = dict.fromkeys((one.name for one in fields(sidecar.Sidecar)), "") | {
            "report": "r", "pages": {}, "findings": {"found": found}, "numbers": {},
            "provenance": dict.fromkeys(one.name for one in fields(sidecar.Provenance)),
            "build": RECORD["build"], "run": {"started": "", "seconds": 0, "cpu_seconds": 0},
        }  # fmt: skip
        (folder / path / "r.json").write_text(json.dumps(record))
    last, year = changes("shop")
    assert [str(one.values["day"]) for one in (last, year)] == ["2026-09-30", "2025-10-31"]
    rows = [
        ["error broke.", "2.0%", "20.0%", "began on 12 Oct 2026"],
        ["mail broke.", "", "open", "new finding"],
        ["old broke.", "open", "gone", "no longer open"],
    ]
    late = ["late broke.", "2.0%", "20.0%", "ended on 1 Mar 2026"]
    said = [
        [[cell.words(Language("en")) for cell in row] for row in one.frame.to_numpy()]
        for one in (last, year)
    ]
    assert said == [rows, [*rows, late]]


def test_what_is_the_same_is_no_difference():
    assert causes(changed(10.0, files={"data/s/orders.csv": "2"})) == []


def test_what_came_and_went_is_named(tmp_path):
    after = copy.deepcopy(RECORD)
    after["numbers"]["b"] = after["numbers"].pop("a")
    for name, record in {"one": RECORD, "other": after}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "r.json").write_text(json.dumps(record))
        (tmp_path / name / "index.json").write_text("{}")
    found = compare(tmp_path / "one", tmp_path / "other")
    assert [(one.name, one.cause, one.before, one.after) for one in found] == [
        ("a", "gone", 10.0, None),
        ("b", "appeared", None, 10.0),
    ]
    with pytest.raises(ValueError, match="has none"):
        compare(tmp_path / "one", tmp_path)


def test_a_record_is_kept_by_the_day_of_its_data(project):
    record = sidecar.path("shop", "r")
    record.parent.mkdir(parents=True)
    for day, text in (("2026-01-31", "1"), ("2026-02-28", "2"), ("2026-02-28", "3")):
        record.write_text(text)
        keep("shop", day, "r")
    history = project / "reports" / "shop" / "history"
    kept = {str(path.relative_to(history)): path.read_text() for path in history.rglob("*.json")}
    assert kept == {"2026-01-31/r.json": "1", "2026-02-28/r.json": "3"}
