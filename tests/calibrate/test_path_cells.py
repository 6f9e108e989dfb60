"""Shares of paths hold the truth, chance raises few alarms, and the page says how it was."""

from __future__ import annotations

import pytest

from cxresearch.calibrate.coverages import Coverage
from cxresearch.calibrate.path_cells import (
    SPLITS,
    FalseAlarms,
    false_alarms,
    path_shares,
    splits_table,
    text,
)
from cxresearch.core import disk


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_by_chance_raises_no_more_alarms_than_accepted_as_the_page_says(name):
    found = false_alarms(SPLITS[name])
    assert found.runs == 200
    assert found.cells > 1000
    assert found.alarmed / found.runs <= 0.05
    assert found.flagged / found.cells <= 0.05
    kept = (disk.project_root() / "docs" / "validity.md").read_text("utf-8")
    assert splits_table({name: found}).splitlines()[-1] in kept.splitlines()


def test_intervals_over_customers_hold_the_truth_and_plain_ones_do_not():
    options = {"sizes": (200,), "draws": 600}
    (clustered,) = path_shares(**options)
    (plain,) = path_shares(**options, clustered=False)
    assert clustered.n == plain.n == 200
    assert abs(clustered.mean - 0.95) <= 3 * clustered.error
    assert plain.mean < 0.8


def test_the_part_of_the_page():
    shares = [Coverage("Share of a path", "customers as clusters", 50, 0.951, 0.951, draws=5_000)]
    splits = {"few": FalseAlarms(200, 2, 1_654, 3), "many": FalseAlarms(200, 9, 2_400, 10)}
    words = text(shares, splits)
    assert words.startswith("\n## Paths")
    assert "| Share of a path | customers as clusters | 50 | 0.951 | 0.951 | 0.003 |" in words
    assert "compared in 12 cells" in words
    assert "| few | 200 | 0.010 | 0.007 | 1654 | 0.0018 |" in words
    assert "fewer than 10 customers" in words
