"""How much a series moved, by hand."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from cxresearch.core.remarks import Remark
from cxresearch.findings.measures import Measure
from cxresearch.findings.shifts import change, level, others_of, past_of, z_of
from cxresearch.findings.watched_series import WHOLE, Series

SHARE = Measure(name="m", kind="step", what=Remark("m"), unit="share", better="more")


def sums(*weeks):
    """One (n, x) per week: each customer comes once."""
    n, x = np.array(weeks, float).T
    return np.array([n, x, n, x, x, n])


def series(*weeks):
    return Series(measure=SHARE, group=WHOLE, sums=sums(*weeks))


def test_a_level_by_hand():
    found = level(sums((100, 10), (100, 10)), (0, 2))
    assert (found.value, found.n) == (0.1, 200)
    assert found.variance == pytest.approx(0.1 * 0.9 / 200)  # weeks do not differ at all


def test_weeks_that_differ_more_than_customers_do_make_the_variance():
    found = level(sums((100, 0), (100, 20)), (0, 2))
    # 2 weeks: 2 / 1 * (10**2 + 10**2) / 200**2
    assert found.variance == pytest.approx(2 * 200 / 200**2)
    assert found.variance > 0.1 * 0.9 / 200


def test_a_change_alone_and_against_the_rest():
    own = series((100, 10), (100, 10), (100, 30), (100, 30))
    rest = sums((200, 20), (200, 20), (200, 30), (200, 30))
    alone = change(own, (0, 2), (2, 4))
    assert alone.value == pytest.approx(0.2)
    # Each spread is drawn to 0.2 * 0.8, that of all four weeks, as by 20 more units.
    spreads = [(200 * p * (1 - p) + 20 * 0.16) / 220 for p in (0.1, 0.3)]
    half = norm.ppf(0.975) * math.sqrt(sum(spreads) / 200)
    assert alone.ci.high - alone.value == pytest.approx(half)
    assert (alone.unit, alone.n) == ("share difference", 200)
    against = change(own, (0, 2), (2, 4), rest=rest)
    assert against.value == pytest.approx(0.2 - 0.05)
    assert against.ci.high - against.value > half
    assert z_of(alone) == pytest.approx(0.2 / half * norm.ppf(0.975))


def test_five_who_are_all_alike_are_not_sure():
    found = level(sums((1000, 360), (5, 5)), (1, 2))
    share = 365 / 1005
    assert found.value == 1
    assert found.variance == pytest.approx(20 * share * (1 - share) / 25 / 5)


def test_nobody_before_is_no_change():
    found = change(series((0, 0), (100, 10)), (0, 1), (1, 2))
    assert math.isnan(found.value)
    assert math.isnan(found.ci.low)
    assert found.n == 0
    assert math.isnan(z_of(found))


def test_the_others_are_all_but_the_group():
    whole, group = series((100, 10), (50, 5)), series((40, 4), (50, 5))
    assert np.array_equal(others_of(whole, group), sums((60, 6), (0, 0)))


def test_the_interval_holds_a_planted_change():
    rng, held = np.random.default_rng(7), 0
    for _ in range(400):
        before, after = rng.binomial(200, 0.1, 20), rng.binomial(200, 0.13, 10)
        own = series(*[(200, x) for x in (*before, *after)])
        found = change(own, (0, 20), (20, 30))
        held += found.ci.low <= 0.03 <= found.ci.high
    assert held / 400 >= 0.93


def test_a_new_group_is_held_against_how_the_others_were():
    release = series((0, 0), (2, 1), (100, 30), (100, 30))
    rest = sums((200, 20), (200, 20), (200, 30), (200, 30))
    past = past_of(release, rest, (0, 2), (2, 4))
    assert past is rest
    moved = change(release, (0, 2), (2, 4), rest=rest, past=past)
    assert moved.value == pytest.approx(0.3 - 0.15)  # what the others are now, not what they were
    all_weeks = 61 / 202
    own = (200 * 0.3 * 0.7 + 20 * all_weeks * (1 - all_weeks)) / 220 / 200
    others = (400 * 0.15 * 0.85 + 20 * 0.125 * 0.875) / 420 / 400
    half = norm.ppf(0.975) * math.sqrt(own + others)
    assert moved.ci.high - moved.value == pytest.approx(half)
    assert change(release, (0, 2), (2, 4), past=past).value == pytest.approx(0.3 - 0.1)
    old = series((20, 2), (20, 2), (100, 30), (100, 30))
    assert past_of(old, rest, (0, 2), (2, 4)) is old.sums
