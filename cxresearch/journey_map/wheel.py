"""A journey that leads back to its start, drawn round."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from textwrap import wrap

from cxresearch.core.languages import UNDEFINED, Language
from cxresearch.journey_map.map_cells import StageColumn
from cxresearch.journey_map.stage_words import stage_name

_OUTER, _INNER, _GAP = 160.0, 62.0, 0.02
#: How many letters of a name stand in a line.
_LETTERS = 13
_SIGNS = {"critical": "▲ ", "past": "▽ ", "": ""}


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
