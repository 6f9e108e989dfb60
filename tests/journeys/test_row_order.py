"""In which order of time rows come, by hand, and the ties that it decides in every engine."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import engine, journeys
from cxresearch.core.languages import Language
from cxresearch.engine import row_order
from cxresearch.engine.row_order import ties
from cxresearch.study import quality
from tests.journeys.logs import ENGINES, Engine, in_engine

STEPS = ["cart", "checkout", "purchase"]
#: As it is logged: the second of two events at one moment comes after the first.
LOG = [
    ("a", 5, "cart"),
    ("a", 5, "checkout"),
    ("a", 40, "purchase"),
    ("b", 300, "cart"),
    ("b", 300, "checkout"),
    ("b", 360, "purchase"),
    ("c", 420, "cart"),
]


def frame(rows: list[tuple[str, int, str]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["customer_id", "ts", "event"])
    return found.assign(ts=pd.Timestamp("2026-03-02 09:00") + pd.to_timedelta(found["ts"], "s"))


def reached(prepared: journeys.Prepared) -> list[int]:
    return [step.units for step in journeys.funnel(prepared, STEPS).steps]


def order_of(*rows: tuple[str, int]) -> str:
    """Return the order of rows given as customer and time."""
    log = pd.DataFrame(rows, columns=["customer_id", "ts_us"])
    return row_order.row_order(engine.lazy(log))


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("sessions", ["gap", "given"])
def test_a_file_that_runs_backwards_gives_the_numbers_of_one_that_runs_forwards(
    kind: Engine, sessions: str
):
    for rows in (LOG, LOG[::-1]):
        log = frame(rows).assign(session_id="s")
        prepared = journeys.prepare(in_engine(log, kind), sessions=sessions)  # type: ignore[arg-type]
        assert reached(prepared) == [3, 2, 2]
        assert prepared.tally.tied == 2
    assert prepared.row_order == "newest first"


def test_only_the_order_of_ties_is_turned():
    prepared = [journeys.prepare(frame(rows)) for rows in (LOG, LOG[::-1])]
    first, second = (one.frame.drop("session").collect().to_pandas() for one in prepared)
    pd.testing.assert_frame_equal(first, second)


def test_customers_one_after_the_other_each_from_the_newest_event():
    by_customer = [row for name in "abc" for row in LOG[::-1] if row[0] == name]
    prepared = journeys.prepare(frame(by_customer))
    assert (prepared.row_order, reached(prepared)) == ("newest first", [3, 2, 2])


def test_several_files_one_after_the_other_each_from_the_newest_event():
    rows = [row for day in range(6) for row in shifted(day * 86_400)[::-1]]
    prepared = journeys.prepare(frame(rows))
    assert (prepared.row_order, prepared.tally.tied) == ("newest first", 12)


def shifted(seconds: int) -> list[tuple[str, int, str]]:
    return [(customer, at + seconds, event) for customer, at, event in LOG]


@pytest.mark.parametrize(
    ("rows", "order"),
    [
        ([("a", 1), ("a", 2)], "oldest first"),
        ([("a", 2), ("a", 1)], "newest first"),
        ([("a", 2), ("b", 1)], "newest first"),  # no step within a customer: those of all rows
        ([("a", 1), ("b", 9), ("b", 8), ("c", 20)], "newest first"),  # within a customer decides
        ([("a", 1), ("a", 1), ("b", 1)], "no order"),
        ([("a", 1)], "no order"),
        ([], "no order"),
        ([("a", 1), ("a", 2), ("a", 1)], "no order"),
        ([("a", t) for t in (*range(10, 0, -1), 5)], "newest first"),  # nine steps of ten go back
        ([("a", t) for t in (*range(9, 0, -1), 5)], "no order"),  # eight of nine
        ([("a", 3), ("a", None), ("a", 1), ("a", 0)], "newest first"),
    ],
)
def test_in_which_order_rows_come(rows: list[tuple[str, int]], order: str):
    assert order_of(*rows) == order


def test_ties_of_a_file_in_no_order_are_told_and_stay_as_they_came():
    rows = [("a", 5, "cart"), ("a", 5, "checkout"), ("a", 1, "home"), ("a", 40, "purchase")]
    prepared = journeys.prepare(frame(rows))
    assert prepared.row_order == "no order"
    found = journeys.funnel(prepared, STEPS)
    assert found.steps[1].units == 1
    assert "which of two events of a customer at the same moment came first is not known" in (
        found.note
    )


@pytest.mark.slow
def test_every_view_says_that_rows_were_read_backwards_and_none_that_they_were_not():
    for rows, told in ((LOG, False), (LOG[::-1], True)):
        prepared = journeys.prepare(frame(rows))
        views = [
            journeys.funnel(prepared, STEPS),
            journeys.transitions(prepared),
            journeys.paths(prepared),
            journeys.patterns(prepared, ["cart->checkout"]),
            journeys.lifts(prepared, "purchase"),
            journeys.time_to_goal(prepared, start="cart", goal="purchase"),
        ]
        for view in views:
            assert ("from the newest to the oldest" in getattr(view, "rate", view).note) == told, (
                type(view)
            )
            assert (
                "dalla più recente" in getattr(view, "rate", view).note_in(Language("it"))
            ) == told, type(view)


def test_where_no_two_events_share_a_moment_nothing_is_said():
    apart = [row for row in LOG[::-1] if row[2] != "checkout"]
    prepared = journeys.prepare(frame(apart))
    assert (prepared.row_order, prepared.tally.tied, prepared.remarks) == ("newest first", 0, ())


def test_a_column_that_tells_which_was_first_decides_before_the_rows():
    turned = [LOG[0], LOG[2], LOG[1], LOG[3], LOG[5], LOG[4], LOG[6]]
    log = frame(turned).assign(place=[1, 1, 2, 1, 1, 2, 1])
    prepared = journeys.prepare(log, tie_break="place")
    assert (reached(prepared), prepared.tally.tied, prepared.remarks) == ([3, 2, 2], 0, ())


def test_the_ties_of_a_table_are_those_of_its_prepared_events():
    log = frame(LOG[::-1])
    found = ties(log.assign(ts_us=log["ts"].astype("datetime64[us]").astype("int64")))
    assert (found.order, found.count) == ("newest first", 2)
    assert [remark.values["count"] for remark in found.remarks] == [2]


def test_the_page_on_the_data_says_it_of_a_study(tmp_path):
    import cxresearch as cx

    lines = [f"{c},2026-03-02 09:{at // 60:02d}:{at % 60:02d},{event}" for c, at, event in LOG]
    (tmp_path / "events.csv").write_text("\n".join(["customer_id,ts,event", *lines[::-1]]))
    (tmp_path / "study.yaml").write_text(
        "{title: {en: S}, currency: EUR, time_zone: UTC, tables: {events: {file: events.csv}}}"
    )
    shop = cx.open_study(tmp_path)
    found = quality.event_ties(shop)
    assert (found.order, found.count) == ("newest first", 2)
    assert reached(journeys.prepare(shop.frame("events"), cache=shop.cache("events"))) == [3, 2, 2]
