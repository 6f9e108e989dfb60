"""Shares from guesses and from what people saw: plain sums, simulated coverage, the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.stats.guesses import Guessed, guessed_share, seen_share
from cxresearch.stats.prediction_powered import prediction_powered
from cxresearch.stats.proportions import proportion
from cxresearch.stats.rogan_gladen import rogan_gladen

NAN = math.nan
#: Share with the property, sensitivity and specificity of the guesses.
THEMES = [(0.4, 0.8, 0.9), (0.2, 0.7, 0.97), (0.1, 0.5, 0.98), (0.1, 0.8, 0.9), (0.02, 0.6, 0.97)]
FEW_ERRORS = [(0.01, 0.6, 0.99), (0.01, 0.9, 0.999), (0.03, 0.7, 0.995), (0.05, 0.98, 0.999)]


def drawn(rng, theme, units=3000, looked=200):
    """Return guesses for all and what was seen of the first few, with codes in random order."""
    share, sensitivity, specificity = theme
    truth = rng.random(units) < share
    guess = np.where(truth, rng.random(units) < sensitivity, rng.random(units) > specificity)
    seen = np.where(np.arange(units) < looked, truth, NAN)
    return guess.astype(float), seen, truth


def coverage(theme, method, draws=1000, **options):
    rng = np.random.default_rng([26, int(theme[0] * 1000), draws])
    held = 0
    for _ in range(draws):
        guess, seen, _ = drawn(rng, theme)
        ci = method(Guessed.of(guess, seen), **options).ci
        held += ci.low <= theme[0] <= ci.high
    return held / draws


def plain(guess, seen):
    """The estimate and its error by the sums of the paper, units independent."""
    looked = ~np.isnan(seen)
    n, size = looked.sum(), len(guess)
    value = guess.mean() + (seen[looked] - guess[looked]).mean()
    parts = (guess - guess.mean()) / size
    errors = seen[looked] - guess[looked]
    parts[looked] += (errors - errors.mean()) / n
    return value, math.sqrt(n / (n - 1) * (parts**2).sum())


def test_it_is_the_level_of_the_guesses_less_what_they_are_off_by():
    rng = np.random.default_rng(4)
    guess, seen, _ = drawn(rng, (0.3, 0.7, 0.9))
    value, se = plain(guess, seen)
    found = prediction_powered(Guessed.of(guess, seen))
    assert found.value == pytest.approx(value)
    # t with 199 degrees of freedom at .975, from a table.
    assert found.ci == pytest.approx((value - 1.97196 * se, value + 1.97196 * se), abs=1e-5)
    assert (found.n, found.unit, found.note) == (200, "share", "")
    # The two errors of independent parts, as in Angelopoulos et al. (2023), are nearly the same.
    looked = ~np.isnan(seen)
    apart = guess.var() / len(guess) + (seen - guess)[looked].var(ddof=1) / looked.sum()
    assert se == pytest.approx(math.sqrt(apart), rel=0.05)


@pytest.mark.parametrize("theme", THEMES, ids=str)
def test_the_interval_holds_the_truth(theme):
    assert 0.93 <= coverage(theme, prediction_powered) <= 0.97


@pytest.mark.parametrize("theme", FEW_ERRORS, ids=str)
def test_few_errors_make_the_interval_longer_rather_than_wrong(theme):
    assert coverage(theme, prediction_powered) >= 0.93


@pytest.mark.parametrize("theme", THEMES, ids=str)
def test_the_guesses_alone_do_not_hold_it(theme):
    assert coverage(theme, guessed_share) < 0.7


@pytest.mark.parametrize("theme", THEMES[:4], ids=str)
def test_a_tuned_weight_holds_it_too_and_is_shorter(theme):
    assert 0.93 <= coverage(theme, prediction_powered, tuned=True) <= 0.975
    rng = np.random.default_rng(1)
    widths = []
    for _ in range(30):
        guess, seen, _ = drawn(rng, theme)
        full, tuned = (
            prediction_powered(Guessed.of(guess, seen), tuned=tuned).ci for tuned in (False, True)
        )
        widths.append((tuned.high - tuned.low) / (full.high - full.low))
    assert np.mean(widths) < 1


@pytest.mark.parametrize("theme", THEMES[:4], ids=str)
def test_the_interval_of_rogan_and_gladen_holds_it(theme):
    assert coverage(theme, rogan_gladen) >= 0.93


def test_customers_who_write_much_are_one_each():
    rng = np.random.default_rng(11)
    held, naive = 0, 0
    for _ in range(300):
        customers = np.repeat(np.arange(400), 5)
        leaning = rng.beta(0.6, 1.4, 400)[customers]
        truth = rng.random(2000) < leaning
        # A customer who writes oddly is read wrongly more than once.
        odd = (rng.random(400) < 0.2)[customers]
        guess = np.where(odd & (rng.random(2000) < 0.8), ~truth, truth).astype(float)
        chosen = np.isin(customers, rng.choice(400, 60, replace=False))
        seen = np.where(chosen, truth, NAN)
        ci = prediction_powered(Guessed.of(guess, seen, clusters=customers)).ci
        held += ci.low <= 0.3 <= ci.high
        ci = prediction_powered(Guessed.of(guess, seen)).ci
        naive += ci.low <= 0.3 <= ci.high
    assert 0.92 <= held / 300 <= 0.975
    assert naive / 300 < 0.85


def test_weights_undo_a_sample_that_was_drawn_unevenly():
    rng = np.random.default_rng(12)
    held, unweighted = 0, 0
    for _ in range(300):
        guess, _, truth = drawn(rng, (0.15, 0.6, 0.95))
        chance = np.where(guess == 1, 0.25, 0.05)
        seen = np.where(rng.random(3000) < chance, truth, NAN)
        ci = prediction_powered(Guessed.of(guess, seen, weights=1 / chance)).ci
        held += ci.low <= 0.15 <= ci.high
        ci = prediction_powered(Guessed.of(guess, seen)).ci
        unweighted += ci.low <= 0.15 <= ci.high
    assert 0.92 <= held / 300 <= 0.975
    assert unweighted / 300 < 0.5


def test_two_guesses_with_few_errors_are_put_together():
    # 30 of 300 guessed; all 10 of these that were seen and all 40 of the others are right.
    guess = np.repeat([1.0, 0.0], [30, 270])
    seen = np.r_[np.ones(10), np.full(20, NAN), np.zeros(40), np.full(230, NAN)]
    found = prediction_powered(Guessed.of(guess, seen))
    assert found.value == pytest.approx(0.1)
    assert found.method == "prediction-powered inference, Wilson score for each guess"
    # 10 of 10 and 0 of 40 by Wilson with t.
    of_ten, of_forty = 2.262157**2 / (10 + 2.262157**2), 2.022691**2 / (40 + 2.022691**2)
    level = (guessed_share(Guessed.of(guess, seen)).ci.high - 0.1) + (
        0.1 - guessed_share(Guessed.of(guess, seen)).ci.low
    )
    assert found.ci.low == pytest.approx(0.1 - math.hypot(0.1 * of_ten, level / 2), abs=1e-5)
    assert found.ci.high == pytest.approx(0.1 + math.hypot(0.9 * of_forty, level / 2), abs=1e-5)


def test_a_guess_that_nobody_looked_at_may_be_wrong_always():
    guess = np.repeat([1.0, 0.0], [10, 90])
    seen = np.r_[np.full(10, NAN), np.zeros(50), np.full(40, NAN)]
    found = prediction_powered(Guessed.of(guess, seen))
    assert found.value == pytest.approx(0.1)
    assert found.ci.low < 0.01


def test_a_weight_is_not_tuned_on_few():
    rng = np.random.default_rng(3)
    guess, seen, _ = drawn(rng, (0.04, 0.5, 0.95))
    units = Guessed.of(guess, seen)
    tuned, full = prediction_powered(units, tuned=True), prediction_powered(units)
    assert tuned.ci == full.ci
    assert tuned.note.startswith("the guesses are taken at full weight")


def test_the_tuned_weight_is_the_slope_of_what_was_seen():
    rng = np.random.default_rng(8)
    guess, seen, _ = drawn(rng, (0.3, 0.6, 0.8))
    looked = ~np.isnan(seen)
    slope = np.polyfit(guess[looked], seen[looked], 1)[0]
    found = prediction_powered(Guessed.of(guess, seen), tuned=True)
    plainly = slope * guess.mean() + (seen[looked] - slope * guess[looked]).mean()
    assert found.value == pytest.approx(plainly)


def test_what_was_seen_alone_is_a_wilson_interval():
    seen = np.r_[np.ones(30), np.zeros(70), np.full(50, NAN)]
    found = seen_share(Guessed.of(np.zeros(150), seen))
    assert (found.value, found.n) == (pytest.approx(0.3), 100)
    assert found.ci == pytest.approx(proportion(30, 100).ci, abs=0.003)


def test_rogan_and_gladen_is_its_formula():
    # 30 % guessed; 16 of 20 with the property and 72 of 80 without it are guessed right.
    guess = np.r_[np.repeat([1, 0, 1, 0], [16, 4, 8, 72]), np.repeat([1, 0], [276, 624])]
    seen = np.r_[np.repeat([1, 0], [20, 80]), np.full(900, NAN)]
    found = rogan_gladen(Guessed.of(guess, seen))
    assert found.value == pytest.approx((0.3 + 0.9 - 1) / (0.8 + 0.9 - 1))
    assert found.ci.low < found.value < found.ci.high
    assert (found.n, found.note) == (100, "")
    few = np.where(np.arange(1000) < 14, NAN, seen)
    assert rogan_gladen(Guessed.of(guess, few)).note.startswith("too few of those looked at")


def undefined():
    looked = np.r_[np.ones(10), np.zeros(10)]
    return [
        (prediction_powered, [1, 0], [NAN, NAN], "undefined: nobody looked at any of them"),
        (prediction_powered, [1, 0], [1, NAN], "no interval: people must have looked at two"),
        (rogan_gladen, [1, 0], [NAN, NAN], "undefined: nobody looked at any of them"),
        (rogan_gladen, [1, 0], [1, 1], "undefined: among those looked at, none has"),
        (rogan_gladen, 1 - looked, looked, "undefined: the guesses are no better than chance"),
    ]


@pytest.mark.parametrize(("method", "guesses", "seen", "note"), undefined())
def test_what_cannot_be_told_is_nan_with_a_note(method, guesses, seen, note):
    found = method(Guessed.of(guesses, seen))
    assert math.isnan(found.value)
    assert math.isnan(found.ci.low)
    assert found.note.startswith(note)


def test_no_units_have_no_share():
    none = Guessed.of([], [])
    assert math.isnan(prediction_powered(none).value)
    assert math.isnan(guessed_share(none).value)
    assert math.isnan(seen_share(none).value)


@given(
    cells=st.lists(st.integers(0, 30), min_size=4, max_size=4),
    rest=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    seed=st.integers(0, 99),
)
@settings(max_examples=60)
def test_it_stays_a_share_and_the_order_does_not_matter(cells, rest, seed):
    guess = np.r_[np.repeat([1.0, 1, 0, 0], cells), np.repeat([1.0, 0], rest)]
    seen = np.r_[np.repeat([1.0, 0, 1, 0], cells), np.full(sum(rest), NAN)]
    order = np.random.default_rng(seed).permutation(len(guess))
    for method in (prediction_powered, rogan_gladen, seen_share):
        found = method(Guessed.of(guess, seen))
        again = method(Guessed.of(guess[order], seen[order]))
        assert again.value == pytest.approx(found.value, nan_ok=True)
        assert again.ci == pytest.approx(found.ci, nan_ok=True)
        if not math.isnan(found.value):
            assert 0 <= found.ci.low <= found.ci.high <= 1
        wide = method(Guessed.of(guess, seen), confidence=0.99)
        if not math.isnan(found.ci.low):
            assert wide.ci.high - wide.ci.low >= found.ci.high - found.ci.low - 1e-9


@pytest.mark.parametrize(
    ("guesses", "seen", "options", "words"),
    [
        ([1, 2], [1, 0], {}, "guesses must be 0 or 1"),
        ([1, 0], [1], {}, "the length of seen must be one of 2; got 1"),
        ([1, 0], [1, 3], {}, "seen must be whole numbers from 0 to 1"),
        ([1, 0], [1, 0], {"weights": [1, 0]}, "weights must be above 0"),
        ([1, 0], [1, 0], {"weights": [1]}, "the length of weights must be one of 2; got 1"),
        ([1, 0], [1, 0], {"clusters": [1]}, "the length of clusters must be one of 2; got 1"),
    ],
)
def test_the_words_of_errors(guesses, seen, options, words):
    with pytest.raises(ValueError, match=words):
        Guessed.of(guesses, seen, **options)
