"""What the data-quality report counts, on a study small enough to count by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import kpis
from cxresearch.core.catalogues import catalogue
from cxresearch.core.languages import Language
from cxresearch.study import Study, quality

MANIFEST = """\
title: {en: Shop}
currency: EUR
time_zone: Europe/Rome
as_of: "2026-01-31"
tables:
  orders: {file: orders.csv}
"""
# Ten rows: two of them are rejected, one of the eight that stay names no customer.
ORDERS = "order_id,customer_id,ts,revenue\n" + "".join(
    f"o{i},{'' if i == 3 else f'c{i % 4}'},2026-01-{i + 1:02d} 10:00:00,{'n/d' if i > 7 else 9.5}\n"
    for i in range(10)
)


@pytest.fixture
def shop(project: Path) -> Study:
    folder = project / "data" / "shop"
    folder.mkdir()
    (folder / "study.yaml").write_text(MANIFEST, "utf-8")
    (folder / "orders.csv").write_text(ORDERS, "utf-8")
    return cx.open_study("shop")


def test_rows_are_counted_completely(shop: Study) -> None:
    rows = quality.rows_in(shop)
    assert (rows.value, rows.n, rows.unit) == (10, 10, "rows")
    assert rows.ci == (10, 10)
    assert quality.rows_rejected(shop).value == 2


def test_the_rejected_share_has_the_wilson_interval(shop: Study) -> None:
    # 2 of 10 by the formula: centre (2 + z2/2) / (10 + z2), z2 = 3.8415, half-width below.
    share = quality.rejected_share(shop)
    assert share.value == pytest.approx(0.2)
    assert share.ci == pytest.approx((0.0567, 0.5098), abs=5e-5)


def test_customers_and_anonymous_orders(shop: Study) -> None:
    orders = shop.frame("orders")
    assert quality.orders_read(orders).value == 8
    assert quality.identified_customers(orders).value == 4
    anonymous = quality.anonymous_share(orders)
    assert (anonymous.value, anonymous.n) == (0.125, 8)


def test_findings_are_in_words(shop: Study) -> None:
    rejected = quality.findings(shop, action="reject")
    told = rejected.frame[["table", "column", "finding", "of", "rows"]]
    assert told.to_dict("records") == [
        {
            "table": "orders",
            "column": "revenue",
            "finding": "cannot be read as a number",
            "of": "one order",
            "rows": 2,
        }
    ]
    flagged = quality.findings(shop, action="flag").made(Language("it")).text
    assert "nessun cliente indicato" in flagged


def test_what_was_refused_bounds_shares_of_rows_but_not_of_customers(shop: Study) -> None:
    bound = quality.rejected_by_table(shop).frame["share"].item()
    kept, refused = 8, 2
    whole = [(k, k + side) for k in range(kept + 1) for side in (0, refused)]
    assert all(abs(k / kept - more / (kept + refused)) <= bound + 1e-12 for k, more in whole)
    # Seven of the eight rows name one of four customers, three of them twice. Had the two refused
    # rows been of the one who bought once, no share of rows could tell, but the repeat rate would.
    once_more = kpis.repeat_purchase_rate(shop.frame("orders"))
    assert (once_more.value, once_more.n) == (0.75, 4)
    assert 1 - once_more.value > bound


def test_each_table_has_its_rejected_share(shop: Study) -> None:
    by_table = quality.rejected_by_table(shop).frame
    assert by_table[["table", "rows_in", "rows_rejected", "share"]].to_numpy().tolist() == [
        ["orders", 10, 2, 0.2]
    ]


def test_another_action_is_refused(shop: Study) -> None:
    with pytest.raises(ValueError, match="action must be one of 'reject', 'flag'; got 'drop'"):
        quality.findings(shop, action="drop")


def test_every_rule_of_the_loaders_has_words_in_both_languages() -> None:
    folder = Path(quality.__file__).parent
    source = (folder / "schema.py").read_text() + "".join(
        path.read_text() for path in (folder / "loaders").glob("*.py")
    )
    named = set(re.findall(r'Rule\(\s*"(\w+)"', source))
    named |= set(re.findall(r'"(not_a_\w+)"', source)) | set(re.findall(r'error="(\w+)"', source))
    named |= {"duplicate_key", "later_row", "row_in_two_files", "unreadable_row"}
    assert named == set(quality.RULES)
    assert set(quality.RULES.values()) <= set(catalogue("it"))


def test_two_tables_read_from_one_file_both_count(project: Path):
    folder = project / "data" / "two"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: S}, currency: EUR, time_zone: UTC, tables: "
        "{orders: {file: all.csv}, order_lines: {file: all.csv}}}"
    )
    head = "order_id,customer_id,ts,revenue,sku,quantity,price\n"
    (folder / "all.csv").write_text(head + "A,c,2026-01-05,1,s,x,1\nB,c,2026-01-05,1,s,2,1\n")
    two = cx.open_study("two")
    # Two rows, each held against two contracts; one of the four was refused.
    assert (quality.rows_in(two).value, quality.rows_rejected(two).value) == (4, 1)
    assert quality.rejected_share(two).value == 0.25


def test_a_value_without_a_label_is_listed_once_with_all_its_rows(project: Path) -> None:
    folder = project / "data" / "labels"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: S}, currency: EUR, time_zone: UTC, languages: [en, it], "
        "labels: {app: App, web: {en: Web}}, "
        "touchpoints: {buy: {touchpoint: cart, stage: purchase, label: Buy}}, "
        "tables: {events: {file: events.csv}, orders: {file: orders.csv}}}"
    )
    (folder / "events.csv").write_text(
        "customer_id,ts,event,channel\n"
        "a,2026-01-05,buy,app\nb,2026-01-05,buy,web\nc,2026-01-05,look,shop\nd,2026-01-05,look,\n"
    )
    (folder / "orders.csv").write_text(
        "order_id,ts,revenue,channel\nA,2026-01-05,1,shop\nB,2026-01-05,1,shop\n"
    )
    shown = quality.unlabelled(cx.open_study("labels"))
    assert shown.frame.values.tolist() == [
        ["shop", "events.channel, orders.channel", "English, Italiano", 3],
        ["look", "events.event", "English, Italiano", 2],
        ["web", "events.channel", "Italiano", 1],
    ]
    assert repr(shown).startswith("Values without a label, the most frequent first: 3 of 3")


def test_of_many_values_without_a_label_the_caption_says_how_many_there_are(project: Path) -> None:
    folder = project / "data" / "many"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: S}, currency: EUR, time_zone: UTC, tables: {marketing: {file: m.csv}}}"
    )
    rows = "".join(f"2026-01-05,campaign {i:03d}\n" for i in range(101))
    (folder / "m.csv").write_text("date,channel\n" + rows)
    shown = quality.unlabelled(cx.open_study("many"))
    assert len(shown.frame) == 100
    said = "Values without a label, the most frequent first: 100 of 101"
    assert repr(shown).startswith(said)


def test_a_study_whose_values_all_have_labels_says_so(shop: Study) -> None:
    assert repr(quality.unlabelled(shop)) == "Every value has a label."


def test_months_without_a_row_are_named(shop: Study, project: Path) -> None:
    assert quality.empty_months(shop, "orders") == []
    assert "without a row" not in quality.overview(shop).caption
    days = ["2024-11-30 22:00", "2024-12-31 23:30", "2025-03-01 10:00", "2026-01-10 10:00"]
    rows = "".join(f"o{i},c,{day}:00Z,5\n" for i, day in enumerate(days))
    heading = "order_id,customer_id,ts,revenue\n"
    (project / "data/shop/orders.csv").write_text(heading + rows, "utf-8")
    gapped = cx.open_study("shop")
    # In Rome the second is of January 2025.
    months = {f"{month:%Y-%m}" for month in pd.period_range("2024-11", "2026-01", freq="M")}
    months -= {"2024-11", "2025-01", "2025-03", "2026-01"}
    assert quality.empty_months(gapped, "orders") == sorted(months)
    shown = str(quality.overview(gapped))
    some = ", ".join(sorted(months)[:6])
    assert f"months without a row: orders {some}, +{len(months) - 6}" in shown
