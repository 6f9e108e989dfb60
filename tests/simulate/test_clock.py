"""Days begin at midnight in Rome, summer and winter; nothing happens at a time that is not."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.simulate.clock import STUDY_DAYS, Clock, utc_times

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
    study = Clock(date(2025, 11, 1), STUDY_DAYS)
    assert study.within(seconds, 120, 150).tolist() == [False, True, True, False]


@given(days=st.integers(7, 1_500), day=st.integers(0, STUDY_DAYS))
def test_a_day_of_the_study_keeps_its_place_in_a_shorter_one(days: int, day: int) -> None:
    clock = Clock(date(2026, 1, 1), days)
    assert abs(clock.day(day) / days - day / STUDY_DAYS) <= 0.5 / days + 1e-12


def test_busy_days_are_the_sales_december_and_black_friday_not_august() -> None:
    clock = Clock(date(2023, 11, 1), STUDY_DAYS)
    days = pd.date_range(clock.start, periods=clock.days)
    busy = pd.Series(np.diff(clock.busy), index=days)
    months = busy.groupby([days.year, days.month]).mean()
    for year in (2024, 2025, 2026):
        assert months[year, 8] == months[year].min()
        assert months[year, 1] > months[year, 2]
        assert months[year, 7] > months[year, 6]
    assert clock.busy[-1] == pytest.approx(STUDY_DAYS / 365)
    for friday in ("2023-11-24", "2024-11-29", "2025-11-28"):
        week = pd.Timestamp(friday) - pd.Timedelta(days=7)
        assert busy[friday] == pytest.approx(2.4 * busy[week])


def test_the_time_of_day_peaks_in_the_evening() -> None:
    hours = YEAR.time_of_day(np.linspace(0, 1, 100_001)[:-1]) // 3600
    shares = np.bincount(hours, minlength=24)
    assert shares.argmax() == 21
    assert shares.argmin() in {3, 4}
    assert shares.sum() == 100_000


def test_no_time_is_a_missing_time() -> None:
    assert utc_times(np.array([-1, 60])).isna().tolist() == [True, False]
