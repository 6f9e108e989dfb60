"""The tasks by the kit: the whole analysis, with its intervals, lifts and corrections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import measured

NAMES = ("revenue", "bought", "orders per session")


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the tasks; all that they import has been imported."""
    from cxresearch import engine
    from cxresearch.experiments import MetricColumns, analyse
    from cxresearch.experiments._example import CUSTOMERS

    spent = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
    bought = MetricColumns(name="bought", kind="proportion")
    ratio = MetricColumns(
        name=NAMES[2], kind="ratio", value="orders", per="sessions", unit="orders"
    )

    def analysed(variant: str, *metrics: MetricColumns) -> list[list[float]]:
        found = analyse(engine.scan(log).to_native(), metrics=metrics, variant=variant)
        return [
            [found.reading(metric.name, name).planned.value for metric in metrics]
            for name in found.treatments
        ]

    analyse(CUSTOMERS.assign(variant=["a", "b", "c"] * 4), metrics=[spent])
    return {
        "one metric, 2 variants": lambda: analysed("two", spent),
        "2 variants": lambda: analysed("two", spent, bought, ratio),
        "4 variants": lambda: analysed("four", spent, bought, ratio),
    }


if __name__ == "__main__":
    measured.main(tasks)
