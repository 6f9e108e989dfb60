"""A journey map as HTML: one section per stage, lanes lined up, no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray

from cxresearch.core.languages import UNDEFINED, Language
from cxresearch.core.remarks import Remark
from cxresearch.findings.finding import GRADES
from cxresearch.journey_map.map_cells import Cell, Point, StageColumn, stage_name

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
HEADINGS = {
    "who": "Who is there",
    "indicator": "Indicator",
    "wants": "What they write about",
    "satisfaction": "Satisfaction",
    "hurts": "Pain points",
    "todo": "What to do",
    "behind": "Behind the scenes",
}
STATES = {"critical": "▲ critical, open", "past": "▽ was critical, now back"}
#: How many times as wide a stage is where there is more to tell.
WIDER = {"critical": 1.45, "past": 1.15, "": 1.0}
_HIGH, _SCALE = 40, 50
#: The radii of the wheel, and the gap between two stages.
_OUTER, _INNER, _GAP = 160.0, 62.0, 0.02
#: How many letters of a name stand in a line.
_LETTERS = 13
_SIGNS = {"critical": "▲ ", "past": "▽ ", "": ""}


def behind(columns: Sequence[StageColumn]) -> tuple[str, tuple[Remark, ...], str]:
    """Return the stage of which is known what is behind the scenes, what, and the report of it."""
    for column in columns:
        cell = column.cells["behind"]
        if cell.is_measured:
            return column.stage, cell.says, cell.proof
    return "", (), ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The map of some of the customers.

    Parameters
    ----------
    name : Remark
        Who they are.
    about : Remark
        How many they are, and what makes them different.
    columns : tuple of StageColumn
        The stages with their cells.
    """

    name: Remark
    about: Remark
    columns: Sequence[StageColumn]


def html(
    views: Sequence[View], language: Language, *, is_linked: bool = True, is_cyclic: bool = False
) -> str:
    """Return a map as HTML, with its style.

    Parameters
    ----------
    views : sequence of View
        The map of all customers and of each persona: one is shown, a reader switches.
    language : Language
        The language of its readers, with the study's labels.
    is_linked : bool, default True
        Whether cells link to the reports that have the numbers.
    is_cyclic : bool, default False
        Whether the stages are drawn round, too.
    """
    style = (Path(__file__).parent / "map.css").read_text("utf-8")
    switch = "".join(_choice(place, one, language) for place, one in enumerate(views))
    chosen = "".join(
        f"#cx-persona-{place}:checked~.view-{place}{{display:block}}" for place in range(len(views))
    )
    if len(views) == 1:
        switch, chosen = "", ".cx-map .view{display:block}"
    shown = "".join(
        f'<div class="view view-{place}">{_view(one, f"{place}", language, is_linked, is_cyclic)}'
        "</div>"
        for place, one in enumerate(views)
    )
    label = escape(language.text("Customers shown"))
    return (
        f'<div class="cx-map"><style>{style}{chosen}</style>'
        f'<div role="group" aria-label="{label}">{switch}{shown}</div></div>'
    )


def _choice(place: int, view: View, language: Language) -> str:
    checked = " checked" if place == 0 else ""
    return (
        f'<input type="radio" name="cx-persona" id="cx-persona-{place}"{checked}>'
        f'<label for="cx-persona-{place}">{_words(view.name, language)}</label>'
    )


def _view(view: View, key: str, language: Language, is_linked: bool, is_cyclic: bool) -> str:
    columns = view.columns
    chips = "".join(
        f'<a class="{one.state}" href="#cx-stage-{key}-{place}" '
        f'aria-label="{place} {escape(stage_name(one.stage, language))}">{place}</a>'
        for place, one in enumerate(columns, start=1)
    )
    headings = "".join(f"<span>{escape(language.text(HEADINGS[row[0]]))}</span>" for row in ROWS)
    sections = "".join(
        _section(one, place, key, language, is_linked) for place, one in enumerate(columns, start=1)
    )
    widths = " ".join(f"minmax(0,{WIDER[one.state]:g}fr)" for one in columns)
    about = f'<p class="about">{_words(view.about, language)}</p>' if view.about.message else ""
    round_ = wheel(columns, key, language) if is_cyclic else ""
    return (
        f'{about}{round_}<div role="navigation" class="strip" style="--stages:{len(columns)}" '
        f'aria-label="{escape(language.text("Stages"))} {_words(view.name, language)}">{chips}'
        f'</div><div class="grid" style="--widths:{widths}">'
        f'<div class="lanes" aria-hidden="true"><span></span>{headings}</div>{sections}</div>'
        f"{_behind(columns, language, is_linked)}"
    )


def _behind(columns: Sequence[StageColumn], language: Language, is_linked: bool) -> str:
    """Return what the shop does behind the scenes, as a line below the map."""
    stage, says, proof = behind(columns)
    if not says:
        return ""
    said = "".join(f"<span>{_words(one, language)}</span> " for one in says)
    name = f"{language.text(HEADINGS['behind'])}: {stage_name(stage, language)}"
    link = _link(proof, language, is_linked)
    return f'<p class="behind"><strong>{escape(name)}</strong> {said}{link}</p>'


def _link(proof: str, language: Language, is_linked: bool) -> str:
    if not (proof and is_linked):
        return ""
    said = escape(language.text("the numbers"))
    return f'<a class="proof" href="{escape(proof)}.html" aria-label="{said}">↗</a>'


def _section(
    column: StageColumn,
    place: int,
    key: str,
    language: Language,
    is_linked: bool,
) -> str:
    state = ""
    if column.state:
        state = f'<span class="state">{escape(language.text(STATES[column.state]))}</span>'
    cells = "".join(
        _row([column.cells[lane] for lane in row], HEADINGS[row[0]], language, is_linked)
        for row in ROWS
    )
    name = escape(stage_name(column.stage, language))
    anchor = f"cx-stage-{key}-{place}"
    return (
        f'<section class="stage {column.state}" style="grid-column:{place + 1}" '
        f'aria-labelledby="{anchor}"><h2 id="{anchor}">'
        f'<span class="no">{place}</span> {name} {state}</h2>{cells}</section>'
    )


def _row(cells: list[Cell], heading: str, language: Language, is_linked: bool) -> str:
    main = cells[0]
    inside = "".join(_cell(cell, language) for cell in cells if cell is main or cell.is_measured)
    if main.is_measured:
        inside = _link(main.proof, language, is_linked) + inside
    inside += _assumed(main.assumed, language)
    none = "" if main.is_measured or main.lane == "hurts" else " none"
    none += " who" if main.lane == "who" else ""
    return f'<div class="cell{none}" data-lane="{escape(language.text(heading))}">{inside}</div>'


def _assumed(notes: Sequence[Remark], language: Language) -> str:
    """Return what people wrote by hand, marked so that nobody takes it for a measurement."""
    if not notes:
        return ""
    mark = escape(language.text("assumed, not measured"))
    said = "".join(f"<small>{_words(one, language)}</small>" for one in notes)
    return f'<div class="assumed">{said}<small>{mark}</small></div>'


def _cell(cell: Cell, language: Language) -> str:
    if not cell.is_measured:
        return f'<p class="why">{_words(cell.why, language)}</p>' if cell.why else ""
    return _SAID.get(cell.lane, _plain)(cell, language)


def _who(cell: Cell, language: Language) -> str:
    first, before, *rest = cell.says
    bar = f'<span class="bar"><i style="width:{100 * cell.share:.0f}%"></i></span>'
    came = f" <span>{_words(before, language)}</span>" if before.message else ""
    return f"<p><b>{_words(first, language)}</b>{came}</p>{bar}{_small(rest, language)}"


def _indicator(cell: Cell, language: Language) -> str:
    value, name, ends = cell.says
    return (
        f'<p class="indicator"><span class="main">{_words(value, language)}</span> '
        f"{_words(name, language)}</p>{_small([ends], language)}"
    )


def _trend(cell: Cell, language: Language) -> str:
    course = "" if cell.course is None else _course(cell.course, cell.hot)
    # A line without a break says by itself that nothing happened: the words are for screen readers.
    hidden = "" if cell.hot[1] else ' class="visually-hidden"'
    return f"{course}<small{hidden}>{_words(cell.says[0], language)}</small>"


def _satisfaction(cell: Cell, language: Language) -> str:
    return "".join(_point(one, language) for one in cell.points)


def _lines(cell: Cell, language: Language) -> str:
    return _small(cell.says, language)


def _plain(cell: Cell, language: Language) -> str:
    first, *rest = cell.says
    said = f"<p>{_words(first, language)}</p>{_small(rest, language)}"
    if cell.grade and cell.lane == "todo":
        said += f'<span class="grade">{escape(language.text(GRADES[cell.grade]))}</span>'
    return said


_SAID = {
    "who": _who,
    "next": _lines,
    "indicator": _indicator,
    "trend": _trend,
    "satisfaction": _satisfaction,
    "truth": _lines,
}


def _small(remarks: Sequence[Remark], language: Language) -> str:
    return "".join(f"<small>{_words(one, language)}</small>" for one in remarks)


def _words(remark: Remark | None, language: Language) -> str:
    return escape(remark.words(language)) if remark else ""


def _course(values: NDArray[np.float64], hot: tuple[int, int]) -> str:
    """Return a line of the weeks, without those in which nobody was counted."""
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < 2:
        return ""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    y = np.rint((_HIGH - 4) * (high - values[known]) / (high - low or 1.0)).astype(int) + 2
    # From week to week: a page has many of them.
    moves = " ".join(f"{dx} {dy}" for dx, dy in zip(np.diff(known), np.diff(y), strict=True))
    moves = moves.replace(" -", "-")
    start, end = hot
    band = f'<rect x="{start}" y="0" width="{end - start}" height="{_HIGH}"/>' if end else ""
    return (
        f'<svg class="course" viewBox="0 0 {max(len(values) - 1, 1)} {_HIGH}" '
        f'preserveAspectRatio="none" aria-hidden="true">{band}'
        f'<path d="m{known[0]} {y[0]} {moves}"/></svg>'
    )


def _point(point: Point, language: Language) -> str:
    low, high = (_SCALE * end for end in point.ends)
    worst = ""
    if point.worst is not None:
        worst = f'<circle class="worst" cx="{_SCALE * point.worst:.1f}" cy="7" r="2.6"/>'
    return (
        f'<div class="point"><p>{_words(point.said, language)}</p>'
        f"<small>{_words(point.counted, language)}</small>"
        f'<svg class="moods" viewBox="0 0 {_SCALE} 14" aria-hidden="true">'
        f'<line class="axis" x1="0" x2="{_SCALE}" y1="7" y2="7"/>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="7" y2="7"/>{worst}'
        f'<circle cx="{_SCALE * point.at:.1f}" cy="7" r="3"/></svg></div>'
    )


def wheel(columns: Sequence[StageColumn], key: str, language: Language) -> str:
    """Return the stages as a ring, each with its sign and its indicator, each a link to its cells.

    Parameters
    ----------
    columns : sequence of StageColumn
        The stages with their cells; the first begins at the top, clockwise.
    key : str
        What tells the anchors of this map from those of others on the page.
    language : Language
        The language of its readers.
    """
    sectors = "".join(
        _sector(one, place, len(columns), key, language) for place, one in enumerate(columns)
    )
    size = _OUTER + 4
    label = escape(language.text("The stages, the last leading to the first"))
    return (
        f'<svg class="wheel" viewBox="{-size:g} {-size:g} {2 * size:g} {2 * size:g}" role="group" '
        f'aria-label="{label}">{sectors}</svg>'
    )


def _sector(column: StageColumn, place: int, of: int, key: str, language: Language) -> str:
    begin = 2 * math.pi * place / of - math.pi / 2 + _GAP
    end = 2 * math.pi * (place + 1) / of - math.pi / 2 - _GAP
    corners = [_at(_OUTER, begin), _at(_OUTER, end), _at(_INNER, end), _at(_INNER, begin)]
    path = (
        f"M{corners[0]}A{_OUTER:g} {_OUTER:g} 0 0 1 {corners[1]}"
        f"L{corners[2]}A{_INNER:g} {_INNER:g} 0 0 0 {corners[3]}Z"
    )
    x, y = _at((_OUTER + _INNER) / 2, (begin + end) / 2).split()
    indicator = column.cells["indicator"]
    number = indicator.says[0].words(language) if indicator.says else UNDEFINED
    name = f"{_SIGNS[column.state]}{stage_name(column.stage, language)}"
    names = wrap(name, _LETTERS)
    rise = f"{0.3 - 0.6 * len(names):.1f}em"
    lines = "".join(
        f'<tspan x="{x}" dy="{"1.2em" if line else rise}">{escape(text)}</tspan>'
        for line, text in enumerate(names)
    )
    lines += f'<tspan x="{x}" dy="1.2em" class="no">{escape(number)}</tspan>'
    return (
        f'<a class="{column.state}" href="#cx-stage-{key}-{place + 1}"><path d="{path}"/>'
        f'<text x="{x}" y="{y}" text-anchor="middle">{lines}</text></a>'
    )


def _at(radius: float, angle: float) -> str:
    return f"{radius * math.cos(angle):.1f} {radius * math.sin(angle):.1f}"
