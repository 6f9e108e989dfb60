"""Units with guesses: what is refused, and the share seen with weights, clusters and few left."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.stats.shares.corrected_shares import LabelledSample, labelled_share, tagged_share
from cxresearch.stats.shares.proportions import proportion, rare_share_interval
from tests.stats.guessed_units import NAN, coverage


def test_what_was_seen_alone_is_the_interval_of_a_share():
    seen = np.r_[np.ones(30), np.zeros(70), np.full(50, NAN)]
    found = labelled_share(LabelledSample.of(np.zeros(150), seen), long_run=True)
    assert (found.value, found.n) == (pytest.approx(0.3), 100)
    assert found.ci == pytest.approx(proportion(30, 100, method="jeffreys").ci)


def test_what_is_known_of_these_units_is_no_matter_of_chance():
    # Two thirds were looked at: of these units only the last third is unknown.
    seen = np.r_[np.ones(30), np.zeros(70), np.full(50, NAN)]
    found = labelled_share(LabelledSample.of(np.zeros(150), seen))
    assert found.ci == pytest.approx(rare_share_interval(0.3, 300, 0.95))
    every = labelled_share(LabelledSample.of(np.zeros(100), seen[:100]))
    assert every.ci == (0.3, 0.3)


def test_a_share_among_some_of_them():
    seen = np.r_[np.ones(30), np.zeros(70), np.full(50, NAN)]
    units = LabelledSample.of(np.zeros(150), seen)
    found = labelled_share(units, among=np.arange(150) >= 20, long_run=True)
    assert (found.value, found.n) == (10 / 80, 80)


def test_weights_and_clusters_make_fewer_units_of_them():
    rng = np.random.default_rng(5)
    # Ten customers whose four texts are all alike are worth ten texts.
    seen = np.repeat(np.r_[np.ones(3), np.zeros(7)], 4)
    units = LabelledSample.of(np.zeros(40), seen, clusters=np.repeat(np.arange(10), 4))
    t_units, t_customers = 2.022691, 2.262157  # 39 and 9 degrees of freedom, from a table
    of_ten = rare_share_interval(0.3, 10 * (t_units / t_customers) ** 2, 0.95)
    assert labelled_share(units, long_run=True).ci == pytest.approx(of_ten, abs=1e-6)
    # With weights the effective size is p (1 - p) / variance.
    weight, answers = rng.uniform(1, 5, 40), (rng.random(40) < 0.4).astype(float)
    found = labelled_share(LabelledSample.of(np.zeros(40), answers, weights=weight), long_run=True)
    p = np.average(answers, weights=weight)
    variance = (weight**2 @ (answers - p) ** 2) / weight.sum() ** 2
    assert found.value == pytest.approx(p)
    assert found.ci == pytest.approx(rare_share_interval(p, p * (1 - p) / variance, 0.95))


def test_where_all_are_alike_weights_and_clusters_still_count():
    units = LabelledSample.of([0] * 4, [0] * 4, weights=[3, 1, 1, 1], clusters=[0, 0, 1, 2])
    # Customers of weights 4, 1, 1 are worth 36 / 18; texts have 3 degrees of freedom, they have 2.
    size = 2 * (3.182446 / 4.302653) ** 2
    assert labelled_share(units, long_run=True).ci == pytest.approx(
        rare_share_interval(0.0, size, 0.95), abs=1e-6
    )


@pytest.mark.parametrize("of_these", [True, False])
def test_codes_alone_hold_the_share(of_these):
    kind = (0.1, 0.5, 0.9)
    held = coverage(kind, labelled_share, of_these=of_these, long_run=not of_these)
    assert 0.93 <= held <= 0.97


def test_the_guessed_share_is_that_of_all_guesses():
    units = LabelledSample.of([1] * 30 + [0] * 70, [NAN] * 100)
    assert tagged_share(units).value == 0.3
    assert tagged_share(units).ci == pytest.approx(proportion(30, 100).ci, abs=0.003)


def test_nobody_looked():
    found = labelled_share(LabelledSample.of([1, 0], [NAN, NAN]))
    assert math.isnan(found.value)
    assert found.note == "undefined: nobody has read any of them"
    assert math.isnan(labelled_share(LabelledSample.of([], [])).value)
    assert math.isnan(tagged_share(LabelledSample.of([], [])).value)
    among = labelled_share(LabelledSample.of([1, 0], [1, NAN]), among=np.array([False, True]))
    assert math.isnan(among.value)


@pytest.mark.parametrize(
    ("guesses", "seen", "options", "words"),
    [
        ([1, 2], [1, 0], {}, "guesses must be 0 or 1"),
        ([1, 0], [1], {}, "the length of labels must be one of 2; got 1"),
        ([1, 0], [1, 3], {}, "labels must be whole numbers from 0 to 1"),
        ([1, 0], [1, 0], {"weights": [1, 0]}, "weights must be above 0"),
        ([1, 0], [1, 0], {"weights": [1]}, "the length of weights must be one of 2; got 1"),
        ([1, 0], [1, 0], {"clusters": [1]}, "the length of clusters must be one of 2; got 1"),
    ],
)
def test_the_words_of_errors(guesses, seen, options, words):
    with pytest.raises(ValueError, match=words):
        LabelledSample.of(guesses, seen, **options)


def test_the_words_of_a_confidence_that_is_none():
    with pytest.raises(ValueError, match="confidence must be"):
        labelled_share(LabelledSample.of([1, 0], [1, 0]), confidence=1.0)
