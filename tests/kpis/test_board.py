"""The scorecard of one screen: levels, changes on a month and a year, what is usual, next steps."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch.core import disk, phrasing
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Estimates
from cxresearch.kpis import board, readable, resolution_time, traffic_share
from cxresearch.kpis.board import GOOD

MONTHS = pd.period_range("2025-01", "2026-02", freq="M").astype(str)


def scores(values: list[float], *, name: str = "csat", months: int = 14) -> pd.DataFrame:
    rows = pd.DataFrame({"month": MONTHS[-months:], "value": values[-months:]})
    return rows.assign(
        indicator=name,
        name=name.upper(),
        unit="share",
        value_low=rows["value"] - 0.02,
        value_high=rows["value"] + 0.02,
        n=200,
        people=190,
        confidence=0.95,
        method="Wilson",
    )


USUAL = [0.80, 0.81, 0.79, 0.80, 0.82, 0.80, 0.79, 0.81, 0.80, 0.79, 0.81, 0.80, 0.80, 0.81]


def said(made) -> str:
    return phrasing.plain(*made.headline(), Language())


def test_a_usual_month_has_its_changes_and_no_verdict() -> None:
    (one,) = board(scores=[scores(USUAL)]).rows
    assert (one.value.value, one.month) == (0.81, "2026-02")
    assert one.change.value == pytest.approx(0.01)
    assert one.year.value == pytest.approx(0.81 - 0.81)
    assert one.change.unit == "share difference"
    # MOVER of two independent shares: the square root of the sum of the squares.
    assert one.change.ci.high - one.change.value == pytest.approx(0.02 * 2**0.5)
    assert one.tone == ""


def test_of_too_few_months_nothing_is_called_usual() -> None:
    made = board(scores=[scores(USUAL, months=7)])
    assert said(made) == (
        "CSAT was 81.0% in Feb 2026; there are too few months to say what is usual."
    )
    assert phrasing.plain(*made.basis(), Language()).startswith("A KPI is judged from 8 complete")
    assert phrasing.plain(*made.next_step()[0], Language()).startswith("Wait for 8 complete months")
    judged = board(scores=[scores(USUAL, months=8)])
    assert said(judged) == "CSAT was 81.0% in Feb 2026; no KPI was unusual."
    assert phrasing.plain(*judged.basis(), Language()).startswith("1 KPIs, each against")


def test_a_fall_is_worse_where_up_is_good_and_better_where_down_is() -> None:
    fallen = [*USUAL[:-1], 0.60]
    made = board(scores=[scores(fallen)])
    assert made.rows[0].tone == "worse"
    assert said(made) == "One KPI was worse than usual in Feb 2026: CSAT."
    assert "Look first at: CSAT" in phrasing.plain(*made.next_step()[0], Language())
    assert board(scores=[scores(fallen, name="return_rate")]).rows[0].tone == "better"


def test_without_a_month_a_year_ago_there_is_no_such_change_nor_a_verdict() -> None:
    (one,) = board(scores=[scores(USUAL, months=6)]).rows
    assert one.year.value != one.year.value
    assert one.verdict.message == "too few months"


def test_what_has_no_good_direction_is_not_on_it_and_nothing_says_so() -> None:
    nothing = board(Missing("no orders"), scores=[scores(USUAL, name="mood")])
    assert nothing.rows == ()
    assert said(nothing) == "No KPI has a complete month yet."
    assert nothing.table().made(Language()).text == "No KPI has a complete month yet."


def test_its_data_are_numbers_and_a_course_is_drawn() -> None:
    made = board(scores=[scores(USUAL)]).table().made(Language("it"))
    assert "<svg" in made.html
    header, row = made.csv.splitlines()
    assert header.startswith("indicator;value;")
    assert row.startswith("CSAT;0,81;0,79;0,83;share;0,01;")


@pytest.mark.parametrize(
    ("unit", "value", "told", "by"),
    [
        ("minutes", 100.0, "minutes", 1.0),
        ("minutes", 119.0, "hours", 1 / 60),  # the last month decides
        ("minutes", 600.0, "hours", 1 / 60),
        ("minutes", 6000.0, "days", 1 / 1440),
        ("hours", 0.9, "minutes", 60.0),
        ("hours", 80.0, "days", 1 / 24),
        ("share", 0.9, "share", 1.0),
    ],
)
def test_a_time_is_told_in_the_unit_that_a_reader_pictures(unit, value, told, by) -> None:
    (one,) = board(scores=[scores([value] * 13 + [value + 0.1 * value]).assign(unit=unit)]).rows
    assert one.value.unit == told
    assert one.value.value == pytest.approx(1.1 * value * by)
    assert one.value.ci.high == pytest.approx((1.1 * value + 0.02) * by)
    assert one.change.value == pytest.approx(0.1 * value * by)


def test_tickets_are_told_of_a_hundred_orders() -> None:
    (one,) = board(scores=[scores([0.3] * 14, name="tickets_per_order").assign(unit="")]).rows
    assert one.name == "Tickets per 100 orders"
    assert one.value.value == pytest.approx(30)


def test_a_forecast_has_a_level_and_is_not_judged() -> None:
    worth = Estimate(
        value=53.0, ci=Interval(49.0, 57.0), n=6896, unit="EUR", confidence=0.95, method="delta"
    )
    made = board(scores=[scores(USUAL)], ahead=worth)
    last = made.table().made(Language("it")).text.splitlines()[-1].split()
    assert " ".join(last) == "Valore per cliente, prossimi 12 mesi 53,00 € – – – previsione"
    assert said(made) == said(board(scores=[scores(USUAL)]))
    assert len(board(scores=[scores(USUAL)], ahead=Missing("no forecast")).rows) == 1
    assert board(ahead=worth).rows == ()


def test_the_largest_source_is_named_followed_and_neither_better_nor_worse() -> None:
    ends = [month.end_time.normalize() for month in pd.PeriodIndex(MONTHS, freq="M")]
    rows = [
        {"day": day, "channel": "ads" if visit < (9 if last else 6) else "mail", "n": visit}
        for place, day in enumerate([pd.Timestamp("2025-01-01"), *ends])
        for last in [place == len(ends)]
        for visit in range(10)
    ]
    events = pd.DataFrame(rows).assign(
        customer_id=lambda frame: frame.index.astype(str),
        session_id=lambda frame: frame.index.astype(str),
        ts_us=lambda frame: frame["day"].astype("datetime64[us]").astype("int64"),
        event="view",
    )
    rate = traffic_share(events, channel="ads")
    name = Remark("Sessions from {channel}", {"channel": "ads"})
    group = Estimates(rows={"largest_source": rate}, names={"largest_source": name}, caption="A")
    (one,) = board(group).rows
    assert (one.value.value, one.tone) == (0.9, "unusual")
    assert one.change.value == pytest.approx(0.3)
    assert one.said.words(Language("it", {"ads": "annunci"})) == "Sessioni, canale annunci"
    assert "Sessioni, canale annunci" in group.table().made(Language("it", {"ads": "annunci"})).html


def test_what_is_on_it_is_what_a_section_or_a_score_is_called() -> None:
    rooms = ["kpis/scorecard.py", "survey/by_study.py", "voc/theme_results.py"]
    written = "".join((disk.PACKAGE / one).read_text("utf-8") for one in rooms)
    assert [name for name in GOOD if f'"{name}"' not in written] == []


def test_a_wait_is_said_in_the_unit_that_a_reader_pictures_with_its_remarks() -> None:
    rows = {"ticket_id": ["a", "b", "c"], "customer_id": ["x", "y", "z"]}
    opened = pd.Series([0, 0, 0]) + 1_767_225_600_000_000
    ends = (opened + pd.Series([1, 2, 3]) * 1_800_000_000).astype("Int64")
    frame = pd.DataFrame(rows).assign(
        day=pd.Timestamp("2026-01-01"),
        opened_us=opened,
        first_response_us=ends,
        resolved_us=ends.where(ends.index < 2),
    )
    wait = resolution_time(frame)
    said = readable(wait)
    assert (wait.value, wait.unit) == (1.0, "hours")
    assert (said.value, said.unit, said.n) == (60.0, "minutes", 3)
    assert said.ci.low == pytest.approx(60 * wait.ci.low)
    assert said.remarks == wait.remarks != ()
    assert readable(Missing("no tickets")).why == "no tickets"
