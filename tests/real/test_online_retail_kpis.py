"""The scorecard of the real shop, re-derived from the raw file by plain pandas.

Nothing of the kit is used on the plain side: not its loader, its rules or its statistics.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import cxresearch as cx
from cxresearch import kpis

FILE = "online_retail_uci/online_retail.csv.gz"


@pytest.fixture(scope="module")
def lines(raw_data):
    return pd.read_csv(raw_data / FILE, dtype={"InvoiceNo": str, "CustomerID": str})


@pytest.fixture(scope="module")
def invoices(lines):
    """One row per invoice: its total, customer and first time, and what it counts as."""
    lines = lines.assign(total=lines["Quantity"] * lines["UnitPrice"])
    found = lines.groupby("InvoiceNo").agg(
        total=("total", "sum"), customer=("CustomerID", "first"), time=("InvoiceDate", "min")
    )
    found["time"] = pd.to_datetime(found["time"])
    found["is_cancellation"] = found.index.str.startswith("C")
    found["is_placed"] = found["total"] > 0
    found["is_sale"] = found["is_placed"] & ~found["is_cancellation"]
    found["unit"] = found["customer"].fillna(pd.Series(found.index, found.index))
    return found


@pytest.fixture(scope="module")
def orders(raw_data):  # noqa: ARG001 - it sets CX_RAW
    return cx.open_study("online-retail").frame("orders")


def ratio_interval(x, y):
    """Return a ratio over customers with its interval, from its definition."""
    ratio = x.sum() / y.sum()
    residuals = x - ratio * y
    n = len(x)
    error = math.sqrt(n / (n - 1) * (residuals**2).sum()) / y.sum()
    margin = stats.t.ppf(0.975, n - 1) * error
    return ratio, (ratio - margin, ratio + margin)


def test_the_raw_file_is_the_published_one(lines, invoices):
    assert len(lines) == 541_909
    assert len(invoices) == 25_900
    assert lines["CustomerID"].nunique() == 4_372
    assert invoices["is_cancellation"].sum() == 3_836


def test_one_order_per_invoice(orders, invoices, lines):
    frame = orders.collect().to_pandas()
    assert len(frame) == len(invoices) == frame["order_id"].nunique()
    assert frame["customer_id"].nunique() == lines["CustomerID"].nunique()
    assert frame["revenue"].sum() == pytest.approx(invoices["total"].sum())


def test_revenue(orders, invoices):
    gross = kpis.gross_revenue(orders, currency="GBP")
    net = kpis.net_revenue(orders, currency="GBP")
    assert gross.value == pytest.approx(invoices.loc[invoices["is_placed"], "total"].sum())
    assert net.value == pytest.approx(invoices["total"].sum())
    assert net.value == pytest.approx(9_747_747.93, abs=0.005)
    squares = (invoices.groupby("unit")["total"].sum() ** 2).sum()
    assert net.ci.high - net.value == pytest.approx(stats.norm.ppf(0.975) * math.sqrt(squares))
    assert kpis.order_count(orders).value == invoices["is_placed"].sum()


def test_order_value(orders, invoices):
    sales = invoices[invoices["is_sale"]].groupby("unit")["total"]
    value, interval = ratio_interval(sales.sum(), sales.count())
    result = kpis.average_order_value(orders, currency="GBP")
    assert result.value == pytest.approx(value)
    assert result.ci == pytest.approx(interval, rel=1e-6)
    assert result.n == len(sales)


def test_repeat_purchase(orders, invoices):
    per_customer = invoices.loc[invoices["is_sale"], "customer"].value_counts()
    result = kpis.repeat_purchase_rate(orders)
    assert result.value == pytest.approx((per_customer > 1).mean())
    assert result.n == len(per_customer)


def test_cancellations(orders, invoices):
    counted = invoices[invoices["is_placed"] | invoices["is_cancellation"]].groupby("unit")
    value, interval = ratio_interval(counted["is_cancellation"].sum(), counted["is_placed"].sum())
    result = kpis.cancellation_rate(orders)
    assert result.value == pytest.approx(value)
    assert result.ci == pytest.approx(interval, rel=1e-6)


def test_months(orders, invoices):
    by_month = invoices.groupby(invoices["time"].dt.strftime("%Y-%m"))["total"]
    months = kpis.monthly(orders, currency="GBP")
    assert months["month"].tolist() == by_month.sum().index.tolist()
    np.testing.assert_allclose(months["net"], by_month.sum())
    assert months["complete"].tolist() == [True] * 12 + [False]  # it ends on 9 December 2011


def test_returning_customers(orders, invoices):
    sales = invoices[invoices["is_sale"] & invoices["customer"].notna()]
    in_order = sales.rename_axis("number").sort_values(["time", "number"])
    later = in_order.loc[in_order["customer"].duplicated(), "total"].sum()
    share = kpis.returning_revenue_share(orders, currency="GBP")
    assert share.value == pytest.approx(later / sales["total"].sum())
