"""How many answers an NPS needs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.survey.nps import nps
from cxresearch.survey.nps_compare import nps_difference
from cxresearch.survey.nps_planning import (
    nps_detectable_difference,
    nps_difference_sample_size,
    nps_margin,
    nps_sample_size,
)


def test_it_is_the_formula_of_r():
    # R 4.2.2: z^2 * (p + d - (p - d)^2) / moe^2, n0 / (1 + (n0 - 1) / N).
    assert nps_sample_size(5, promoters=0.5, detractors=0.2) == 938
    assert nps_sample_size(5, promoters=0.5, detractors=0.2, population=5000) == 790
    assert nps_sample_size(5) == 1537


def test_an_nps_needs_four_times_the_answers_of_a_share():
    z = 1.959963984540054
    assert nps_sample_size(3) == math.ceil(4 * z**2 * 0.25 / 0.03**2)


@given(
    st.floats(1, 50), st.floats(0.05, 0.5), st.floats(0.05, 0.5), st.none() | st.integers(2, 9999)
)
def test_the_margin_of_that_size_is_no_wider(margin, promoters, detractors, population):
    options = {"promoters": promoters, "detractors": detractors, "population": population}
    n = nps_sample_size(margin, **options)
    assert nps_margin(n, **options) <= margin + 1e-6
    if n > 2:
        assert nps_margin(n - 1, **options) > margin - 1e-6


def test_the_margin_is_that_of_the_wald_interval():
    result = nps(counts=(50, 30, 20), method="wald", population=400)
    expected = nps_margin(100, promoters=0.5, detractors=0.2, population=400)
    assert result.ci.high - result.nps == pytest.approx(expected)


@pytest.mark.parametrize("against_target", [False, True])
def test_the_difference_of_that_size_is_detectable(against_target):
    n = nps_difference_sample_size(10, promoters=0.6, detractors=0.1, against_target=against_target)
    found = nps_detectable_difference(
        n, None if against_target else n, promoters=0.6, detractors=0.1
    )
    assert 9.9 < found <= 10


def test_the_power_is_what_was_asked_for():
    n = nps_difference_sample_size(20, promoters=0.5, detractors=0.25)
    rng = np.random.default_rng(2)
    first = rng.multinomial(n, [0.5, 0.25, 0.25], 400).tolist()
    second = rng.multinomial(n, [0.6, 0.25, 0.15], 400).tolist()
    found = [
        nps_difference(nps(counts=a), nps(counts=b), method="wald").p_value < 0.05
        for a, b in zip(first, second, strict=True)
    ]
    assert 0.75 <= np.mean(found) <= 0.88


def test_a_small_population_is_never_asked_twice():
    assert nps_sample_size(1, population=20) == 20
    assert nps_margin(20, population=20) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nps_sample_size(0), r"^margin must be above 0; got 0$"),
        (
            lambda: nps_sample_size(5, promoters=0.7, detractors=0.4),
            r"^promoters \+ detractors must be between 0 and 1; got 1\.1$",
        ),
        (lambda: nps_sample_size(5, confidence=1), r"^confidence must be strictly between"),
        (lambda: nps_margin(0), r"^n must be at least 1; got 0$"),
        (lambda: nps_margin(10, population=9), r"^population must be at least 10; got 9$"),
        (lambda: nps_difference_sample_size(-1), r"^difference must be above 0; got -1$"),
        (lambda: nps_difference_sample_size(5, power=1), r"^power must be strictly between 0 and"),
        (lambda: nps_detectable_difference(10, 0), r"^n_second must be at least 1; got 0$"),
    ],
)
def test_what_it_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
