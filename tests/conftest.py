"""What many tests need: a project of their own, and the folder of real data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from cxresearch.core import disk

# The same examples in every run, however slow the machine, and no database left behind.
settings.register_profile("kit", derandomize=True, deadline=None, database=None)
settings.load_profile("kit")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder that the package takes for its own."""
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    monkeypatch.delenv("CX_RAW", raising=False)
    (tmp_path / "data").mkdir()
    return tmp_path


@pytest.fixture(scope="module")
def raw_data() -> Iterator[Path]:
    """The folder of real data, for a whole module; its tests are skipped where it is not."""
    folder = Path(os.environ.get("CX_RAW") or disk.project_root().parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("the folder of real data (CX_RAW) is not here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_RAW", str(folder))
        yield folder
