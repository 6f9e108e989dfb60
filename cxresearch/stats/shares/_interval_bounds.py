"""Where a score interval ends."""

from __future__ import annotations

from collections.abc import Callable

from cxresearch.core.results import Interval

#: The width at which a search for a bound ends.
_WIDTH = 1e-13


def score_bounds(d: float, excess: Callable[[float], float]) -> Interval:
    """Return where `excess` turns positive below and above the difference `d`, within -1 and 1.

    `excess` is at most 0 at `d` and changes its sign once on either side; the bounds are found by
    halving.
    """

    def bound(end: float) -> float:
        inside, outside = d, end
        if excess(end) <= 0:
            return end
        while abs(outside - inside) > _WIDTH:
            middle = (inside + outside) / 2
            if excess(middle) <= 0:
                inside = middle
            else:
                outside = middle
        return inside

    return Interval(bound(-1.0), bound(1.0))
