"""A study with every kind of cache, and ways to damage a file."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

import cxresearch as cx
from cxresearch.journeys import prepare
from cxresearch.voc.texts.encoder import KeptEncoder

MANIFEST = """
title: {en: Shop}
currency: EUR
time_zone: Europe/Rome
tables:
  orders: {file: orders.csv}
"""
ROWS = "order_id,ts,revenue,customer_id\n" + "".join(
    f"O{number},2026-07-{number % 28 + 1:02d} 10:00:00Z,{number * 1.25},C{number % 7}\n"
    for number in range(60)
)


class Counting:
    """An encoder that tells the length and the first letter, and counts the texts."""

    name = "counting-1"

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts):
        self.asked += len(texts)
        found = [[len(text), ord(text[0])] for text in texts]
        return np.array(found, dtype=np.float32).reshape(len(texts), 2)


def filled(project: Path) -> Path:
    """The folder of a study whose caches are filled."""
    path = project / "data" / "shop"
    path.mkdir()
    (path / "study.yaml").write_text(MANIFEST)
    (path / "orders.csv").write_text(ROWS + "O61,never,1,C1\n")
    shown()
    return path


def shown() -> list[object]:
    """Everything that is read back of a study through its caches, opened anew."""
    shop = cx.open_study("shop")
    orders = shop.frame("orders").collect().to_pandas()
    events = orders.rename(columns={"status": "event"}).assign(event="bought")
    prepared = prepare(events[["customer_id", "event", "ts_us"]], cache=shop.cache("orders"))
    vectors = KeptEncoder(Counting(), shop.cache("orders")).encode(["one", "two", "three"])
    steps = prepared.frame.collect().to_pandas()
    tables = [orders, shop.quarantine("orders"), shop.counts(), shop.findings(), steps]
    return [*(one.to_csv() for one in tables), prepared.events, prepared.tally, vectors.tolist()]


def flipped(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut_off(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))])


def emptied(path: Path, _: random.Random) -> None:
    path.write_bytes(b"")


def lengthened(path: Path, chance: random.Random) -> None:
    path.write_bytes(path.read_bytes() + chance.randbytes(3))


def a_folder(path: Path, _: random.Random) -> None:
    path.unlink()
    (path / "within").mkdir(parents=True)


DAMAGES = [*[flipped] * 6, cut_off, cut_off, emptied, lengthened, a_folder]


def assert_heals(folder: Path, tries: int, seed: int) -> None:
    """Assert that files of a study's cache, each damaged in turn, are said once and made anew."""
    sound = shown()
    chance = random.Random(seed)
    hit: set[str] = set()
    for _ in range(tries):
        path = chance.choice(sorted((folder / ".cache").iterdir()))
        before = None if path.is_dir() else path.read_bytes()
        damage: Callable[[Path, random.Random], None] = chance.choice(DAMAGES)
        damage(path, chance)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            assert shown() == sound, f"{damage.__name__} of {path.name}"
        messages = [str(one.message) for one in said]
        # A byte between two values of a record may become another blank: nothing changed then.
        if messages or path.suffix != ".json":
            assert [path.stem in message for message in messages] == [True], (path, messages)
        assert before is None or path.is_file()
        hit.add(path.suffix)
    assert hit == {".csv", ".json", ".npz", ".parquet"}
