"""Any damage to any cached file, at random; `make soak` has ten times as many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.study.loaders.damage import assert_heals, filled


@pytest.mark.slow
def test_any_damage_to_any_cached_file_heals_and_is_said_once(project: Path):
    assert_heals(filled(project), tries=60, seed=20261129)
