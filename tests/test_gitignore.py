"""Customers' data stays out of git, whatever a study's files are called."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("data/shop/ordini.csv", True),
        ("data/shop/events.parquet", True),
        ("data/shop/export.csv.gz", True),
        ("data/shop/2026/orders.csv", True),
        ("data/shop/codes_first.xlsx", True),
        ("data/shop/quarantine/orders.csv", True),
        ("data/shop/.cache/orders-1.parquet", True),
        ("data/demo/truth.json", True),
        ("data/shop/study.yaml", False),
        ("data/shop/codebook.yaml", False),
        ("data/demo/study.yaml", False),
        ("reports/shop/index.html", True),
        ("reports/.gitkeep", False),
    ],
)
def test_of_a_study_only_what_people_wrote_is_in_git(tmp_path: Path, path: str, ignored: bool):
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    asked = subprocess.run(["git", "check-ignore", "-q", path], cwd=tmp_path, check=False)
    assert asked.returncode == (0 if ignored else 1)
