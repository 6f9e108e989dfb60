from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cxresearch.core import disk


def test_the_project_is_where_cx_root_says(project: Path):
    assert disk.project_root() == project


def test_without_cx_root_it_is_the_checkout_wherever_one_stands(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("CX_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    assert (disk.project_root() / "cxresearch" / "core" / "disk.py").is_file()


def test_raw_files_are_looked_up_in_the_study_first(project: Path, monkeypatch):
    assert disk.raw_folders("demo") == [project / "data" / "demo"]
    monkeypatch.setenv("CX_RAW", str(project / "raw"))
    assert disk.raw_folders("demo") == [project / "data" / "demo", project / "raw"]


def test_a_raw_file_is_in_the_first_folder_that_has_it(project: Path, monkeypatch):
    study, raw = project / "data" / "demo", project / "raw"
    for folder in (study, raw, raw / "a.csv"):
        folder.mkdir()
    monkeypatch.setenv("CX_RAW", str(raw))
    assert disk.raw_file("demo", "a.csv") is None  # a folder is no file
    (raw / "b.csv").touch()
    assert disk.raw_file("demo", "b.csv") == raw / "b.csv"
    (study / "b.csv").touch()
    assert disk.raw_file("demo", "b.csv") == study / "b.csv"


def test_the_digest_is_that_of_the_bytes(tmp_path: Path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert disk.sha256(path) == hashlib.sha256(b"abc").hexdigest()


def test_reads_are_noted_with_what_was_last_read(tmp_path: Path):
    path = tmp_path / "x"
    path.write_bytes(b"one")
    disk.note_read(path)
    path.write_bytes(b"two")
    digest = disk.note_read(path)
    assert digest == hashlib.sha256(b"two").hexdigest()
    assert disk.noted_reads()[path.resolve()] == digest
    assert list(disk.noted_reads()) == sorted(disk.noted_reads())


def test_a_file_is_replaced_whole(tmp_path: Path):
    path = tmp_path / "new" / "x.txt"
    with disk.replacing(path) as beside:
        beside.write_text("one")
        assert not path.exists()
    with disk.replacing(path) as beside:
        assert path.read_text() == "one"
        beside.write_text("two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "x.txt"
    path.write_text("old")

    def fail() -> None:
        with disk.replacing(path) as beside:
            beside.write_text("half")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_scratch_folder_goes_with_what_the_dead_left(tmp_path: Path):
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    left, alive, other = (
        tmp_path / f".load-{gone.stdout.decode().strip()}-abc",
        tmp_path / f".load-{os.getpid()}-abc",
        tmp_path / ".load-notanumber-abc",
    )
    for folder in (left, alive, other):
        (folder / "inner").mkdir(parents=True)
    with disk.scratch(tmp_path, ".load-") as scratch:
        assert list(scratch.iterdir()) == []
        (scratch / "x").write_text("x")
    assert sorted(tmp_path.iterdir()) == sorted([alive, other])


def test_what_is_out_of_date_is_removed_and_the_rest_is_kept(tmp_path: Path):
    for name in ("a-1.json", "a-2.json", "a-2.parquet", "b-1.json"):
        (tmp_path / name).touch()
    (tmp_path / "a-1.parquet").mkdir()
    (tmp_path / "a-1.parquet" / "part").touch()
    disk.prune(tmp_path, "a-*", keep="a-2.")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a-2.json",
        "a-2.parquet",
        "b-1.json",
    ]
