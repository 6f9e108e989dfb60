"""The tasks by lifetimes, in an environment of its own: the same model, without intervals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tests.bench import measured

UNTIL, AHEAD = "2025-12-31", 52
_TIMES = ["frequency", "recency", "T"]


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the tasks; all that they import has been imported."""
    from lifetimes import ModifiedBetaGeoFitter, ParetoNBDFitter
    from lifetimes.utils import summary_data_from_transaction_data

    def summed() -> list[float]:
        rows = pd.read_parquet(log, columns=["customer_id", "day", "revenue"]).dropna()
        found = summary_data_from_transaction_data(
            rows, "customer_id", "day", "revenue", observation_period_end=UNTIL
        )
        weeks = found.assign(recency=found["recency"] / 7, T=found["T"] / 7)
        return [float(len(found)), *weeks[[*_TIMES, "monetary_value"]].sum().tolist()]

    def fitted() -> tuple[Any, list[Any]]:
        known = pd.read_parquet(log.with_suffix(".customers"))
        times = [known[name] for name in _TIMES]
        return ModifiedBetaGeoFitter().fit(*times), times

    def forecast() -> list[float]:
        model, times = fitted()
        ahead = model.conditional_expected_number_of_purchases_up_to_time(AHEAD, *times)
        return [float(ahead.sum())]

    def by_pareto() -> list[float]:
        known = pd.read_parquet(log.with_suffix(".customers"))
        times = [known[name] for name in _TIMES]
        model = ParetoNBDFitter().fit(*times)
        ahead = model.conditional_expected_number_of_purchases_up_to_time(AHEAD, *times)
        return [float(ahead.sum())]

    return {
        "summary": summed,
        "fit": lambda: fitted()[0].params_.tolist(),
        "fit and forecast": forecast,
        "fit and forecast, Pareto/NBD": by_pareto,
    }


if __name__ == "__main__":
    measured.main(tasks)
