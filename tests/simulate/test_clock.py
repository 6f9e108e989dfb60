"""Days begin at midnight in Rome, summer and winter; nothing happens at a time that is not."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.simulate.clock import Clock, utc_times

YEAR = Clock(date(2025, 11, 1), 365)


def test_a_day_begins_at_midnight_in_rome() -> None:
    assert YEAR.midnight(0) == pd.Timestamp("2025-10-31T23:00:00Z").timestamp()  # winter: one hour
    assert YEAR.midnight(212) == pd.Timestamp("2026-05-31T22:00:00Z").timestamp()  # summer: two
    assert YEAR.end_s == pd.Timestamp("2026-10-31T23:00:00Z").timestamp()


def test_within_takes_both_days_whole() -> None:
    edges = pd.to_datetime(
        [
            "2026-02-28T22:59:59Z",
            "2026-02-28T23:00:00Z",
            "2026-03-31T21:59:59Z",
            "2026-03-31T22:00Z",
        ],
        format="ISO8601",
    )
    seconds = (edges.astype("datetime64[s, UTC]").astype("int64")).to_numpy()
    assert YEAR.within(seconds, 120, 150).tolist() == [False, True, True, False]


@given(days=st.integers(7, 800), day=st.integers(0, 365))
def test_a_day_of_the_year_keeps_its_place_in_a_shorter_study(days: int, day: int) -> None:
    clock = Clock(date(2026, 1, 1), days)
    assert abs(clock.day(day) / days - day / 365) <= 0.5 / days + 1e-12


def test_times_fall_in_the_study_and_never_in_the_hour_that_is_skipped() -> None:
    clock = Clock(date(2026, 3, 28), 2)
    times = clock.draw(np.random.default_rng(5), 20_000)
    assert clock.midnight(0) <= times.min()
    assert times.max() < clock.end_s
    local = utc_times(times).dt.tz_convert("Europe/Rome")
    sunday = local[local.dt.day == 29]
    assert set(range(24)) - set(sunday.dt.hour) == {2}


def test_black_friday_is_found_in_every_year() -> None:
    for start, friday in ((2024, 29), (2025, 28), (2026, 27), (2027, 26)):
        clock = Clock(date(start, 11, 1), 30)
        days = utc_times(clock.draw(np.random.default_rng(6), 60_000)).dt.tz_convert("Europe/Rome")
        assert days.dt.day.value_counts().idxmax() in {friday, friday + 1, friday + 2, friday + 3}


def test_no_time_is_a_missing_time() -> None:
    assert utc_times(np.array([-1, 60])).isna().tolist() == [True, False]
