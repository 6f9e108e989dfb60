"""Who does the tasks."""

from __future__ import annotations

from tests.bench.tool import Tool

SUMMARY, FIT, FORECAST = "summary", "fit", "fit and forecast"
PARETO = "fit and forecast, Pareto/NBD"
TRIANGLE, BASKETS = "triangle", "baskets"
TASKS = (SUMMARY, FIT, FORECAST, PARETO, TRIANGLE, BASKETS)
#: The peer, with the newest of each that it runs on.
_PEER = ("lifetimes==0.11.3", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1", "scipy==1.17.1")

BY_HAND = Tool(
    name="DuckDB by hand",
    module=f"{__package__}.by_sql",
    tasks=(SUMMARY, TRIANGLE, BASKETS),
    repeats=2,
)
KIT = Tool(name="cxresearch", module=f"{__package__}.by_kit", tasks=TASKS, repeats=2)
LIFETIMES = Tool(
    name="lifetimes 0.11.3",
    module=f"{__package__}.by_lifetimes",
    tasks=(SUMMARY, FIT, FORECAST, PARETO),
    packages=_PEER,
    repeats=1,
)
TOOLS = (BY_HAND, KIT, LIFETIMES)
