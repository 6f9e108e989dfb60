"""How a value looks in an export."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch.simulate.layouts import LAYOUTS, as_text


@pytest.mark.parametrize(
    ("cost", "written"),
    [(0.0, "0,00"), (999.995, "1.000,00"), (1234.5, "1.234,50"), (1_234_567.891, "1.234.567,89")],
)
def test_italian_money(cost: float, written: str) -> None:
    table = pd.DataFrame({"cost": [cost, None]})
    assert as_text(table, "marketing", LAYOUTS["marketing"])["cost"].tolist() == [written, ""]


def test_one_instant_in_two_manners() -> None:
    summer = pd.DataFrame({"ts": pd.to_datetime(["2026-07-01T21:30:05Z", None])})
    iso = as_text(summer, "orders", LAYOUTS["orders"])["ts"].tolist()
    assert iso == ["2026-07-01T21:30:05Z", ""]
    italian = as_text(summer, "surveys", LAYOUTS["surveys"])["ts"].tolist()
    assert italian == ["01/07/2026 23:30:05", ""]


def test_flags_counts_and_texts() -> None:
    table = pd.DataFrame({"reopened": [True, False], "messages": [3, 1], "channel": ["a;b", None]})
    shown = as_text(table, "tickets", LAYOUTS["tickets"])
    assert shown.to_numpy().tolist() == [["true", "3", "a;b"], ["false", "1", ""]]
