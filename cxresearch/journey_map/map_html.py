"""A journey map as HTML: one section per stage, lanes lined up, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark
from cxresearch.findings.finding import GRADES
from cxresearch.journey_map.map_cells import Cell, Point, StageColumn

#: The rows of the map: the lanes that stand in each, the first gives the heading.
ROWS = (
    ("who", "next"),
    ("indicator", "trend"),
    ("wants",),
    ("satisfaction", "truth"),
    ("hurts",),
    ("todo",),
)
#: What a reader calls each row.
_HEADINGS = {
    "who": "Who is there",
    "indicator": "Indicator",
    "wants": "What they write about",
    "satisfaction": "Satisfaction",
    "hurts": "Pain points",
    "todo": "What to do",
}
#: What the field calls the stages of its models.
_STAGES = {
    "awareness": "Awareness",
    "consideration": "Consideration",
    "purchase": "Purchase",
    "service": "Service",
    "loyalty": "Loyalty",
    "advocacy": "Advocacy",
    "decision": "Decision",
    "retention": "Retention",
    "acquisition": "Acquisition",
    "discovery": "Discovery",
    "interest": "Interest",
    "conversion": "Conversion",
    "repurchase": "Repurchase",
}
STATES = {"critical": "▲ critical, open", "past": "▽ was critical, now back"}
_WIDE, _HIGH = 150, 30


def html(columns: Sequence[StageColumn], language: Language) -> str:
    """Return a map as HTML, with its style.

    Parameters
    ----------
    columns : sequence of StageColumn
        The stages with their cells.
    language : Language
        The language of its readers, with the study's labels.
    """
    style = (Path(__file__).parent / "map.css").read_text("utf-8")
    stages = len(columns)
    chips = "".join(
        f'<a class="{one.state}" href="#cx-stage-{place}" aria-label="{_name(one, language)}">'
        f"{place}</a>"
        for place, one in enumerate(columns, start=1)
    )
    headings = "".join(f"<span>{escape(language.text(_HEADINGS[row[0]]))}</span>" for row in ROWS)
    sections = "".join(_section(one, place, language) for place, one in enumerate(columns, start=1))
    label = escape(language.text("Stages"))
    return (
        f'<div class="cx-map" style="--stages:{stages}"><style>{style}</style>'
        f'<nav class="strip" aria-label="{label}">{chips}</nav>'
        f'<div class="grid"><div class="lanes" aria-hidden="true"><span></span>{headings}</div>'
        f"{sections}</div></div>"
    )


def stage_name(stage: str, language: Language) -> str:
    """Return what a reader calls a stage: the study's label, else the field's word."""
    if stage in language.labels:
        return language.labels[stage]
    return language.text(_STAGES[stage]) if stage in _STAGES else stage


def _name(column: StageColumn, language: Language) -> str:
    return escape(stage_name(column.stage, language))


def _section(column: StageColumn, place: int, language: Language) -> str:
    state = ""
    if column.state:
        state = f'<span class="state">{escape(language.text(STATES[column.state]))}</span>'
    rows = "".join(
        _row([column.cells[lane] for lane in row], language.text(_HEADINGS[row[0]]), language)
        for row in ROWS
    )
    return (
        f'<section class="stage {column.state}" style="grid-column:{place + 1}" '
        f'aria-labelledby="cx-stage-{place}"><h3 id="cx-stage-{place}">'
        f'<span class="no">{place}</span> {_name(column, language)} {state}</h3>{rows}</section>'
    )


def _row(cells: list[Cell], heading: str, language: Language) -> str:
    main = cells[0]
    inside = "".join(_cell(cell, language) for cell in cells if cell is main or cell.is_measured)
    none = "" if main.is_measured else " none"
    return f'<div class="cell{none}" data-lane="{escape(heading)}">{inside}</div>'


def _cell(cell: Cell, language: Language) -> str:
    if not cell.is_measured:
        return f'<p class="why">{_words(cell.why, language)}</p>' if cell.why else ""
    if cell.lane == "who":
        first, *rest = cell.says
        bar = f'<span class="bar"><i style="width:{100 * cell.share:.0f}%"></i></span>'
        small = "".join(f"<small>{_words(one, language)}</small>" for one in rest)
        return f"<p><b>{_words(first, language)}</b></p>{bar}{small}"
    if cell.lane == "indicator":
        value, name, ends = cell.says
        return (
            f'<p><span class="main">{_words(value, language)}</span> {_words(name, language)}</p>'
            f"<small>{_words(ends, language)}</small>"
        )
    if cell.lane == "trend":
        course = "" if cell.course is None else _course(cell.course, cell.hot)
        return f"{course}<small>{_words(cell.says[0], language)}</small>"
    if cell.lane == "satisfaction":
        return "".join(_point(one, language) for one in cell.points)
    if cell.lane in ("next", "truth"):
        return "".join(f"<small>{_words(one, language)}</small>" for one in cell.says)
    first, *rest = cell.says
    said = f"<p>{_words(first, language)}</p>"
    said += "".join(f"<small>{_words(one, language)}</small>" for one in rest)
    if cell.grade and cell.lane == "todo":
        said += f'<span class="grade">{escape(language.text(GRADES[cell.grade]))}</span>'
    return said


def _words(remark: Remark | None, language: Language) -> str:
    return escape(remark.words(language)) if remark else ""


def _course(values: NDArray[np.float64], hot: tuple[int, int]) -> str:
    """Return a line of the weeks, without those in which nobody was counted."""
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < 2:
        return ""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    spread = high - low or 1.0
    step = _WIDE / max(len(values) - 1, 1)
    points = " ".join(
        f"{week * step:.1f},{_HIGH - 3 - (values[week] - low) / spread * (_HIGH - 6):.1f}"
        for week in known
    )
    start, end = hot
    band = ""
    if end > start:
        band = f'<rect x="{start * step:.1f}" y="0" width="{(end - start) * step:.1f}" '
        band += f'height="{_HIGH}"/>'
    return (
        f'<svg class="course" viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" '
        f'aria-hidden="true">{band}<polyline points="{points}"/></svg>'
    )


def _point(point: Point, language: Language) -> str:
    low, high = (100 * end for end in point.ends)
    worst = ""
    if point.worst is not None:
        worst = f'<circle class="worst" cx="{100 * point.worst:.1f}" cy="7" r="4"/>'
    value = language.quantity(point.score.value, point.score.unit)
    name = escape(f"{language.label(point.touchpoint)} {value}")
    return (
        f"<p>{name}</p>"
        f'<svg class="moods" viewBox="0 0 100 14" preserveAspectRatio="xMidYMid meet" '
        f'aria-hidden="true"><line class="axis" x1="0" x2="100" y1="7" y2="7"/>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="7" y2="7"/>{worst}'
        f'<circle cx="{100 * point.at:.1f}" cy="7" r="4"/></svg>'
    )
