"""Log-odds with a prior: its formula by hand, and how often chance alone stands out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.stats.association.association_measures import log_odds


def test_it_is_its_formula():
    # 12 of 80 and 6 of 120: p = .09, a = 4.5 of the 50 that are added to each.
    first, second = (12 + 4.5) / (68 + 45.5), (6 + 4.5) / (114 + 45.5)
    value = math.log(first / second)
    variance = 1 / 16.5 + 1 / 113.5 + 1 / 10.5 + 1 / 159.5
    found = log_odds([12], [6], (80, 120))
    assert found.value[0] == pytest.approx(value)
    assert found.z[0] == pytest.approx(value / math.sqrt(variance))
    # Of 1.9161, from a table of the normal distribution.
    assert found.p_value[0] == pytest.approx(0.0277, abs=1e-4)


def test_swapping_the_groups_turns_the_sign():
    one, other = log_odds([9, 3], [4, 5], (50, 70)), log_odds([4, 5], [9, 3], (70, 50))
    assert one.value == pytest.approx(-other.value)
    assert one.p_value == pytest.approx(1 - other.p_value)


def test_a_prior_holds_rare_things_back():
    weak, strong = (log_odds([3], [0], (300, 300), prior=prior).value[0] for prior in (1, 500))
    assert weak > strong > 0


def test_chance_seldom_stands_out():
    rng = np.random.default_rng(3)
    shares = rng.uniform(0.005, 0.2, 4000)
    found = log_odds(rng.binomial(400, shares), rng.binomial(500, shares), (400, 500))
    assert (found.p_value < 0.05).mean() < 0.05
    weak = log_odds(rng.binomial(400, shares), rng.binomial(500, shares), (400, 500), prior=0.5)
    assert 0.03 < (weak.p_value < 0.05).mean() < 0.07


def test_what_nobody_or_everybody_has_is_nan():
    found = log_odds([0, 10, 5], [0, 20, 5], (10, 20))
    assert np.isnan(found.z).tolist() == [True, True, False]
    assert np.isnan(found.p_value).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("first", "second", "sizes", "options", "words"),
    [
        ([1], [1, 2], (5, 5), {}, "second must be as long as first"),
        ([6], [1], (5, 5), {}, "first must be between 0 and 5"),
        ([1], [-1], (5, 5), {}, "second must be between 0 and 5"),
        ([1], [1], (0, 5), {}, "the size of a group must be at least 1; got 0"),
        ([1], [1], (5, 5), {"prior": 0}, "prior must be above 0; got 0"),
    ],
)
def test_the_words_of_errors(first, second, sizes, options, words):
    with pytest.raises(ValueError, match=words):
        log_odds(first, second, sizes, **options)
