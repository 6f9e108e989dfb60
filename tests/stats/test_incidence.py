"""Cumulative incidence against statsmodels, Kaplan-Meier, plain shares and simulated waits."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight

from cxresearch.stats.shares.proportions import proportion
from cxresearch.stats.survival import incidence
from cxresearch.stats.survival.aalen_johansen import OutcomeCounts
from cxresearch.stats.survival.curves import BOUND_NOT_SEEN, kaplan_meier
from cxresearch.stats.survival.incidence import cumulative_incidence

Z = 1.959963984540054
#: Ten who put something into a cart: four bought, three gave up, three may still buy.
CARTS = ([1, 1, 1, 2, 2, 5, 5, 5, 9, 9], [1, 1, 2, 1, 0, 1, 2, 2, 0, 0])

customers = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=1, max_size=60)


def curve_of(durations, outcomes, **options):
    counts = OutcomeCounts.from_arrays(durations, outcomes)
    return cumulative_incidence(counts, unit="days", **options)


def columns(rows):
    return [time for time, _ in rows], [outcome for _, outcome in rows]


def plain_shares(chances):
    """Return F after each time from the chances of the event and of a competing one at each."""
    waiting, reached, shares = 1.0, 0.0, []
    for event, other in chances:
        reached += waiting * event
        waiting *= 1 - event - other
        shares.append(reached)
    return shares


def plain_area(times, chances, until):
    edges = [0, *(time for time in times if time < until), until]
    steps = [0, *plain_shares(chances)]
    return sum((b - a) * (1 - share) for (a, b), share in zip(pairwise(edges), steps, strict=False))


def delta_variance(figure, at_risk, chances):
    """Return the variance of a figure of the chances, with slopes by small changes."""
    total = 0.0
    for place, (n, chance) in enumerate(zip(at_risk, chances, strict=True)):
        slopes = []
        for kind in (0, 1):
            moved = [[list(pair) for pair in chances] for _ in range(2)]
            moved[0][place][kind] += 1e-6
            moved[1][place][kind] -= 1e-6
            slopes.append((figure(moved[0]) - figure(moved[1])) / 2e-6)
        covariance = (np.diag(chance) - np.outer(chance, chance)) / n
        total += float(slopes @ covariance @ slopes)
    return total


def test_a_curve_by_hand():
    # S: 1, then 7/10; 1/7 of them buy at 2, one more is last seen then: S 6/10 with 5 at risk.
    curve = curve_of(*CARTS)
    shares = [curve.at(time).value for time in (0.5, 1, 2, 5, 9)]
    assert shares == pytest.approx([0, 0.2, 0.2 + 0.7 / 7, 0.3 + 0.6 / 5, 0.42])
    assert curve.table["waiting"].tolist() == pytest.approx([0.7, 0.6, 0.6 * 2 / 5, 0.24])
    assert [curve.at_risk(time) for time in (0, 1, 2, 5, 9, 10)] == [10, 10, 7, 5, 2, 0]
    assert curve.table["followed"].tolist() == pytest.approx([10, 10, 5 / 0.6, 2 / 0.24])
    assert (curve.n, curve.events, curve.competing) == (10, 4, 3)
    # 1 to 1, then 0.8 to 2, 0.7 to 5, 0.58 to 7.
    assert curve.restricted_mean(7).value == pytest.approx(1 + 0.8 + 3 * 0.7 + 2 * 0.58)
    assert curve.restricted_mean(1.5).value == pytest.approx(1 + 0.8 / 2)
    assert (curve.quantile(0.3).value, curve.quantile(0.31).value) == (2, 5)


def test_its_interval_by_hand():
    # Chances (2/10, 1/10), (1/7, 0), (1/5, 2/5) among 10, 7 and 5 at risk.
    at_risk, chances = [10, 7, 5], [[2 / 10, 1 / 10], [1 / 7, 0], [1 / 5, 2 / 5]]
    error = math.sqrt(delta_variance(lambda c: plain_shares(c)[-1], at_risk, chances))
    size = math.exp(Z * error / (-0.58 * math.log(0.58)))
    expected = 1 - 0.58 ** (1 / size), 1 - 0.58**size
    assert curve_of(*CARTS).at(5).ci == pytest.approx(expected)


@given(customers)
def test_it_is_the_curve_of_statsmodels(rows):
    durations, outcomes = columns(rows)
    table = curve_of(durations, outcomes).table
    if 1 not in outcomes:
        assert set(table["incidence"]) == {0.0}
        return
    with np.errstate(divide="ignore", invalid="ignore"):  # theirs is nan once nobody is left
        theirs = CumIncidenceRight(np.array(durations), np.array(outcomes))
    assert table["time"].tolist() == theirs.times.tolist()
    assert table["incidence"].to_numpy() == pytest.approx(theirs.cinc[0], abs=1e-12)
    known = np.isfinite(theirs.cinc_se[0])
    # A variance that is a difference of equal squares is rounding, of which a root is taken.
    assert table["error"].to_numpy()[known] == pytest.approx(theirs.cinc_se[0][known], abs=1e-7)


@given(customers)
def test_without_competing_events_it_is_one_less_survival(rows):
    durations, ended = [time for time, _ in rows], [outcome > 0 for _, outcome in rows]
    curve = curve_of(durations, ended)
    survival = kaplan_meier(durations, ended, unit="days")
    left = survival.table["survival"].to_numpy()
    assert 1 - curve.table["incidence"].to_numpy() == pytest.approx(left, abs=1e-12)
    inside = (left > 0) & (left < 1)
    mirrored = 1 - survival.table.loc[inside, ["high", "low"]].to_numpy()
    assert curve.table.loc[inside, ["low", "high"]].to_numpy() == pytest.approx(mirrored, abs=1e-9)
    for until in range(1, max(durations) + 1):
        ours, theirs = curve.restricted_mean(until), survival.restricted_mean(until)
        assert ours.value == pytest.approx(theirs.value)
        cut = max(theirs.ci.low, 0), min(theirs.ci.high, until)
        if not math.isnan(ours.ci.low):
            assert ours.ci == pytest.approx(cut, abs=1e-6)


@given(customers)
def test_without_censoring_it_is_the_share(rows):
    durations, outcomes = [time for time, _ in rows], [outcome + 1 for _, outcome in rows]
    outcomes = [min(outcome, 2) for outcome in outcomes]
    curve = curve_of(durations, outcomes)
    for time in range(13):
        share = np.mean(
            [had <= time and how == 1 for had, how in zip(durations, outcomes, strict=True)]
        )
        result = curve.at(time)
        assert result.value == pytest.approx(share)
        rows_before = curve.table[curve.table["time"] <= time]
        error = rows_before["error"].iloc[-1] if len(rows_before) else 0.0
        assert error == pytest.approx(math.sqrt(share * (1 - share) / len(rows)), abs=1e-7)
    times = [time if how == 1 else 12 for time, how in zip(durations, outcomes, strict=True)]
    assert curve.restricted_mean(12).value == pytest.approx(np.mean(times))


@given(customers)
def test_both_events_and_the_wait_are_all_there_is(rows):
    counts = OutcomeCounts.from_arrays(*columns(rows))
    event = cumulative_incidence(counts, unit="days").table
    other = cumulative_incidence(counts.swapped(), unit="days").table
    total = event["incidence"] + other["incidence"] + event["waiting"]
    assert total.to_numpy() == pytest.approx(1)
    assert event["waiting"].tolist() == other["waiting"].tolist()


@given(customers)
def test_variances_are_those_of_small_changes(rows):
    curve = curve_of(*columns(rows))
    table = curve.table
    at_risk = table["at_risk"].tolist()
    chances = (table[["events", "competing"]].to_numpy() / table[["at_risk"]].to_numpy()).tolist()
    last = delta_variance(lambda c: plain_shares(c)[-1], at_risk, chances)
    assert table["error"].iloc[-1] ** 2 == pytest.approx(last, abs=1e-8)
    until = float(table["time"].iloc[-1])
    if until:
        value, error = curve.area_above(until)
        used = len(chances) - 1
        varied = delta_variance(
            lambda c: plain_area(table["time"].tolist(), c, until), at_risk[:used], chances[:used]
        )
        assert value == pytest.approx(plain_area(table["time"].tolist(), chances, until))
        assert error**2 == pytest.approx(varied, abs=1e-8)


@given(customers)
def test_intervals_hold_their_estimates(rows):
    curve = curve_of(*columns(rows))
    table = curve.table
    assert (table["incidence"].diff().dropna() >= -1e-12).all()
    assert (table["low"] >= 0).all()
    assert (table["high"] <= 1).all()
    assert (table["low"] <= table["incidence"] + 1e-12).all()
    assert (table["incidence"] <= table["high"] + 1e-12).all()
    assert (table["high"] - table["low"] > 0).all()
    for q in (0.1, 0.5, 0.9):
        result = curve.quantile(q)
        assert not result.ci.low > result.value
        assert not result.ci.high < result.value
    wide = curve_of(*columns(rows), confidence=0.99).table
    assert (wide["low"] <= table["low"] + 1e-12).all()
    assert (wide["high"] >= table["high"] - 1e-12).all()


@given(customers)
def test_the_order_does_not_matter(rows):
    forwards, backwards = curve_of(*columns(rows)), curve_of(*columns(rows[::-1]))
    assert forwards.table.equals(backwards.table)


def test_where_all_are_alike_the_interval_is_wilsons():
    # Five of fifty are out of sight when forty-five are followed to 3 without an event.
    curve = curve_of([1] * 5 + [3] * 45, [0] * 50)
    assert curve.at(0.5).ci == pytest.approx(proportion(0, 50).ci)
    assert curve.at(3).ci == pytest.approx(proportion(0, 45).ci)
    assert curve.at(3).value == 0
    certain = curve_of([1] * 5 + [3] * 45, [1] * 50)
    assert certain.at(3).value == 1
    assert certain.at(3).ci == pytest.approx(proportion(50, 50).ci)
    assert certain.at(100).value == 1


def test_the_median_and_its_interval_invert_the_curve():
    rng = np.random.default_rng(4)
    curve = curve_of(rng.integers(0, 20, 200), rng.choice(3, 200, p=[0.15, 0.7, 0.15]))
    table = curve.table.set_index("time")
    for bound, name in (
        (curve.median, "incidence"),
        (curve.ci.low, "high"),
        (curve.ci.high, "low"),
    ):
        assert table.loc[bound, name] >= 0.5
        assert (table.loc[: bound - 1, name] < 0.5).all()
    assert curve.ci.low < curve.median < curve.ci.high


def test_maturity_ends_where_too_few_were_followed():
    curve = curve_of([1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 0], min_followed=4)
    # Censoring alone lowers the number followed: 6, 5, 5, 15/4, 15/4, 15/8.
    assert curve.table["followed"].tolist() == pytest.approx([6, 5, 5, 3.75, 3.75, 1.875])
    assert curve.mature_until == 3
    assert [curve.at(time).note for time in (3, 3.5, 6, 7)] == [
        "",
        incidence.FEW_FOLLOWED,
        incidence.FEW_FOLLOWED,
        incidence.NOT_FOLLOWED,
    ]
    assert curve.quantile(0.4).note == BOUND_NOT_SEEN
    assert curve.restricted_mean(5).note == incidence.FEW_FOLLOWED
    assert math.isnan(curve_of([1, 2], [1, 0]).mature_until)
    assert curve_of([1, 2], [1, 2], min_followed=2).mature_until == math.inf


def test_edges():
    nobody = curve_of([], [])
    assert math.isnan(nobody.median)
    assert nobody.n == 0
    assert math.isnan(nobody.seen_until)
    for result in (nobody.at(3), nobody.quantile(0.2), nobody.restricted_mean(3)):
        assert math.isnan(result.value)
        assert math.isnan(result.ci.low)
        assert result.note == incidence.NO_CUSTOMERS
    waiting = curve_of([3, 4], [0, 0])
    assert (waiting.median != waiting.median, waiting.note) == (True, incidence.NOT_REACHED)
    assert waiting.restricted_mean(4).value == 4
    assert waiting.restricted_mean(4).note == incidence.NO_SPREAD
    assert math.isnan(waiting.restricted_mean(4).ci.high)
    assert math.isnan(waiting.restricted_mean(5).value)
    at_once = curve_of([0, 0, 0, 5], [1, 1, 2, 0])
    assert (at_once.at(0).value, at_once.median) == (0.5, 0)
    assert at_once.note == BOUND_NOT_SEEN
    assert at_once.restricted_mean(4).value == 2
    assert curve_of([0, 0, 0, 9], [1, 1, 1, 1]).restricted_mean(9).ci.low == 0
    one = curve_of([3], [1])
    assert (one.at(2).value, one.at(3).value, one.median) == (0, 1, 3)
    dropped = curve_of([1, 2], [2, 2])
    assert (dropped.at(9).value, dropped.note) == (0, incidence.NOT_REACHED)
    assert "table" not in one.to_dict()


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^min_followed must be at least 1; got 0$"):
        curve_of([1], [1], min_followed=0)
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 95$"):
        curve_of([1], [1], confidence=95)
    with pytest.raises(ValueError, match=r"^time must be between 0 and inf; got -1$"):
        curve_of([1], [1]).at(-1)
    with pytest.raises(ValueError, match=r"^q must be strictly between 0 and 1; got 1$"):
        curve_of([1], [1]).quantile(1)
    with pytest.raises(ValueError, match=r"^until must be above 0; got 0$"):
        curve_of([1], [1]).restricted_mean(0)


#: Rates a day of the event, of dropping out, and of going out of sight.
EVENT, DROP, LOST = 0.05, 0.03, 0.04


def true_share(time):
    return EVENT / (EVENT + DROP) * (1 - math.exp(-(EVENT + DROP) * time))


def test_coverage_under_truncation():
    # Each is lost at random and is watched for 5 to 20 days only.
    rng, n, runs, horizon = np.random.default_rng(3), 150, 600, 10.0
    leaving = EVENT + DROP
    mean = horizon - EVENT / leaving * (horizon - (1 - math.exp(-leaving * horizon)) / leaving)
    time_of_a_third = -math.log(1 - leaving / EVENT / 3) / leaving
    covered = np.zeros(3)
    for _ in range(runs):
        wait = rng.exponential(1 / leaving, n)
        sight = np.minimum(rng.exponential(1 / LOST, n), rng.uniform(5, 20, n))
        how = np.where(rng.random(n) < EVENT / leaving, 1, 2)
        curve = curve_of(np.minimum(wait, sight), np.where(wait <= sight, how, 0))
        share, area, third = (
            curve.at(horizon),
            curve.restricted_mean(horizon),
            curve.quantile(1 / 3),
        )
        covered += [
            share.ci.low <= true_share(horizon) <= share.ci.high,
            area.ci.low <= mean <= area.ci.high,
            not (third.ci.low > time_of_a_third or third.ci.high < time_of_a_third),
        ]
    assert ((covered / runs >= 0.93) & (covered / runs <= 0.97)).all(), covered / runs


def test_truncation_moves_the_mean_of_completers_and_not_the_curve():
    rng, n = np.random.default_rng(5), 20_000
    wait = rng.exponential(1 / (EVENT + DROP), n)
    how = np.where(rng.random(n) < EVENT / (EVENT + DROP), 1, 2)
    share_of_days = rng.random(n)  # how early in the period each came
    naive, gaps = [], []
    for period in (80, 20, 8):
        sight = period * share_of_days
        outcomes = np.where(wait <= sight, how, 0)
        naive.append(wait[outcomes == 1].mean())
        result = curve_of(np.minimum(wait, sight), outcomes).at(6)
        gaps.append(abs(result.value - true_share(6)) / (result.ci.high - result.ci.low))
    assert naive[0] > 1.8 * naive[1] > 3 * naive[2]
    assert max(gaps) < 0.6
