"""Customer value of two real shops: forecasts of days that are over, and who buys next.

The forecasts by BG/NBD are those of lifetimes 0.11.3 on the same customers. The Brier score and
the AUC are counted again from the list that the kit writes of an earlier day.
"""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import value
from cxresearch.value import next_orders


@pytest.fixture(scope="module")
def cdnow(raw_data) -> pd.DataFrame:
    names = ["customer_id", "day", "discs", "revenue"]
    path = raw_data / "cdnow_lifetimes" / "CDNOW_master.txt"
    rows = pd.read_csv(path, sep=r"\s+", skiprows=1, header=None, names=names, dtype=str)
    return rows.assign(
        day=pd.to_datetime(rows["day"], format="%Y%m%d"), revenue=rows["revenue"].astype(float)
    )


@pytest.fixture(scope="module")
def invoices(raw_data) -> pd.DataFrame:
    path = raw_data / "online_retail_uci" / "online_retail.csv.gz"
    lines = pd.read_csv(path, dtype={"InvoiceNo": str, "CustomerID": str})
    lines["revenue"] = lines["Quantity"] * lines["UnitPrice"]
    lines["day"] = pd.to_datetime(lines["InvoiceDate"]).dt.normalize()
    found = lines.groupby("InvoiceNo").agg(
        customer_id=("CustomerID", "first"), day=("day", "first"), revenue=("revenue", "sum")
    )
    return found.reset_index(names="order_id")


@pytest.mark.parametrize(("model", "ratio"), [("bg", 0.858), ("mbg", 0.810), ("pareto", 0.872)])
def test_39_weeks_of_cdnow_are_predicted_too_low(cdnow, model, ratio):
    """So do all models of its customers; each one's own rate predicts far too much."""
    found = value.holdout(cdnow, cut="1997-09-30", days=273, model=model)
    assert found.n == 23_500
    assert found.ratio.value == pytest.approx(ratio, abs=0.001)
    assert found.ratio.ci.high < 1
    known = value.summary(cdnow, until="1997-09-30").frame
    own = (known["frequency"] / known["T"].where(known["T"] > 0)).sum() * 39
    came = found.deciles["actual"] @ found.deciles["customers"]
    assert own / came > 1.4


@pytest.mark.parametrize(
    ("shop", "auc", "brier", "model_auc", "model_brier"),
    [("cdnow", 0.838, 0.0892, 0.837, 0.0901), ("invoices", 0.737, 0.2102, 0.732, 0.2191)],
)
def test_who_buys_in_90_days(request, shop, auc, brier, model_auc, model_brier):
    found = value.next_purchase(request.getfixturevalue(shop), days=90)
    table = found.compared.set_index("model")
    assert found.model == "logistic"
    assert table.loc["logistic", "auc"] == pytest.approx(auc, abs=0.001)
    assert table.loc["logistic", "brier"] == pytest.approx(brier, abs=0.0005)
    assert table.loc["Pareto/NBD", "auc"] == pytest.approx(model_auc, abs=0.001)
    assert table.loc["Pareto/NBD", "brier"] == pytest.approx(model_brier, abs=0.0005)
    # The same chance, held against what came by plain pandas.
    orders = request.getfixturevalue(shop)
    cut = found.cuts[1]
    known = value.purchases(value.summary(orders, until=cut)).customers(90)
    came = orders[(orders["day"] > pd.Timestamp(cut)) & (orders["revenue"] > 0)]
    came = came[came["day"] <= pd.Timestamp(cut) + pd.Timedelta(days=90)]
    bought = known["customer_id"].isin(came["customer_id"]).to_numpy(float)
    chance = known["buys_again"].to_numpy(float)
    plain = next_orders.compared(bought, {"buys again": chance}, 0.95).iloc[0]
    assert plain["auc"] == pytest.approx(table.loc["Pareto/NBD", "auc"], abs=0.01)


def test_nine_months_of_a_shop_show_no_leaving(invoices):
    bought = value.purchases(value.summary(invoices, until="2011-09-10"))
    assert bought.at_bound
    assert "no leaving can be seen in these data" in bought.note
    assert pd.isna(bought.alive().value)
