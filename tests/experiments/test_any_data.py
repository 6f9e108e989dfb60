"""No way of giving data crashes: every call of the notebook ends with what is known."""

from __future__ import annotations

import math
from typing import Any

import matplotlib.pyplot as plt
import pytest

import cxresearch as cx
from cxresearch import experiments, plots
from cxresearch.core.languages import Language
from cxresearch.core.table import Table
from cxresearch.experiments import MetricColumns, analyse
from tests.experiments import studies

#: 40 customers, all exposed at one moment.
MAILING = [(f"c{i}", ("control", "one_page")[i % 2], "2026-02-02 12:00") for i in range(40)]
BOUGHT = [(f"c{i}", "purchase", "2026-02-03 13:00", "m") for i in range(0, 40, 3)]
EMPTY: dict[str, list[Any]] = {"orders": [], "surveys": [], "tickets": [], "customers": []}


def metric(name: str, kind: str, **changes: object) -> dict[str, object]:
    return {"name": name, "role": "secondary", "kind": kind, "days": 7} | changes


METRICS = [
    *studies.PLAN["metrics"],
    metric("revenue", "mean", of={"table": "orders", "column": "revenue"}, history_days=30),
    metric("order_value", "ratio", of={"table": "orders", "column": "revenue"}, winsorise=None,
           per={"table": "orders"}),
    metric("median", "quantile", of={"table": "orders", "column": "revenue"}, q=0.5),
    metric("nps", "nps"),
    metric("tickets", "mean", of={"table": "tickets"}, role="guardrail", margin=0.1),
]  # fmt: skip
SEGMENTS = {
    "device": {"column": "device"},
    "loyalty": {"table": "customers", "column": "segment"},
}


def rows(**changes: object) -> dict[str, Any]:
    return {"exposures": MAILING, "events": BOUGHT} | changes


def exposed(variant: str | None = None, ts: str = "2026-02-02 12:00") -> list[tuple[str, str, str]]:
    return [(name, variant or own, ts) for name, own, _ in MAILING]


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "all at one moment": (rows(), {}),
    "a plan of one day": (rows(), {"start": "2026-02-02", "end": "2026-02-02"}),
    "every table empty": (rows(events=[], **EMPTY), {"metrics": METRICS, "segments": SEGMENTS}),
    "nobody exposed": (rows(exposures=[]), {}),
    "no row at all": ({"exposures": [], "events": []}, {}),
    "one variant": (rows(exposures=exposed("control")), {}),
    "unknown variants": (rows(exposures=exposed("red")), {}),
    "all after the end": (rows(exposures=exposed(ts="2026-02-20")), {}),
    "one person": (rows(exposures=MAILING[:1]), {}),
    "a third variant without anybody": (
        rows(),
        {"variants": {"control": 0.4, "one_page": 0.4, "two_pages": 0.2}},
    ),
    "looks": (rows(), {"looks": {"shares": [0.5, 1]}}),
}


#: What follows where the last day is known; where it is not, the plan's days are not over.
_VERDICTS = dict.fromkeys(CASES, "blocked") | dict.fromkeys(
    ["all at one moment", "a plan of one day", "every table empty", "looks"], "do not ship"
)


def said(*tables: Table) -> None:
    """Make tables in every language."""
    for table in tables:
        for lang in ("en", "it"):
            assert table.made(Language(lang), min_cell=5).html


def everything(project, data: dict[str, Any], plan: dict[str, Any]) -> experiments.Decision:
    """Make all calls of the notebook."""
    studies.write(project, data, **plan)
    shop = cx.open_study("shop")
    said(experiments.power_table(shop, "one_page").table())
    more = experiments.time_metrics("purchase", hours=[1])
    trial = experiments.read(shop, "one_page", more=more)
    analysis = experiments.evaluate(trial)
    checks = experiments.check_trial(trial, analysis)
    said(
        trial.tally.table(),
        checks.table(),
        analysis.table(),
        experiments.exploratory_table(analysis),
        *experiments.between_tables(analysis),
        experiments.guardrails_table(analysis),
        experiments.decisive_segments(analysis),
        experiments.missing_table(experiments.missing_outcomes(analysis)),
    )
    primary = analysis.of("primary")[0]
    seen = experiments.monitor(trial, primary.metric.name)
    said(seen.table())
    figure = plots.daily_effect(seen)
    if figure:
        for lang in ("en", "it"):
            figure.axes(lang)
            assert figure.alt(lang)
    plt.close("all")
    followed = experiments.over_time(trial, primary.metric.name)
    # No two days are said once, by both.
    assert not followed or figure
    decision = experiments.decide(trial, analysis, checks)
    said(decision.table())
    assert math.isnan(primary.planned.p_value) or primary.planned.n > 1
    return decision


@pytest.mark.parametrize(
    ("case", "as_of"),
    [
        *((case, "2026-03-31") for case in CASES),
        *((case, None) for case in ("all at one moment", "every table empty", "no row at all")),
    ],
)
def test_no_data_crash(project, case, as_of):
    data, plan = CASES[case]
    verdict = everything(project, data, plan | {"as_of": as_of}).verdict
    assert verdict == (_VERDICTS[case] if as_of else "keep running")


def test_an_experiment_that_has_not_begun_goes_on(project):
    data, plan = CASES["nobody exposed"]
    assert everything(project, data, plan | {"as_of": "2026-01-10"}).verdict == "keep running"


def test_a_frame_without_outcomes():
    import pandas as pd

    frame = pd.DataFrame({"variant": ["A", "B"] * 20, "value": [None] * 40, "level": ["x"] * 40})
    for kind in ("mean", "proportion", "quantile"):
        found = analyse(
            frame.astype({"value": float}),
            metrics=[MetricColumns(name="value", kind=kind)],
            segments=["level"],
        )
        assert found.reading("value").planned.n == 0
        assert math.isnan(found.reading("value").planned.value)
        assert found.missing["value"] == {"A": 20, "B": 20}
