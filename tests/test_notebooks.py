"""Every notebook keeps the order and the cleanliness that a report relies on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
REQUIRED_PARAMETERS = {"study", "lang", "confidence"}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert {"00_summary", "01_data_quality", "04_kpi_scorecard"} <= {p.stem for p in NOTEBOOKS}


def test_it_is_committed_clean(notebook):
    for cell in code(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


def test_it_begins_with_one_question(notebook):
    title = notebook.cells[0]
    assert title.cell_type == "markdown"
    assert re.match(r"# [^\n]+\?\n\n\S", title.source)
    headings = [c.source for c in notebook.cells[1:] if c.cell_type == "markdown"]
    assert not any(re.match(r"# ", text) for text in headings)


def test_it_has_one_cell_of_commented_literal_parameters(notebook):
    tagged = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert notebook.cells.index(tagged[0]) == 1
    names = set()
    for line in tagged[0].source.splitlines():
        assert re.match(r"\w+ = .+  # \w", line), line
        statement = ast.parse(line).body[0]
        ast.literal_eval(statement.value)
        names.add(statement.targets[0].id)
    assert names >= REQUIRED_PARAMETERS


def test_it_defines_nothing_and_knows_no_path_or_pattern(notebook):
    for cell in code(notebook):
        tree = ast.parse(cell.source)
        assert not [node for node in ast.walk(tree) if isinstance(node, DEFINITIONS)]
        imported = [
            name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        ]
        assert not {"re", "pathlib", "os"} & set(imported)
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
        assert not [t for t in texts if isinstance(t, str) and re.search(r"\w/\w|\\\w", t)]


def test_it_has_no_formula(notebook):
    # Arithmetic belongs to the package; a notebook may compare and look up.
    for cell in code(notebook):
        operators = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.BinOp)]
        assert not operators


def test_it_ends_with_its_answer_and_how_it_was_made(notebook):
    sources = [cell.source for cell in notebook.cells]
    assert sources[-1] == "report.provenance()"
    headings = {text.split("\n")[0] for text in sources}
    assert headings & {"## Answer and limits", "## How sure is this?"}
    assert sum(text.count("report.headline(") for text in sources) == 1


def test_it_runs_with_the_kits_kernel(notebook):
    assert notebook.metadata.kernelspec.name == "cxresearch"
    assert isinstance(notebook.metadata["cx"]["needs"], list)
