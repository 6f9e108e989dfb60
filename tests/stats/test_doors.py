"""The room of statistics: its folders and modules are its doors, and each names what is in it."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cxresearch import stats

ROOM = Path(stats.__file__).parent
FOLDERS = sorted(
    [path.parent.name for path in ROOM.glob("*/__init__.py")]
    + [path.stem for path in ROOM.glob("*.py") if path.stem != "__init__"]
)


def test_the_table_names_every_folder():
    assert sorted(re.findall(r"^(\w+) {2,}\S", stats.__doc__, re.MULTILINE)) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_names_what_is_in_it(folder: str):
    module = importlib.import_module(f"cxresearch.stats.{folder}")
    named = re.findall(r"^(\w+)\n    \S", module.__doc__, re.MULTILINE)
    assert sorted(named) == sorted(module.__all__)
    assert len(list(Path(module.__file__).parent.glob("*.py"))) <= 12


@pytest.mark.parametrize("name", sorted(set(stats.__all__) - set(FOLDERS)))
def test_a_public_name_is_in_one_folder(name: str):
    homes = [folder for folder in FOLDERS if name in getattr(stats, folder).__all__]
    assert [getattr(getattr(stats, folder), name) for folder in homes] == [getattr(stats, name)]


def test_a_folder_is_there_when_it_is_asked_for():
    program = "import cxresearch as cx; print(cx.stats.survival.__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "cxresearch.stats.survival"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        stats.nothing  # noqa: B018


def test_the_room_loads_nothing_before_a_name_is_used():
    program = "import sys, cxresearch.stats; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False"


ONE = stats.ValueWithVariance(n=10, value=1.0, variance=0.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: stats.beta_binomial((5, 10)), "a variant must be a list; got 5"),
        (lambda: stats.beta_binomial([(1, 2), (2, 3)], prior=1.0), "prior must be a list; got 1.0"),
        (lambda: stats.normal_posterior(ONE, unit="x", prior=1.0), "prior must be a list; got 1.0"),
        (lambda: stats.difference_of_proportions(3, (4, 9)), "first must be a list; got 3"),
        (lambda: stats.odds_ratio((1, 2, 3), (1, 2)), "first must be two values; got (1, 2, 3)"),
        (lambda: stats.mantel_haenszel(((1, 2), (3, 4))), "control must be a list; got 1"),
        (lambda: stats.log_odds([1], [1], 5), "sizes must be a list; got 5"),
        (lambda: stats.spending_boundaries(0.5), "information must be a list; got 0.5"),
        (lambda: stats.confidence_sequence(ONE, unit="x"), "looks must be a list; got Value"),
        (lambda: stats.homogeneity(ONE), "effects must be a list; got ValueWithVariance"),
        (lambda: stats.stratified([ONE], [1, 2]), "the length of strata must be one of 2; got 1"),
        (
            lambda: stats.weighted_trend([1, 2], [ONE], unit="x"),
            "the length of values must be one of 2; got 1",
        ),
        (
            lambda: stats.sample_size(stats.PlannedMetric(baseline=9, variance=0, unit="x"), 1.0),
            "variance must be above 0; got 0",
        ),
    ],
)
def test_what_is_of_the_wrong_form_is_told(call: Callable[[], object], words: str):
    with pytest.raises((TypeError, ValueError), match=re.escape(words)):
        call()
