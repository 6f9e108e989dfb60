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


minutes = st.integers(0, 30 * 24 * 60)


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
        ({"opens": 18, "closes": 9}, "closes must be between 19 and 24; got 9"),
        ({"weekdays": (7,)}, "weekdays must be between 0 and 6; got 7"),
        ({"weekdays": ()}, r"len\(weekdays\) must be at least 1; got 0"),
        ({"holidays": ("6 January",)}, "holidays must be a day such as 2026-01-31; got '6 Jan"),
    ],
)
def test_what_cannot_be_hours_is_refused(wrong, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        BusinessHours(**{"time_zone": ROME, **wrong})
