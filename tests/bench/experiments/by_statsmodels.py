"""The tasks by pandas and statsmodels: every customer in memory, a regression for the revenue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from tests.bench import measured

_COLUMNS = ["before", "revenue", "bought", "orders", "sessions"]


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the tasks."""

    def analysed(variant: str, columns: list[str]) -> list[list[float]]:
        rows = pd.read_parquet(log, columns=[variant, *columns])
        groups = rows[variant].to_numpy()
        levels = range(1, groups.max() + 1)
        dummies = [(groups == level).astype(float) for level in levels]
        parts = [np.ones(len(rows)), rows["before"].to_numpy(), *dummies]
        fitted = sm.OLS(rows["revenue"].to_numpy(), np.column_stack(parts)).fit(cov_type="HC0")
        spent = [[float(slope)] for slope in fitted.params[2:]]
        if len(columns) == 2:
            return spent
        return [
            own + _others(rows, groups, level) for own, level in zip(spent, levels, strict=True)
        ]

    return {
        "one metric, 2 variants": lambda: analysed("two", _COLUMNS[:2]),
        "2 variants": lambda: analysed("two", _COLUMNS),
        "4 variants": lambda: analysed("four", _COLUMNS),
    }


def _others(rows: pd.DataFrame, groups: np.ndarray, level: int) -> list[float]:
    """Return the difference of the shares and of the ratios, each with its doubt worked out."""
    control, treatment = rows[groups == 0], rows[groups == level]
    counts = [(int(one["bought"].sum()), len(one)) for one in (control, treatment)]
    (x1, n1), (x2, n2) = counts
    proportions_ztest([x1, x2], [n1, n2])
    confint_proportions_2indep(x2, n2, x1, n1, method="newcomb")
    ratios = []
    for one in (control, treatment):
        orders, sessions = one["orders"].to_numpy(float), one["sessions"].to_numpy(float)
        ratios.append(orders.sum() / sessions.sum())
        np.var(orders - ratios[-1] * sessions)
    return [x2 / n2 - x1 / n1, float(ratios[1] - ratios[0])]


if __name__ == "__main__":
    measured.main(tasks)
