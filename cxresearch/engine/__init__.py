"""The engine: any frame in, small frames of sums over customers out.

``backends`` starts DuckDB or Spark; ``dialects`` asks them what Narwhals cannot; ``frames`` takes
any frame and sums it up by customer; ``order_rules``, ``row_order`` and ``windows`` say once what
an order counts as, in which order tied rows come, and what "within 7 days" means.
"""

from __future__ import annotations

from cxresearch.engine.backends import NAMES, Name, connect, name, spark
from cxresearch.engine.dialects import (
    digested,
    lazy,
    numbered,
    quantiles,
    scan,
    with_row_before,
    write,
)

__all__ = [
    "NAMES",
    "Name",
    "connect",
    "digested",
    "lazy",
    "name",
    "numbered",
    "quantiles",
    "scan",
    "spark",
    "with_row_before",
    "write",
]
