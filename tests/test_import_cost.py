"""`import cxresearch` is cheap because it loads nothing heavy; no clock is needed to see it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "babel",
    "duckdb",
    "matplotlib",
    "narwhals",
    "nbconvert",
    "nbformat",
    "numpy",
    "pandas",
    "pandera",
    "papermill",
    "pyarrow",
    "pydantic",
    "scipy",
    "seaborn",
    "sklearn",
    "statsmodels",
    "yaml",
}


def loaded_by(code: str) -> set[str]:
    """Return the heavy packages that running `code` in a new process loads."""
    program = f"{code}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return HEAVY & set(done.stdout.split())


def test_the_package_loads_nothing_heavy():
    assert loaded_by("import cxresearch; dir(cxresearch)") == set()


def test_a_heavy_import_would_be_seen():
    assert "numpy" in loaded_by("import cxresearch, numpy")


def test_its_names_are_there_when_they_are_used():
    assert "pydantic" in loaded_by("import cxresearch; cxresearch.open_study")
