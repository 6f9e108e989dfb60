"""Exact coverage: against plain enumeration, and what the default interval promises."""

from __future__ import annotations

import itertools
import math

import pytest

from cxresearch.calibrate.coverages import (
    VECTORS,
    csat_coverages,
    nps_coverage,
    nps_coverages,
    outcomes,
    probabilities,
)
from cxresearch.survey.nps import nps


def test_every_outcome_is_there_once():
    expected = {c for c in itertools.product(range(8), repeat=3) if sum(c) == 7}
    found = list(zip(*(part.tolist() for part in outcomes(7)), strict=True))
    assert len(found) == len(expected)
    assert set(found) == expected


@pytest.mark.parametrize("shares", VECTORS)
def test_probabilities_by_hand(shares):
    counts = outcomes(5)
    found = probabilities(counts, shares)
    assert found.sum() == pytest.approx(1)
    for place in (0, 7, 20):
        p, q, d = (int(part[place]) for part in counts)
        ways = math.factorial(5) / math.factorial(p) / math.factorial(q) / math.factorial(d)
        assert found[place] == pytest.approx(
            ways * shares[0] ** p * shares[1] ** q * shares[2] ** d
        )


@pytest.mark.parametrize("method", ["score", "wald", "adjusted_wald"])
def test_the_coverage_is_that_of_the_results_a_user_gets(method):
    shares = (0.7, 0.2, 0.1)
    counts = outcomes(8)
    chances = probabilities(counts, shares)
    covered = 0.0
    for p, q, d, chance in zip(
        *(part.astype(int).tolist() for part in counts), chances, strict=True
    ):
        low, high = nps(counts=(p, q, d), method=method).ci
        covered += chance * (low - 1e-7 <= 60 <= high + 1e-7)
    assert nps_coverage(8, method=method, vectors=[shares]) == pytest.approx([covered])


def test_the_default_holds_what_it_promises():
    found = nps_coverages(sizes=(20, 50, 100), methods=("score",))
    assert [one.n for one in found] == [20, 50, 100]
    for one in found:
        assert one.mean >= 0.945
        assert one.least >= 0.93


@pytest.mark.parametrize(
    ("method", "mean", "least"),
    # An enumeration made apart from this one, in numpy, for the ten vectors at n = 20.
    [
        ("wald", 0.874, 0.332),
        ("wald_t", 0.879, 0.332),
        ("goodman", 0.900, 0.332),
        ("adjusted_wald", 0.966, 0.943),
        ("adjusted_wald_3u", 0.969, 0.943),
        ("adjusted_wald_4t", 0.955, 0.904),
        ("adjusted_wald_101", 0.974, 0.949),
        ("score", 0.967, 0.947),
        ("mover_wilson", 0.961, 0.943),
    ],
)
def test_the_coverage_of_the_named_methods(method, mean, least):
    (found,) = nps_coverages(sizes=(20,), methods=(method,))
    assert found.mean == pytest.approx(mean, abs=6e-4)
    assert found.least == pytest.approx(least, abs=6e-4)
    assert found.error == 0


def test_methods_without_a_closed_form_stop_early():
    assert nps_coverages(sizes=(500,), methods=("bootstrap", "dirichlet")) == []


def test_csat_against_a_plain_sum():
    # Wilson's interval and the binomial chances written out; the worst share of the five is told.
    z, n = 1.959963984540054, 20
    covered = []
    for share in (0.05, 0.2, 0.5, 0.8, 0.95):
        total = 0.0
        for x in range(n + 1):
            p = x / n
            # The interval holds the share where the score test does not reject it.
            holds = n * (p - share) ** 2 <= z**2 * share * (1 - share)
            total += holds * math.comb(n, x) * share**x * (1 - share) ** (n - x)
        covered.append(total)
    (found,) = csat_coverages(sizes=(20,))
    assert found.mean == pytest.approx(sum(covered) / 5)
    assert found.least == pytest.approx(min(covered))
