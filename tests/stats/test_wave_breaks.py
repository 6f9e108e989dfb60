"""Breaks of what is asked in waves."""

import math

import numpy as np
import pytest
from scipy.stats import t

from cxresearch.stats.breaks import Panel, scan
from cxresearch.stats.breaks.wave_breaks import is_in_waves, wave_breaks

WAVES, EVERY = 10, 13


def asked(*values):
    """One row per group: a value in the first week of each quarter."""
    table = np.zeros((len(values), WAVES * EVERY))
    for row, own in enumerate(values):
        table[row, ::EVERY] = own
    return table


def share(hits, n=200):
    return Panel.shares("loyal", ["all"], asked([n] * WAVES), asked(hits))


def test_a_measure_is_in_waves_where_most_weeks_are_empty():
    assert is_in_waves(share([100] * WAVES))
    full = np.full((1, 40), 50.0)
    assert not is_in_waves(Panel.shares("loyal", ["all"], full, full / 2))
    none = np.zeros((1, 40))
    assert not is_in_waves(Panel.shares("loyal", ["all"], none, none))


def test_a_wave_of_other_people_by_hand():
    hits = [100] * WAVES
    hits[6] = 20
    (found,), judged = wave_breaks([share(hits)], 0.01, 0.95)
    assert judged == 1
    assert (found.start, found.end, found.state) == (6 * EVERY, 6 * EVERY + 1, "past")
    assert found.start_weeks == (5 * EVERY + 1, 6 * EVERY)
    assert (found.before, found.during) == (0.5, 0.1)
    # Others do not differ: (0 + 4 * 1.2) / (10 - 2 + 4) is below 1, so counting alone.
    whole = (9 * 100 + 20) / 2000
    error = math.sqrt(whole * (1 - whole) * (1 / 200 + 1 / 1800))
    assert found.z == pytest.approx(-0.4 / error)
    reach = t.ppf(0.975, 12) * error
    assert found.change.ci.high == pytest.approx(-0.4 + reach)
    windows = 7 + 8 + 7  # to the end from the fourth wave on; of one wave; of two
    assert found.p_value == pytest.approx(windows * 2 * t.sf(0.4 / error, 12))


def test_a_level_that_stays_is_open():
    hits = [100] * 6 + [40] * 4
    (found,), _ = wave_breaks([share(hits)], 0.01, 0.95)
    assert (found.start, found.end, found.state) == (6 * EVERY, None, "open")


def test_waves_that_always_differ_are_no_break():
    rng = np.random.default_rng(4)
    hits = np.round(rng.normal(100, 30, WAVES).clip(20, 180))
    assert wave_breaks([share(hits)], 0.05, 0.95)[0] == []


def test_stable_waves_alarm_as_seldom_as_promised():
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(300):
        level = 1 / (1 + np.exp(-rng.normal(0, 0.15, WAVES)))
        alarms += bool(wave_breaks([share(rng.binomial(200, level))], 0.05, 0.95)[0])
    assert alarms <= 300 * 0.05 + 3 * math.sqrt(300 * 0.05 * 0.95)


def test_fewer_than_five_waves_are_not_judged():
    few = np.zeros((1, 60))
    few[0, [0, 20, 40, 59]] = 100.0
    assert wave_breaks([Panel.shares("loyal", ["all"], few, few / 2)], 0.05, 0.95) == ([], 0)


def test_a_scan_looks_at_waves_beside_weeks():
    hits = [100] * WAVES
    hits[6] = 20
    weeks = WAVES * EVERY
    steady = Panel.shares("paid", ["all"], [[400] * weeks], [[200 + w % 3 for w in range(weeks)]])
    found = scan([steady, share(hits)])
    assert [(one.measure, one.start) for one in found.breaks] == [("loyal", 6 * EVERY)]
    assert found.judged == 2
