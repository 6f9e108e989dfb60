"""What is wrong with the recording is said where it bends an answer, and only there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.core.remarks import Remark
from cxresearch.findings import Findings
from cxresearch.findings.fires import Alarm, Fire, Key
from cxresearch.findings.measures import Measure
from cxresearch.findings.recording_faults import Gap, gaps, is_gap
from cxresearch.findings.watched_series import WHOLE, Series
from tests.findings import planted_log

VISITS = Measure(name="step:a>b", kind="step", what=Remark("a"), unit="share", better="more")
ORDERS = Measure(name="order_value", kind="order", what=Remark("b"), unit="EUR", better="more")


def weekly(visits: list[float], orders: list[float]) -> dict[Key, Series]:
    found = {}
    for measure, units in ((VISITS, visits), (ORDERS, orders)):
        y = np.array(units)
        found[measure.name, WHOLE] = Series(
            measure=measure, group=WHOLE, sums=np.array([y, y, y, y, y, y])
        )
    return found


def of(name: str, units: list[float], kind: str = "order") -> Series:
    measure = Measure(name=name, kind=kind, what=Remark("c"), unit="", better="less")
    y = np.array(units)
    return Series(measure=measure, group=WHOLE, sums=np.array([y, y, y, y, y, y]))


def test_a_small_table_goes_on_though_a_week_of_it_is_thin() -> None:
    # Tickets, five a week: chance alone gives two, and now and then one.
    stops = [20.0] * 12 + [0.0] * 4 + [20.0] * 5
    few = [5.0, 6, 4, 5, 7, 5, 3, 6, 5, 5, 4, 6] + [3.0, 7, 2, 5] + [5.0] * 5
    series = weekly([0.0] * 21, stops) | {("ticket:all", WHOLE): of("ticket:all", few)}
    assert gaps(series) == [Gap("orders", 12, 16, 80.0)]
    # Of a large one a thin week is a stop, and so is little in all of a small one.
    for other in ([100 * one for one in few], [*few[:12], 2.0, 1, 2, 2, *few[16:]]):
        again = series | {("ticket:all", WHOLE): of("ticket:all", other)}
        assert gaps(again) == []


@pytest.mark.parametrize(("answers", "count"), [(0.0, 0), (9.0, 1)])
def test_texts_that_come_in_waves_with_the_answers_are_no_gap(answers: float, count: int) -> None:
    texts = [8.0] * 10 + [0.0] * 6 + [8.0] * 4
    scores = [30.0] * 10 + [answers] * 6 + [30.0] * 4
    series = weekly([0.0] * 20, [20.0] * 20)
    for name, units in (("theme:a", texts), ("score:nps:", scores)):
        series[name, WHOLE] = of(name, units)
    assert [gap.table for gap in gaps(series)] == ["feedback"] * count


@pytest.mark.parametrize(
    ("name", "start", "end", "expected"),
    [
        ("count:orders", 12, 16, True),
        ("count:orders", 10, 16, True),  # its first weeks were thin by chance
        ("count:orders", 4, 16, False),
        ("count:orders", 16, 22, False),
        ("count:tickets", 13, 19, True),  # beside the orders that lack
        ("count:tickets", 20, 24, False),
        ("count:visits", 12, 16, False),
    ],
)
def test_a_fall_and_what_is_counted_beside_it_are_the_gap(
    name: str, start: int, end: int, *, expected: bool
) -> None:
    alarm = Alarm(
        series=of(name, [1.0] * 24), start=start, low=start, high=start, end=end, z=9, p=0
    )
    fire = Fire(leader=alarm, parts=())
    assert is_gap(fire, [Gap("orders", 12, 16, 80.0)], 24) is expected


def test_a_gap_is_where_one_table_stops_and_another_goes_on() -> None:
    series = weekly([40.0] * 12 + [0.0] * 3 + [40.0] * 5, [20.0] * 20)
    assert gaps(series) == [Gap("events", 12, 15, 120.0)]


@pytest.mark.parametrize(
    ("visits", "orders"),
    [
        # All stop: a shop that was closed.
        ([40.0] * 12 + [0.0] * 3 + [40.0] * 5, [20.0] * 12 + [0.0] * 3 + [20.0] * 5),
        # Nine were to be expected: a small shop has such weeks.
        ([3.0] * 12 + [0.0] * 3 + [3.0] * 5, [20.0] * 20),
        # It ended for good, or is too young to be missed: its count tells that.
        ([40.0] * 12 + [0.0] * 8, [20.0] * 20),
        ([40.0] * 5 + [0.0] * 3 + [40.0] * 12, [20.0] * 20),
    ],
)
def test_what_is_no_gap(visits: list[float], orders: list[float]) -> None:
    assert gaps(weekly(visits, orders)) == []


Change = Callable[[pd.DataFrame], pd.DataFrame]


def half(rows: pd.DataFrame) -> pd.Series:
    """Every other visit."""
    return rows["session_id"].str[-1].astype(int) % 2 == 0


def without_a_month(events: pd.DataFrame) -> pd.DataFrame:
    return events[(events["ts"] < "2025-06-03") | (events["ts"] >= "2025-07-04")]


def with_programs(events: pd.DataFrame) -> pd.DataFrame:
    ts = pd.Timestamp("2025-05-06 10:00") + pd.to_timedelta(np.arange(5_000), unit="s")
    read = pd.DataFrame({"customer_id": "b1", "session_id": "b1", "event": "item", "ts": ts})
    return pd.concat([events, read])


CASES: dict[str, tuple[str, Change]] = {
    "gap:events": ("events", without_a_month),
    "doubled:events": ("events", lambda rows: pd.concat([rows, rows[half(rows)]])),
    "programs:events": ("events", with_programs),
    "ungrouped:events:device": (
        "events",
        lambda rows: rows.assign(device=rows["device"].where(half(rows))),
    ),
    "doubled:orders": (
        "orders",
        lambda rows: pd.concat(
            [rows, rows[::20].assign(order_id=lambda own: own["order_id"] + "b")]
        ),
    ),
    "currency:orders": (
        "orders",
        lambda rows: rows.assign(currency=np.where(rows.index % 4 == 0, "USD", "EUR")),
    ),
    "unlinked:orders": (
        "orders",
        lambda rows: rows.assign(customer_id=rows["customer_id"].where(rows.index % 2 == 0)),
    ),
}


def answers(named: float, bought: float, *, metric: str = "csat") -> pd.DataFrame:
    """Return 200 answers of which a share has a name, and a share of these has an order."""
    rows = pd.DataFrame({"response_id": [f"r{i}" for i in range(200)], "metric": metric})
    buyers = np.arange(200) < 200 * named * bought
    names = np.where(buyers, "b", "v") + np.char.mod("%d", np.arange(200))
    rows["customer_id"] = np.where(np.arange(200) < 200 * named, names, "")
    rows["ts"] = pd.Timestamp("2026-01-05") + pd.to_timedelta(np.arange(200), unit="D")
    return rows.assign(score=4, scale_min=1, scale_max=5)


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        (answers(1.0, 0.4), None),  # the others have not bought
        (answers(1.0, 0.0), 1.0),  # the numbers are of another kind
        (answers(0.5, 0.5), 0.5),
        (pd.concat([answers(1.0, 0.5), answers(0.0, 0.0, metric="enps")]), None),  # employees
    ],
    ids=["visitors", "other numbers", "no name", "employees"],
)
def test_who_is_in_no_order_may_not_have_bought(
    rows: pd.DataFrame, share: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "shop"
    folder.mkdir(parents=True)
    orders = pd.DataFrame({"order_id": range(200), "customer_id": [f"b{i}" for i in range(200)]})
    orders["ts"], orders["revenue"] = rows["ts"].iloc[:200].to_numpy(), 20.0
    orders.to_csv(folder / "orders.csv", index=False)
    rows.assign(response_id=range(len(rows))).to_csv(folder / "surveys.csv", index=False)
    (folder / "study.yaml").write_text(
        "title: {en: Shop}\ncurrency: EUR\ntime_zone: UTC\nlanguages: [en]\ntables:\n"
        "  orders: {file: orders.csv}\n  surveys: {file: surveys.csv}\n"
    )
    found = cx.findings(cx.open_study("shop"))
    shares = [one.change.value for one in found if one.measure == "unlinked:surveys"]
    assert shares == ([] if share is None else [share])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


def found_in(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Findings:
    """Return the findings of a calm shop that one thing is wrong with."""
    monkeypatch.setenv("CX_ROOT", str(root))
    study = name.replace(":", "-")
    planted_log.write(root, study)
    table, change = CASES[name]
    path = root / "data" / study / f"{table}.csv"
    rows = pd.read_csv(path, parse_dates=["ts"])
    # Moments to the second, not to the minute.
    rows["ts"] += pd.to_timedelta(np.arange(len(rows)) % 59, unit="s")
    change(rows).to_csv(path, index=False)
    return cx.findings(cx.open_study(study))


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_the_one_finding_of_a_calm_shop(
    name: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = found_in(root, name, monkeypatch)
    (first,) = found
    assert (first.measure, first.state, first.is_bad) == (name, "standing", None)
    assert first.proof == "data_quality"
    assert np.isnan(first.worth.value)
    assert first.worth.note == "not known: it distorts numbers, not sales"
    if name == "gap:events":
        assert (first.since, first.until) == (date(2025, 6, 3), date(2025, 7, 4))
