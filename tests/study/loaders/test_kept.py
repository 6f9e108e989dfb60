"""A cache that was damaged is said to be, once, and made anew; a whole one is read."""

from __future__ import annotations

import json
import random
import shutil
import zlib
from pathlib import Path

import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.core import cached, disk
from cxresearch.study import Study
from cxresearch.voc.texts.encoder import KeptEncoder
from tests.study.loaders.damage import (
    Counting,
    a_folder,
    cut_off,
    emptied,
    filled,
    flipped,
    lengthened,
    shown,
)


@pytest.fixture
def folder(project: Path) -> Path:
    """The folder of a study whose caches are filled."""
    return filled(project)


def test_each_kind_of_damage_to_each_file(folder: Path):
    sound = shown()
    for name in sorted(path.name for path in (folder / ".cache").iterdir()):
        for damage in (flipped, cut_off, emptied, lengthened, a_folder):
            damage(folder / ".cache" / name, random.Random(1))
            with pytest.warns(match=f"{Path(name).stem}.* made anew"):
                assert shown() == sound
    assert shown() == sound  # and nothing is said any more


def test_a_file_in_place_of_the_cache(folder: Path):
    sound = shown()
    shutil.rmtree(folder / ".cache")
    (folder / ".cache").write_text("no folder")
    with pytest.warns(match=r"data/shop/\.cache is not a folder; it is made anew"):
        assert shown() == sound


def test_an_open_study_sees_damage_too(folder: Path):
    shop = cx.open_study("shop")
    sound = shop.frame("orders").collect().to_pandas()
    (path,) = (folder / ".cache").glob("orders-*.parquet")
    content = path.read_bytes()
    path.write_bytes(content[:99] + bytes([content[99] ^ 1]) + content[100:])
    with pytest.warns(match="damaged"):
        again = shop.frame("orders").collect().to_pandas()
    pd.testing.assert_frame_equal(again, sound)


@pytest.mark.usefixtures("folder")
def test_a_whole_cache_is_read_and_not_made(monkeypatch):
    sound = shown()
    monkeypatch.setattr(Study, "_fill_cache", None)
    assert shown() == sound
    encoder = Counting()
    KeptEncoder(encoder, cx.open_study("shop").cache("orders")).encode(["one", "two"])
    assert encoder.asked == 0


def test_a_record_says_the_checksums_of_its_files(folder: Path):
    (path,) = (folder / ".cache").glob("orders-*.parquet")
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["files"][path.name] == zlib.crc32(path.read_bytes())


def test_files_that_another_process_kept_stay(tmp_path: Path):
    record, place = tmp_path / "a.json", tmp_path / "a.txt"
    for text in ("first", "second"):
        (tmp_path / "made").write_text(text)
        cached.write(record, {"rows": 1}, {place: tmp_path / "made"})
    assert place.read_text() == "first"
    assert cached.read(record, [place]) == {"rows": 1}


def test_a_folder_of_files_is_kept_whole(tmp_path: Path):
    record, place, made = tmp_path / "a.json", tmp_path / "a.parquet", tmp_path / "made"
    made.mkdir()
    (made / "part-0").write_text("0")
    (made / "part-1").write_text("1")
    cached.write(record, {}, {place: made})
    assert cached.read(record, [place]) == {}
    (place / "part-1").rename(place / "part-2")
    with pytest.warns(match="damaged"):
        assert cached.read(record, [place]) is None


def test_a_file_outside_the_project_is_named_without_its_folders(tmp_path: Path):
    assert not tmp_path.is_relative_to(disk.project_root())
    (tmp_path / "a.json").write_text("{}")
    with pytest.warns(match=r"^a\.json and what it stands for are damaged"):
        assert cached.read(tmp_path / "a.json", []) is None
