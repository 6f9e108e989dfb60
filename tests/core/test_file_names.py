from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cxresearch.core import disk
from cxresearch.core.disk import name_of, path_of


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path / "project"))
    monkeypatch.setenv("CX_RAW", str(tmp_path / "raw"))
    return tmp_path / "project"


def test_names_hold_no_folder_of_this_machine(root: Path, tmp_path: Path) -> None:
    names: dict[Any, str] = {
        root / "data" / "shop" / "orders.csv": "data/shop/orders.csv",
        Path("data/shop/orders.csv"): "data/shop/orders.csv",
        tmp_path / "raw" / "a" / "big.csv": "$CX_RAW/a/big.csv",
        disk.PACKAGE / "core" / "results.py": "cxresearch/core/results.py",
        Path("cxresearch/core/results.py"): "cxresearch/core/results.py",
    }
    assert {path: name_of(path) for path in names} == names
    for path, name in names.items():
        if path.is_absolute():
            assert path_of(name) == path


def test_a_file_elsewhere_keeps_its_whole_name(tmp_path: Path, root: Path) -> None:
    other = tmp_path / "other.csv"
    assert not other.is_relative_to(root)
    assert path_of(name_of(other)) == other


@pytest.mark.usefixtures("root")
def test_a_raw_file_is_nowhere_once_the_raw_folder_is_not_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CX_RAW")
    assert not path_of("$CX_RAW/big.csv").exists()
