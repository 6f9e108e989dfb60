"""Broken rows are added, counted exactly, and never take a clean row away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch.simulate.exports import LAYOUTS, as_text
from cxresearch.simulate.shop import Shop, counted, plan_faults, spoiled


def texts(shop: Shop, name: str) -> pd.DataFrame:
    return as_text(shop.tables[name], name, LAYOUTS[name])


def test_the_truth_counts_the_rows_that_are_added(small: Shop) -> None:
    assert small.truth["faults"]["orders"] == {
        "duplicate_key": 12,
        "not_a_number": 9,
        "future_date": 7,
        "missing_value": 6,
    }
    for name in ("orders", "surveys", "feedback", "tickets"):
        clean = texts(small, name)
        dirty = spoiled(clean, name, small.faults)
        assert len(dirty) - len(clean) == sum(small.truth["faults"][name].values())


def test_each_rule_is_broken_in_its_own_rows(small: Shop) -> None:
    orders = spoiled(texts(small, "orders"), "orders", small.faults)
    assert (orders["revenue"] == "n/d").sum() == 9
    assert orders["ts"].str.startswith("2031-").sum() == 7
    assert orders["order_id"].isna().sum() == 6
    assert orders[orders["order_id"].notna()].duplicated("order_id").sum() == 12
    assert orders.duplicated().sum() == 12
    surveys = spoiled(texts(small, "surveys"), "surveys", small.faults)
    assert (surveys["score"] == "99,0").sum() == 14
    assert surveys["ts"].str.startswith("31/02/").sum() == 8
    events = spoiled(small.tables["events"], "events", small.faults)
    assert (events["event"] == "legacy_banner_v1").sum() == 25
    assert events["customer_id"].isna().sum() == 15
    assert events.duplicated("event_id").sum() == 20


def test_the_clean_rows_are_all_there_in_their_order(small: Shop) -> None:
    clean = texts(small, "orders")
    dirty = spoiled(clean, "orders", small.faults)
    broken = (
        dirty["revenue"].eq("n/d") | dirty["ts"].str.startswith("2031") | dirty["order_id"].isna()
    )
    kept = dirty[~broken].drop_duplicates().reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, clean)
    assert dirty.index.is_monotonic_increasing  # each stands beside the row it was copied from


def test_broken_encoding_is_bytes_that_are_not_utf8(small: Shop) -> None:
    feedback = spoiled(texts(small, "feedback"), "feedback", small.faults)
    raw = [text.encode("utf-8", errors="surrogateescape") for text in feedback["text"]]
    broken = [text for text in raw if b"Perch\xe9 il pacco non \xe8 arrivato?" in text]
    assert len(broken) == 8
    assert sum(text.decode("utf-8", errors="replace").encode() != text for text in raw) == 8


def test_a_shop_too_small_for_all_faults_has_what_it_can() -> None:
    columns = ["order_id", "customer_id", "ts", "revenue"]
    tables = {name: pd.DataFrame(columns=columns) for name in ("events", "surveys", "feedback")}
    tables["tickets"] = pd.DataFrame(columns=columns)
    tables["orders"] = pd.DataFrame(
        [[f"O{i:06d}", "C1", "", "1"] for i in range(15)], columns=columns
    )
    plan = plan_faults(np.random.default_rng(1), tables)
    assert counted(plan) == {"orders": {"duplicate_key": 12, "not_a_number": 3}}
    used = np.concatenate([plan["orders"]["duplicate_key"], plan["orders"]["not_a_number"]])
    assert sorted(used) == list(range(15))
