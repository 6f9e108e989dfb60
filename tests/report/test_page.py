import dataclasses
import hashlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxresearch import report
from cxresearch.core.figure import Figure as ShownFigure
from cxresearch.core.results import Estimate, Interval
from cxresearch.stats.shares.proportions import proportion
from cxresearch.stats.shares.sample_ratio import sample_ratio


@pytest.fixture(autouse=True)
def _a_page_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("CX_REPORT_RECORD", str(tmp_path / "record.json"))
    report.begin()
    yield
    report.begin()


def recorded(tmp_path: Path) -> dict[str, object]:
    report.provenance()
    kept: dict[str, object] = json.loads((tmp_path / "record.json").read_text("utf-8"))
    return kept


def estimate(value: float = 0.5) -> Estimate:
    return Estimate(
        value=value,
        ci=Interval(0.4, 0.6) if value == value else Interval(math.nan, math.nan),
        n=100,
        unit="share",
        confidence=0.95,
        method="Wilson",
    )


def test_a_sentence_is_said_in_the_language_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    report.begin(lang="it")
    report.say("It is {share}.", share=estimate())
    assert capsys.readouterr().out == "It is 50,0%.\n\nIC 95% 40,0–60,0, n = 100\n"


def test_a_sentence_about_nothing_that_was_measured_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report.begin(lang="it")
    nobody, half = proportion(0, 0), proportion(5, 10)
    report.say("{share} buy.", share=nobody)
    assert capsys.readouterr().out == "Non misurato (non definito: non c'è nulla da contare).\n"
    report.say("{share} buy, {other} look.", share=nobody, other=half)
    assert "look" in capsys.readouterr().out
    with pytest.raises(ValueError, match="values must be those in the message's braces"):
        report.say("{share} buy.", portion=nobody)


def test_before_begin_a_page_is_english() -> None:
    script = "from cxresearch import report; report.say('{n}', n=1234.5)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "1,234.5\n"


def test_the_headline_is_kept_in_plain_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report.headline("**It** is {share}.", share=estimate())
    # Its interval, its n and its method stand in small under it.
    small = "95% CI 40.0 to 60.0, n = 100. Wilson"
    assert capsys.readouterr().out == f"**It** is 50.0%.\n{small}\n"
    assert recorded(tmp_path)["headlines"] == {"en": "**It** is 50.0%."}


def test_a_number_is_kept_with_all_that_is_needed_to_read_it(tmp_path: Path) -> None:
    report.record("share", estimate())
    report.record("share", estimate())
    report.record("nothing", estimate(math.nan))
    numbers = recorded(tmp_path)["numbers"]
    assert numbers == {
        "share": {
            "value": 0.5,
            "ci": [0.4, 0.6],
            "n": 100,
            "unit": "share",
            "confidence": 0.95,
            "method": "Wilson",
            "note": "",
        },
        "nothing": {
            "value": None,
            "ci": [None, None],
            "n": 100,
            "unit": "share",
            "confidence": 0.95,
            "method": "Wilson",
            "note": "",
        },
    }


def test_a_name_stands_for_one_result() -> None:
    report.record("share", estimate())
    with pytest.raises(
        ValueError,
        match=r"name must be new or its result the same; "
        r"got 'share', recorded as 0.5 and now 0.45",
    ):
        report.record("share", estimate(0.45))


def test_only_a_result_can_be_recorded() -> None:
    with pytest.raises(TypeError, match=r"result must be a Result; got 0.5"):
        report.record("share", 0.5)  # type: ignore[arg-type]


def test_a_test_without_an_estimate_cannot_be_recorded_or_said() -> None:
    balanced = sample_ratio([500, 400], [0.5, 0.5])
    words = "result must be an estimate with an interval; got 'SampleRatio'"
    with pytest.raises(TypeError, match=words):
        report.record("balance", balanced)
    with pytest.raises(TypeError, match=words):
        report.say("{balance}", balance=balanced)


def test_begin_forgets_an_earlier_page(tmp_path: Path) -> None:
    report.record("share", estimate())
    report.headline("Old.")
    report.begin()
    kept = recorded(tmp_path)
    assert (kept["headlines"], kept["numbers"]) == ({}, {})


def test_a_page_hides_fewer_people_than_it_was_told(capsys: pytest.CaptureFixture[str]) -> None:
    report.begin(min_cell=11)
    frame = pd.DataFrame({"segment": ["a", "b", "c"], "n": [10, 11, 12], "x": [8.5, 7.5, 9.5]})
    report.table(frame, caption="Of {n}", people="n", n=2)
    out = capsys.readouterr().out
    assert out.startswith("Of 2\n")
    assert "< 11" in out
    assert "8.5" not in out
    assert "7.5" not in out  # the total less the others would tell of the ten
    assert "9.5" in out


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_figure_without_an_alternative_text_is_refused(alt: str) -> None:
    with pytest.raises(ValueError, match="alt must be a text that is not empty; got"):
        report.show(Figure().subplots(), caption="Revenue", alt=alt)


def test_a_caption_is_never_missing() -> None:
    with pytest.raises(ValueError, match="caption must be a text that is not empty; got ''"):
        report.show(Figure().subplots(), caption="", alt="It rises")
    with pytest.raises(ValueError, match="caption must be a text that is not empty; got ''"):
        report.table(pd.DataFrame({"a": [1]}), caption="")


def test_a_figure_shares_its_values_between_its_texts(capsys: pytest.CaptureFixture[str]) -> None:
    axes = Figure().subplots()
    report.show(axes, caption="Up to {high}", alt="From {low}", high=(2, "EUR"), low=(1, "EUR"))
    assert capsys.readouterr().out == "<Figure: Up to €2.00>\n"
    with pytest.raises(ValueError, match=r"got \['high', 'low', 'other'\]"):
        report.show(axes, caption="{high}", alt="{low}", high=1, low=2, other=3)


def test_a_figure_without_rows_is_its_title_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def drawn(*_: object) -> Axes:
        raise AssertionError("there is nothing to draw")

    report.show(
        ShownFigure(
            title="No step differs between {first} and {second}",
            data=pd.DataFrame(columns=["name", "value"]),
            draw=drawn,
            describe=drawn,  # type: ignore[arg-type]
            values={"first": "a", "second": "b"},
        )
    )
    assert capsys.readouterr().out == "No step differs between a and b\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lang": "fr"}, r"lang must be one of 'en', 'it'; got 'fr'"),
        ({"min_cell": 0}, r"min_cell must be at least 1; got 0"),
    ],
)
def test_begin_refuses_what_it_cannot_do(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        report.begin(**options)  # type: ignore[arg-type]


def test_outside_a_runner_the_data_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cxresearch.report import read_log

    monkeypatch.delenv("CX_REPORT_RECORD")
    report.provenance()
    shown = capsys.readouterr().out
    assert shown.startswith("The data this was computed from")
    assert all(digest[:12] in shown for digest in read_log.reads().values())


SCRIPT = """
from cxresearch import report
from cxresearch.core import disk
from pathlib import Path
import os, helper
data = Path(os.environ["CX_ROOT"], "data")
(data / "shop" / "orders.csv").read_text()
(data / "shop" / ".cache" / "orders.parquet").read_text()
(data / "shop" / "written.csv").write_text("x")
os.close(os.open(data / "shop" / "events.csv", os.O_RDONLY))
Path(os.environ["CX_RAW"], "raw.csv").open("rb").close()
Path(os.environ["CX_ROOT"], "elsewhere.csv").read_text()
disk.note_read(data / "shop" / "study.yaml")
disk.note_read(Path(os.environ["CX_ROOT"], "rules.py"))
report.provenance()
"""


def test_the_record_names_every_file_read_and_every_module(tmp_path: Path) -> None:
    root, raw = tmp_path / "root", tmp_path / "raw"
    names = ["orders.csv", "events.csv", "study.yaml", "unread.csv", ".cache/orders.parquet"]
    files = [root / "data" / "shop" / name for name in names]
    files += [raw / "raw.csv", root / "elsewhere.csv", root / "helper.py", root / "rules.py"]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# " + file.name, encoding="utf-8")
    environment = os.environ | {"CX_ROOT": str(root), "CX_RAW": str(raw), "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True, cwd=tmp_path)
    kept = json.loads((tmp_path / "record.json").read_text("utf-8"))

    def sha256(name: str) -> str:
        return hashlib.sha256(f"# {name}".encode()).hexdigest()

    assert kept["reads"] == {
        "$CX_RAW/raw.csv": sha256("raw.csv"),
        "data/shop/events.csv": sha256("events.csv"),
        "data/shop/orders.csv": sha256("orders.csv"),
        "data/shop/study.yaml": sha256("study.yaml"),
    }
    # Code that was read and not imported is told with the modules, not with the data.
    own = {"helper.py", "rules.py", "cxresearch/__init__.py", "cxresearch/report/page.py"}
    assert own <= set(kept["modules"])
    assert not [name for name in kept["modules"] if name.startswith(("/", "."))]


def test_estimates_are_a_table_and_those_about_too_few_people_are_hidden(capsys) -> None:
    report.begin(min_cell=5)
    half = Estimate(
        value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share", confidence=0.95, method="Wilson"
    )
    report.estimates({"Returns": half, "Refunds": dataclasses.replace(half, n=4)}, caption="Rates")
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert shown[2] == ["Returns", "50.0%", "40.0", "to", "60.0", "100"]
    assert shown[3] == ["Refunds", "hidden", "hidden", "<", "5"]


def test_names_are_those_given_last_and_the_study_has_its_own_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report.begin(lang="it")
    report.label({"fit": {"en": "Fit", "it": "Taglia"}})
    report.label({"site": {"en": "Site", "it": "Sito"}})
    report.say("{theme}", theme="fit")
    report.say("{theme}", theme="site")
    report.label({})
    report.say("{theme}", theme="site")
    report.begin()
    assert capsys.readouterr().out.splitlines() == ["fit", "«Sito»", "site"]
