"""The page on the architecture names files, folders and functions that are there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import cxresearch
from tests import test_layers

PACKAGE = Path(cxresearch.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8")
#: What the page names without the room it is in.
_ROOM_OF = {"manifest": "study", "watch": "findings", "watched_series": "findings"}


def test_the_picture_names_every_folder():
    named = set(re.findall(r"(?m)^\| `(\w+)(?:/|\.py)` \|", PAGE))
    assert named == set(test_layers.MAY_IMPORT) - {"errors"}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([\w/]+\.py)`", PAGE))))
def test_a_file_is_there(name: str):
    assert [path for path in (*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "tests").rglob("*.py"))
            if str(path).endswith(f"/{name}")]  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)[`(]", PAGE))))
def test_a_function_is_there(name: str):
    module, _, own = name.rpartition(".")
    if own in ("py", "yaml"):
        return
    first = module.partition(".")[0]
    room = f"{_ROOM_OF[first]}." if first in _ROOM_OF else ""
    assert hasattr(importlib.import_module(f"cxresearch.{room}{module}"), own)
