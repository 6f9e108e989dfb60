"""Every series of a study watched, its breaks gathered, their worth said, the costliest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.findings.contact_measures import contact_units
from cxresearch.findings.fires import Key
from cxresearch.findings.groups import of_people, with_people
from cxresearch.findings.sale_measures import order_units
from cxresearch.findings.series import Series, Units, sum_units
from cxresearch.findings.visit_measures import visit_units
from cxresearch.findings.voice_measures import voice_units
from cxresearch.findings.weeks import Weeks

if TYPE_CHECKING:
    from cxresearch.study import Study

#: The weeks that say how things are now.
NOW_WEEKS = 4
#: The tables whose days say how far the data reach.
_DATED = ("events", "orders", "surveys", "feedback", "tickets", "deliveries", "messages")
#: Which report has the proof of what kind.
_PROOFS = {
    "error": "funnel_and_paths",
    "step": "funnel_and_paths",
    "wait": "funnel_and_paths",
    "order": "kpi_scorecard",
    "delivery": "kpi_scorecard",
    "contact": "kpi_scorecard",
    "score": "kpi_scorecard",
    "who": "kpi_scorecard",
    "theme": "voice_of_customer",
}


def weeks_of(study: Study) -> Weeks | None:
    """Return the whole weeks that a study's tables cover; None where none has a day."""
    ends = []
    for table in _DATED:
        if table in study.tables:
            day = nw.col("day")
            (row,) = frames.rows(study.frame(table).select(first=day.min(), last=day.max()))
            if row["first"] is not None:
                ends.append((_date(row["first"]), _date(row["last"])))
    if not ends:
        return None
    last = study.manifest.as_of or max(last for _, last in ends)
    return Weeks.between(min(first for first, _ in ends), last, study.time_zone)


def series_of(study: Study, weeks: Weeks) -> dict[Key, Series]:
    """Return every series that a study's tables allow, by measure and group."""
    found: dict[Key, Series] = {}
    for units in _units(study, weeks):
        for series in sum_units(_with_people(study, units), weeks):
            found[series.measure.name, series.group] = series
    return found


def _units(study: Study, weeks: Weeks) -> Iterator[Units]:
    visits = visit_units(study, weeks)
    if visits is not None:
        yield visits
    yield from order_units(study, weeks)
    yield from voice_units(study, weeks)
    yield from contact_units(study, weeks)


def _with_people(study: Study, units: Units) -> Units:
    """Return units told apart by who their customers are, too."""
    traits = [name for name in of_people(study) if name not in units.groups]
    if not traits or not units.groups:
        return units
    return replace(units, rows=with_people(study, units.rows), groups=(*units.groups, *traits))


def _date(day: date) -> date:
    return date(day.year, day.month, day.day)
