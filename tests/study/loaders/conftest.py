"""A bench on which files are loaded into one table, and what became of them is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxresearch import engine
from cxresearch.study.loaders.loading import load
from cxresearch.study.loaders.outcome import Loaded
from cxresearch.study.loaders.rules import Setting
from cxresearch.study.sources import Source

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
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name).write_bytes(data)
        return loaded(tmp_path, table, [{"file": list(files)} | written], setting)

    return run


@pytest.fixture
def bench_of(tmp_path: Path) -> Callable[[str, Sequence[dict[str, Any]]], Outcome]:
    """Loads a table from several sources; their files are in ``tmp_path``."""
    return lambda table, sources: loaded(tmp_path, table, sources, SETTING)


def loaded(
    folder: Path, table: str, sources: Sequence[dict[str, Any]], setting: Setting
) -> Outcome:
    given = [Source(**one) for one in sources]
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    accepted, rejected = folder / "accepted.parquet", folder / "rejected.csv"
    with engine.connect() as connection:
        found = load(
            connection,
            table,
            given,
            {name: folder / name for one in given for name in one.files},
            setting=setting,
            accepted=accepted,
            rejected=rejected,
            scratch=scratch,
        )
    assert not list(scratch.iterdir()), "loading leaves nothing behind"
    return Outcome(found, pd.read_parquet(accepted), pd.read_csv(rejected))


@pytest.fixture
def orders(bench: Bench) -> Callable[..., Outcome]:
    """Loads one text as the file of the orders."""

    def run(text: str | bytes, **options: Any) -> Outcome:
        return bench("orders", {options.pop("name", "orders.csv"): text}, **options)

    return run
