"""The course of a number in a cell of a table: a line as small as a word."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from cxresearch.core.languages import UNDEFINED, Language

Tone = Literal["better", "worse", "unusual", ""]

_WIDTH, _HEIGHT, _EDGE = 132.0, 30.0, 4.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Values by month, the band in which they usually lie, and what the last of them is.

    Parameters
    ----------
    values : sequence of float
        The values, the oldest first; nan where there is none, and the line has a gap.
    band : tuple of (float, float)
        Between what they usually lie; of nan where that is not known.
    marked : sequence of int
        The places of those that are out of it.
    tone : {"better", "worse", "unusual", ""}
        What the last is, which its colour and its shape say.

    Examples
    --------
    >>> Sparkline((1.0, 2.0, 4.0), band=(0.5, 3.0), marked=(2,), tone="better").words(Language())
    '3 months'
    """

    values: Sequence[float]
    band: tuple[float, float] = (math.nan, math.nan)
    marked: Sequence[int] = ()
    tone: Tone = ""

    def words(self, language: Language) -> str:
        """Return over how many months it goes."""
        if not self.values:
            return UNDEFINED
        return language.plural("{n} month", "{n} months", len(self.values))

    def svg(self, language: Language) -> str:
        """Return the line as SVG, its name a short one: the numbers beside it say what it shows."""
        known = [one for one in (*self.values, *self.band) if math.isfinite(one)]
        if not known:
            return ""
        low, high = min(known), max(known)
        room = (high - low) or 1.0

        def across(place: float) -> float:
            return _EDGE + (_WIDTH - 2 * _EDGE) * place / max(len(self.values) - 1, 1)

        def down(value: float) -> float:
            return _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * (value - low) / room

        drawn = []
        if all(map(math.isfinite, self.band)):
            top, bottom = down(self.band[1]), down(self.band[0])
            drawn.append(
                f'<rect class="band" x="0" y="{top:.1f}" width="{_WIDTH:g}" '
                f'height="{bottom - top:.1f}" fill="currentColor" fill-opacity=".12"/>'
            )
        drawn += [
            f'<polyline fill="none" stroke="currentColor" stroke-width="1.4" points="{line}"/>'
            for line in self._lines(across, down)
        ]
        last = len(self.values) - 1
        for place in dict.fromkeys((*self.marked, last)):
            value = self.values[place]
            if math.isfinite(value):
                look = (self.tone if place == last else "") or ("past" if place != last else "")
                size = 3.2 if place == last else 2.2
                drawn.append(
                    f'<circle class="{look}" cx="{across(place):.1f}" cy="{down(value):.1f}" '
                    f'r="{size}" fill="currentColor"/>'
                )
        return (
            f'<svg class="spark" role="img" aria-label="{escape(self.words(language))}" '
            f'viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" height="{_HEIGHT:g}">'
            f"{''.join(drawn)}</svg>"
        )

    def _lines(self, across: Callable[[float], float], down: Callable[[float], float]) -> list[str]:
        """Return the points of each stretch of known values."""
        lines: list[list[str]] = [[]]
        for place, value in enumerate(self.values):
            if math.isfinite(value):
                lines[-1].append(f"{across(place):.1f},{down(value):.1f}")
            elif lines[-1]:
                lines.append([])
        return [" ".join(line) for line in lines if len(line) > 1]
