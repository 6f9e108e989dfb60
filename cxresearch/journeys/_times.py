"""How long things take: quartiles, and the mean with its interval over customers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.journeys.view import View, floats, totals
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    import pandas as pd

#: Where each quartile of a number of seconds lies.
QUARTILES = {"q1_s": 0.25, "median_s": 0.5, "q3_s": 0.75}
MEANS = ("n", "mean_s", "ci_low", "ci_high")
_SUMS = ("x", "y", "xx", "xy", "yy")
_SECOND_US = 1_000_000

#: Some numbers of each cell, by its keys.
ByCell = dict[tuple[Any, ...], dict[str, Any]]


def timed(view: View) -> list[dict[str, Any]]:
    """Return, per cell, the `count` of things and the quartiles of `to_next_us`, in one pass."""
    return frames.rows(engine.quantiles(view.counted, view.keys, "to_next_us", QUARTILES))


def quartiles(view: View, rows: Iterable[dict[str, Any]]) -> ByCell:
    """Return the quartiles of :func:`timed` in seconds."""
    return {view.cell(row): {name: seconds(row[name]) for name in QUARTILES} for row in rows}


def means(view: View, *, confidence: float) -> ByCell:
    """Return the mean of `to_next_us` in seconds, with its interval, over `n` customers."""
    known = view.counted.filter(~nw.col("to_next_us").is_null())
    customers = known.group_by("customer_id", *view.keys)
    sums = floats(customers.agg(nw.col("to_next_us").sum().alias("x"), y=nw.len()), "x", "y")
    x, y = nw.col("x") / _SECOND_US, nw.col("y")
    products = sums.with_columns(x=x, xx=x * x, xy=x * y, yy=y * y)
    found = totals(products, view.keys, *_SUMS)
    return {view.cell(row): _mean(row, confidence) for row in found}


def with_numbers(
    table: pd.DataFrame, view: View, numbers: ByCell, names: Iterable[str]
) -> pd.DataFrame:
    """Return a table with the numbers of each cell; where nothing was timed, `n` is 0, else nan."""
    cells = zip(*(table[key] for key in view.keys), strict=True) if view.keys else [()] * len(table)
    found = [numbers.get(cell, {}) for cell in cells]
    nothing = dict.fromkeys(names, math.nan) | {"n": 0}
    return table.assign(**{name: [(nothing | one)[name] for one in found] for name in names})


def seconds(time_us: float | None) -> float:
    """Return microseconds in seconds; nan where there are none."""
    return math.nan if time_us is None else float(time_us) / _SECOND_US


def _mean(row: dict[str, Any], confidence: float) -> dict[str, float]:
    sums = RatioSums(n=row["n"], **{name: float(row[name]) for name in _SUMS})
    found = ratio_of_sums(sums, unit="s", confidence=confidence, low=0.0)
    return {
        "n": found.n,
        "mean_s": frames.stable(found.value),
        "ci_low": frames.stable(found.ci.low),
        "ci_high": frames.stable(found.ci.high),
    }
