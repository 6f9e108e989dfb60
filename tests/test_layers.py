"""Imports point downwards only, those inside functions too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cxresearch

PACKAGE = Path(cxresearch.__file__).parent

#: The layer of each room and module; a file may import what lies below it, and its own room.
LAYERS = {
    "errors": 0,
    **dict.fromkeys(("results", "_cells", "_checks", "_files", "_kept", "_yaml", "_sections"), 1),
    **dict.fromkeys(("i18n", "schema", "plans", "manifest", "remarks", "sql", "_svg"), 1),
    "_cross_faults": 1,
    **dict.fromkeys(("stats", "loaders", "engine"), 2),
    **dict.fromkeys(("study", "simulate", "frames", "sales"), 3),
    "row_order": 3,
    "windows": 1,
    **dict.fromkeys(("survey", "experiments", "journeys", "voc", "kpis", "quality"), 4),
    **dict.fromkeys(("cli", "report", "plots", "calibrate"), 5),
}
#: Neighbours on one layer that may be used by the other.
NEIGHBOURS = {
    "cli": {"report", "plots"},
    "report": {"plots"},
    "_kept": {"_files"},
    "results": {"_checks", "i18n"},  # of i18n its types alone
    "i18n": {"_checks", "results"},
    "schema": {"_checks"},
    "_yaml": {"_checks"},
    "_sections": {"_checks"},
    "manifest": {"_checks", "_cross_faults", "_files", "_sections", "_yaml", "plans", "schema"},
    "_cross_faults": {"_sections", "manifest", "plans", "schema"},  # of manifest its types alone
    "plans": {"_sections", "schema"},
    "remarks": {"i18n"},
    "row_order": {"frames"},
}
#: What lies below a room and is still not for it: statistics see numbers and arrays only.
FORBIDDEN = {"stats": {"schema", "manifest", "_files", "i18n"}}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the room of every import of the package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "cxresearch":
            names = [f"cxresearch.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
        else:
            continue
        for name in names:
            if name.startswith("cxresearch."):
                yield node.lineno, name.split(".")[1]


def faults(path: Path, source: str) -> list[str]:
    own = room(path)
    below = {name for name, layer in LAYERS.items() if layer < LAYERS[own]}
    allowed = (below | NEIGHBOURS.get(own, set()) | {own}) - FORBIDDEN.get(own, set())
    return [
        f"{path.relative_to(PACKAGE)}:{line} imports {name}"
        for line, name in imported(ast.parse(source))
        if name in LAYERS and name not in allowed
    ]


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def test_every_file_has_a_layer():
    assert {room(path) for path in FILES} <= set(LAYERS)


def test_imports_point_downwards():
    assert [fault for path in FILES for fault in faults(path, path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("errors.py", "from cxresearch import _checks"),
        ("stats/x.py", "def f():\n    from cxresearch.schema import table"),
        ("stats/x.py", "from cxresearch import engine"),
        ("kpis/x.py", "from cxresearch.journeys import funnel"),
        ("study.py", "import cxresearch.report"),
        ("plots/x.py", "from cxresearch.report import page"),
    ],
)
def test_an_import_that_points_elsewhere_is_found(file: str, line: str):
    assert len(faults(PACKAGE / file, line)) == 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("cli.py", "from cxresearch import report, plots, study"),
        ("stats/x.py", "from cxresearch.stats import y\nfrom cxresearch import _checks, results"),
        (
            "kpis/x.py",
            "from cxresearch import stats\nimport numpy\nfrom cxresearch import __version__",
        ),
    ],
)
def test_an_import_that_points_down_is_none_of_them(file: str, line: str):
    assert faults(PACKAGE / file, line) == []
