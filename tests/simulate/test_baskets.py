"""Baskets: pairs that truly go together, size that only makes it look so, prices that stay."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch.simulate import Planted, Shop
from cxresearch.simulate.shoppers import catalogue


def lift(lines: pd.DataFrame, first: str, second: str) -> float:
    """Return the orders with both over what their shares and the sizes of baskets let expect."""
    sizes = lines.groupby("order_id").size()
    counts = lines["sku"].value_counts()
    both = set(lines["order_id"][lines["sku"] == first]) & set(
        lines["order_id"][lines["sku"] == second]
    )
    pairs = (sizes * (sizes - 1)).sum() / sizes.sum() ** 2
    return len(both) / (counts[first] * counts[second] * pairs)


def test_planted_pairs_meet_far_more_often_than_size_lets_expect(usual: Shop) -> None:
    lines = usual.tables["order_lines"]
    for first, second, _ in Planted().baskets.pairs:
        assert lift(lines, first, second) > 5


def test_without_them_no_pair_does(plain: Shop) -> None:
    lines = plain.tables["order_lines"]
    for first, second, _ in Planted().baskets.pairs:
        assert lift(lines, first, second) < 3


def test_size_alone_makes_articles_meet_more_often_than_their_shares(plain: Shop) -> None:
    sizes = plain.tables["order_lines"].groupby("order_id").size()
    assert len(sizes) * (sizes * (sizes - 1)).sum() / sizes.sum() ** 2 > 1.1


def test_an_article_has_one_full_price_and_the_discount_is_what_is_missing(usual: Shop) -> None:
    lines, orders = usual.tables["order_lines"], usual.tables["orders"].set_index("order_id")
    alone = lines[~lines["order_id"].duplicated(keep=False)]
    order = orders.loc[alone["order_id"]]
    full = ((order["revenue"] + order["discount"]) / order["items"] * 100).round().astype(int)
    cents = catalogue().set_index("sku")["cents"]
    assert (full.to_numpy() == cents.loc[alone["sku"]].to_numpy()).all()
    assert (cents % 100 == 90).all()
    asked = 1 - order["discount"] / (order["revenue"] + order["discount"])
    assert set((100 * asked).round()) <= {100, 90, 85, 80}
    assert (orders["discount"] > 0).mean() == pytest.approx(Planted().orders.discounted, abs=0.015)


def test_people_who_spend_more_have_dearer_orders(usual: Shop) -> None:
    orders, people = usual.tables["orders"], usual.answer_keys["people"]
    spend = orders["customer_id"].map(people.set_index("person_id")["spend"])
    known = spend.notna()
    slope = np.polyfit(np.log(spend[known]), np.log(orders["revenue"][known]), 1)[0]
    assert 0.55 < slope < 1.1


def test_the_first_line_is_what_the_visit_was_after(usual: Shop) -> None:
    lines, events = usual.tables["order_lines"], usual.tables["events"]
    bought = events[events["event"] == "purchase"][["session_id", "order_id"]]
    views = events[events["event"] == "view_product"].drop_duplicates("session_id")
    after = bought.merge(views[["session_id", "page"]], on="session_id")
    category = after.set_index("order_id")["page"].str.removeprefix("/product/")
    has = lines.groupby("order_id")["category"].agg(set).reindex(category.index)
    assert all(one in found for one, found in zip(category, has, strict=True))
