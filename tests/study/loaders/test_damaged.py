"""Two hundred damaged inputs; `make soak` has ten times as many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.study.loaders import corrupted

#: How many inputs of each kind are tried.
SEEDS = 20
#: How the inputs of a kind end. What `cxresearch new` cannot read or place, it asks about.
ENDINGS = {"yaml": {"ManifestError", "loaded"}, "new": {"loaded"}}


@pytest.mark.slow
@pytest.mark.parametrize("kind", corrupted.KINDS)
def test_a_damaged_input_is_loaded_or_refused_in_the_kits_words(kind: str, tmp_path: Path, capsys):
    endings = [(kind, corrupted.run(kind, seed, tmp_path)) for seed in range(SEEDS)]
    with capsys.disabled():
        print(f"\n{corrupted.tally(endings)}")  # noqa: T201
    ways = {way for _, way in endings}
    assert ways == ENDINGS.get(kind, {"SchemaError", "loaded"})


def test_the_tally_counts_kinds_and_endings():
    said = corrupted.tally([("csv", "loaded"), ("csv", "loaded"), ("yaml", "ManifestError")])
    rows = [line.split() for line in said.splitlines()]
    assert rows[0] == ["ManifestError", "loaded"]
    assert rows[1] == ["csv", "0", "2"]
    assert rows[4] == ["yaml", "1", "0"]
