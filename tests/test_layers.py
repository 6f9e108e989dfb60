"""Imports point down, nothing runs in a circle, and a file name says one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import cxresearch

PACKAGE = Path(cxresearch.__file__).parent

#: The rooms from the ground up, each with those it may import; its own files and `errors` besides.
ON_THE_GROUND = ("core",)
DATA = (*ON_THE_GROUND, "engine")
STUDY = (*DATA, "stats", "study")
ROOMS = ("survey", "kpis", "journeys", "experiments", "voc", "value")
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "errors": (),
    "core": (),
    "engine": ON_THE_GROUND,
    "stats": ON_THE_GROUND,
    "study": (*DATA, "stats"),
    "simulate": STUDY,
    **dict.fromkeys(ROOMS, STUDY),
    "findings": (*STUDY, *ROOMS),
    "journey_map": (*STUDY, *ROOMS, "findings"),
    "plots": (*STUDY, *ROOMS, "findings"),
    "report": (*STUDY, "plots"),
    "cli": (*STUDY, *ROOMS, "findings", "journey_map", "plots", "report"),
    "calibrate": (*STUDY, *ROOMS, "simulate", "findings"),
}
#: File names that mean the same thing wherever they stand.
SAME_EVERYWHERE = {"__init__", "__main__", "_example"}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imported(source: str) -> list[tuple[int, str]]:
    """Return the line and the dotted name of every import of the package, types included."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def upward(path: Path, source: str) -> list[str]:
    """Return the imports of a file from a room that its own does not stand on."""
    own = room(path)
    allowed = {own, "errors", *MAY_IMPORT[own]}
    return [
        f"{path.relative_to(PACKAGE)}:{line} imports {name}"
        for line, name in imported(source)
        if name.split(".")[0] == "cxresearch"
        and name.split(".")[1] in MAY_IMPORT
        and name.split(".")[1] not in allowed
    ]


def circle(sources: Mapping[Path, str]) -> list[str]:
    """Return the files of a circle of imports; none where there is none."""
    known = {dotted(path) for path in sources}
    graph = {}
    for path, source in sources.items():
        own = dotted(path)
        named = {name if name in known else name.rpartition(".")[0] for _, name in imported(source)}
        graph[own] = sorted((named & known) - {own})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def homonyms(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Return the file names that are used more than once, with their places."""
    places = defaultdict(list)
    for path in paths:
        if path.stem not in SAME_EVERYWHERE:
            places[path.stem.removeprefix("_")].append(str(path.relative_to(PACKAGE)))
    return {stem: found for stem, found in places.items() if len(found) > 1}


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
SOURCES = {path: path.read_text("utf-8") for path in FILES}


def test_every_file_is_in_a_room():
    assert {room(path) for path in FILES} == set(MAY_IMPORT)


def test_imports_point_down():
    assert [fault for path, source in SOURCES.items() for fault in upward(path, source)] == []


def test_no_imports_run_in_a_circle():
    assert circle(SOURCES) == []


def test_a_file_name_is_used_once():
    assert homonyms(FILES) == {}


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("errors.py", "from cxresearch.core import validate"),
        ("stats/x.py", "def f():\n    from cxresearch.study.schema import table"),
        ("stats/x.py", "from cxresearch import engine"),
        ("kpis/x.py", "from cxresearch.journeys import funnel"),
        ("study/opening.py", "import cxresearch.report"),
        ("plots/x.py", "from cxresearch.report import page"),
        (
            "core/x.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from cxresearch import study",
        ),
    ],
)
def test_an_import_that_points_up_is_found(file: str, line: str):
    assert len(upward(PACKAGE / file, line)) == 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("cli.py", "from cxresearch import report, plots, study"),
        ("stats/x.py", "from cxresearch.stats import y\nfrom cxresearch.core import validate"),
        ("kpis/x.py", "from cxresearch import stats\nimport numpy"),
        ("kpis/x.py", "from cxresearch import __version__"),
    ],
)
def test_an_import_that_points_down_is_none_of_them(file: str, line: str):
    assert upward(PACKAGE / file, line) == []


def test_a_planted_circle_is_found_in_types_too():
    planted = {
        PACKAGE / "kpis" / "carts.py": "from cxresearch.kpis import visits",
        PACKAGE / "kpis" / "visits.py": (
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from cxresearch.kpis.carts import Cart"
        ),
    }
    assert set(circle(planted)) == {"cxresearch.kpis.carts", "cxresearch.kpis.visits"}


def test_a_planted_homonym_is_found():
    paths = [PACKAGE / "kpis" / "tables.py", PACKAGE / "voc" / "_tables.py"]
    assert homonyms(paths) == {"tables": ["kpis/tables.py", "voc/_tables.py"]}
