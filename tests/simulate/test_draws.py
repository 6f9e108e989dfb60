"""Random numbers belong to their things, are uniform, and know nothing of each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from cxresearch.simulate.draws import Draws, child_keys

KEYS = np.arange(40_000)


@pytest.mark.parametrize("step", [1, 2, 1 << 20])
def test_numbers_are_uniform_whatever_the_keys(step: int) -> None:
    found = Draws(3, "a").uniform("x", KEYS * step)
    assert kstest(found, "uniform").pvalue > 0.001
    assert found.min() > 0
    assert found.max() < 1


def test_topics_names_seeds_times_and_neighbours_are_independent() -> None:
    first = Draws(3, "a").uniform("x", KEYS)
    others = (
        Draws(3, "b").uniform("x", KEYS),
        Draws(3, "a").uniform("y", KEYS),
        Draws(4, "a").uniform("x", KEYS),
        Draws(3, "a").uniform("x", KEYS, 1),
        Draws(3, "a").uniform("x", KEYS + 1),
        Draws(3, "a").uniform("x", child_keys(KEYS, 0)),
    )
    for other in others:
        assert abs(np.corrcoef(first, other)[0, 1]) < 4.5 / np.sqrt(len(KEYS))


def test_a_thing_has_its_number_whoever_is_there() -> None:
    all_of_them = Draws(1, "a").normal("x", KEYS)
    assert Draws(1, "a").normal("x", KEYS[7:9]).tolist() == all_of_them[7:9].tolist()


def test_places_have_their_chances() -> None:
    shares = np.array([0.2, 0.5, 0.3])
    found = np.bincount(Draws(1, "a").place("x", KEYS, shares)) / len(KEYS)
    assert np.abs(found - shares).max() < 0.012
    rows = np.tile([[1.0, 0.0], [0.0, 1.0]], (3, 1))
    assert Draws(1, "a").place("x", KEYS[:6], rows).tolist() == [0, 1] * 3


def test_exponentials_have_mean_one() -> None:
    assert Draws(1, "a").exponential("x", KEYS).mean() == pytest.approx(1, abs=4.5 / 200)


def test_keys_of_children_differ() -> None:
    children = np.concatenate([child_keys(KEYS, number) for number in range(3)])
    assert len(np.unique(children)) == 3 * len(KEYS)
    assert children.min() >= 0
