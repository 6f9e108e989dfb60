"""Every public function of a room is used: by a notebook, a page of the docs or another module."""

from __future__ import annotations

import ast
import importlib
import json
import re
from functools import cache
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


def several() -> set[tuple[str, str]]:
    """Return the rooms and names of which another room has the same: the name alone says little."""
    doors = {room: set(importlib.import_module(f"cxresearch.{room}").__all__) for room in ROOMS}
    return {
        (room, name)
        for room, own in doors.items()
        for name in own & set().union(*(other for key, other in doors.items() if key != room))
    }


def is_of_room(room: str, name: str) -> bool:
    """Return whether a name is said with its room somewhere, or imported from it."""
    said = rf"\b{room}\.{name}\b"
    imported = rf"from cxresearch\.{room}[\w.]* import (\([^)]*|[^\n]*)\b{name}\b"
    return bool(re.search(f"{said}|{imported}", everything()))


@cache
def everything() -> str:
    """Return the package, the notebooks, the README and the guide as one text."""
    kit = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    pages = [ROOT / "README.md", *(ROOT / "docs" / "guide").glob("*.md")]
    texts = [path.read_text("utf-8") for path in (*kit, *pages)]
    return "\n".join([*texts, *map(code_of, (ROOT / "notebooks").glob("*.ipynb"))])


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "code")


def shown() -> set[str]:
    """Return the names in notebooks, in the README and in the guide."""
    found: set[str] = set()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        found |= names(code_of(path))
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


def test_a_name_that_two_rooms_have_is_used_from_each() -> None:
    assert ("kpis", "change") in several()
    assert sorted(pair for pair in several() if not is_of_room(*pair)) == []


def test_every_room_is_looked_at() -> None:
    assert set(ROOMS) < set(cxresearch.__all__)


def test_tab_completion_shows_what_is_public_and_no_module():
    for name in (*ROOMS, "simulate"):
        room = importlib.import_module(f"cxresearch.{name}")
        assert dir(room) == sorted(room.__all__)
        modules = {one for one in dir(room) if isinstance(getattr(room, one), type(ast))}
        assert modules == ({"theme"} if name == "plots" else set()), name
