"""A share from a test whose errors are known: the formula, simulated coverage, the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.stats.shares.corrected_shares import LabelledSample, rogan_gladen
from tests.stats.guessed_units import COMMON, NAN, coverage


@pytest.mark.parametrize("kind", COMMON[:4], ids=str)
def test_the_interval_holds_the_share(kind):
    assert coverage(kind, rogan_gladen, of_these=False) >= 0.93


def test_it_is_its_formula():
    # 30 % guessed; 16 of 20 with the property and 72 of 80 without it are guessed right.
    guess = np.r_[np.repeat([1, 0, 1, 0], [16, 4, 8, 72]), np.repeat([1, 0], [276, 624])]
    seen = np.r_[np.repeat([1, 0], [20, 80]), np.full(900, NAN)]
    found = rogan_gladen(LabelledSample.of(guess, seen))
    assert found.value == pytest.approx((0.3 + 0.9 - 1) / (0.8 + 0.9 - 1))
    assert found.ci.low < found.value < found.ci.high
    assert (found.n, found.note) == (100, "")
    few = np.where(np.arange(1000) < 14, NAN, seen)
    assert rogan_gladen(LabelledSample.of(guess, few)).note.startswith("too few of those looked at")


def undefined():
    looked = np.r_[np.ones(10), np.zeros(10)]
    return [
        ([1, 0], [NAN, NAN], "undefined: nobody has read any of them"),
        ([1, 0], [1, 1], "undefined: among those looked at, none has"),
        (1 - looked, looked, "undefined: the guesses are no better than chance"),
    ]


@pytest.mark.parametrize(("guesses", "seen", "note"), undefined())
def test_what_cannot_be_told_is_nan_with_a_note(guesses, seen, note):
    found = rogan_gladen(LabelledSample.of(guesses, seen))
    assert math.isnan(found.value)
    assert math.isnan(found.ci.low)
    assert found.note.startswith(note)
