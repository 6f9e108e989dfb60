"""Journeys."""

from cxresearch.journeys.cells import Cells
from cxresearch.journeys.compare import Differences, compare
from cxresearch.journeys.contract import Contract, days
from cxresearch.journeys.dwell import Times, durations, dwell
from cxresearch.journeys.entries import entries, entry_view, exit_view, exits
from cxresearch.journeys.flow import flow
from cxresearch.journeys.funnel import Funnel, funnel
from cxresearch.journeys.funnel_steps import FunnelGroup, FunnelStep
from cxresearch.journeys.leak import Leak, biggest_leak, revenue_behind
from cxresearch.journeys.lifts import Lifts, lifts
from cxresearch.journeys.members import members
from cxresearch.journeys.paths import Paths, path_view, paths
from cxresearch.journeys.patterns import pattern_view, patterns
from cxresearch.journeys.prepare import prepare
from cxresearch.journeys.prepared import Prepared, Tally
from cxresearch.journeys.reconcile import reconcile
from cxresearch.journeys.segments import with_behaviour, with_groups, with_period
from cxresearch.journeys.step_matrix import step_matrix, step_view
from cxresearch.journeys.step_times import step_times
from cxresearch.journeys.transitions import place_transitions, transition_view, transitions
from cxresearch.journeys.view import View

__all__ = [
    "Cells",
    "Contract",
    "Differences",
    "Funnel",
    "FunnelGroup",
    "FunnelStep",
    "Leak",
    "Lifts",
    "Paths",
    "Prepared",
    "Tally",
    "Times",
    "View",
    "biggest_leak",
    "compare",
    "days",
    "durations",
    "dwell",
    "entries",
    "entry_view",
    "exit_view",
    "exits",
    "flow",
    "funnel",
    "lifts",
    "members",
    "path_view",
    "paths",
    "pattern_view",
    "patterns",
    "place_transitions",
    "prepare",
    "reconcile",
    "revenue_behind",
    "step_matrix",
    "step_times",
    "step_view",
    "transition_view",
    "transitions",
    "with_behaviour",
    "with_groups",
    "with_period",
]
