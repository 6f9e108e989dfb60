"""A surge of visits is no worse shop, and a group that falls silent is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from cxresearch.core.remarks import Remark
from cxresearch.findings.finding import Finding
from cxresearch.findings.fires import Alarm, Fire
from cxresearch.findings.measures import Measure
from cxresearch.findings.watched_series import WHOLE, Group, Series
from cxresearch.findings.weeks import Weeks
from cxresearch.findings.who_comes import is_surge, said_of_surge, silences

WEEKS = 40
CALENDAR = Weeks(date(2026, 10, 4), WEEKS, "Europe/Rome")
STEP = Measure(
    name="step:item>cart",
    kind="step",
    what=Remark("The step"),
    unit="share",
    better="more",
)


def series(y: np.ndarray, x: np.ndarray, group: Group = WHOLE) -> Series:
    """One customer a unit."""
    return Series(measure=STEP, group=group, sums=np.array([y, x, y, x, x, y], float))


def fire(y: np.ndarray, x: np.ndarray, *, end: int | None = 31, z: float = -9) -> Fire:
    alarm = Alarm(series=series(y, x), start=30, low=30, high=30, end=end, z=z, p=0.001)
    return Fire(leader=alarm, parts=())


def of_weeks(usual: float, week_30: float) -> np.ndarray:
    values = np.full(WEEKS, float(usual))
    values[30] = week_30
    return values


def test_four_times_the_visits_and_as_many_that_go_on_are_a_surge() -> None:
    assert is_surge(fire(of_weeks(300, 1200), of_weeks(120, 115)), WEEKS)
    said = said_of_surge(fire(of_weeks(300, 1200), of_weeks(120, 115)), CALENDAR)
    assert str(said).startswith("The step: far more than usual came from 27 Jul 2026 on")


@pytest.mark.parametrize(
    ("y", "x", "end", "z"),
    [
        (of_weeks(300, 300), of_weeks(120, 30), 31, -9),  # as many came, fewer went on
        (of_weeks(300, 1200), of_weeks(120, 80), 31, -9),  # more came, and fewer went on: 3.7 sd
        (of_weeks(300, 1200), of_weeks(120, 115), None, -9),  # it lasts
        (of_weeks(300, 1200), of_weeks(120, 900), 31, 9),  # it rose
    ],
)
def test_what_lost_customers_or_lasts_is_no_surge(
    y: np.ndarray, x: np.ndarray, end: int | None, z: float
) -> None:
    assert not is_surge(fire(y, x, end=end, z=z), WEEKS)


def test_a_wave_of_a_survey_is_no_surge_of_visits() -> None:
    one = fire(of_weeks(0, 1200), of_weeks(0, 100))
    who = replace(one.leader.series, measure=replace(STEP, kind="who"))
    assert not is_surge(replace(one, leader=replace(one.leader, series=who)), WEEKS)


def among(part: np.ndarray, group: Group = ("device", "android")) -> list[Finding]:
    rest = np.full(WEEKS, 60.0)
    whole = series(rest + part, 0.4 * (rest + part))
    own = series(part, 0.4 * part, group)
    both = {(STEP.name, WHOLE): whole, (STEP.name, group): own}
    return silences(both, CALENDAR, "EUR", 0.95)


def part(usual: float, silent_from: int) -> np.ndarray:
    values = np.full(WEEKS, float(usual))
    values[silent_from:] = 0
    return values


def test_a_device_that_falls_silent_is_named_with_its_week_and_its_part() -> None:
    (found,) = among(part(40, 36))
    assert found.group == ("device", "android")
    assert found.since == CALENDAR.start(36)
    assert found.before.value == pytest.approx(40 / 100)
    assert found.now.value == 0
    assert found.change.value == pytest.approx(-0.4)
    assert (found.state, found.hurts, found.proof) == ("open", True, "data_quality")
    assert str(found.what) == "android among visits: 40.0% until 7 Sept 2026, none since then."


@pytest.mark.parametrize(
    ("values", "group"),
    [
        (part(40, WEEKS), ("device", "android")),  # still there
        (part(40, WEEKS - 1), ("device", "android")),  # one week only
        (part(1, 36), ("device", "android")),  # 4 units are missed: too few
        (part(40, 36), ("app_version", "5.4")),  # a release ends
        (40 * np.clip((36 - np.arange(WEEKS)) / 26, 0, 1), ("device", "android")),  # it faded
    ],
)
def test_what_is_there_or_ends_by_itself_is_no_silence(values: np.ndarray, group: Group) -> None:
    assert among(values, group) == []


def test_a_log_that_ends_for_all_names_no_group() -> None:
    values = part(40, 36)
    whole = series(2 * values, 0.8 * values)
    own = series(values, 0.4 * values, ("device", "android"))
    both = {(STEP.name, WHOLE): whole, (STEP.name, own.group): own}
    assert silences(both, CALENDAR, "EUR", 0.95) == []
