"""Coverage of adjusted differences and lifts: what is promised, the truth it holds, the table."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.calibrate import adjusted_lifts
from cxresearch.calibrate.adjusted_lifts import Setting


def test_every_combination_is_a_setting():
    found = adjusted_lifts.settings()
    assert len(found) == len(set(found)) == 16


@pytest.mark.parametrize("ratio", [False, True])
@pytest.mark.parametrize("tails", ["light", "heavy"])
def test_the_truth_is_that_of_the_customers(tails: str, ratio: bool):
    setting = Setting(tails=tails, covariate="weak", ratio=ratio, method="cuped")
    many = setting.draw(np.random.default_rng(1), 400_000, 0.3)
    value = many.mean[0] / many.mean[1] if ratio else many.mean[0]
    assert value == pytest.approx(13, rel=0.01)


@pytest.mark.parametrize("method", ["cuped", "lin"])
def test_intervals_hold_about_what_they_promise(method: str):
    setting = Setting(tails="light", covariate="strong", ratio=False, method=method)
    found = adjusted_lifts.held(setting, effects=(0.5,), runs=300)
    for coverage in (*found.difference, *found.lift):
        assert abs(coverage - 0.95) < 4 * 0.0126


def test_the_section_has_a_row_for_each_setting():
    text = adjusted_lifts.section(runs=2)
    assert len([line for line in text.splitlines() if line.count(" / ") == 4]) == 16
    assert "{" not in text
