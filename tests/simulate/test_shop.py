"""The tables belong together, hold their contracts, and one seed gives one shop."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from cxresearch import simulate
from cxresearch.simulate import Shop
from cxresearch.study import schema
from tests.simulate.measures import ROME, Seen

START, END = (pd.Timestamp(day, tz=ROME) for day in ("2023-11-01", "2026-11-01"))


def test_the_same_seed_gives_the_same_shop(small: Shop) -> None:
    again = simulate.shop(seed=7, customers=600)
    assert again.truth == small.truth
    for name, table in small.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


def test_every_table_is_there_and_keeps_its_contract(usual: Shop) -> None:
    assert set(usual.tables) == set(schema.TABLES)
    for name, table in usual.tables.items():
        contract = schema.table(name)
        assert set(table.columns) <= set(contract.names), name
        assert table[list(contract.required)].notna().all(axis=None), name
        missing = [column for column in contract.names if column not in table]
        schema.dataframe_schema(contract).validate(
            table.assign(**dict.fromkeys(missing)), lazy=True
        )


def test_keys_are_unique(usual: Shop) -> None:
    for name, table in usual.tables.items():
        key = list(schema.table(name).key)
        if key:
            assert not table.duplicated(key).any(), name


@pytest.mark.parametrize(
    "name", ["orders", "surveys", "feedback", "tickets", "messages", "exposures", "events"]
)
def test_every_customer_id_is_an_account_or_a_browser(usual: Shop, name: str) -> None:
    customers = usual.tables["customers"]
    accounts = set(customers.loc[customers["source"] == "web", "customer_id"])
    ids = set(usual.tables[name]["customer_id"].dropna())
    assert ids
    strangers = {one[0] for one in ids - accounts}
    # Browsers without a name and programs are seen on the site, and nowhere else.
    assert strangers <= (
        {"V", "B"} if name == "events" else {"V"} if name == "exposures" else set()
    )


@pytest.mark.parametrize("name", ["events", "surveys", "order_lines", "deliveries"])
def test_every_order_id_is_an_order(usual: Shop, name: str) -> None:
    ids = set(usual.tables[name]["order_id"].dropna())
    assert ids
    assert ids <= set(usual.tables["orders"]["order_id"])


def test_each_order_is_one_purchase_event_at_its_time_for_its_revenue(usual: Shop) -> None:
    events, orders = usual.tables["events"], usual.tables["orders"].set_index("order_id")
    purchases = events[events["event"] == "purchase"].set_index("order_id").loc[orders.index]
    assert len(purchases) == (events["event"] == "purchase").sum() == len(orders)
    assert (purchases["ts"] == orders["ts"]).all()
    assert (purchases["revenue"] == orders["revenue"]).all()
    known = orders["customer_id"].notna()
    assert (purchases["customer_id"] == orders["customer_id"])[known].all()
    assert purchases["customer_id"][~known].str.startswith("V").mean() > 0.5
    assert events["revenue"].notna().sum() == len(orders)


def test_lines_sum_to_the_order_to_the_cent(usual: Shop) -> None:
    lines, orders = usual.tables["order_lines"], usual.tables["orders"].set_index("order_id")
    cents = lines["quantity"] * (lines["price"] * 100).round().astype(int)
    by_order = cents.groupby(lines["order_id"]).sum()
    assert (by_order == (orders["revenue"] * 100).round().astype(int)).all()
    assert (lines.groupby("order_id")["quantity"].sum() == orders["items"]).all()
    assert not lines.duplicated(["order_id", "sku"]).any()


def test_a_session_is_one_customers_visit_without_a_gap_of_half_an_hour(usual: Shop) -> None:
    events = usual.tables["events"].dropna(subset="session_id").sort_values(["session_id", "ts"])
    same = events["session_id"] == events["session_id"].shift(1)
    gaps = events["ts"].diff()[same].dt.total_seconds()
    assert gaps.min() >= 0  # 0 for an event that is logged twice
    assert gaps.max() < 1_800
    # Somebody who opens a second account in the middle of a visit has both in it.
    several = events.drop_duplicates(["session_id", "customer_id"])["session_id"].duplicated().sum()
    assert several < 20


def test_everything_happens_in_the_study_in_order(usual: Shop) -> None:
    for name in ("events", "orders", "surveys", "feedback", "exposures", "messages"):
        times = usual.tables[name]["ts"]
        assert times.is_monotonic_increasing, name
        assert times.min() >= START, name
        assert times.max() < END, name
    tickets = usual.tables["tickets"]
    answered, resolved = tickets["first_response"].notna(), tickets["resolved"].notna()
    assert (tickets["first_response"] > tickets["opened"])[answered].all()
    assert (tickets["resolved"] > tickets["first_response"])[resolved].all()
    assert tickets[["opened", "first_response", "resolved"]].max().max() < END
    assert (tickets["outcome"].notna() == resolved).all()


def test_parcels_leave_after_the_order_and_come_after_that(usual: Shop) -> None:
    both = usual.tables["orders"].merge(usual.tables["deliveries"], on="order_id", how="left")
    assert (both["promised"].isna() == (both["status"] == "cancelled")).all()
    kept = both[both["promised"].notna()]
    assert (kept["shipped"].dropna() > kept["ts"][kept["shipped"].notna()]).all()
    came = kept[kept["delivered"].notna()]
    assert (came["delivered"] > came["shipped"]).all()
    events = usual.tables["events"]
    seen = events[events["event"] == "delivery"].set_index("order_id")["ts"]
    assert (seen.loc[came["order_id"]].to_numpy() == came["delivered"]).all()
    promised = (kept["promised"] - kept["ts"]).dt.total_seconds() / 86_400
    by_method = promised.groupby(kept["method"]).unique()
    assert {name: days.tolist() for name, days in by_method.items()} == {
        "express": [2.0],
        "pickup": [3.0],
        "standard": [4.0],
    }


def test_fewer_than_a_million_events_for_twenty_thousand_people(usual: Shop) -> None:
    assert 600_000 < len(usual.tables["events"]) < 1_000_000


def test_the_funnel_is_counted_as_a_study_would(usual: Shop, seen: Seen) -> None:
    visits = seen.browsing
    steps = ("view_product", "add_to_cart", "begin_checkout", "purchase")
    assert usual.truth["realised"]["funnel_visits"] == {
        "browsing": len(visits),
        **{step: int((visits[step] > 0).sum()) for step in steps},
    }


def test_answers_given_together_share_a_response(usual: Shop) -> None:
    surveys = usual.tables["surveys"]
    together = surveys.groupby("response_id").agg(
        asked=("metric", lambda metrics: "+".join(sorted(metrics))),
        about=("touchpoint", lambda values: values.fillna("relation").iloc[0]),
    )
    found = set(map(tuple, together[["about", "asked"]].drop_duplicates().to_numpy()))
    assert found == {
        ("relation", "nps"),
        ("relation", "enps"),
        ("checkout", "csat"),
        ("delivery", "csat+nps"),
        ("returns", "ces+csat"),
        ("chat", "ces+csat"),
    }
    assert surveys["customer_id"][surveys["metric"] == "enps"].isna().all()


def test_faults_leave_the_tables_and_the_rest_of_the_truth_alone(small: Shop) -> None:
    clean = simulate.shop(seed=7, customers=600, faults=False)
    assert clean.truth["faults"] == {}
    assert small.truth["faults"]
    assert clean.truth | {"faults": small.truth["faults"]} == small.truth
    for name, table in small.tables.items():
        pd.testing.assert_frame_equal(table, clean.tables[name])


@pytest.mark.parametrize(("customers", "days"), [(1, 7), (3, 8), (60, 30)])
def test_a_tiny_shop_is_whole(customers: int, days: int) -> None:
    tiny = simulate.shop(seed=3, customers=customers, days=days)
    assert set(tiny.tables) == set(schema.TABLES)
    assert len(tiny.tables["marketing"]) == 5 * days
    assert len(tiny.answer_keys["people"]) == customers
    assert len(tiny.tables["events"]) > 0


def test_blocks_of_people_make_one_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids never meet, and every person does what they would in another block."""
    whole = simulate.shop(seed=3, customers=90, days=200, faults=False)
    monkeypatch.setattr(sys.modules[Shop.__module__], "BLOCK", 40)
    blocks = simulate.shop(seed=3, customers=90, days=200, faults=False)
    for name in blocks.tables:
        key = list(schema.table(name).key)
        if key:
            assert not blocks.tables[name].duplicated(key).any(), name
    pd.testing.assert_frame_equal(blocks.answer_keys["people"], whole.answer_keys["people"])
    assert blocks.truth["realised"]["rows"]["events"] == len(blocks.tables["events"])
    for name in ("orders", "tickets", "surveys"):
        n = len(whole.tables[name])
        assert abs(len(blocks.tables[name]) - n) < 6 * np.sqrt(n + 9)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"customers": 0}, ValueError, "customers must be at least 1; got 0"),
        ({"customers": 2.5}, TypeError, "customers must be a whole number; got 2.5"),
        ({"days": 6}, ValueError, "days must be at least 7; got 6"),
        ({"seed": -1}, ValueError, "seed must be at least 0; got -1"),
        ({"start": "1/11/2025"}, ValueError, "start must be a day such as 2026-01-31; got '1/11/"),
        ({"start": 20251101}, TypeError, "start must be a text; got 20251101"),
    ],
)
def test_a_bad_argument_is_named(
    arguments: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as raised:
        simulate.shop(**arguments)  # type: ignore[arg-type]
    assert str(raised.value).startswith(words)
