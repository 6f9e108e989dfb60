"""Weeks counted back from the last day, in local time."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import narwhals as nw
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxresearch as cx
from cxresearch.findings.weeks import Weeks, weeks_of

ROME = ZoneInfo("Europe/Rome")


def week_of(weeks, moment):
    us = round(moment.timestamp() * 1_000_000)
    frame = nw.from_native(pd.DataFrame({"us": [us]}))
    return frame.select(week=weeks.of_moment(nw.col("us")))["week"].to_list()[0]


def test_the_last_week_ends_with_the_last_day_and_a_part_of_a_week_is_left_out():
    weeks = Weeks.between(date(2026, 1, 1), date(2026, 1, 20), "Europe/Rome")
    assert weeks.count == 2
    assert (weeks.first_day, weeks.start(1), weeks.start(2)) == (
        date(2026, 1, 7),
        date(2026, 1, 14),
        date(2026, 1, 21),
    )


@pytest.mark.parametrize("first", [date(2026, 1, 1), date(2026, 1, 5)])
def test_less_than_a_week_is_in_the_one_week_that_ends_with_it(first):
    weeks = Weeks.between(first, date(2026, 1, 5), "UTC")
    assert (weeks.count, weeks.first_day) == (1, date(2025, 12, 30))


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC), 0),  # 23:59:59 of the 29th, in summer time
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), 1),
        (datetime(2026, 3, 22, 22, 59, 59, tzinfo=UTC), -1),  # 23:59:59 of the 22nd, in winter time
        (datetime(2026, 3, 22, 23, 0, tzinfo=UTC), 0),
        (datetime(2026, 4, 5, 22, 0, tzinfo=UTC), 2),
    ],
)
def test_a_day_begins_at_local_midnight_on_both_sides_of_the_change_of_clocks(moment, week):
    weeks = Weeks(date(2026, 4, 5), 2, "Europe/Rome")
    assert week_of(weeks, moment) == week


@given(st.datetimes(datetime(2023, 1, 1), datetime(2026, 12, 30)))
def test_a_moment_is_in_the_week_of_its_local_day(moment):
    weeks = Weeks(date(2026, 12, 31), 208, "Europe/Rome")
    utc = moment.replace(microsecond=0, tzinfo=UTC)
    local = utc.astimezone(ROME).date()
    expected = (local - weeks.first_day).days // 7
    assert week_of(weeks, utc) == expected
    days = nw.from_native(pd.DataFrame({"day": pd.to_datetime([local])}))
    assert days.select(week=weeks.of_day(nw.col("day")))["week"].to_list() == [expected]


def test_every_week_has_seven_days():
    weeks = Weeks(date(2026, 12, 31), 60, "UTC")
    starts = [weeks.start(week) for week in range(61)]
    assert {b - a for a, b in itertools.pairwise(starts)} == {timedelta(days=7)}


def test_parcels_alone_cover_the_days_for_which_they_were_promised(tmp_path, monkeypatch):
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "parcels"
    folder.mkdir(parents=True)
    (folder / "deliveries.csv").write_text(
        "order_id,promised,delivered\n"
        "1,2026-01-05 00:00:00,2026-01-04 09:00:00\n"
        "2,2026-01-30 00:00:00,2026-02-01 09:00:00\n"
    )
    (folder / "study.yaml").write_text(
        "title: {en: Parcels}\ncurrency: EUR\ntime_zone: UTC\n"
        "tables:\n  deliveries: {file: deliveries.csv}\n"
    )
    weeks = weeks_of(cx.open_study("parcels"))
    assert (weeks.first_day, weeks.last_day) == (date(2026, 1, 5), date(2026, 2, 1))
