"""Customer lifetime value: models of purchases and spend, and the summary they need."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxresearch import value


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Answer a case by what it gives: transactions, or a file of customers."""
    if "transactions" in given:
        return _summary(given)
    customers = pd.read_csv(given["file"])
    if "p" in expected:
        fit = value.spend(customers)
        return {"p": fit.p, "q": fit.q, "v": fit.v, "loglik": fit.loglik}
    model = "pareto" if "s" in expected else "bg"
    bought = value.purchases(customers, model=model)
    return bought.to_dict()


def _summary(given: dict[str, Any]) -> dict[str, Any]:
    orders = pd.DataFrame(given["transactions"], columns=["customer_id", "day", "revenue"])
    orders["day"] = pd.to_datetime(orders["day"])
    found = value.summary(orders, until=given["observation_end"], unit=given["unit"]).frame
    names = ["frequency", "recency", "T", "monetary_value"]
    return found.set_index("customer_id")[names].to_dict("index")
