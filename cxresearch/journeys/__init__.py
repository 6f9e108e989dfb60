"""Journeys: what customers do, in which order, how soon, and where they leave.

``prepare`` makes one table of a study's events (or of any pandas, Polars, Arrow, DuckDB or Spark
frame); every view reads it, counts by :class:`CountingRules`, and takes the customer as the
independent unit of its intervals.

==============  ==================================================================
prepare         events sorted into journeys and sessions, what became of every row
counting_rules  what is counted, in which order, within which time, for whom
funnel          how many reach each step, and how many are lost before it
by_other_rules  how far a funnel moves when other rules count it
members         the list behind a number of a funnel
transitions     from which event to which; between online and offline
step_matrix     where units are at their first step, their second...
flow            how units go on from each of their first steps
entries         where units begin and end
dwell           how long they stay at an event; how long a session lasts
paths           the most frequent ways, or those that lead to an event
patterns        the units whose events follow a pattern such as ``a->[^b]*->c``
loops           the events that come again, and the ways there and right back
compare         any of these in two groups, cell by cell, false alarms held down
segments        who a customer was when an event happened, by what was known then
lifts           how often a goal follows an event, against any event
time_to_goal    how soon customers arrive, those still on their way not forgotten
drivers         what tells journeys that arrive from those that do not
reconcile       whether numbers that must agree do
==============  ==================================================================
"""

from cxresearch.journeys.cells import Cells, View
from cxresearch.journeys.compare import Differences, compare, compare_transitions
from cxresearch.journeys.counting_rules import CountingRules, days, reconcile
from cxresearch.journeys.drivers import Drivers, drivers
from cxresearch.journeys.dwell import Times, durations, dwell
from cxresearch.journeys.funnel import Funnel, FunnelGroup, FunnelStep, funnel
from cxresearch.journeys.funnel_views import OtherRules, by_other_rules, funnel_view, members
from cxresearch.journeys.lifts import Lifts, lifts
from cxresearch.journeys.loops import Loops, back_and_forth, repeats
from cxresearch.journeys.paths import Paths, path_view, paths
from cxresearch.journeys.patterns import Patterns, matching_units, pattern_view, patterns
from cxresearch.journeys.prepare import order_events, prepare, prepare_study
from cxresearch.journeys.prepared import Prepared, Tally
from cxresearch.journeys.segments import with_behaviour, with_groups, with_period
from cxresearch.journeys.step_matrix import (
    entries,
    entry_view,
    exit_view,
    exits,
    step_matrix,
    step_view,
)
from cxresearch.journeys.time_to_goal import TimeToGoal, time_to_goal
from cxresearch.journeys.transitions import flow, place_transitions, transition_view, transitions

__all__ = [
    "Cells",
    "CountingRules",
    "Differences",
    "Drivers",
    "Funnel",
    "FunnelGroup",
    "FunnelStep",
    "Lifts",
    "Loops",
    "OtherRules",
    "Paths",
    "Patterns",
    "Prepared",
    "Tally",
    "TimeToGoal",
    "Times",
    "View",
    "back_and_forth",
    "by_other_rules",
    "compare",
    "compare_transitions",
    "days",
    "drivers",
    "durations",
    "dwell",
    "entries",
    "entry_view",
    "exit_view",
    "exits",
    "flow",
    "funnel",
    "funnel_view",
    "lifts",
    "matching_units",
    "members",
    "order_events",
    "path_view",
    "paths",
    "pattern_view",
    "patterns",
    "place_transitions",
    "prepare",
    "prepare_study",
    "reconcile",
    "repeats",
    "step_matrix",
    "step_view",
    "time_to_goal",
    "transition_view",
    "transitions",
    "with_behaviour",
    "with_groups",
    "with_period",
]


def __dir__() -> list[str]:
    return __all__
