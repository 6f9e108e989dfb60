"""The executed notebooks that nbval compares with: complete, image-free, and able to fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbval.plugin import NbCellError

from tests.reference.near import NearCell, brought, near
from tests.reference.refresh import HERE, REFERENCES
from tests.reference.replayed import BuiltNotebook, Replay

ROOT = HERE.parents[1]
REVENUE = """\
shop = cx.open_study(study)
report.begin(shop, lang=lang)
money = kpis.money(shop, confidence=confidence)"""


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
def test_every_notebook_has_its_reference(path: Path) -> None:
    notebook, reference = (nbformat.read(p, as_version=4) for p in (path, HERE / path.name))
    assert [cell.source for cell in reference.cells] == [cell.source for cell in notebook.cells]
    outputs = [output for cell in reference.cells for output in cell.get("outputs", [])]
    assert outputs
    for output in outputs:
        assert "image/png" not in output.get("data", {})
        assert output.get("data", {}).get("image/svg+xml", "<svg></svg>") == "<svg></svg>"


def test_one_changed_revenue_makes_a_reference_fail(tmp_path: Path) -> None:
    study = tmp_path / "data" / "demo"
    study.mkdir(parents=True)
    shutil.copy(ROOT / "data" / "demo" / "study.yaml", study)
    header, first, *others = (ROOT / "data" / "demo" / "orders.csv").read_text("utf-8").splitlines()
    cells = first.split(",")
    place = header.split(",").index("revenue")
    cells[place] = f"{float(cells[place]) + 1:.2f}"
    (study / "orders.csv").write_text("\n".join([header, ",".join(cells), *others, ""]), "utf-8")
    # Of the scorecard what is about revenue alone: its figure has the digest of its data.
    scorecard = nbformat.read(HERE / "04_kpi_scorecard.ipynb", as_version=4)
    parameters, imports = (cell for cell in scorecard.cells[:3] if cell.cell_type == "code")
    (told,) = [cell for cell in scorecard.cells if "plots.net_revenue_chart" in cell.source]
    own = nbformat.v4.new_code_cell(REVENUE)
    part = scorecard | {"cells": [parameters, imports, own, told]}
    nbformat.write(nbformat.from_dict(part), tmp_path / "part.ipynb")
    options = [
        "-qx",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.reference.near",
        "-W",
        "default",
        "-c",
        "pyproject.toml",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path / "part.ipynb")],
        cwd=ROOT,
        env=os.environ | {"CX_ROOT": str(tmp_path), "CX_NO_PROGRESS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout
    assert "1 failed, 3 passed" in done.stdout.splitlines()[-1]
    assert "assert reference_output == test_output failed" in done.stdout


def shows(path: Path, source: str, text: str, *, before: tuple[Any, ...] = ()) -> Path:
    """Write a notebook with one cell that has run and has shown a text."""
    output = nbformat.v4.new_output("stream", text=text)
    cell = nbformat.v4.new_code_cell(source, outputs=[output], execution_count=1)
    nbformat.write(nbformat.v4.new_notebook(cells=[*before, cell]), path)
    return path


@pytest.mark.parametrize(
    ("source", "text", "error", "told"),
    [
        ("print(n)", "28\n", None, ""),
        ("print(n)", "29\n", NbCellError, "Cell outputs differ"),
        ("print(m)", "28\n", AssertionError, "another cell has run"),
    ],
)
def test_a_run_that_is_kept_is_held_to_the_reference(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    source: str,
    text: str,
    error: type[Exception] | None,
    told: str,
) -> None:
    given = nbformat.v4.new_code_cell("n = 28", metadata={"tags": ["injected-parameters"]})
    reference = shows(tmp_path / "reference.ipynb", "print(n)", "28\n")
    file = BuiltNotebook.from_parent(request.session, path=reference)
    (cell,) = file.collect()
    cell.__class__ = NearCell
    file.kernel = Replay(shows(tmp_path / "ran.ipynb", source, text, before=(given,)))
    if error is None:
        cell.runtest()
    else:
        with pytest.raises(error, match=told):
            cell.runtest()


@pytest.mark.parametrize(
    ("test", "same"),
    [
        ('data-value="0.070232">0.07', True),
        ('data-value="0.070220">0.07', False),
        ('data-value="0.070233">0.08', False),
        ('data-value="0.070233">0.07 ', False),
    ],
)
def test_a_reference_holds_to_the_last_digit_of_a_number(test: str, same: bool) -> None:
    kept = 'data-value="0.070233">0.07'
    assert near(test, kept) == (kept if same else test)
    assert near("27", "28") == "27"
    assert near("1,234", "1,235") == "1,234"


@pytest.mark.parametrize(("drawn", "same"), [("0,1386", False), ("0,138566", True)])
def test_a_figure_is_held_to_its_data(drawn: str, same: bool) -> None:
    def figure(value: str, digest: str) -> dict[str, Any]:
        return {
            "data": {"text/plain": f"<Figure: Themes | data 1x1 sha256:{digest}>"},
            "metadata": {"cx": {"languages": {"it": {"csv": f"value\n{value}\n"}}}},
        }

    kept = figure("0,138567", "b43e12d24ee7")
    found = brought(figure(drawn, "0a11ce0a11ce"), kept)
    assert (found["data"] == kept["data"]) is same
