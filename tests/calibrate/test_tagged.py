"""The page about theme shares: its numbers are those of draws, and the default holds."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.calibrate import tagged
from cxresearch.stats.prediction_powered import prediction_powered


@pytest.fixture(scope="module")
def measured():
    return {(one.what, one.method): one for one in tagged.theme_shares(draws=100)}


def test_every_method_is_measured_on_every_theme(measured):
    assert len(measured) == len(tagged.THEMES) * len(tagged.METHODS)
    assert {one.draws for one in measured.values()} == {100}
    # Of 100 draws 87 hold the truth at least, but for one time in 1,000.
    assert min(measured[theme, "ppi"].mean for theme in tagged.THEMES) >= 0.87
    assert measured["other", "naive"].mean == 0


def test_a_draw_is_as_it_says():
    rng = np.random.default_rng(1)
    units = [tagged._drawn(rng, 0.2, 0.9, 0.95) for _ in range(20)]
    looked = np.concatenate([one.seen[one.looked_at] for one in units])
    guessed = np.concatenate([one.guesses for one in units])
    assert looked.size == 20 * tagged.CODED
    assert looked.mean() == pytest.approx(0.2, abs=0.02)
    assert guessed.mean() == pytest.approx(0.2 * 0.9 + 0.8 * 0.05, abs=0.01)
    assert prediction_powered(units[0]).n == tagged.CODED


def test_the_page_has_a_line_per_theme():
    text = tagged.section(draws=20, pairs=3)
    for theme in tagged.THEMES:
        assert f"| {theme} |" in text
    assert "over 3 pairs the kit called a change" in text
    assert "lay apart in\n  100.0%" in text
