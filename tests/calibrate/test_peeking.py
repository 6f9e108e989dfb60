"""Looking more than once: rules hold their promise, the rule of one look does not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.calibrate import peeking
from cxresearch.calibrate.scenes import error
from cxresearch.stats.sequential.group_sequential import at_critical, equal_looks

RUNS = 4_000


@pytest.fixture(scope="module")
def five():
    """What five looks give, by rule."""
    return peeking.five_looks(runs=RUNS)


def test_planned_looks_hold_what_they_promise(five):
    *planned, _ = five
    assert len(planned) == 4
    for one in planned:
        assert one.at_most == pytest.approx(0.05)
        assert abs(one.false_alarms - 0.05) <= 4 * error(0.05, RUNS)
        assert abs(one.power - one.promised) <= 4 * error(0.8, RUNS)
        assert one.units == pytest.approx(one.expected, abs=0.03)
        assert one.units < 0.9


def test_one_look_s_rule_at_five_looks_is_a_warning(five):
    one = five[-1]
    # Armitage, McPherson & Rowe (1969), table 2: .142 at five looks.
    assert one.at_most == pytest.approx(0.142, abs=5e-4)
    assert abs(one.false_alarms - 0.142) <= 4 * error(0.142, RUNS)
    assert math.isnan(one.power)


def test_where_an_experiment_stops():
    boundaries = at_critical(equal_looks(3), [3.0, 2.5, 2.0])
    stops = [
        peeking._stops(np.array(z), boundaries)
        for z in ([3.0, 0, 0], [0, -2.6, 3], [2.9, 2.4, 1.9], [0, 0, 5])
    ]
    assert stops == [0, 1, 2, 2]


def test_looking_all_the_time():
    sequence, fixed = peeking.all_the_time(runs=200)
    assert sequence.looks == fixed.looks > 300
    assert sequence.false_alarms <= 0.05 + 3 * error(0.05, 200)
    assert fixed.false_alarms > 0.25


def test_estimates_once_an_experiment_has_ended():
    right, plain = peeking.at_the_end(runs=150)
    assert abs(right.coverage - 0.95) <= 4 * error(0.95, 150)
    assert abs(right.too_large - 0.5) <= 4 * error(0.5, 150)
    assert plain.too_large > right.too_large


def test_sample_ratios_seldom_cry_wolf():
    once, always = peeking.sample_ratios(runs=5_000)
    assert once.false_alarms <= 0.001 + 4 * error(0.001, 5_000)
    assert (once.looks, once.runs, always.looks, always.runs) == (1, 5_000, 100, 200)
    assert always.false_alarms <= 0.05
