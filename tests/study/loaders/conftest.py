"""A bench on which files are loaded into one table, and what became of them is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxresearch import engine
from cxresearch.study.loaders.loading import load
from cxresearch.study.loaders.outcome import Loaded
from cxresearch.study.loaders.rules import Setting
from cxresearch.study.manifest import Source

SETTING = Setting(currency="EUR", time_zone="UTC")

#: Loads `files`, a table's files by name, and returns what became of them.
Bench = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What loading gave: counts and findings, accepted rows, rejected rows."""

    loaded: Loaded
    rows: pd.DataFrame
    rejected: pd.DataFrame

    def found(self) -> dict[tuple[str, str], int]:
        """How many rows each rule found in each column."""
        return {(one.rule, one.column): one.rows for one in self.loaded.findings}

    def counts(self) -> list[tuple[int, int, int]]:
        """Rows in, accepted and rejected, of each file."""
        return [(c.rows_in, c.rows_accepted, c.rows_rejected) for c in self.loaded.files]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    def run(
        table: str,
        files: Mapping[str, str | bytes],
        *,
        setting: Setting = SETTING,
        **written: Any,
    ) -> Outcome:
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name).write_bytes(data)
        accepted, rejected = tmp_path / "accepted.parquet", tmp_path / "rejected.csv"
        with engine.connect() as connection:
            loaded = load(
                connection,
                table,
                Source(file=list(files), **written),
                [tmp_path / name for name in files],
                setting=setting,
                accepted=accepted,
                rejected=rejected,
                scratch=scratch,
            )
        assert not list(scratch.iterdir()), "loading leaves nothing behind"
        return Outcome(loaded, pd.read_parquet(accepted), pd.read_csv(rejected))

    return run


@pytest.fixture
def orders(bench: Bench) -> Callable[..., Outcome]:
    """Loads one text as the file of the orders."""

    def run(text: str | bytes, **options: Any) -> Outcome:
        return bench("orders", {options.pop("name", "orders.csv"): text}, **options)

    return run
