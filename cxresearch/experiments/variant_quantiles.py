"""The quantile of a metric in each variant: of all values, two or four leave the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core.results import Estimate, Interval
from cxresearch.engine import frames
from cxresearch.stats.ranks.quantiles import NO_VALUES, TOO_FEW_FOR_INTERVAL, ranks

if TYPE_CHECKING:
    from cxresearch.experiments.metric_columns import MetricColumns


def quantiles(
    frame: frames.Frame,
    metric: MetricColumns,
    *,
    variant: str,
    variants: Sequence[str],
    confidence: float,
) -> dict[str, Estimate]:
    """Return the quantile of a metric in each variant, as :func:`stats.quantiles.quantile` does.

    Parameters
    ----------
    frame : LazyFrame
        One row per unit; units with null have no value.
    metric : MetricColumns
        A metric of kind ``"quantile"``.
    variant : str
        The column of the variants.
    variants : sequence of str
        The variants.
    confidence : float
        Coverage of the intervals.

    Notes
    -----
    The engine sorts the values of each variant once; only those beside the quantile and at the
    ends of its interval leave it.

    Examples
    --------
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> from cxresearch.experiments.metric_columns import MetricColumns
    >>> from cxresearch import engine
    >>> median = MetricColumns(name="before", kind="quantile", unit="EUR")
    >>> found = quantiles(engine.lazy(CUSTOMERS), median, variant="variant",
    ...                   variants=["control", "one_page"], confidence=0.95)
    >>> found["control"].value, tuple(found["one_page"].ci)
    (7.5, (5.0, 30.0))
    """
    values = frame.filter(~nw.col(metric.value).is_null()).select(
        variant=nw.col(variant), value=nw.col(metric.value).cast(nw.Float64)
    )
    sizes = {
        str(row["variant"]): int(row["n"])
        for row in frames.rows(values.group_by("variant").agg(nw.len().alias("n")))
    }
    places = {
        name: _places(sizes.get(name, 0), metric.q, confidence=confidence) for name in variants
    }
    wanted = sorted({place for found in places.values() for place in found})
    place = nw.col("value").rank("ordinal").over("variant").cast(nw.Int64)
    fetched = frames.rows(values.with_columns(place=place).filter(nw.col("place").is_in(wanted)))
    at = {(str(row["variant"]), int(row["place"])): float(row["value"]) for row in fetched}
    return {
        name: _order_estimate(
            {k: at[name, k] for k in places[name] if (name, k) in at},
            sizes.get(name, 0),
            metric,
            confidence=confidence,
        )
        for name in variants
    }


def _places(n: int, q: float, *, confidence: float) -> set[int]:
    """Return the places, from 1, of the values that the quantile and its interval are made of."""
    at = 1 + q * (n - 1)
    return {math.floor(at), math.ceil(at), *ranks(n, q, confidence=confidence)}


def _order_estimate(
    at: dict[int, float], n: int, metric: MetricColumns, *, confidence: float
) -> Estimate:
    place = 1 + metric.q * (n - 1)
    value = math.nan
    if n:
        below, above = at[math.floor(place)], at[math.ceil(place)]
        value = below + (place - math.floor(place)) * (above - below)
    low, high = ranks(n, metric.q, confidence=confidence)
    ci = Interval(at.get(low, math.nan), at.get(high, math.nan))
    lacking = any(math.isnan(bound) for bound in ci)
    return Estimate(
        value=value,
        ci=ci,
        n=n,
        unit=metric.unit,
        confidence=confidence,
        method="order statistics, binomial",
        note=(TOO_FEW_FOR_INTERVAL if lacking else "") if n else NO_VALUES,
    )
