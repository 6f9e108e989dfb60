"""Axes in the language of the report: months and quantities as its readers write them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from babel.dates import format_date
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba
from matplotlib.ticker import FuncFormatter

from cxresearch.core.figure import is_narrow
from cxresearch.core.remarks import is_month
from cxresearch.core.unit_formats import SHARE_DIFFERENCE, is_currency, scale
from cxresearch.plots import theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.core.languages import Language

#: A longer name leaves a figure no room for what it shows; the words beside it have the whole.
_LONGEST_NAME = 40
#: What a line of a name has room for on a phone, and how many lines a name has there.
_NARROW_NAME, _NARROW_LINES, _NARROW_LABEL = 18, 3, 34

#: More month labels than this run into one another.
_MOST_LABELS, _MOST_NARROW = 14, 5


def new_axes(height: float | None = None) -> Axes:
    """Return the axes of a new figure in the kit's look; `height` is in inches."""
    theme.use()
    width, usual = theme.FIGURE_SIZE
    if is_narrow():
        width = theme.NARROW_WIDTH
    axes: Axes = plt.figure(figsize=(width, height or usual)).subplots()
    return axes


def legend_above(axes: Axes, handles: Sequence[Any] | None = None) -> None:
    """Name what is drawn above the axes, where the names hide no data."""
    named = {} if handles is None else {"handles": handles}
    columns = 1 if is_narrow() else 3
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, **named)


def band(
    axes: Axes,
    across: pd.Series[Any],
    low: pd.Series[float],
    high: pd.Series[float],
    *,
    colour: str,
    step: Literal["post"] | None = None,
) -> None:
    """Shade an interval that goes on, its ends drawn: a shade alone is hardly seen on dark."""
    axes.fill_between(
        across,
        low,
        high,
        step=step,
        facecolor=to_rgba(colour, 0.25),
        edgecolor=colour,
        linewidth=0.6,
    )


def said(what: Any, language: Language) -> str:
    """Return what is written beside a number: a remark, a month, a message or a label."""
    if is_month(str(what)):
        return month_name(str(what), language)
    return str(what.words(language)) if hasattr(what, "words") else language.said(str(what))


def short(words: str, language: Language) -> str:
    """Return words as they are, on a phone with percentage points as a table writes them.

    Examples
    --------
    >>> from cxresearch.core.figure import narrow
    >>> from cxresearch.core.languages import Language
    >>> with narrow():
    ...     short("+8.6 percentage points", Language("en"))
    '+8.6 pp'
    """
    if not is_narrow():
        return words
    sign = language.text("{number} pp", number="").strip()
    return words.replace(language.unit(SHARE_DIFFERENCE), sign)


def name(words: Any, language: Language) -> str:
    r"""Return the name of a thing as a figure writes it: on one line, and not too long.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> name("a page\nwith a name that says all there is to say", Language("en"))
    'a page with a name that says all there …'
    """
    shown = " ".join(said(words, language).split())
    if len(shown) > _LONGEST_NAME:
        shown = f"{shown[: _LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"
    if is_narrow():
        shown = textwrap.fill(shown, _NARROW_NAME, max_lines=_NARROW_LINES, placeholder="…")
    # Matplotlib leaves what begins with a low line out of a legend.
    return f"\N{ZERO WIDTH SPACE}{shown}" if shown.startswith("_") else shown


def month_name(month: str, language: Language) -> str:
    """Return a month such as ``"2026-10"`` in words.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> month_name("2026-10", Language("it"))
    'ott 2026'
    """
    return language.month(_first_day(month))


def set_months(axes: Axes, months: Sequence[str], language: Language) -> None:
    """Label the horizontal axis, whose places are 0, 1, 2..., with months; years once each."""
    step = max(1, math.ceil(len(months) / (_MOST_NARROW if is_narrow() else _MOST_LABELS)))
    places = range(0, len(months), step)
    labels, year = [], 0
    for place in places:
        day = _first_day(months[place])
        pattern = "LLL" if day.year == year else "LLL\ny"
        labels.append(format_date(day, format=pattern, locale=language.locale))
        year = day.year
    axes.set_xticks(list(places), labels)
    axes.set_xlabel("")


def padded(low: float, high: float) -> tuple[float, float]:
    """Return the ends of an axis that shows from `low` to `high`, and 0, with a little room.

    Examples
    --------
    >>> padded(1, 10)
    (-0.5, 10.5)
    """
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.05 * (high - low)
    return low - room, high + room


def set_quantity(
    axes: Axes, label: str, unit: str, language: Language, *, across: bool = False
) -> None:
    """Label the vertical axis, or the one across, and write its numbers.

    A unit that is a sign is written at each number; one in words once, in the label.
    """
    is_sign = unit == "share" or is_currency(unit)

    def written(value: float, _place: int) -> str:
        shown = round(value * scale(unit), 6)
        digits = 0 if shown.is_integer() else None
        return language.quantity(value if is_sign else shown, unit if is_sign else "", digits)

    axis = axes.xaxis if across else axes.yaxis
    words = language.text(label)
    words = words if is_sign or not unit else f"{words} ({language.unit(unit)})"
    axis.set_label_text(textwrap.fill(words, _NARROW_LABEL) if is_narrow() else words)
    axis.set_major_formatter(FuncFormatter(written))


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
