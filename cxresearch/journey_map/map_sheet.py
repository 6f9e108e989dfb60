"""A journey map on one sheet: a page to print, a picture for slides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxresearch.core import validate
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark
from cxresearch.findings.finding import GRADES
from cxresearch.journey_map.map_cells import Cell, StageColumn, stage_name
from cxresearch.journey_map.map_html import HEADINGS, ROWS, STATES, WIDER, behind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What a sheet may be, and its size in points: A4 landscape to print, 16:9 for a slide.
SIZES = {".svg": (842.0, 595.0), ".pdf": (842.0, 595.0), ".png": (960.0, 540.0)}
_INK, _MUTED, _LINE, _ACCENT, _SOFT = "#1a1f24", "#56616b", "#dfe3e6", "#0b6170", "#f0f3f4"
_BAD, _BAD_TINT, _PAST = "#b3261e", "#fdf1ef", "#6f530f"
_MARGIN, _PAD, _LANES_WIDE = 22.0, 4.0, 62.0
_LEADING = 1.22
_LARGEST, _SMALLEST, _STEP = 8.6, 4.6, 0.2
_DPI = 144


class _Line(NamedTuple):
    """A line of text, or a drawing as high as a line."""

    text: str
    size: float = 1.0
    bold: bool = False
    colour: str = _INK
    drawing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands on a sheet.

    Parameters
    ----------
    title, footnote : Remark
        What the map says first, and what stands under it.
    shop : str
        Whose map it is.
    columns : sequence of StageColumn
        The stages with their cells.
    """

    title: Remark
    footnote: Remark
    shop: str
    columns: Sequence[StageColumn]


def write(sheet: Sheet, path: Path, language: Language) -> None:
    """Write a map on one sheet; the letters are as large as the sheet allows.

    Parameters
    ----------
    sheet : Sheet
        What stands on it.
    path : Path
        The file: ``.svg`` or ``.pdf`` is A4 landscape, ``.png`` is 16:9 for a slide.
    language : Language
        The language of its readers.

    Raises
    ------
    ValueError
        If the file is of another kind.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    kind = validate.one_of("the ending of the file", path.suffix.casefold(), tuple(SIZES))
    wide, high = SIZES[kind]
    figure = Figure(figsize=(wide / 72, high / 72))
    figure.set_layout_engine("none")  # whatever the style of a notebook asks
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, wide), ylim=(high, 0))
    axes.axis("off")
    _Drawing(axes, sheet, language, wide, high).draw()
    stamps: dict[str, dict[str, Any]] = {
        ".svg": {"Date": None, "Creator": None},
        ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        ".png": {"Software": None},
    }
    with mpl.rc_context({"svg.hashsalt": "cxresearch", "svg.fonttype": "none", "pdf.fonttype": 42}):
        figure.savefig(path, format=kind[1:], dpi=_DPI, metadata=stamps[kind])


class _Drawing:
    """A sheet as it is drawn, in points from its top left corner."""

    def __init__(
        self, axes: Axes, sheet: Sheet, language: Language, wide: float, high: float
    ) -> None:
        self._axes, self._sheet, self._language = axes, sheet, language
        self._wide, self._high = wide, high
        shares = np.array([WIDER[one.state] for one in sheet.columns])
        free = wide - 2 * _MARGIN - _LANES_WIDE
        self._widths = free * shares / shares.sum()
        self._cells = [
            [_head(one, place, language) for place, one in enumerate(sheet.columns, start=1)],
            *(
                [list(_lines([one.cells[lane] for lane in row], language)) for one in sheet.columns]
                for row in ROWS
            ),
        ]
        stage, says, _ = behind(sheet.columns)
        said = [f"{language.text(HEADINGS['behind'])}: {stage_name(stage, language)}"]
        said += [one.words(language) for one in says]
        self._behind = [_Line(" · ".join(said), 0.9, colour=_MUTED)] if says else []

    def draw(self) -> None:
        """Draw all of it in the largest letters that fit."""
        top = self._title()
        room = self._high - _MARGIN - top
        sizes = np.arange(_LARGEST, _SMALLEST, -_STEP)
        wide = self._wide - 2 * _MARGIN
        size = next(
            (
                one
                for one in sizes
                if self._heights(one).sum() + _high(self._behind, wide, one) <= room
            ),
            _SMALLEST,
        )
        heights = self._heights(float(size))
        tops = top + np.concatenate([[0.0], np.cumsum(heights)])
        self._frames(tops)
        for row, lines_of in enumerate(self._cells):
            self._lane(row, float(tops[row]), float(size))
            for place, lines in enumerate(lines_of):
                self._cell(lines, row, place, float(tops[row]), float(size))
        self._column(self._behind, _MARGIN, float(tops[-1]) + _PAD, wide, float(size), None, 0)

    def _title(self) -> float:
        said = [
            _Line(self._sheet.shop, 0.62, colour=_MUTED),
            _Line(self._sheet.title.words(self._language), 1.2, bold=True),
            _Line(self._sheet.footnote.words(self._language), 0.62, colour=_MUTED),
        ]
        wide = self._wide - 2 * _MARGIN
        return self._column(said, _MARGIN, _MARGIN * 0.7, wide, 13.0, None, 0) + 6

    def _heights(self, size: float) -> Any:
        return np.array(
            [
                max(self._height(lines, size, place) for place, lines in enumerate(row)) + 2 * _PAD
                for row in self._cells
            ]
        )

    def _height(self, lines: list[_Line], size: float, place: int) -> float:
        return _high(lines, float(self._widths[place]) - 2 * _PAD, size)

    def _left(self, place: int) -> float:
        return _MARGIN + _LANES_WIDE + float(self._widths[:place].sum())

    def _frames(self, tops: Any) -> None:
        from matplotlib.patches import Rectangle

        bottom = float(tops[-1])
        for top in tops[1:-1]:
            self._axes.plot([_MARGIN, self._wide - _MARGIN], [top, top], color=_LINE, lw=0.6)
        for place, one in enumerate(self._sheet.columns):
            left, wide, high = self._left(place), float(self._widths[place]), bottom - tops[0]
            is_open = one.state == "critical"
            box = Rectangle(
                (left, float(tops[0])),
                wide,
                high,
                facecolor=_BAD_TINT if is_open else "none",
                edgecolor=_BAD if is_open else "none",
                linewidth=1.6,
                zorder=0.5 if is_open else 0.1,
            )
            self._axes.add_patch(box)
            self._axes.plot([left, left], [float(tops[0]), bottom], color=_LINE, lw=0.6, zorder=0.2)
            for row, lanes in enumerate(ROWS, start=1):
                if not one.cells[lanes[0]].is_measured and lanes[0] != "hurts":
                    self._hatched(left, float(tops[row]), wide, float(tops[row + 1] - tops[row]))

    def _hatched(self, left: float, top: float, wide: float, high: float) -> None:
        from matplotlib.patches import Rectangle

        self._axes.add_patch(
            Rectangle(
                (left + 0.5, top + 0.5),
                wide - 1,
                high - 1,
                facecolor="none",
                edgecolor=_LINE,
                hatch="///",
                linewidth=0,
                zorder=0.3,
            )
        )

    def _lane(self, row: int, top: float, size: float) -> None:
        if row:
            said = self._language.text(HEADINGS[ROWS[row - 1][0]])
            line = [_Line(said, 0.92, bold=True, colour=_MUTED)]
            self._column(line, _MARGIN, top + _PAD, _LANES_WIDE - _PAD, size, None, 0)

    def _cell(self, lines: list[_Line], row: int, place: int, top: float, size: float) -> None:
        left, wide = self._left(place) + _PAD, float(self._widths[place]) - 2 * _PAD
        column = self._sheet.columns[place]
        cells = [column.cells[lane] for lane in ROWS[row - 1]] if row else None
        self._column(lines, left, top + _PAD, wide, size, cells, place)

    def _column(
        self,
        lines: Sequence[_Line],
        left: float,
        top: float,
        wide: float,
        size: float,
        cells: list[Cell] | None,
        place: int,
    ) -> float:
        """Write lines below each other, and return where they end."""
        for one in lines:
            for text in _wrapped(one, wide, size):
                if one.drawing and cells:
                    self._picture(one.drawing, cells, place, left, top, wide, _step(one, size))
                else:
                    self._axes.text(
                        left,
                        top + one.size * size,
                        text,
                        fontsize=one.size * size,
                        fontweight="bold" if one.bold else "normal",
                        color=one.colour,
                        va="baseline",
                        parse_math=False,
                    )
                top += _step(one, size)
        return top

    def _picture(
        self,
        drawing: str,
        cells: list[Cell],
        place: int,
        left: float,
        top: float,
        wide: float,
        high: float,
    ) -> None:
        hot = self._sheet.columns[place].state
        if drawing == "bar":
            for share, colour in ((1.0, _SOFT), (cells[0].share, _ACCENT)):
                ends = [left, left + wide * share]
                self._axes.plot(
                    ends, [top + high / 2] * 2, color=colour, lw=2.4, solid_capstyle="butt"
                )
        elif drawing == "course":
            self._course(cells[1], hot, left, top, wide, high)
        else:
            self._score(cells[0].points[int(drawing)], left, top, wide, high)

    def _course(
        self, cell: Cell, hot: str, left: float, top: float, wide: float, high: float
    ) -> None:
        values = cell.course
        if values is None or np.isfinite(values).sum() < 2:
            return
        low, most = float(np.nanmin(values)), float(np.nanmax(values))
        x = left + wide * np.arange(len(values)) / max(len(values) - 1, 1)
        y = top + high * (0.9 - 0.8 * (values - low) / ((most - low) or 1.0))
        known = np.isfinite(values)
        self._axes.plot(x[known], y[known], color=_MUTED, lw=0.7)
        start, end = cell.hot
        if end > start:
            colour = _BAD if hot == "critical" else _PAST
            self._axes.axvspan(
                x[start],
                x[min(end, len(x) - 1)],
                1 - (top + high) / self._high,
                1 - top / self._high,
                color=colour,
                alpha=0.2,
                lw=0,
            )

    def _score(self, point: Any, left: float, top: float, wide: float, high: float) -> None:
        y = top + high / 2
        self._axes.plot([left, left + wide], [y, y], color=_LINE, lw=0.7)
        ends = [left + wide * end for end in point.ends]
        self._axes.plot(ends, [y, y], color=_ACCENT, lw=2, alpha=0.5)
        self._axes.plot(left + wide * point.at, y, "o", color=_ACCENT, ms=3.4)
        if point.worst is not None:
            self._axes.plot(
                left + wide * point.worst, y, "o", mfc="white", mec=_PAST, ms=3.4, mew=1
            )


def _head(column: StageColumn, place: int, language: Language) -> list[_Line]:
    lines = [_Line(f"{place} {stage_name(column.stage, language)}", 1.12, bold=True)]
    if column.state:
        colour = _BAD if column.state == "critical" else _PAST
        said = language.text(STATES[column.state])
        lines.append(_Line(said, 0.92, bold=True, colour=colour))
    return lines


def _lines(cells: list[Cell], language: Language) -> Iterator[_Line]:
    """Yield what a row says of a stage, the main thing first."""
    main = cells[0]
    for cell in cells:
        if cell.is_measured:
            yield from _SAID.get(cell.lane, _plain)(cell, language)
        elif cell is main and cell.why:
            yield _Line(cell.why.words(language), 0.95, colour=_MUTED)
    for note in main.assumed:
        yield _Line(note.words(language), 0.9, colour=_MUTED)
    if main.assumed:
        yield _Line(language.text("assumed, not measured"), 0.82, colour=_MUTED)


def _small(remarks: Sequence[Remark], language: Language) -> Iterator[_Line]:
    yield from (_Line(one.words(language), 0.9, colour=_MUTED) for one in remarks if one.message)


def _plain(cell: Cell, language: Language) -> Iterator[_Line]:
    yield _Line(cell.says[0].words(language))
    yield from _small(cell.says[1:], language)
    if cell.grade and cell.lane == "todo":
        yield _Line(f"[{language.text(GRADES[cell.grade])}]", 0.9, colour=_MUTED)


def _who(cell: Cell, language: Language) -> Iterator[_Line]:
    first, before, *rest = (one.words(language) for one in cell.says)
    yield _Line(f"{first} {before}".strip(), bold=True)
    yield _Line("", 0.7, drawing="bar")
    yield from (_Line(one, 0.9, colour=_MUTED) for one in rest)


def _indicator(cell: Cell, language: Language) -> Iterator[_Line]:
    value, name, ends = (one.words(language) for one in cell.says)
    yield _Line(value, 1.5, bold=True)
    yield _Line(name)
    yield _Line(ends, 0.9, colour=_MUTED)


def _trend(cell: Cell, language: Language) -> Iterator[_Line]:
    if cell.course is not None:
        yield _Line("", 1.8, drawing="course")
    if cell.hot[1]:
        yield from _small(cell.says, language)


def _satisfaction(cell: Cell, language: Language) -> Iterator[_Line]:
    for place, one in enumerate(cell.points):
        yield _Line(one.said.words(language))
        yield _Line("", 0.8, drawing=f"{place}")
        yield _Line(one.counted.words(language), 0.9, colour=_MUTED)


def _only_small(cell: Cell, language: Language) -> Iterator[_Line]:
    yield from _small(cell.says, language)


_SAID = {
    "who": _who,
    "next": _only_small,
    "indicator": _indicator,
    "trend": _trend,
    "satisfaction": _satisfaction,
    "truth": _only_small,
}


def _high(lines: Sequence[_Line], wide: float, size: float) -> float:
    return sum(len(_wrapped(one, wide, size)) * _step(one, size) for one in lines)


def _step(line: _Line, size: float) -> float:
    return line.size * size * _LEADING


def _wrapped(line: _Line, wide: float, size: float) -> list[str]:
    """Return a line as the lines it takes; a word that is too long has one of its own."""
    if line.drawing:
        return [""]
    letters = line.size * size
    found, own = [], ""
    for word in line.text.split():
        longer = f"{own} {word}".strip()
        if own and _width(longer, line.bold) * letters > wide:
            found.append(own)
            own = word
        else:
            own = longer
    return [*found, own] if own else found


@cache
def _width(text: str, bold: bool) -> float:
    """Return how wide a text is, in sizes of its letters."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), text, size=10, prop=FontProperties(weight="bold" if bold else 400))
    return float(path.get_extents().x1) / 10 if text.strip() else 0.0
