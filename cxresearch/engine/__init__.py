"""The engine: any frame in, small frames of sums over customers out.

``backends`` starts DuckDB or Spark; ``dialects`` asks them what Narwhals cannot; ``frames`` takes
any frame and sums it up by customer; ``order_rules``, ``row_order`` and ``windows`` say once what
an order counts as, in which order tied rows come, and what "within 7 days" means.
"""

from __future__ import annotations

from cxresearch.engine.backends import NAMES, Name, connect, name, spark
from cxresearch.engine.dialects import (
    alike,
    lazy,
    materialised,
    quantiles,
    scan,
    scan_runs,
    with_digest,
    with_row_before,
    with_row_numbers,
    write,
)

__all__ = [
    "NAMES",
    "Name",
    "alike",
    "connect",
    "lazy",
    "materialised",
    "name",
    "quantiles",
    "scan",
    "scan_runs",
    "spark",
    "with_digest",
    "with_row_before",
    "with_row_numbers",
    "write",
]
