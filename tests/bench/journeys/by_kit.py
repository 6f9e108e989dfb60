"""The tasks by the kit, on DuckDB or, where CX_ENGINE says so, on Spark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import measured
from tests.bench.journeys.log import STEPS


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:
    """Return the tasks; all that they import has been imported."""
    from cxresearch import engine
    from cxresearch.core.disk import Cache
    from cxresearch.journeys._example import PREPARED
    from cxresearch.journeys.funnel import funnel
    from cxresearch.journeys.paths import paths
    from cxresearch.journeys.prepare import prepare
    from cxresearch.journeys.prepared import Prepared
    from cxresearch.journeys.transitions import transitions

    cache = Cache(folder, "the log")

    def prepared() -> Prepared:
        return prepare(engine.scan(log), cache=cache)

    def edges(**options: bool) -> Any:
        return transitions(prepared(), start_exit=False, **options).frame

    def medians() -> Any:
        found = edges(intervals=False, times=True)
        return _sorted(found, ["source", "target", "median_s"])

    def top_paths(**options: bool) -> list[int]:
        return paths(prepared(), 6, top=20, **options).frame["count"].tolist()[:20]

    transitions(PREPARED)
    paths(PREPARED, 2)
    funnel(PREPARED, ["view", "cart"])
    counts = ["source", "target", "count"]
    return {
        "prepare": lambda: prepared().tally.sessions,
        "edges": lambda: _sorted(edges(intervals=False, times=False), counts),
        "median times": medians,
        "top paths": lambda: top_paths(intervals=False),
        "funnel": lambda: [step.units for step in funnel(prepared(), STEPS).steps],
        "edges with intervals": lambda: _sorted(edges(times=False), counts),
        "top paths with intervals": top_paths,
    }


def _sorted(table: Any, columns: list[str]) -> list[Any]:
    return sorted(table[columns].to_numpy().tolist())


if __name__ == "__main__":
    measured.main(tasks)
