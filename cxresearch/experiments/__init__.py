"""Experiments: from the plan to a decision one can defend.

The plan is written in the study's manifest (:mod:`cxresearch.study.plans`), before the data
where it is to be believed. Then:

================  ==================================================================
power_table       how many customers and days the plan asks for
read              one row per customer, with every metric of the plan
evaluate          each metric for each treatment, as the plan says
check_trial       whether the data can be trusted; a failed check blocks the verdict
missing_outcomes  who has no outcome, and whether the variants differ in it
when_written      whether the plan was there before the data
decide            ship, do not ship or keep running, by the plan's rule
answer            the same in a sentence
monitor           the same metric as one could have read it on every day
over_time         whether the effect stays as it was
analyse, check    the same for any frame of one row per unit, without a study
================  ==================================================================
"""

from cxresearch.experiments.analysis import (
    Analysis,
    between_tables,
    decisive_segments,
    effects_table,
    exploratory_table,
    guardrails_table,
    primary_effects,
    primary_sentences,
    segments_table,
)
from cxresearch.experiments.checks import (
    Attrition,
    Check,
    Checks,
    check,
    missing_outcomes,
    missing_table,
)
from cxresearch.experiments.conduct import check_trial, is_retrospective, when_written
from cxresearch.experiments.decision import Decision, answer, decide, next_step
from cxresearch.experiments.evaluation import analyse, evaluate
from cxresearch.experiments.exposures import RowCounts, first_exposures
from cxresearch.experiments.metric_columns import MetricColumns
from cxresearch.experiments.metric_columns import MetricColumns as Metric
from cxresearch.experiments.metric_effects import MetricEffect
from cxresearch.experiments.money import Worth
from cxresearch.experiments.monitoring import Monitoring, OverTime, monitor, over_time
from cxresearch.experiments.planning import PowerTable, power_table
from cxresearch.experiments.segment_effects import SegmentEffect
from cxresearch.experiments.trial import (
    Trial,
    error_metrics,
    funnel_metrics,
    plan,
    read,
    time_metrics,
)

__all__ = [
    "Analysis",
    "Attrition",
    "Check",
    "Checks",
    "Decision",
    "Metric",
    "MetricColumns",
    "MetricEffect",
    "Monitoring",
    "OverTime",
    "PowerTable",
    "RowCounts",
    "SegmentEffect",
    "Trial",
    "Worth",
    "analyse",
    "answer",
    "between_tables",
    "check",
    "check_trial",
    "decide",
    "decisive_segments",
    "effects_table",
    "error_metrics",
    "evaluate",
    "exploratory_table",
    "first_exposures",
    "funnel_metrics",
    "guardrails_table",
    "is_retrospective",
    "missing_outcomes",
    "missing_table",
    "monitor",
    "next_step",
    "over_time",
    "plan",
    "power_table",
    "primary_effects",
    "primary_sentences",
    "read",
    "segments_table",
    "time_metrics",
    "when_written",
]


def __dir__() -> list[str]:
    return __all__
