"""Many more damaged inputs and caches than `tests/study/loaders` has; run by `make soak`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.study.loaders import corrupted
from tests.study.loaders.damage import assert_heals, filled

SEEDS = range(10_000, 10_200)


@pytest.mark.soak
def test_every_damaged_input_is_loaded_or_refused_in_the_kits_words(tmp_path: Path, capsys):
    endings = [
        (kind, corrupted.run(kind, seed, tmp_path)) for seed in SEEDS for kind in corrupted.KINDS
    ]
    with capsys.disabled():
        print(f"\n{corrupted.tally(endings)}")  # noqa: T201
    assert len(endings) == len(SEEDS) * len(corrupted.KINDS)


@pytest.mark.soak
def test_any_damage_to_any_cached_file_heals_and_is_said_once(project: Path):
    assert_heals(filled(project), tries=600, seed=1)
