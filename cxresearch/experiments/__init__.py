"""Experiments: from the plan to a decision one can defend.

The plan is written in the study's manifest before the data (:mod:`cxresearch.plans`).

================  ==================================================================
read              one row per customer, with every metric of the plan
analyse           each metric for each treatment, from any frame of one row per unit
evaluate          the same for an experiment that was read, as its plan says
check             whether the data can be trusted; a failed check blocks the verdict
================  ==================================================================
"""

from cxresearch.experiments.analysis import Analysis, analyse, evaluate
from cxresearch.experiments.checks import Check, Checks, check, check_trial
from cxresearch.experiments.exposures import Tally, first_exposures
from cxresearch.experiments.metric import Metric
from cxresearch.experiments.readings import Reading
from cxresearch.experiments.segment_effects import SegmentEffect
from cxresearch.experiments.trial import Trial, plan, read

__all__ = [
    "Analysis",
    "Check",
    "Checks",
    "Metric",
    "Reading",
    "SegmentEffect",
    "Tally",
    "Trial",
    "analyse",
    "check",
    "check_trial",
    "evaluate",
    "first_exposures",
    "plan",
    "read",
]
