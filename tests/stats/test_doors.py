"""The room of statistics: its folders and modules are its doors, and each names what is in it."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
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
