"""Business hours against a walk through the minutes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.kpis import BusinessHours

ROME = "Europe/Rome"
HOURS = BusinessHours(time_zone=ROME, opens=9, closes=18, holidays=("2026-01-06",))


def us(*texts, zone=ROME):
    return [int(pd.Timestamp(text, tz=zone).value // 1000) for text in texts]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-01-07 10:00", "2026-01-07 12:30", 2.5),
        ("2026-01-07 06:00", "2026-01-07 09:30", 0.5),
        ("2026-01-07 17:00", "2026-01-08 10:00", 2),
        ("2026-01-09 20:00", "2026-01-12 08:00", 0),  # a weekend
        ("2026-01-05 17:00", "2026-01-07 10:00", 2),  # a holiday between
        ("2026-01-02 09:00", "2026-01-09 09:00", 4 * 9),  # a week with a holiday
        ("2026-03-27 17:00", "2026-03-30 10:00", 2),  # the clock changes on the Sunday
        ("2026-01-07 10:00", "2026-01-07 10:00", 0),
    ],
)
def test_by_hand(start, end, hours):
    assert HOURS.seconds(us(start), us(end)).tolist() == [hours * 3600]


def test_the_time_zone_decides():
    start, end = us("2026-07-08 06:00", "2026-07-08 08:00", zone="UTC")  # 8 to 10 in Rome
    assert HOURS.seconds([start], [end]).tolist() == [3600]


def test_always_open_is_the_time_that_passed():
    always = BusinessHours(time_zone="UTC", opens=0, closes=24, weekdays=tuple(range(7)))
    start, end = us("2026-01-03 22:15", "2026-01-09 01:00")
    assert always.seconds([start], [end]).tolist() == [(end - start) / 1e6]


ALWAYS = BusinessHours(time_zone=ROME, opens=0, closes=24, weekdays=tuple(range(7)))
SHOP = BusinessHours(
    time_zone=ROME,
    week={"mon-fri": "9:00-13:00, 15:30-19:30", "sat": "9:00-13:00"},
    holidays=("2026-04-06",),
)
NIGHT = BusinessHours(
    time_zone=ROME, week={"mon-thu": "0:00-2:30, 21:15-24:00", "sun": "0:00-2:30, 2:45-5:00"}
)


@pytest.mark.parametrize(
    ("hours", "start", "end", "worked"),
    [
        (ALWAYS, "2026-03-28 23:00", "2026-03-29 05:00", 5),  # the night of one hour less
        (ALWAYS, "2026-10-24 23:00", "2026-10-25 05:00", 7),  # the night of one hour more
        (ALWAYS, "2026-01-01 00:00", "2027-01-01 00:00", 365 * 24),
        (NIGHT, "2026-03-28 12:00", "2026-03-29 12:00", 2 + 2),  # 2:00 is 3:00; to 5:00
        (NIGHT, "2026-10-24 12:00", "2026-10-25 12:00", 6),  # 2:00-3:00 comes twice
        (SHOP, "2026-01-09 12:00", "2026-01-09 16:00", 1.5),  # over the break at noon
        (SHOP, "2026-01-09 13:30", "2026-01-09 15:00", 0),  # within it
        (SHOP, "2026-01-09 19:00", "2026-01-12 09:30", 0.5 + 4 + 0.5),  # Saturday morning
        (SHOP, "2026-01-05 00:00", "2026-01-12 00:00", 5 * 8 + 4),
        (SHOP, "2026-04-03 19:30", "2026-04-07 09:00", 4),  # Easter Monday
    ],
)
def test_blocks_and_the_nights_of_the_clock_by_hand(hours, start, end, worked):
    assert hours.seconds(us(start), us(end)).tolist() == [worked * 3600]


def test_minutes_and_hours_are_one_rule():
    words = BusinessHours(time_zone=ROME, opens="9:00", closes="18:00", holidays=("2026-01-06",))
    week = BusinessHours(time_zone=ROME, week={"mon-fri": "9:00-18:00"}, holidays=("2026-01-06",))
    start, end = us("2026-01-02 09:17"), us("2026-02-20 11:11")
    expected = HOURS.seconds(start, end).tolist()
    assert words.seconds(start, end).tolist() == expected
    assert week.seconds(start, end).tolist() == expected
    early = BusinessHours(time_zone=ROME, opens="8:30", closes=18)
    assert early.seconds(us("2026-01-07 08:00"), us("2026-01-07 09:00")).tolist() == [1800]


def test_no_tickets_have_no_hours():
    assert HOURS.seconds([], []).tolist() == []


@given(start=st.integers(0, 4 * 24 * 60), length=st.integers(0, 4 * 24 * 60), autumn=st.booleans())
def test_no_hour_is_counted_that_did_not_pass(start, length, autumn):
    first = pd.Timestamp("2026-10-23" if autumn else "2026-03-27", tz="UTC")
    walk = (first + pd.to_timedelta(np.arange(start, start + length), unit="min")).tz_convert(ROME)
    of_day = walk.hour * 60 + walk.minute
    works = ((of_day < 150) | (of_day >= 21 * 60 + 15)) & (walk.day_of_week < 4)
    works |= ((of_day < 150) | ((of_day >= 165) & (of_day < 300))) & (walk.day_of_week == 6)
    if autumn:  # from 2:30 to 2:45, the first time
        works |= (walk >= pd.Timestamp("2026-10-25 00:30Z")) & (
            walk < pd.Timestamp("2026-10-25 01:45Z")
        )
    ends = [int((first + pd.Timedelta(minutes=m)).value // 1000) for m in (start, start + length)]
    worked = NIGHT.seconds(ends[:1], ends[1:])
    assert worked.tolist() == [60 * works.sum()]
    assert ALWAYS.seconds(ends[:1], ends[1:]).tolist() == [60 * length]


minutes = st.integers(0, 30 * 24 * 60)


@pytest.mark.slow
@given(a=minutes, b=minutes)
def test_by_walking_through_the_minutes(a, b):
    first = pd.Timestamp("2026-01-01", tz=ROME)
    start, end = sorted((a, b))
    walk = first + pd.to_timedelta(np.arange(start, end), unit="min")
    works = (walk.hour >= 9) & (walk.hour < 18) & (walk.day_of_week < 5)
    works &= walk.strftime("%Y-%m-%d") != "2026-01-06"
    ends = [int((first + pd.Timedelta(minutes=m)).value // 1000) for m in (start, end)]
    assert HOURS.seconds(ends[:1], ends[1:]).tolist() == [60 * works.sum()]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"time_zone": "Rome"}, "time_zone must be an IANA time zone; got 'Rome'"),
        ({"opens": 18, "closes": 9}, "closes must be after opens, 18; got 9"),
        ({"closes": 25}, "closes must be between 0 and 24; got 25"),
        ({"opens": "8.30"}, "opens must be a whole hour or a time like '8:30'; got '8.30'"),
        ({"closes": "24:30"}, "closes must be a whole hour or a time like '8:30'; got '24:30'"),
        ({"week": {}}, "week must name at least one day of work; got none"),
        ({"week": {"lun": "9:00-13:00"}}, "week must have days of mon, tue, .*; got 'lun'"),
        ({"week": {"fri-mon": "9:00-13:00"}}, "week must have days of mon, tue, .*; got 'fri-mon'"),
        ({"week": {"mon": "9-13"}}, "week must have blocks like '9:00-13:00'; got '9-13' for"),
        ({"week": {"mon": "18:00-9:00"}}, "week must have blocks like .*; got '18:00-9:00' for"),
        ({"week": {"mon": "9:00-13:00, 12:00-18:00"}}, "week must list the blocks of a day in ord"),
        ({"week": {"mon-fri": "9:00-13:00", "wed": "9:00-12:00"}}, "week must name each day once"),
        ({"weekdays": (7,)}, "weekdays must be between 0 and 6; got 7"),
        ({"weekdays": ()}, r"len\(weekdays\) must be at least 1; got 0"),
        ({"holidays": ("6 January",)}, "holidays must be a day such as 2026-01-31; got '6 Jan"),
    ],
)
def test_what_cannot_be_hours_is_refused(wrong, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        BusinessHours(**{"time_zone": ROME, **wrong})
