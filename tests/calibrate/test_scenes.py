"""Experiments run many times: what is counted, and that the methods hold and the naive do not."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cxresearch.calibrate import methods
from cxresearch.calibrate.scenes import Scene, error, reliability, seeded
from cxresearch.core.comparison import Comparison
from cxresearch.core.results import Interval

RUNS = 400


def _said(value: float, low: float, high: float, p_value: float) -> Comparison:
    return Comparison(
        value=value, ci=Interval(low, high), n=10, unit="share", confidence=0.95, method="",
        statistic=math.nan, p_value=p_value, test="",
    )  # fmt: skip


def _saying(without, with_effect=()):
    """Return a way to run an experiment that says what it is told to."""

    def draw(*asked):
        return iter(with_effect if asked[1] else without)

    return draw


def test_what_is_counted_by_hand():
    without = [
        [_said(0.1, -0.1, 0.3, 0.4), _said(0.5, 0.2, 0.8, 0.01)],  # one of two alarms is one alarm
        [_said(0.1, -0.1, 0.3, 0.4), _said(0.1, -0.1, 0.3, 0.4)],
        [_said(0.1, -0.1, 0.3, 0.049), _said(0.1, -0.1, 0.3, 0.4)],
        [_said(0.1, -0.1, 0.3, 0.05), _said(0.1, -0.1, 0.3, 0.4)],  # .05 is no alarm
    ]
    with_effect = [
        [_said(1.1, 0.9, 1.3, 0.001), _said(1.1, 0.9, 1.3, 0.001)],
        [_said(-1.1, -1.3, -0.9, 0.001), _said(1.4, 1.2, 1.6, 0.2)],  # found on the wrong side
    ]
    scene = Scene(
        method="m", setting="s", effect=1.0, promised=0.8,
        draw=_saying(without, with_effect),
    )  # fmt: skip
    found = reliability(scene, runs=4)
    assert found.false_alarms == 2 / 4
    assert found.coverage == 3 / 4
    assert found.coverage_with_effect == 1 / 2
    assert found.power == 2 / 4
    assert (found.promised, found.runs) == (0.8, 4)


def test_what_there_is_not_is_nan():
    scene = Scene(
        method="m", setting="s", covers=False,
        draw=_saying([[_said(0, -1, 1, 1)]] * 3),
    )  # fmt: skip
    found = reliability(scene, runs=3)
    assert found.false_alarms == 0
    assert all(map(math.isnan, (found.coverage, found.coverage_with_effect, found.power)))


def test_a_truth_of_its_own():
    scene = Scene(
        method="m", setting="s", effect=6.0, truth=lambda effect: effect / 60,
        draw=_saying(*[[[_said(0.1, 0.05, 0.15, 0.01)]] * 2] * 2),
    )  # fmt: skip
    found = reliability(scene, runs=2)
    assert (found.coverage, found.coverage_with_effect, found.power) == (0, 1, 1)


def test_words_make_the_seed():
    first, again, other = (seeded(word).random() for word in ("a", "a", "b"))
    assert first == again != other


def test_the_same_seed_gives_the_same():
    scene = methods.methods()[0]
    assert reliability(scene, runs=50) == reliability(scene, runs=50)


@pytest.mark.parametrize("scene", methods.methods(), ids=lambda one: f"{one.method}, {one.setting}")
def test_methods_hold_what_they_promise(scene):
    runs = 60 if "Dunnett" in scene.method else RUNS
    found = reliability(scene, runs=runs)
    assert abs(found.false_alarms - 0.05) <= 4 * error(0.05, runs)
    nominal = 0.9 if "margin" in scene.setting else 0.95
    for coverage in (found.coverage, found.coverage_with_effect):
        assert math.isnan(coverage) or abs(coverage - nominal) <= 4 * error(nominal, runs)
    if not math.isnan(found.promised):
        assert found.promised == pytest.approx(0.8, abs=1e-3)
        assert abs(found.power - 0.8) <= 0.06 + 4 * error(0.8, runs)


@pytest.mark.parametrize("scene", methods.naive(), ids=lambda one: one.method)
def test_what_is_often_done_instead_does_not(scene):
    found = reliability(replace(scene, effect=math.nan), runs=4_000)
    assert found.false_alarms >= 0.05 + 6 * error(0.05, 4_000)


def test_cuped_saves_the_squared_correlation():
    saved, squared = methods.variance_saved(3_000)
    assert 0.3 < squared < 0.6
    # Of two variances of one size the ratio has a relative error of at most 2 / sqrt(runs).
    assert abs(saved - squared) <= 4 * (1 - squared) * 2 / 3_000**0.5
