"""Shuffled logs keep what one customer does, and lose what all do at one time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.calibrate.shuffled_logs import LOGS, by_customers, file, look_at, section


def test_each_history_keeps_its_rows_and_its_weekdays_and_its_gaps_round_the_span():
    days = pd.to_datetime("2026-01-01") + pd.to_timedelta([0, 9, 20, 27, 3, 17], unit="D")
    log = pd.DataFrame({"whose": [*"aaaabb"], "unit": range(6), "ts": days})
    moved = by_customers(log, np.random.default_rng(7))
    assert moved["ts"].dt.day_of_week.tolist() == log["ts"].dt.day_of_week.tolist()
    by = ((moved["ts"] - log["ts"]).dt.days // 7) % 4  # the span is four weeks
    assert by.groupby(log["whose"]).nunique().tolist() == [1, 1]
    assert moved["ts"].between("2026-01-01", "2026-01-28").all()


def test_logs_that_are_not_there_are_named_and_nothing_is_written(tmp_path: Path):
    found = tmp_path / "found.jsonl"
    assert look_at(found, tmp_path, 2) == [log.file for log in LOGS]
    assert not found.exists()


def test_the_page_is_made_of_what_is_kept():
    text = section(file())
    assert text.startswith("\n## Findings in real logs whose breaks are destroyed")
    assert "| all | | 200 | " in text
