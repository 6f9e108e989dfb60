"""The executed notebooks that nbval compares with: complete, image-free, and able to fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.reference.refresh import HERE, REFERENCES

ROOT = HERE.parents[1]


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
def test_every_notebook_has_its_reference(path: Path) -> None:
    notebook, reference = (nbformat.read(p, as_version=4) for p in (path, HERE / path.name))
    assert [cell.source for cell in reference.cells] == [cell.source for cell in notebook.cells]
    outputs = [output for cell in reference.cells for output in cell.get("outputs", [])]
    assert outputs
    for output in outputs:
        assert "image/png" not in output.get("data", {})
        assert output.get("data", {}).get("image/svg+xml", "<svg></svg>") == "<svg></svg>"


def unfinished(_: str, names: list[str]) -> list[str]:
    """Return what another process is writing just now."""
    return [name for name in names if name.startswith(".") and name != ".cache"]


def test_one_changed_revenue_makes_the_scorecard_fail(tmp_path: Path) -> None:
    study = tmp_path / "data" / "demo"
    # With what is kept of the tables, named by its content: the orders alone are loaded again.
    shutil.copytree(ROOT / "data" / "demo", study, ignore=unfinished)
    header, first, *others = (study / "orders.csv").read_text("utf-8").splitlines()
    cells = first.split(",")
    place = header.split(",").index("revenue")
    cells[place] = f"{float(cells[place]) + 1:.2f}"
    (study / "orders.csv").write_text("\n".join([header, ",".join(cells), *others, ""]), "utf-8")
    reference = "tests/reference/04_kpi_scorecard.ipynb"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-qx",
            "-p",
            "no:cacheprovider",
            "-W",
            "default",
            reference,
        ],
        cwd=ROOT,
        env=os.environ | {"CX_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout
    assert "failed" in done.stdout.splitlines()[-1]
    assert "assert reference_output == test_output failed" in done.stdout
