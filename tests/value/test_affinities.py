from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch import value
from cxresearch.core.missing import Missing
from cxresearch.errors import SchemaError
from cxresearch.value import affinities


def shop_of(seed: int, *, affine: bool, n: int = 1500):
    """Customers with very different numbers of products; A goes with B only where planted."""
    rng = np.random.default_rng(seed)
    weights = rng.gamma(2, size=30)
    names = np.array([f"P{i:02d}" for i in range(30)])
    rows = []
    for customer in range(n):
        size = min(1 + rng.poisson(rng.gamma(1, 4)), 25)
        own = set(rng.choice(names, size, replace=False, p=weights / weights.sum()))
        if affine and "P00" in own and rng.random() < 0.5:
            own.add("P01")
        rows += [(f"O{customer}", name) for name in own]
    lines = pd.DataFrame(rows, columns=["order_id", "sku"])
    orders = pd.DataFrame({"order_id": [f"O{i}" for i in range(n)]}).assign(
        customer_id=lambda frame: frame["order_id"].str.replace("O", "C"), revenue=1.0
    )
    return lines, orders.assign(status=pd.Series([None] * n, dtype="string"))


def test_expected_pairs_by_hand():
    lines = pd.DataFrame(
        [("1", "a"), ("1", "b"), ("1", "c"), ("2", "a"), ("2", "b"), ("3", "a")],
        columns=["order_id", "sku"],
    )
    orders = pd.DataFrame({"order_id": list("123"), "customer_id": list("xyz"), "revenue": 1.0})
    found = value.baskets(
        lines, orders.assign(status="completed"), least_expected=0.1
    ).pairs.set_index(["first", "second"])
    # Sizes 3, 2, 1: sum k(k-1) = 8, N = 6; n = 3, 2, 1, sum n^2 = 14.
    assert found.loc[("a", "b"), "expected"] == pytest.approx(3 * 2 * 8 / (36 - 14))
    assert found["together"].to_dict() == {("a", "b"): 2, ("a", "c"): 1, ("b", "c"): 1}
    assert found.loc[("a", "b"), "lift"] == 1
    # All ordered pairs of the baskets, given to the pairs of products.
    assert 2 * found["expected"].sum() == pytest.approx(8)


def test_ids_and_products_are_those_they_name_whatever_their_kind():
    lines = pd.DataFrame({"order_id": list("112233"), "sku": list("121212")})
    orders = pd.DataFrame({"order_id": list("123"), "customer_id": list("xyz"), "revenue": 1.0})
    plain = value.baskets(lines, orders, least_expected=0.1).pairs
    for odd in (
        lines.assign(order_id=lines["order_id"].astype(int)),
        lines.assign(sku=lines["sku"].astype(int)),
        lines.astype("category"),
    ):
        pd.testing.assert_frame_equal(value.baskets(odd, orders, least_expected=0.1).pairs, plain)


def test_size_alone_is_no_affinity_though_plain_lift_says_so():
    false = []
    for seed in range(4):
        found = value.baskets(*shop_of(seed, affine=False))
        assert found.pairs["lift"].median() > 1.2
        assert 0.9 < found.pairs["ratio"].median() < 1.1
        false.append(len(found.found()))
    assert sum(false) <= 2


def test_a_planted_affinity_is_found_first():
    found = value.baskets(*shop_of(1, affine=True)).found()
    assert set(found.iloc[0][["first", "second"]]) == {"P00", "P01"}
    assert found.iloc[0]["ratio_low"] > 1


def test_a_customer_with_the_same_order_ten_times_is_one():
    lines, orders = shop_of(2, affine=True, n=300)
    again = [orders.assign(order_id=orders["order_id"] + f"-{i}") for i in range(10)]
    more = [lines.assign(order_id=lines["order_id"] + f"-{i}") for i in range(10)]
    one = value.baskets(lines, orders)
    ten = value.baskets(pd.concat(more), pd.concat(again))
    pd.testing.assert_frame_equal(one.pairs, ten.pairs)
    by_order = value.baskets(pd.concat(more), pd.concat(again), unit="order")
    assert len(by_order.found()) > len(ten.found())


def test_undone_orders_and_guests_are_out():
    lines, orders = shop_of(3, affine=False, n=400)
    orders["status"] = ["returned" if i % 2 else "completed" for i in range(400)]
    orders.loc[:9, "customer_id"] = None
    assert value.baskets(lines, orders).n == 195


def test_rare_products_are_missing_and_columns_are_needed():
    lines, orders = shop_of(4, affine=False, n=10)
    assert isinstance(value.baskets(lines, orders, least_expected=50), Missing)
    with pytest.raises(SchemaError, match="category"):
        value.baskets(lines, orders, column="category")


def test_pairs_that_are_not_looked_at_are_counted():
    lines, orders = shop_of(5, affine=False, n=400)
    every = value.baskets(lines, orders, least_expected=1e-9)
    some = value.baskets(lines, orders, least_expected=20)
    assert every.untested == 0
    assert len(every.pairs) == 30 * 29 / 2
    assert some.untested == len(every.pairs) - len(some.pairs) > 0
    assert f"{some.untested} pairs with a rare product" in repr(some)


def test_of_very_many_products_those_that_most_have_are_looked_at(monkeypatch):
    monkeypatch.setattr(affinities, "_MOST_PRODUCTS", 5)
    lines, orders = shop_of(5, affine=False, n=400)
    found = value.baskets(lines, orders)
    most = lines["sku"].value_counts().head(5).index
    assert set(found.pairs["first"]) | set(found.pairs["second"]) == set(most)
    assert len(found.pairs) + found.untested == 30 * 29 / 2
    both = lines.merge(lines, on="order_id")
    pair = found.pairs.iloc[0]
    counted = ((both["sku_x"] == pair["first"]) & (both["sku_y"] == pair["second"])).sum()
    assert pair["together"] == counted
