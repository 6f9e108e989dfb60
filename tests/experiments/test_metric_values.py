"""What each customer did after the exposure and before it, counted again with plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch import engine
from cxresearch.experiments.metric_columns import EARLY, Known, metric_of, with_outcomes
from cxresearch.study.plans import Metric

DAY = 86_400_000_000
#: The exposures are in the first ten days, and all is known until much later.
UNTIL = 100 * DAY


def metric(**given: object) -> Metric:
    basis = {"name": "m", "role": "secondary", "kind": "mean", "of": "purchase", "days": 7}
    return Metric.model_validate(basis | given)


def exposed(**days: float) -> pd.DataFrame:
    rows = [(name, "control", round(day * DAY)) for name, day in days.items()]
    return pd.DataFrame(rows, columns=["customer_id", "variant", "exposed_us"])


def events(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "event", "day"])
    return frame.assign(ts_us=(frame.pop("day") * DAY).round().astype("int64"))


def orders(*rows: tuple[str, float, float, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "revenue", "status", "currency"])
    return frame.assign(ts_us=(frame.pop("day") * DAY).round().astype("int64"))


def outcomes(customers: pd.DataFrame, *metrics: Metric, until: int = UNTIL, **tables: pd.DataFrame):
    known = {name: Known(engine.lazy(rows), until) for name, rows in tables.items()}
    found = with_outcomes(engine.lazy(customers), known, list(metrics), start_us=0, currency="EUR")
    return found.collect().to_pandas().set_index("customer_id").sort_index()


def test_a_customer_without_a_row_did_nothing_and_one_who_is_not_in_it_is_not_counted():
    found = outcomes(
        exposed(a=1, b=1), metric(), events=events(("a", "purchase", 2), ("z", "purchase", 2))
    )
    assert found["m"].to_dict() == {"a": 1, "b": 0}


def test_several_rows_of_one_customer_do_not_multiply_the_customer():
    found = outcomes(
        exposed(a=1, b=1),
        metric(),
        metric(name="spent", of={"table": "orders", "column": "revenue"}),
        events=events(*[("a", "purchase", 2 + i / 10) for i in range(5)]),
        orders=orders(*[("a", 2 + i / 10, 10.0, "completed", "EUR") for i in range(3)]),
    )
    assert len(found) == 2
    assert found.loc["a", ["m", "spent"]].tolist() == [5, 30]


def test_what_was_before_the_exposure_is_no_outcome_and_what_is_at_it_is_one():
    rows = [("a", "purchase", 0.999), ("a", "purchase", 1), ("b", "purchase", 0.5)]
    found = outcomes(exposed(a=1, b=1), metric(), events=events(*rows))
    assert found["m"].to_dict() == {"a": 1, "b": 0}
    assert found["m" + EARLY].to_dict() == {"a": 1, "b": 1}


def test_a_covariate_ends_with_the_exposure_whatever_comes_after():
    # A covariate that saw a minute of the treatment would take a part of its effect away.
    rows = [
        ("a", "purchase", 8),
        ("a", "purchase", 9.999),
        ("a", "purchase", 10.0001),  # nine seconds after it
        ("a", "purchase", 10.0007),
        ("a", "purchase", 11),
    ]
    found = outcomes(exposed(a=10), metric(history_days=5), events=events(*rows))
    assert found.loc["a", ["m", "m__before"]].tolist() == [3, 2]


def test_a_covariate_reaches_back_its_own_days_only_and_is_unknown_without_any_row():
    rows = [
        ("a", "purchase", 4.9),
        ("a", "purchase", 5.1),
        ("b", "begin_checkout", 6),
        ("c", "purchase", 4),
    ]
    found = outcomes(exposed(a=10, b=10, c=10), metric(history_days=5), events=events(*rows))
    assert found["m__before"].loc[["a", "b"]].tolist() == [1, 0]
    assert np.isnan(found.loc["c", "m__before"])


def test_only_kept_orders_in_the_currency_count():
    rows = [
        ("a", 2, 10.0, "completed", "EUR"),
        ("a", 3, 20.0, "cancelled", "EUR"),
        ("a", 3, 40.0, "completed", "USD"),
    ]
    spent = metric(of={"table": "orders", "column": "revenue"})
    assert outcomes(exposed(a=1), spent, orders=orders(*rows)).loc["a", "m"] == 10


def test_metrics_of_one_table_keep_their_own_windows_and_events():
    rows = [("a", "purchase", 1.5), ("a", "purchase", 5), ("a", "payment_error", 1.2)]
    found = outcomes(
        exposed(a=1),
        metric(name="day", days=1),
        metric(name="week"),
        metric(name="errors", of="payment_error"),
        metric(name="bought", kind="proportion"),
        metric(name="per_error", kind="ratio", per="payment_error"),
        events=events(*rows),
    )
    assert found.loc["a", ["day", "week", "errors", "bought"]].tolist() == [1, 2, 1, 1]
    assert found.loc["a", ["per_error", "per_error__per"]].tolist() == [2, 1]


def test_days_that_are_not_over_are_no_outcome():
    rows = events(("a", "purchase", 2), ("b", "purchase", 6))
    found = outcomes(exposed(a=1, b=5.5), metric(), until=10 * DAY, events=rows)
    assert found.loc["a", "m"] == 1
    assert np.isnan(found.loc["b", "m"])


@pytest.mark.parametrize("seed", range(3))
def test_plain_pandas_counts_the_same(seed: int):
    rng = np.random.default_rng(seed)
    customers = exposed(**{f"c{i:03d}": float(rng.uniform(0, 10)) for i in range(60)})
    names = rng.choice([*customers["customer_id"], "elsewhere"], size=600)
    rows = pd.DataFrame(
        {
            "customer_id": names,
            "event": rng.choice(["purchase", "begin_checkout"], size=600),
            "ts_us": rng.integers(-20 * DAY, 40 * DAY, size=600),
        }
    )
    found = outcomes(customers, metric(history_days=15), events=rows)
    both = rows.merge(customers, on="customer_id")
    since = (both["ts_us"] - both["exposed_us"]) / DAY
    bought = both["event"] == "purchase"
    index = found.index
    after = (
        both[bought & since.between(0, 7)]["customer_id"].value_counts().reindex(index).fillna(0)
    )
    before = both[bought & (since < 0) & (since >= -15)]["customer_id"].value_counts()
    seen = set(both[(since < 0) & (since >= -15)]["customer_id"])
    assert found["m"].tolist() == after.tolist()
    expected = before.reindex(index).fillna(0).where([name in seen for name in index])
    pd.testing.assert_series_equal(found["m__before"], expected, check_names=False)


def test_a_planned_metric_says_which_columns_the_analysis_needs():
    share = metric_of(metric(kind="ratio", per="begin_checkout", history_days=5), currency="EUR")
    assert share.columns == ("m", "m__per", "m__before", "m__before_per")
    spent = metric_of(metric(of={"table": "orders", "column": "revenue"}), currency="EUR")
    assert (spent.unit, spent.covariates) == ("EUR", ())
