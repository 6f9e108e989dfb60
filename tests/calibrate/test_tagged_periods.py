"""Changes of the page: the periods are as they are said to be, and what is called is counted."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.calibrate import tagged
from cxresearch.calibrate.tagged import CODED, THEMES


def test_a_period_has_its_shares_and_the_tagger_of_its_time():
    rng = np.random.default_rng(2)
    shares = {theme: share for theme, (share, _, _) in THEMES.items()} | {"value": 0.13}
    periods = [tagged._period(rng, 1, shares) for _ in range(20)]
    for theme, share in shares.items():
        codes = np.concatenate([codes[theme] for _, codes in periods])
        tags = np.concatenate([tags[theme] for tags, _ in periods])
        assert codes.size == 20 * CODED
        assert codes.mean() == pytest.approx(share, abs=0.03)
        found = share * THEMES[theme][1] + (1 - share) * tagged.DRIFT[1]
        assert tags.mean() == pytest.approx(found, abs=0.015)


def test_what_is_called_is_counted():
    found = tagged.called(pairs=12)
    # At 5 % four calls of twelve or more have a chance of 2 in 1,000.
    assert found.alike <= 0.25
    assert found.others <= 0.25
    assert found.naive == 1
    assert list(found.found) == list(tagged.CHANGED)
    assert found.found["comfort"] > 0.7
    assert found.found["comfort"] > found.found["location"]
