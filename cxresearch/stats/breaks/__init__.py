"""Breaks in many weekly series at once: level shifts, ramps and episodes, dated and sized.

Panel
    One measure of a whole and its groups, week by week; make it with `shares` or `means`.
scan
    Look for breaks in every group of every measure, on its own and against the rest.
Scan
    What a scan found.
Break
    A change of the level of one series that chance, season and growth do not explain.
Detectable
    How small a break could have been seen: a step 8 weeks old, found in 80 of 100 shops.
TooThin
    A series that is not judged, and why.
WEEKS
    In how many weeks with data a series must be to be judged.
PEOPLE
    Of how many people a series must be in all to be judged.
start_day
    The day on which a share began to be another, from its counts by week.
StartDay
    That day, and those that it may have been.
at
    Test series for a change in weeks that are given, not searched for.
SecondLook
    A series tested for a change at a date that another series gave.
"""

from cxresearch.stats.breaks.break_effects import Break
from cxresearch.stats.breaks.break_scan import Detectable, Scan, TooThin, scan
from cxresearch.stats.breaks.panels import Panel
from cxresearch.stats.breaks.series_looks import PEOPLE, WEEKS, SecondLook, at
from cxresearch.stats.breaks.start_days import StartDay, start_day

__all__ = [
    "PEOPLE",
    "WEEKS",
    "Break",
    "Detectable",
    "Panel",
    "Scan",
    "SecondLook",
    "StartDay",
    "TooThin",
    "at",
    "scan",
    "start_day",
]
