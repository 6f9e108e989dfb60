"""The personas of the demo, against what was planted: who left, who buys often, who bought."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.core import disk
from cxresearch.journey_map.behaviours import BEHAVIOURS, behaviours

DEMO = disk.project_root() / "data" / "demo"
END = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def who() -> pd.DataFrame:
    """Each customer's group with what is true of them."""
    found = behaviours(cx.open_study("demo"), int(END.timestamp() * 1e6), confidence=0.95)
    truth = pd.read_csv(DEMO / "truth_people.csv").set_index("person_id")
    joined = found.customers.join(truth, how="left")
    left = pd.to_datetime(joined["left"], format="ISO8601", utc=True)
    joined.attrs["stability"] = found.stability
    return joined.assign(has_left=left < END)


def test_everyone_with_a_kept_order_is_of_one_group(who):
    orders = pd.read_csv(DEMO / "orders.csv").drop_duplicates("order_id")
    ends = pd.to_datetime(orders["ts"], utc=True, format="mixed", errors="coerce")
    kept = orders[(orders["status"] != "cancelled") & orders["customer_id"].notna() & (ends < END)]
    counts = kept.groupby("customer_id").size()
    # Returned orders are no sales; the truth counts who bought at all.
    truth = json.loads((DEMO / "truth.json").read_text("utf-8"))
    bought = truth["realised"]["repeat_purchase"]["customer_ids"]["buyers"]
    assert set(who.index) <= set(counts.index)
    assert 0.9 * bought < len(who) <= bought
    assert set(who["behaviour"]) == set(BEHAVIOURS)


def test_the_lapsed_have_left_and_the_others_have_not(who):
    gone = who.groupby("behaviour")["has_left"].mean()
    assert gone["lapsed"] > 0.7
    assert (gone.drop("lapsed") < 0.35).all()


def test_the_loyal_truly_buy_most_often_and_know_the_shop_best(who):
    rate = who.groupby("behaviour")["orders_per_year"].mean()
    assert rate.idxmax() == "loyal"
    assert rate["loyal"] > 1.5 * rate["new"]
    loyal = (who["segment"] == "loyal").groupby(who["behaviour"]).mean()
    assert loyal.idxmax() == "loyal"
    assert loyal.idxmin() == "new"


def test_the_groups_are_stable(who):
    # 0.85 and more is a group that stays the same (Hennig 2007).
    assert all(value > 0.85 for value in who.attrs["stability"].values())


def test_lapsed_is_by_the_gaps_between_their_own_orders(who):
    assert (who.loc[who["behaviour"] == "new", "orders"] == 1).all()
    assert (who.loc[who["behaviour"] == "returning", "orders"] == 2).all()
    assert (who.loc[who["behaviour"] == "loyal", "orders"] >= 3).all()
