"""A shop of three months: what its customers will bring cannot be told, and is not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import value
from cxresearch.core.missing import Missing

MANIFEST = (
    "title: {en: Shop}\ncurrency: EUR\ntime_zone: UTC\nlanguages: [en]\n"
    "tables:\n  orders: {file: orders.csv}\n"
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> cx.Study:
    """Return a study of sixty customers in ninety days, of whom twelve bought again."""
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    rows = [(f"c{i}", f"2026-01-{1 + i % 28:02d}") for i in range(60)]
    rows += [(f"c{i}", f"2026-03-{1 + 2 * i:02d}") for i in range(12)]
    orders = pd.DataFrame(rows, columns=["customer_id", "ts"])
    orders = orders.assign(order_id=[f"o{i}" for i in range(len(rows))], revenue=20.0)
    folder = tmp_path / "data" / "shop"
    folder.mkdir(parents=True)
    orders.to_csv(folder / "orders.csv", index=False)
    (folder / "study.yaml").write_text(MANIFEST)
    return cx.open_study("shop")


def test_no_value_is_foreseen_that_could_not_be_tested(shop: cx.Study) -> None:
    found = value.forecast(shop, days=365, tested=90, discount=0.1)
    assert isinstance(found, Missing)
    assert found.why == "too few customers bought again to tell what today's customers will spend"
    assert found.headline() is found


def test_nobody_is_called_lapsed_after_days_that_have_no_interval(shop: cx.Study) -> None:
    assert isinstance(value.lapsed_after(shop), Missing)
