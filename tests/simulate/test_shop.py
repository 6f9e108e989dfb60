"""The tables belong together: keys link, sums agree, times are in order, the clean rows pass."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import simulate
from cxresearch.simulate.shop import Shop
from cxresearch.study import schema


def test_every_table_has_the_columns_of_its_contract_and_keeps_its_rules(year: Shop) -> None:
    assert set(year.tables) == set(schema.TABLES)
    for name, table in year.tables.items():
        contract = schema.table(name)
        assert list(table.columns) == [c for c in contract.names if c in table], name
        assert set(contract.required) <= set(table), name
        missing = [c.name for c in contract.columns if c.name not in table]
        schema.dataframe_schema(contract).validate(
            table.assign(**dict.fromkeys(missing)), lazy=True
        )


def test_keys_are_unique(year: Shop) -> None:
    for name, table in year.tables.items():
        key = list(schema.table(name).key)
        if key:
            assert not table.duplicated(key).any(), name


@pytest.mark.parametrize(
    "name", ["events", "orders", "surveys", "feedback", "tickets", "exposures"]
)
def test_every_customer_id_is_a_web_account(year: Shop, name: str) -> None:
    customers = year.tables["customers"]
    accounts = set(customers.loc[customers["source"] == "web", "customer_id"])
    assert len(accounts) == 20_000
    assert set(year.tables[name]["customer_id"].dropna()) <= accounts


@pytest.mark.parametrize("name", ["events", "surveys", "order_lines"])
def test_every_order_id_is_an_order(year: Shop, name: str) -> None:
    ids = set(year.tables[name]["order_id"].dropna())
    assert ids
    assert ids <= set(year.tables["orders"]["order_id"])


def test_each_order_is_one_purchase_event_at_its_time_for_its_revenue(year: Shop) -> None:
    events, orders = year.tables["events"], year.tables["orders"].set_index("order_id")
    purchases = events[events["event"] == "purchase"].set_index("order_id").loc[orders.index]
    assert len(purchases) == len(orders)
    assert (purchases["ts"] == orders["ts"]).all()
    assert (purchases["revenue"] == orders["revenue"]).all()
    known = orders["customer_id"].notna()
    assert (purchases["customer_id"] == orders["customer_id"])[known].all()


def test_lines_sum_to_the_order_to_the_cent(year: Shop) -> None:
    lines, orders = year.tables["order_lines"], year.tables["orders"].set_index("order_id")
    cents = lines["quantity"] * (lines["price"] * 100).round().astype(int)
    by_order = cents.groupby(lines["order_id"]).sum()
    assert (by_order == (orders["revenue"] * 100).round().astype(int)).all()
    assert (lines.groupby("order_id")["quantity"].sum() == orders["items"]).all()
    assert not lines.duplicated(["order_id", "sku"]).any()


def test_an_article_has_one_full_price_and_the_discount_is_what_is_missing(year: Shop) -> None:
    lines, orders = year.tables["order_lines"], year.tables["orders"].set_index("order_id")
    alone = lines[~lines["order_id"].duplicated(keep=False)]
    order = orders.loc[alone["order_id"]]
    full = ((order["revenue"] + order["discount"]) / order["items"] * 100).round().astype(int)
    assert (full % 100 == 90).all()
    assert (full.groupby(alone["sku"].to_numpy()).nunique() == 1).all()
    asked = 1 - order["discount"] / (order["revenue"] + order["discount"])
    assert set((100 * asked).round()) <= {100, 90, 85, 80}
    assert orders["channel"].nunique() == 6


def test_a_session_is_one_customers_visit_without_a_gap_of_half_an_hour(year: Shop) -> None:
    events = year.tables["events"].dropna(subset="session_id").sort_values(["session_id", "ts"])
    assert (events.groupby("session_id")["customer_id"].nunique() == 1).all()
    gaps = events.groupby("session_id")["ts"].diff().dropna().dt.total_seconds()
    assert gaps.min() >= 1
    assert gaps.max() < 1_800


def test_everything_happens_in_the_study_in_order(year: Shop) -> None:
    start = pd.Timestamp("2025-11-01", tz="Europe/Rome")
    end = pd.Timestamp("2026-11-01", tz="Europe/Rome")
    for name in ("events", "orders", "surveys", "feedback", "exposures"):
        times = year.tables[name]["ts"]
        assert times.is_monotonic_increasing, name
        assert times.min() >= start, name
        assert times.max() < end, name
    tickets = year.tables["tickets"]
    answered, resolved = tickets["first_response"].notna(), tickets["resolved"].notna()
    assert (tickets["first_response"] > tickets["opened"])[answered].all()
    assert (tickets["resolved"] > tickets["first_response"])[resolved].all()
    assert tickets[["opened", "first_response", "resolved"]].max().max() < end
    assert (tickets["outcome"].notna() == resolved).all()


def test_about_twenty_events_per_customer(year: Shop) -> None:
    assert 18 < len(year.tables["events"]) / 20_000 < 23


def test_answers_given_together_share_a_response(year: Shop) -> None:
    surveys = year.tables["surveys"]
    together = surveys.groupby("response_id").agg(
        asked=("metric", lambda metrics: "+".join(sorted(metrics))),
        about=("touchpoint", lambda values: values.fillna("relation").iloc[0]),
    )
    found = set(map(tuple, together[["about", "asked"]].drop_duplicates().to_numpy()))
    assert found == {
        ("relation", "nps"),
        ("checkout", "csat"),
        ("delivery", "csat+nps"),
        ("chat", "ces+csat"),
    }


def test_faults_leave_the_tables_and_the_rest_of_the_truth_alone(small: Shop) -> None:
    clean = simulate.shop(seed=7, customers=400, faults=False)
    assert clean.truth["faults"] == {}
    assert small.truth["faults"]
    assert clean.truth | {"faults": small.truth["faults"]} == small.truth
    for name, table in small.tables.items():
        pd.testing.assert_frame_equal(table, clean.tables[name])


def test_effects_can_be_planted_otherwise_without_changing_who_shops(small: Shop) -> None:
    planted = simulate.Planted(experiment=simulate.planted.Experiment(effect=0.0))
    null = simulate.shop(seed=7, customers=400, planted=planted)
    assert null.truth["experiment"]["effect"] == 0.0
    pd.testing.assert_frame_equal(null.tables["customers"], small.tables["customers"])
    who = ["customer_id", "variant"]
    assert len(small.tables["exposures"]) > 20
    met = [set(map(tuple, shop.tables["exposures"][who].to_numpy())) for shop in (null, small)]
    assert met[0] == met[1]
    counted = {
        name: shop.truth["realised"]["checkout_experiment"]
        for name, shop in (("null", null), ("small", small))
    }
    assert counted["null"]["control"] == counted["small"]["control"]
    assert counted["null"]["one_page"]["purchases"] < counted["small"]["one_page"]["purchases"]


@pytest.mark.parametrize(("customers", "days"), [(1, 7), (3, 8), (60, 30)])
def test_a_tiny_shop_is_whole(customers: int, days: int) -> None:
    tiny = simulate.shop(seed=3, customers=customers, days=days)
    assert set(tiny.tables) == set(schema.TABLES)
    assert len(tiny.tables["marketing"]) == 4 * days
    web = tiny.tables["customers"]["source"] == "web"
    assert web.sum() == customers


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
