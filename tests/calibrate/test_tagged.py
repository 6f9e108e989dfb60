"""Theme shares of the page: the numbers are those of draws, and the default holds."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.calibrate import tagged
from cxresearch.stats.shares.corrected_shares import prediction_powered


@pytest.fixture(scope="module")
def measured():
    return {(one.what, one.method): one for one in tagged.theme_shares(draws=100)}


def test_every_method_is_measured_on_every_theme(measured):
    assert len(measured) == len(tagged.THEMES) * len(tagged.METHODS)
    assert {one.draws for one in measured.values()} == {100}
    # Of 100 draws 87 hold the truth at least, but for one time in 1,000.
    assert min(measured[theme, "ppi"].mean for theme in tagged.THEMES) >= 0.87
    assert min(measured[theme, "ppi, long run"].mean for theme in tagged.THEMES) >= 0.87
    assert measured["other", "naive"].mean == 0


def test_a_draw_is_as_it_says():
    rng = np.random.default_rng(1)
    truths = [rng.random(tagged.TEXTS) < 0.2 for _ in range(20)]
    units = [tagged._coded(rng, truth, 0.9, 0.95) for truth in truths]
    looked = np.concatenate([one.labels[one.looked_at] for one in units])
    guessed = np.concatenate([one.guesses for one in units])
    assert looked.size == 20 * tagged.CODED
    assert looked.mean() == pytest.approx(0.2, abs=0.02)
    assert guessed.mean() == pytest.approx(0.2 * 0.9 + 0.8 * 0.05, abs=0.01)
    assert prediction_powered(units[0]).n == tagged.CODED


def test_the_wrong_tags_to_be_expected_are_those_missed_and_those_that_are_none():
    # Of 200 codes 28 are of the theme, of which a tenth is missed; of 172 others .02 are tagged.
    assert tagged.expected_wrong("cleanliness") == pytest.approx(2.8 + 3.44)


def test_texts_in_cells_have_their_tags_and_codes():
    units = tagged._in_cells(np.array([10, 5, 4, 81]), np.array([3, 2, 1, 14]))
    counts = {
        (guess, seen): int(((units.guesses == guess) & (units.labels == seen)).sum())
        for guess in (1, 0)
        for seen in (1, 0)
    }
    assert counts == {(1, 1): 3, (0, 1): 2, (1, 0): 1, (0, 0): 14}
    assert (len(units.guesses), units.guesses.sum()) == (100, 14)


def test_a_coverage_is_that_of_every_outcome():
    # Two of four texts are coded, one of the four is of the theme and has the only tag: six
    # outcomes, three of them with the tagged text. All intervals hold a quarter.
    rng = np.random.default_rng(3)
    assert tagged._coverage(rng, np.array([1, 0, 0, 3]), 2, 50) == 1
    # All texts coded: the share is known.
    assert tagged._coverage(rng, np.array([3, 2, 1, 14]), 20, 5) == 1


def test_populations_are_told_by_their_wrong_tags(monkeypatch):
    monkeypatch.setattr(tagged, "SHARES", (0.005, 0.3))
    monkeypatch.setattr(tagged, "SENSITIVITIES", (0.5,))
    monkeypatch.setattr(tagged, "ALARMS", (0.002, 0.05))
    found = tagged.fixed_shares(draws=40)
    # Among 100 codes .45, 5.2, 15.1 and 18.5 wrong tags, and twice as many among 200.
    assert {least: len(held) for least, held in found.items() if held} == {0: 2, 5: 1, 10: 5}
    assert min(min(held) for held in found.values() if held) >= 0.75
