"""Waits and tickets: what is censored, what is left out, and whose they are."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import kpis
from cxresearch.core import phrasing
from cxresearch.core.languages import Language
from cxresearch.core.table import Table
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.shares.differences import mover
from cxresearch.stats.survival.curves import kaplan_meier
from tests.kpis.shop import ENGINES, in_engine, orders

HOUR_US = 3_600_000_000
START_US = 1_767_225_600_000_000


def tickets(rows):
    """Return tickets; a row says customer, channel, day, opened, answered, resolved (hours)."""
    columns = ["customer_id", "channel", "day", "opened", "first_response", "resolved"]
    frame = pd.DataFrame(rows, columns=columns)
    for name in columns[3:]:
        hours = pd.to_numeric(frame.pop(name))
        frame[f"{name}_us"] = (START_US + hours * HOUR_US).round().astype("Int64")
    frame["ticket_id"] = [f"t{i}" for i in range(len(frame))]
    return frame.assign(day=pd.to_datetime(frame["day"]))


ROWS = [
    ("a", "chat", "2026-01-01", 0, 1, 5),
    ("a", "chat", "2026-01-01", 0, 2, 9),
    ("b", "mail", "2026-01-31", 2, 6, 10),
    ("b", "mail", "2026-02-01", 4, 7, None),
    (None, "chat", "2026-02-28", 8, None, None),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_who_still_waits_has_waited_until_the_last_moment_on_record(engine):
    frame = in_engine(tickets(ROWS), engine)
    # The last moment is hour 10: the open tickets have waited 6 and 2 hours.
    curve = kaplan_meier([5, 9, 8, 6, 2], [1, 1, 1, 0, 0], unit="hours")
    result = kpis.resolution_time(frame)
    assert result.value == pytest.approx(curve.median)
    assert result.ci == pytest.approx(curve.ci, nan_ok=True)
    assert (result.n, result.unit) == (5, "hours")
    assert "open tickets, counted with the wait so far: 2" in result.note
    assert kpis.first_response_time(frame, q=0.9, unit="minutes").value == pytest.approx(
        60 * kaplan_meier([1, 2, 4, 3, 2], [1, 1, 1, 1, 0], unit="hours").quantile(0.9).value
    )


def test_leaving_open_tickets_out_would_look_faster():
    frame = tickets([("a", "chat", "2026-01-01", 0, 1, h) for h in (1, 2, 3, None, None, None, 40)])
    seen = frame[frame["resolved_us"].notna()]
    assert kpis.resolution_time(frame).value > kpis.resolution_time(seen).value


def test_a_ticket_that_ends_before_it_begins_is_left_out_and_told():
    result = kpis.first_response_time(
        tickets([("a", "chat", "2026-01-01", 5, 3, 6), ("a", "chat", "2026-01-01", 5, 6, 7)])
    )
    assert (result.value, result.n) == (1, 1)
    assert "tickets that end before they begin left out: 1" in result.note


def test_in_business_hours():
    # START_US is a Thursday, but a holiday; work begins on Friday at 9, hour 33.
    hours = kpis.BusinessHours(time_zone="UTC", holidays=("2026-01-01",))
    result = kpis.resolution_time(tickets([("a", "chat", "2026-01-01", 0, 1, 35)]), hours=hours)
    assert result.value == 2
    assert "in business hours" in result.note


def test_months_and_their_change():
    rng = np.random.default_rng(2)
    waits = rng.exponential(3, 80)
    rows = [
        ("a", "chat", "2026-01-01" if i < 40 else "2026-02-28", 0, wait, wait)
        for i, wait in enumerate(waits)
    ]
    result = kpis.first_response_time(tickets(rows))
    january, february = (
        kaplan_meier(part, np.ones(40), unit="hours").quantile(0.5)
        for part in (waits[:40], waits[40:])
    )
    months = kpis.by_month(result)
    assert months["value"].tolist() == pytest.approx([january.value, february.value], abs=1e-6)
    assert months["n"].tolist() == [40, 40]
    moved = kpis.change(result)
    assert moved.value == pytest.approx(february.value - january.value, abs=1e-6)
    assert moved.ci == pytest.approx(tuple(mover(january, february)), abs=1e-6)
    assert (moved.n, moved.note) == (80, "Feb 2026 against Jan 2026")


def test_by_channel():
    table = kpis.response_times(tickets(ROWS), "first_response")
    assert table[["channel", "tickets", "waiting"]].to_numpy().tolist() == [
        ["chat", 3, 1],
        ["mail", 2, 0],
    ]
    chat = kaplan_meier([1, 2, 2], [1, 1, 0], unit="hours")
    assert table.loc[0, "median"] == pytest.approx(chat.median)
    assert table.loc[0, "p90"] == pytest.approx(chat.quantile(0.9).value, nan_ok=True)
    assert kpis.response_times(tickets(ROWS), "resolution")["waiting"].tolist() == [1, 1]


def test_another_wait_is_refused():
    with pytest.raises(
        ValueError, match=r"^wait must be one of 'first_response', 'resolution'; got 'reply'$"
    ):
        kpis.response_times(tickets(ROWS), "reply")


@pytest.mark.parametrize("engine", ENGINES)
def test_tickets_per_order_over_customers(engine):
    placed = orders(
        [
            {"customer_id": "a", "revenue": 10, "day": "2026-01-01"},
            {"customer_id": "b", "revenue": 10, "day": "2026-01-01"},
            {"customer_id": "b", "revenue": 10, "day": "2026-02-01"},
            {"customer_id": "c", "revenue": 10, "day": "2026-02-28"},
            {"customer_id": "c", "revenue": -10, "day": "2026-02-28"},
            {"customer_id": None, "revenue": 10, "day": "2026-02-28"},
        ]
    )
    result = kpis.tickets_per_order(in_engine(tickets(ROWS), engine), in_engine(placed, engine))
    # a 2 of 1, b 2 of 2, c 0 of 1, a ticket and an order without a customer.
    sums = RatioSums.from_arrays([2, 2, 0, 1, 0], [1, 2, 1, 0, 1])
    expected = ratio_of_sums(sums, unit="tickets per order", low=0)
    assert result.value == pytest.approx(5 / 5)
    assert result.ci == pytest.approx(expected.ci)
    assert kpis.by_month(result)["value"].tolist() == pytest.approx([3 / 2, 2 / 3])


def test_a_month_is_whole_where_both_tables_cover_it():
    placed = orders(
        [{"customer_id": "a", "revenue": 10, "day": day} for day in ("2025-12-01", "2026-02-20")]
    )
    months = kpis.by_month(kpis.tickets_per_order(tickets(ROWS), placed))
    assert months["month"].tolist() == ["2025-12", "2026-01", "2026-02"]
    assert months["complete"].tolist() == [False, True, False]


def test_no_tickets_have_no_wait():
    result = kpis.resolution_time(tickets(ROWS).iloc[:0])
    assert math.isnan(result.value)
    assert result.note == "undefined: there are no durations"
    assert kpis.response_times(tickets(ROWS).iloc[:0], "resolution").empty


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"q": 1}, "q must be strictly between 0 and 1; got 1"),
        ({"unit": "weeks"}, "unit must be one of 'minutes', 'hours', 'days'; got 'weeks'"),
    ],
)
def test_what_cannot_be_asked_is_refused(wrong, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        kpis.resolution_time(tickets(ROWS), **wrong)


def test_a_ticket_is_opened_within_opening_hours_or_outside(project):
    folder = project / "data" / "shop"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: S}, currency: EUR, time_zone: Europe/Rome, "
        "tables: {tickets: {file: t.csv, time_zone: Europe/Rome}}}"
    )
    # 9 January 2026 is a Friday: open from 9:00, and no longer at 18:00.
    moments = ["09T09:00", "09T17:59", "09T18:00", "09T08:59", "10T12:00"]
    lines = [f"t{i},2026-01-{at}:00,c{i},2026-01-{at}:30" for i, at in enumerate(moments)]
    text = "\n".join(["ticket_id,opened,customer_id,first_response", *lines])
    (folder / "t.csv").write_text(text + "\n")
    shop = cx.open_study("shop")
    waits = kpis.waits(shop)  # without orders
    assert "tickets_per_order" not in waits
    assert waits["first_response_median"].value == 0.5
    found = kpis.waits_by_hours(shop, "mon-fri 9:00-18:00").frame.set_index("moment")
    assert found["tickets"].to_dict() == {"within opening hours": 2, "outside": 3}
    assert found["median"].tolist() == [0.5, 0.5]
    both = kpis.waits_by_hours(shop, "mon-fri 8:00-12:00, 15:00-18:30; sat 11:00-13:00").frame
    assert both["moment"].tolist() == ["within opening hours"]
    with pytest.raises(ValueError, match="week must have days of"):
        kpis.waits_by_hours(shop, "lun-ven 9:00-18:00")


def test_the_two_main_sources_are_said():
    rows = pd.DataFrame({"channel": ["direct", "paid", "social"], "share": [0.5, 0.3, 0.2]})
    said = kpis.main_sources(Table(frame=rows, columns=[], caption=""))
    assert phrasing.plain(*said, Language()) == (
        "Most sessions come from direct (50%) and paid (30%)."
    )
    alone = kpis.main_sources(Table(frame=rows.head(1), columns=[], caption=""))
    assert alone.why == "the sessions came from fewer than two channels"
