import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from cxresearch.errors import ParameterError
from cxresearch.report import plan
from tests.report.small_project import write_notebook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "01_first.ipynb"
    write_notebook(path, "print(1)", needs=("orders",))
    return path


def changed(path: Path, change: Any) -> str:
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)
    return plan.read_notebook(path).sha256


def test_a_notebook_says_its_title_its_parameters_and_its_needs(path: Path) -> None:
    source = plan.read_notebook(path)
    assert source.title == "What does first say?"
    assert source.parameters == {"study": "shop", "lang": "en", "confidence": 0.95}
    assert source.needs == ("orders",)
    assert source.content == path.read_bytes()


def test_a_notebook_without_a_heading_is_called_by_its_file(path: Path) -> None:
    changed(path, lambda notebook: notebook.cells.pop(0))
    assert plan.read_notebook(path).title == "01_first"


def test_what_a_run_leaves_does_not_change_the_hash(path: Path) -> None:
    before = plan.read_notebook(path).sha256

    def run(notebook: Any) -> None:
        notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="1")]
        notebook.cells[2].execution_count = 3
        notebook.cells[2].id = "another"
        notebook.metadata["language_info"] = {"name": "python", "version": "3.12"}

    assert changed(path, run) == before


def _tag(notebook: Any) -> None:
    notebook.cells[2].metadata["tags"] = ["hide"]


def _need(notebook: Any) -> None:
    notebook.metadata["cx"]["needs"] = []


def _write(notebook: Any) -> None:
    notebook.cells[2].source = "print(2)"


def _turn(notebook: Any) -> None:
    notebook.cells[2].cell_type = "raw"
    del notebook.cells[2]["outputs"], notebook.cells[2]["execution_count"]


@pytest.mark.parametrize("change", [_tag, _need, _write, _turn])
def test_what_an_author_writes_changes_the_hash(path: Path, change: Any) -> None:
    assert plan.read_notebook(path).sha256 != changed(path, change)


def test_a_missing_notebook_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        plan.read_notebook(tmp_path / "09_none.ipynb")
    assert str(caught.value) == (
        "notebooks/09_none.ipynb has 1 fault:\n  there is no such notebook"
    )


@pytest.mark.parametrize("content", ["", "{}", "[]", "not JSON"])
def test_a_file_that_is_no_notebook_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.ipynb").write_text(content)
    with pytest.raises(ParameterError, match="not a notebook: "):
        plan.read_notebook(tmp_path / "x.ipynb")


@pytest.mark.parametrize("count", [0, 2])
def test_there_must_be_exactly_one_parameters_cell(path: Path, count: int) -> None:
    content = json.loads(path.read_text())
    cell = content["cells"].pop(1)
    content["cells"] += [cell] * count
    path.write_text(json.dumps(content))
    with pytest.raises(ParameterError, match=f"exactly one cell .* 'parameters'; got {count}"):
        plan.read_notebook(path)


def test_every_line_of_the_parameters_cell_must_be_a_literal() -> None:
    source = 'a = 1\nb = a + 1\nimport os\nc: int\nd.e = 2\nf = [1, -2.5, {"g": None}]'
    with pytest.raises(ParameterError) as caught:
        plan.parameters_of(source, what="a notebook")
    must = "parameters cell: each line must be `name = literal`; got"
    assert caught.value.faults == (
        *(f"{must} `b = a + 1`", f"{must} `import os`", f"{must} `c: int`", f"{must} `d.e = 2`"),
    )


def test_a_parameters_cell_must_be_python() -> None:
    with pytest.raises(ParameterError, match=r"parameters cell: .*line 1"):
        plan.parameters_of("a =", what="a notebook")
