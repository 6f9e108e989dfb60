"""Who does the tasks."""

from __future__ import annotations

from tests.bench.tool import Tool

TASKS = ("one metric, 2 variants", "2 variants", "4 variants")
#: The newest of each that runs on the kit's Python.
_PEER = ("tea-tasting==1.14.0", "ibis-framework[duckdb]==12.0.0", "polars==2.1.0")


def _peer(name: str, backend: str) -> Tool:
    module = f"{__package__}.by_tea_tasting"
    return Tool(name=name, module=module, tasks=TASKS, arguments=(backend,), packages=_PEER)


BY_HAND = Tool(name="DuckDB by hand", module=f"{__package__}.by_sql", tasks=TASKS)
KIT = Tool(name="cxresearch", module=f"{__package__}.by_kit", tasks=TASKS)
IBIS = _peer("tea-tasting on DuckDB", "ibis")
POLARS = _peer("tea-tasting on Polars", "polars")
STATSMODELS = Tool(
    name="pandas, statsmodels", module=f"{__package__}.by_statsmodels", tasks=TASKS, repeats=1
)
PEERS = (IBIS, POLARS)
TOOLS = (BY_HAND, KIT, *PEERS, STATSMODELS)
