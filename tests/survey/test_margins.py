"""Weights that agree with margins: scores, shares and means by stratified formulas, and edges."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

from cxresearch.survey import (
    by_group,
    ces,
    csat,
    nps,
    nps_difference,
    nps_paired_difference,
    overall,
    post_stratify,
    rake,
    weighted_mean,
)
from cxresearch.survey.weights import Weights

TARGETS = {"new": 0.5, "loyal": 0.5}


def answered(n: int = 300, seed: int = 3):
    """Return strata, answers from 1 to 5, and answers from 0 to 10 that go with the stratum."""
    rng = np.random.default_rng(seed)
    strata = np.where(rng.random(n) < 0.3, "new", "loyal")
    loyal = strata == "loyal"
    ratings = np.where(loyal, rng.integers(3, 6, n), rng.integers(1, 5, n))
    scores = np.where(loyal, rng.choice([9, 10, 8, 5], n), rng.choice([3, 7, 9, 6], n))
    return strata, ratings, scores


def stratified_se(values, strata, targets=TARGETS) -> float:
    """Return sqrt(n / (n - 1) sum_h (W_h / n_h)**2 sum of squares within h)."""
    total = 0.0
    for name, share in targets.items():
        own = values[strata == name]
        total += (share / len(own)) ** 2 * ((own - own.mean()) ** 2).sum()
    return math.sqrt(len(values) / (len(values) - 1) * total)


def test_a_post_stratified_nps_has_the_error_of_its_strata():
    strata, _, scores = answered()
    result = nps(scores, weights=post_stratify(strata, TARGETS))
    each = np.where(scores >= 9, 1.0, np.where(scores <= 6, -1.0, 0.0))
    se = stratified_se(each, strata)
    assert result.standard_error == pytest.approx(100 * se)
    p, _, d = result.shares
    assert result.effective_n == pytest.approx((p + d - (p - d) ** 2) / se**2)
    blind = nps(scores, weights=np.asarray(post_stratify(strata, TARGETS)))
    assert result.nps == blind.nps
    assert result.ci.high - result.ci.low < 0.95 * (blind.ci.high - blind.ci.low)


def test_post_stratified_satisfaction_and_effort_have_the_error_of_their_strata():
    strata, ratings, _ = answered()
    weights = post_stratify(strata, TARGETS)
    effort = ces(ratings, weights=weights, scale=(1, 5))
    from scipy.stats import t

    half = t.ppf(0.975, len(ratings) - 1) * stratified_se(ratings.astype(float), strata)
    assert effort.ci.high - effort.ces == pytest.approx(half)
    satisfied = csat(ratings, weights=weights)
    variance = stratified_se((ratings >= 4).astype(float), strata) ** 2
    p = satisfied.csat
    z, n = t.ppf(0.975, len(ratings) - 1), p * (1 - p) / variance
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert satisfied.ci == pytest.approx((centre - half, centre + half))


def test_weights_that_are_all_equal_and_know_their_margins_narrow_an_interval():
    # A quarter, exactly as in the population: every weight is 1, and the strata still explain.
    strata = np.repeat(["new", "loyal"], [25, 75])
    scores = np.concatenate([np.tile([3, 3, 3, 3, 9], 5), np.tile([10, 10, 10, 10, 6], 15)])
    weights = post_stratify(strata, {"new": 0.25, "loyal": 0.75})
    assert set(weights.weights.tolist()) == {1.0}
    informed, plain = nps(scores, weights=weights), nps(scores)
    assert informed.nps == plain.nps
    assert informed.ci.high - informed.ci.low < 0.9 * (plain.ci.high - plain.ci.low)


def test_raked_weights_have_the_error_of_a_weighted_mean():
    rng = np.random.default_rng(8)
    strata, ratings, scores = answered()
    margins = {"age": strata, "area": rng.choice(["n", "s"], len(strata))}
    weights = rake(margins, {"age": TARGETS, "area": {"n": 0.4, "s": 0.6}})
    each = np.where(scores >= 9, 1.0, np.where(scores <= 6, -1.0, 0.0))
    mean = weighted_mean(each, weights, unit="points")
    assert nps(scores, weights=weights).standard_error == pytest.approx(100 * mean.se)
    top = weighted_mean((ratings >= 4).astype(float), weights, unit="share")
    assert tuple(csat(ratings, weights=weights).ci) == pytest.approx(tuple(top.ci))


def test_an_answer_that_is_missing_leaves_the_others_their_margins():
    strata, _, scores = answered()
    weights = post_stratify(strata, TARGETS)
    some = scores.astype(float)
    some[::7] = np.nan
    result = nps(some, weights=weights)
    there = ~np.isnan(some)
    # A ratio of two post-stratified totals: y of those who answered, over those who answered.
    each = np.where(some >= 9, 1.0, np.where(some <= 6, -1.0, 0.0))
    w = weights.weights
    value = (w * each * there).sum() / (w * there).sum()
    z = np.where(there, each - value, 0.0)
    for name in TARGETS:
        z[strata == name] -= z[strata == name].mean()
    moves = w * z / (w * there).sum()
    n = int(there.sum())
    assert result.standard_error == pytest.approx(100 * math.sqrt(n / (n - 1) * (moves**2).sum()))
    assert result.n == n


def test_levels_without_weight_are_nobody():
    strata, _, scores = answered()
    known = post_stratify(strata, TARGETS)
    padded = Weights(
        weights=np.append(known.weights, [0.0] * 50),
        base=np.append(known.base, [0.0] * 50),
        margins=tuple(np.append(codes, [2] * 50) for codes in known.margins),
        method=known.method,
    )
    more = np.append(scores, [0] * 50)
    assert tuple(nps(more, weights=padded).ci) == pytest.approx(
        tuple(nps(scores, weights=known).ci)
    )
    each = np.where(more >= 9, 1.0, 0.0)
    whole = weighted_mean(each, padded, unit="share")
    alone = weighted_mean(each[:-50], known, unit="share")
    assert (whole.n, whole.ci) == (alone.n, pytest.approx(alone.ci))
    assert whole.deff == pytest.approx(alone.deff)


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("n", [2, 5, 40])
def test_a_weighted_share_at_an_end_has_an_interval(value: int, n: int):
    weights = np.linspace(1, 3, n)
    result = weighted_mean([value] * n, weights, unit="share")
    assert result.value == value
    assert 0 <= result.ci.low <= value <= result.ci.high <= 1
    assert result.ci.high - result.ci.low > 0
    assert not result.note
    low, high = csat([5 if value else 1] * n, weights=weights).ci
    assert (low, high) == pytest.approx(tuple(result.ci))


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_weighted_share_at_an_end_has_an_interval_whatever_the_rounding(value: float):
    for seed in range(20):
        weights = np.random.default_rng(seed).gamma(2, size=700 + seed)
        found = weighted_mean([value] * len(weights), weights, unit="share")
        width = found.ci.high - found.ci.low
        assert (found.value, 0 < width < 0.02) == (pytest.approx(value), True)


def test_a_weighted_share_near_an_end_stays_inside():
    result = weighted_mean([1] * 19 + [0], [1.0] * 19 + [0.4], unit="share")
    assert 0 < result.ci.low < result.value < result.ci.high < 1


def test_the_only_answer_has_no_interval():
    result = weighted_mean([1, 0, 0], [1, 0, 0], unit="share")
    assert (result.n, result.value) == (1, 1)
    assert math.isnan(result.ci.low)
    assert result.note == "no interval: it needs at least two independent units"


@pytest.mark.slow
def test_coverage_with_margins():
    rng = np.random.default_rng(12)
    truth = 50 * (0.2 - 0.6) + 50 * (0.7 - 0.1)
    informed = blind = width = blind_width = 0
    for _ in range(500):
        strata = np.where(rng.random(150) < 0.4, "new", "loyal")
        new = strata == "new"
        scores = np.where(
            new,
            rng.choice([9, 7, 3], 150, p=[0.2, 0.2, 0.6]),
            rng.choice([9, 7, 3], 150, p=[0.7, 0.2, 0.1]),
        )
        weights = post_stratify(strata, TARGETS)
        low, high = nps(scores, weights=weights).ci
        informed, width = informed + (low <= truth <= high), width + high - low
        low, high = nps(scores, weights=np.asarray(weights)).ci
        blind, blind_width = blind + (low <= truth <= high), blind_width + high - low
    assert 0.93 <= informed / 500 <= 0.97
    assert blind / 500 > 0.97
    assert blind_width > 1.15 * width


def as_surveys(strata, scores, metric="nps", scale=(0, 10), customers=None):
    n = len(scores)
    return pd.DataFrame(
        {
            "metric": metric,
            "score": scores.astype(float),
            "scale_min": float(scale[0]),
            "scale_max": float(scale[1]),
            "customer_id": customers if customers is not None else [None] * n,
            "touchpoint": [None] * n,
            "stratum": strata,
        }
    )


def test_a_study_as_a_whole_is_its_scores():
    strata, ratings, scores = answered()
    weights = post_stratify(strata, TARGETS)
    people = [f"c{i}" for i in range(len(scores))]
    frame = pd.concat(
        [
            as_surveys(strata, scores, customers=people),
            as_surveys(strata, ratings, "csat", (1, 5), people),
        ]
    ).reset_index(drop=True)
    both = post_stratify(np.tile(strata, 2), TARGETS)
    result = overall(frame, "nps", weights=both)
    expected = nps(scores, weights=weights)
    assert (result.value, result.n) == (pytest.approx(expected.nps), expected.n)
    # The same people answered both, in the same strata.
    assert tuple(result.ci) == pytest.approx(tuple(expected.ci))
    alone = overall(frame[frame.metric == "csat"], "csat", weights=weights)
    assert tuple(alone.ci) == pytest.approx(tuple(csat(ratings, weights=weights).ci))
    by_hand = overall(as_surveys(strata, scores), weights=weights)
    assert tuple(by_hand.ci) == pytest.approx(tuple(expected.ci))
    (row,) = by_group(as_surveys(strata, scores), weights=weights).to_dict("records")
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected.ci)


def test_weights_in_a_column_are_those_of_an_array():
    strata, _, scores = answered()
    each = np.linspace(0.5, 2, len(scores))
    frame = as_surveys(strata, scores).assign(w=each)
    given, named = overall(frame, weights=each), overall(frame, weights="w")
    assert given == named
    assert tuple(given.ci) == pytest.approx(tuple(nps(scores, weights=each).ci))
    lazy = pl.from_pandas(frame).lazy()
    assert tuple(overall(lazy, weights="w").ci) == pytest.approx(tuple(given.ci))
    with pytest.raises(TypeError, match=r"^weights must be the name of a column"):
        overall(lazy, weights=each)
    with pytest.raises(ValueError, match=r"^weights must be as long as surveys, 300"):
        overall(frame, weights=each[:-1])
    with pytest.raises(ValueError, match=r"^weights must be"):
        by_group(frame, "stratum", weights=-each)


def test_weights_that_are_all_equal_change_nothing():
    strata, _, scores = answered()
    frame = as_surveys(strata, scores)
    plain = by_group(frame, "stratum")
    assert by_group(frame, "stratum", weights=np.full(len(scores), 3.0)).equals(plain)
    assert overall(frame, weights=np.full(len(scores), 3.0)) == overall(frame)


def test_a_weighted_group_against_the_rest():
    strata, _, scores = answered()
    each = np.linspace(0.5, 2, len(scores))
    table = by_group(as_surveys(strata, scores), "stratum", weights=each).set_index("stratum")
    groups = {name: nps(scores[strata == name], weights=each[strata == name]) for name in TARGETS}
    expected = nps_difference(groups["loyal"], groups["new"])
    row = table.loc["new"]
    assert row["value"] == pytest.approx(groups["new"].nps)
    assert row["difference"] == pytest.approx(expected.value)
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(expected.ci)
    assert row["p_value"] == pytest.approx(expected.p_value, rel=1e-6)


def test_rows_of_weight_zero_are_nobody_in_a_study():
    strata, _, scores = answered()
    each = np.linspace(0.5, 2, len(scores))
    frame = as_surveys(strata, scores, customers=[f"c{i // 2}" for i in range(len(scores))])
    padded = pd.concat([frame, frame.assign(score=0.0)]).reset_index(drop=True)
    zeros = np.append(each, np.zeros(len(scores)))
    assert overall(padded, weights=zeros) == overall(frame, weights=each)
    assert by_group(padded, "stratum", weights=zeros).equals(
        by_group(frame, "stratum", weights=each)
    )


@pytest.mark.parametrize(("metric", "scale"), [("nps", (0, 10)), ("csat", (1, 5)), ("ces", (1, 7))])
def test_answers_of_one_customer_are_one_weighted_person(metric, scale):
    rng = np.random.default_rng(5)
    scores = rng.integers(scale[0], scale[1] + 1, 200)
    each = rng.uniform(0.5, 2, 200)
    once = as_surveys(["x"] * 200, scores, metric, scale, [f"c{i}" for i in range(200)])
    thrice = pd.concat([once] * 3).reset_index(drop=True)
    alone, repeated = (
        overall(frame, metric, weights=w) for frame, w in ((once, each), (thrice, np.tile(each, 3)))
    )
    assert repeated.value == pytest.approx(alone.value)
    assert repeated.n == 600
    assert tuple(repeated.ci) == pytest.approx(
        tuple(alone.ci), abs=0.01 * (scale[1] - scale[0] + 1)
    )
    assert "one customer" in repeated.note


def test_people_who_answered_twice_are_weighted():
    strata, _, first = answered()
    second = np.roll(first, 1)
    weights = post_stratify(strata, TARGETS)
    moved = nps_paired_difference(first, second, weights=weights)
    each = [np.where(one >= 9, 1.0, np.where(one <= 6, -1.0, 0.0)) for one in (first, second)]
    expected = weighted_mean(100 * (each[1] - each[0]), weights, unit="points")
    assert moved.value == pytest.approx(expected.value)
    assert tuple(moved.ci) == pytest.approx(tuple(expected.ci))
    assert 2 * moved.value / (moved.ci.high - moved.ci.low) == pytest.approx(
        moved.statistic
        * 2
        * expected.value
        / (expected.ci.high - expected.ci.low)
        / (expected.value / expected.se)
    )
    plain = nps_paired_difference(first, second)
    equal = nps_paired_difference(first, second, weights=np.ones(len(first)))
    assert tuple(equal.ci) == pytest.approx(tuple(plain.ci))
    assert equal.p_value == pytest.approx(plain.p_value)


def test_a_pair_of_weight_zero_or_with_a_gap_is_nobody():
    first, second = [9, 3, 8, 10, None, 0], [9, 7, 9, 10, 6, 10]
    few = nps_paired_difference(first[:4], second[:4], weights=[1, 2, 1, 3])
    more = nps_paired_difference(first, second, weights=[1, 2, 1, 3, 5, 0])
    assert (more.value, more.n) == (pytest.approx(few.value), 4)
    assert tuple(more.ci) == pytest.approx(tuple(few.ci))
