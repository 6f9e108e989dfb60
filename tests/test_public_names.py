"""Every public function of a room is used: by a notebook, a page of the docs or another module."""

from __future__ import annotations

import ast
import importlib
import json
import re
from pathlib import Path

import cxresearch

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cxresearch"
ROOMS = (
    "experiments",
    "findings",
    "journey_map",
    "journeys",
    "kpis",
    "plots",
    "report",
    "survey",
    "value",
    "voc",
)


def names(source: str) -> set[str]:
    """Return every name that a piece of Python mentions."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.name.rpartition(".")[2] for alias in node.names}
    return found


def shown() -> set[str]:
    """Return the names in notebooks, in the README and in the guide."""
    found: set[str] = set()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        found |= names("\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code"))
    for path in (ROOT / "README.md", *(ROOT / "docs" / "guide").glob("*.md")):
        text = path.read_text("utf-8")
        found |= set(re.findall(r"\w+", " ".join(re.findall(r"(?s)```py\w*\n(.*?)```", text))))
        found |= set(re.findall(r"`[\w.]*?(\w+)(?:\([^`]*)?`", text))
    return found


def unused() -> list[str]:
    """Return the public functions of rooms, and public statistics, that nothing uses."""
    by_module = {
        path: names(path.read_text("utf-8"))
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py" and "calibrate" not in path.parts
    }
    in_docs = shown()
    found = []
    for path in by_module:
        room = path.relative_to(PACKAGE).parts[0]
        if room not in (*ROOMS, "stats") or path.stem.startswith("_"):
            continue
        door = getattr(importlib.import_module(f"cxresearch.{room}"), "__all__", ())
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            is_public = room == "stats" or node.name in door
            used = in_docs.union(*(seen for other, seen in by_module.items() if other != path))
            # A statistic that its own module uses is part of another one.
            used |= by_module[path] if room == "stats" else set()
            if is_public and node.name not in used:
                found.append(f"{room}.{node.name}")
    return sorted(found)


#: Not shown anywhere yet; a name that comes into use leaves the list.
KNOWN: list[str] = []


def test_every_public_name_is_used() -> None:
    assert unused() == KNOWN


def test_every_room_is_looked_at() -> None:
    assert set(ROOMS) < set(cxresearch.__all__)


def test_tab_completion_shows_what_is_public_and_no_module():
    for name in (*ROOMS, "simulate"):
        room = importlib.import_module(f"cxresearch.{name}")
        assert dir(room) == sorted(room.__all__)
        modules = {one for one in dir(room) if isinstance(getattr(room, one), type(ast))}
        assert modules == ({"theme"} if name == "plots" else set()), name
