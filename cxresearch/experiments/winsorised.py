"""A few very large values, brought down to a bound that is stated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core.remarks import Amount, Remark
from cxresearch.engine import frames
from cxresearch.experiments._metric_labels import named

if TYPE_CHECKING:
    from cxresearch.experiments.metric_columns import MetricColumns

_BOUND = "{metric}: values above {bound} count as {bound}, in {count} units"


def winsorised(
    frame: frames.Frame, metrics: Sequence[MetricColumns]
) -> tuple[frames.Frame, tuple[MetricColumns, ...], tuple[Remark, ...]]:
    """Return the units and the metrics with the values brought down, and what was done.

    Parameters
    ----------
    frame : LazyFrame
        One row per unit.
    metrics : sequence of MetricColumns
        The metrics; only those with `winsorise` are changed, and get a column of their own.

    Notes
    -----
    The bound is the quantile of the values of all units, whatever their variant, found in one
    scan for all metrics. An infinite value stays: it is an error, not a large value.

    Examples
    --------
    >>> from cxresearch import engine
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> from cxresearch.experiments.metric_columns import MetricColumns
    >>> revenue = MetricColumns(name="revenue", kind="mean", unit="EUR", winsorise=0.9)
    >>> frame, (metric,), remarks = winsorised(engine.lazy(CUSTOMERS), [revenue])
    >>> frame.select(nw.col(metric.value).max()).collect().item()
    39.0
    """
    chosen = [metric for metric in metrics if metric.winsorise]
    if not chosen:
        return frame, tuple(metrics), ()
    values = {metric.name: nw.col(metric.value).cast(nw.Float64) for metric in chosen}
    quantiles = {m.name: values[m.name].quantile(m.winsorise or 1, "linear") for m in chosen}
    bounds = frames.rows(frame.select(**quantiles))[0]
    over = {
        name: value.is_finite() & (value > float(bounds[name] or 0))
        for name, value in values.items()
    }
    counted = {name: frames.indicator(condition).sum() for name, condition in over.items()}
    counts = frames.rows(frame.select(**counted))[0]
    capped = {
        _column(name): nw.when(over[name]).then(nw.lit(float(bounds[name] or 0))).otherwise(value)
        for name, value in values.items()
    }
    remarks = [
        Remark(
            _BOUND,
            {
                "metric": named(m.name),
                "bound": Amount(float(bounds[m.name] or 0), m.unit),
                "count": int(counts[m.name] or 0),
            },
        )
        for m in chosen
    ]
    changed = [replace(m, value=_column(m.name)) if m.winsorise else m for m in metrics]
    return frame.with_columns(**capped), tuple(changed), tuple(remarks)


def _column(name: str) -> str:
    return f"{name}, winsorised"
