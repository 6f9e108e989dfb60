"""Each interval against R, against its own definition, and over every outcome of a survey."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.survey.nps_intervals import (
    LABELS,
    PSEUDO_ANSWERS,
    centre_and_error,
    limits,
    variance,
)

Z = 1.959963984540054

outcomes = st.tuples(*[st.integers(0, 400)] * 3).filter(any)


def one(counts, **options):
    low, high = limits(*([float(c)] * np.ones(1) for c in counts), **options)
    return float(low[0]), float(high[0])


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    # R PropCIs 0.3.0, scoreci.mp(detractors, promoters, n, 0.95); it stops at about 1e-6.
    [((12, 5, 3), 0.074375581741333, 0.705271524190903)],
)
def test_the_score_interval_is_tangos(counts, low, high):
    assert one(counts, method="score", confidence=0.95) == pytest.approx((low, high), abs=2e-6)


def test_the_score_interval_of_unanimous_answers_by_hand():
    # Without passives and detractors v0 = 1 - t**2, so n (1 - t) = z**2 (1 + t).
    low, high = one((10, 0, 0), method="score", confidence=0.95)
    assert low == pytest.approx((10 - Z**2) / (10 + Z**2), abs=1e-12)
    assert high == 1


@given(outcomes)
def test_the_score_limits_solve_the_score_equation(counts):
    p, q, d = counts
    n = p + q + d
    for limit in one(counts, method="score", confidence=0.95):
        if abs(limit) == 1:
            continue
        # The likeliest shares by a plain search over the shares of detractors.
        low, high = max(0.0, -limit), (1 - limit) / 2

        def likelihood(share, limit=limit):
            cells = [(p, share + limit), (q, 1 - limit - 2 * share), (d, share)]
            return sum(count * math.log(max(cell, 1e-300)) for count, cell in cells if count)

        for _ in range(200):
            third = (high - low) / 3
            if likelihood(low + third) < likelihood(high - third):
                low += third
            else:
                high -= third
        spread = 2 * low + limit - limit**2
        assert n * ((p - d) / n - limit) ** 2 == pytest.approx(Z**2 * spread, rel=1e-3, abs=1e-6)


def test_adjusted_wald_is_that_of_r():
    # R NPS 1.1, npvar(c(d + .75, pa + 1.5, p + .75)) / (n + 3).
    centre, error = centre_and_error(
        *(np.array([c]) for c in (250.0, 150.0, 100.0)), method="adjusted_wald"
    )
    assert centre[0] == pytest.approx(0.298210735586481, abs=1e-12)
    assert error[0] == pytest.approx(0.0348206856278233, abs=1e-12)


@pytest.mark.parametrize("method", PSEUDO_ANSWERS)
def test_an_adjusted_interval_is_the_wald_interval_of_more_answers(method):
    counts = (12, 5, 3)
    more = [count + added for count, added in zip(counts, PSEUDO_ANSWERS[method], strict=True)]
    assert one(counts, method=method, confidence=0.9) == one(more, method="wald", confidence=0.9)


def test_wald_by_hand():
    # 12, 5, 3: t = 0.45, v = 0.75 - 0.2025 = 0.5475.
    margin = Z * math.sqrt(0.5475 / 20)
    assert one((12, 5, 3), method="wald", confidence=0.95) == pytest.approx(
        (0.45 - margin, 0.45 + margin)
    )
    t = 2.093024054408263  # Student's t, 19 degrees of freedom, 97.5 %
    margin = t * math.sqrt(0.5475 / 19)
    assert one((12, 5, 3), method="wald_t", confidence=0.95) == pytest.approx(
        (0.45 - margin, 0.45 + margin)
    )
    margin = math.sqrt(5.991464547107979 * 0.5475 / 20)  # chi-squared, 2 degrees, 95 %
    assert one((12, 5, 3), method="goodman", confidence=0.95) == pytest.approx(
        (0.45 - margin, 0.45 + margin)
    )


@pytest.mark.parametrize(("method", "prior"), [("dirichlet", 0.5), ("dirichlet_uniform", 1.0)])
def test_the_posterior_is_that_of_many_draws(method, prior):
    draws = np.random.default_rng(1).dirichlet([12 + prior, 5 + prior, 3 + prior], 400_000)
    expected = np.quantile(draws[:, 0] - draws[:, 2], [0.05, 0.95])
    assert one((12, 5, 3), method=method, confidence=0.9) == pytest.approx(expected, abs=2e-3)


def test_the_bootstrap_is_that_of_every_resample():
    chances: dict[int, float] = {}
    for who in itertools.product(range(5), repeat=5):
        lead = sum((1, 1, 1, 0, -1)[i] for i in who)
        chances[lead] = chances.get(lead, 0) + 5**-5
    below = np.cumsum([chances.get(lead, 0) for lead in range(-5, 6)])
    expected = [(int(np.argmax(below >= level)) - 5) / 5 for level in (0.05, 0.95)]
    assert one((3, 1, 1), method="bootstrap", confidence=0.9) == pytest.approx(expected)
    # R 4.2.2, exact convolution.
    assert one((50, 30, 20), method="bootstrap", confidence=0.95) == pytest.approx((0.14, 0.45))


@pytest.mark.parametrize("method", LABELS)
def test_swapping_promoters_and_detractors_mirrors_the_interval(method):
    low, high = one((31, 12, 7), method=method, confidence=0.95)
    mirrored = one((7, 12, 31), method=method, confidence=0.95)
    assert mirrored == pytest.approx((-high, -low), abs=1e-6)


@pytest.mark.parametrize("method", LABELS)
def test_higher_confidence_is_wider(method):
    low, high = one((31, 12, 7), method=method, confidence=0.9)
    wider = one((31, 12, 7), method=method, confidence=0.99)
    assert wider[0] < low < high < wider[1]


@given(outcomes, st.sampled_from(["score", "mover_wilson", "wald"]))
def test_it_holds_the_estimate_within_minus_one_and_one(counts, method):
    low, high = one(counts, method=method, confidence=0.95)
    nps = (counts[0] - counts[2]) / sum(counts)
    assert -1 <= low <= nps + 1e-12
    assert nps - 1e-12 <= high <= 1


@pytest.mark.parametrize("method", ["score", "mover_wilson", "adjusted_wald", "dirichlet"])
@pytest.mark.parametrize("counts", [(10, 0, 0), (0, 10, 0), (0, 0, 10), (1, 0, 0)])
def test_unanimous_answers_have_an_interval_of_some_width(method, counts):
    low, high = one(counts, method=method, confidence=0.95)
    assert high - low > 0.3


def test_the_variance_is_nought_where_all_are_alike():
    alone = np.array([3.0]), np.array([0.0]), np.array([0.0])
    assert variance(*alone)[0] == 0
    p, q, d = np.array([0.2]), np.array([0.5]), np.array([0.3])
    assert variance(p, q, d)[0] == pytest.approx(0.2 + 0.3 - 0.01)


def test_an_unknown_method_is_worded():
    with pytest.raises(ValueError, match=r"^method must be one of 'score', .*; got 'student'$"):
        one((1, 2, 3), method="student", confidence=0.95)


@pytest.mark.parametrize(
    "counts", [(12, 5, 3), (1, 0, 0), (0, 50, 0), (20, 0, 20), (180, 120, 100), (0, 0, 300)]
)
@pytest.mark.parametrize(("method", "prior"), [("dirichlet", 0.5), ("dirichlet_uniform", 1.0)])
def test_the_posterior_is_exact_by_another_road(counts, method, prior):
    # Over the share of detractors instead: promoters of what is left have a Beta(p, q) share.
    from scipy import integrate, special

    p, q, d = (count + prior for count in counts)
    found = one(counts, method=method, confidence=0.95)

    def density(angle: float) -> float:
        s, c = math.sin(angle), math.cos(angle)
        logarithm = special.xlogy(2 * d - 1, s) + special.xlogy(2 * (p + q) - 1, c)
        return 2 * math.exp(logarithm - special.betaln(d, p + q))

    for level, end in zip((0.025, 0.975), found, strict=True):

        def below(angle: float, end: float = end) -> float:
            share = math.sin(angle) ** 2
            return density(angle) * special.betainc(
                p, q, min(max((end + share) / (1 - share), 0), 1)
            )

        kinks = [math.asin(math.sqrt(at)) for at in (max(-end, 0), (1 - end) / 2)]
        mean, sd = d / (p + q + d), math.sqrt(d * (p + q) / (p + q + d) ** 3)
        middle = [math.asin(math.sqrt(min(max(mean + k * sd, 0), 1))) for k in (-6, -2, 0, 2, 6)]
        cuts = sorted({0.0, *kinks, *middle, math.pi / 2})
        got = sum(
            integrate.quad(below, a, b, epsabs=1e-12, limit=200)[0]
            for a, b in itertools.pairwise(cuts)
        )
        assert got == pytest.approx(level, abs=1e-8)
