"""Refunds that are documents of their own are followed, found and valued."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.findings.watch import series_of, unit_rows
from cxresearch.findings.watched_series import WHOLE
from cxresearch.findings.weeks import weeks_of

_MANIFEST = """\
title: {en: Refunds}
currency: EUR
time_zone: Europe/Rome
tables:
  orders: {file: orders.csv}
"""
# Eight weeks end on 28 February 2026: the fourth begins on 25 January.
_ORDERS = """\
order_id,customer_id,ts,revenue,currency,channel
o1,a,2026-01-04 10:00:00,40,EUR,app
o2,b,2026-01-25 10:00:00,60,EUR,app
o3,b,2026-01-26 10:00:00,90,USD,app
o4,c,2026-01-26 10:00:00,0,EUR,web
n1,a,2026-01-27 10:00:00,-30,EUR,
n2,c,2026-01-28 10:00:00,-50,USD,
n3,d,2026-01-10 10:00:00,-70,EUR,
o5,c,2026-02-28 10:00:00,20,EUR,web
"""
_WEEKS, _FIRST, _SINCE, _A_WEEK = 52, date(2025, 1, 6), 36, 300


def _open(root: Path, name: str, orders: pd.DataFrame | str, patch: pytest.MonkeyPatch):
    folder = root / "data" / name
    folder.mkdir(parents=True)
    text = orders if isinstance(orders, str) else orders.to_csv(index=False)
    (folder / "orders.csv").write_text(text, "utf-8")
    (folder / "study.yaml").write_text(_MANIFEST, "utf-8")
    patch.setenv("CX_ROOT", str(root))
    return cx.open_study(name)


def _series(root: Path, name: str, orders: str, patch: pytest.MonkeyPatch):
    study = _open(root, name, orders, patch)
    return series_of(unit_rows(study, weeks_of(study)))


def test_an_order_is_a_quarter_in_each_of_four_weeks(tmp_path, monkeypatch):
    found = _series(tmp_path, "hand", _ORDERS, monkeypatch)["paid_back", WHOLE]
    # In the fourth week o1 is a quarter and o2 too; dollars, and what is worth nothing, are not
    # counted. What was paid back in the first three weeks has no orders known to stand beside.
    assert found.x.tolist() == [0, 0, 0, 30, 0, 0, 0, 0]
    assert found.y.tolist() == [0, 0, 0, 0.5, 0.25, 0.25, 0.25, 0.25]


def test_a_column_that_no_document_has_tells_no_refunds_apart(tmp_path, monkeypatch):
    series = _series(tmp_path, "hand", _ORDERS, monkeypatch)
    assert {group for name, group in series if name == "paid_back"} == {WHOLE}


def test_without_a_document_there_is_no_series(tmp_path, monkeypatch):
    kept = "".join(line for line in _ORDERS.splitlines(keepends=True) if not line.startswith("n"))
    assert not any("paid" in name for name, _ in _series(tmp_path, "none", kept, monkeypatch))


def _shop(*, since: int = _WEEKS, peak: float = 1.0, seed: int = 4) -> pd.DataFrame:
    """Return a year of orders, of which 6 %, on the web from a week on 18 %, are paid back later.

    In weeks 44 to 47 so many times as many orders come as else.
    """
    rng = np.random.default_rng(seed)
    size = np.full(_WEEKS, float(_A_WEEK))
    size[44:48] *= peak
    week = np.repeat(np.arange(_WEEKS), rng.poisson(size))
    n = week.size
    placed = pd.DataFrame(
        {
            "order_id": [f"o{one}" for one in range(n)],
            "customer_id": [f"c{one}" for one in rng.integers(0, n // 2, n)],
            "day": 7 * week + rng.integers(0, 7, n),
            "revenue": rng.lognormal(3.8, 0.5, n).round(2),
            "channel": rng.choice(["web", "app"], n),
        }
    )
    is_worse = (placed["channel"] == "web") & (week >= since)
    undone = placed[rng.random(n) < np.where(is_worse, 0.18, 0.06)]
    notes = undone.assign(
        order_id="note" + undone["order_id"],
        revenue=-undone["revenue"],
        day=undone["day"] + rng.integers(3, 22, len(undone)),
    )
    rows = pd.concat([placed, notes[notes["day"] < 7 * _WEEKS]])
    return rows.assign(
        ts=[str(_FIRST + timedelta(days=int(one))) for one in rows["day"]], currency="EUR"
    ).drop(columns="day")


def test_a_rise_of_refunds_is_found_on_its_channel_with_its_worth(tmp_path, monkeypatch):
    orders = _shop(since=_SINCE)
    (found,) = cx.findings(_open(tmp_path, "worse", orders, monkeypatch))
    assert (found.measure, found.group) == ("usual_paid_back", ("channel", "web"))
    low, high = found.since_between
    # The first notes come from three days to three weeks after their orders.
    assert low <= _FIRST + timedelta(weeks=_SINCE, days=21)
    assert high >= _FIRST + timedelta(weeks=_SINCE)
    assert (found.state, found.is_bad, found.grade) == ("open", True, "B")
    value = orders.loc[orders["revenue"] > 0, "revenue"].mean()
    lost = 0.12 * value * _A_WEEK / 2 * 365.25 / 84
    assert found.worth.ci.low <= -lost <= found.worth.ci.high < 0
    assert str(found.step).startswith("Check: what is returned or refunded")


@pytest.mark.parametrize("peak", [1.0, 2.5])
def test_neither_calm_nor_a_peak_of_orders_is_a_rise_of_refunds(tmp_path, monkeypatch, peak):
    found = cx.findings(_open(tmp_path, "calm", _shop(peak=peak), monkeypatch))
    assert ("usual_paid_back", WHOLE) in found.series
    assert [one.measure for one in found] == []
