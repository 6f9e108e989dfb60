"""Journeys."""

from cxresearch.journeys.cells import Cells
from cxresearch.journeys.compare import Differences, compare
from cxresearch.journeys.contract import Contract
from cxresearch.journeys.dwell import Times, durations, dwell
from cxresearch.journeys.entries import entries, entry_view, exit_view, exits
from cxresearch.journeys.prepare import prepare
from cxresearch.journeys.prepared import Prepared, Tally
from cxresearch.journeys.step_matrix import step_matrix, step_view
from cxresearch.journeys.transitions import place_transitions, transition_view, transitions
from cxresearch.journeys.view import View

__all__ = [
    "Cells",
    "Contract",
    "Differences",
    "Prepared",
    "Tally",
    "Times",
    "View",
    "compare",
    "durations",
    "dwell",
    "entries",
    "entry_view",
    "exit_view",
    "exits",
    "place_transitions",
    "prepare",
    "step_matrix",
    "step_view",
    "transition_view",
    "transitions",
]
