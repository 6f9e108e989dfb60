"""Any damage to any cached file, at random: said once, made anew, the same rows as before."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.study.loaders.damage import DAMAGES, filled, shown

TRIES = 210


@pytest.mark.slow
def test_any_damage_to_any_cached_file_heals_and_is_said_once(project: Path):
    folder = filled(project)
    sound = shown()
    chance = random.Random(20261129)
    hit: set[str] = set()
    for _ in range(TRIES):
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
