"""The tasks by retentioneering 5, in its own environment; its stream is built once, in memory.

It has no list of top paths; the step matrix is what comes nearest, and answers less.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import measured

STEPS = ["view", "cart", "checkout", "payment", "purchase"]
_ENDS = ["path_start", "path_end"]


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the tasks; `prepare` comes first."""
    import pandas as pd
    from retentioneering import Eventstream
    from retentioneering.tools.transition_matrix import TransitionMatrix

    made: dict[str, Any] = {}

    def prepare() -> int:
        schema = {
            "path_cols": ["customer_id"],
            "event_col": "event",
            "timestamp_col": "ts",
            "segment_cols": ["channel", "device"],
        }
        made["stream"] = Eventstream(pd.read_parquet(log), schema)
        made["sessions"] = made["stream"].split_sessions(timeout="30m")
        return int(made["sessions"].to_dataframe()["session_id"].nunique())

    def edges(weight: str) -> list[list[Any]]:
        matrix = TransitionMatrix(made["sessions"]).fit(weight, path_col="session_id")
        inside = matrix.drop(index=_ENDS, columns=_ENDS, errors="ignore")
        cells = inside.stack().dropna()
        if weight == "time_median":
            cells = cells.dt.total_seconds()
        return sorted([a, b, float(value)] for (a, b), value in cells.items() if value)

    def funnel() -> list[int]:
        return [step["unique_paths"] for step in made["stream"].funnel_data(steps=STEPS)["steps"]]

    def step_matrix() -> None:
        made["sessions"].step_matrix_data(max_steps=6, path_col="session_id")

    return {
        "prepare": prepare,
        "edges": lambda: edges("count"),
        "median times": lambda: edges("time_median"),
        "top paths": step_matrix,
        "funnel": funnel,
    }


if __name__ == "__main__":
    measured.main(tasks)
