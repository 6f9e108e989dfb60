"""What to work on first: how much each driver matters, against how well it is done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cxresearch.core import validate
from cxresearch.core.results import parts_in

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.languages import Language

Cut = Literal["mean", "median"]

CONCENTRATE = "concentrate here"
KEEP_UP = "keep up the good work"
LOW_PRIORITY = "low priority"
OVERDONE = "possible overkill"
ON_A_CUT = "on a cut"
UNKNOWN = ""

QUADRANTS = {
    (True, False): CONCENTRATE,
    (True, True): KEEP_UP,
    (False, False): LOW_PRIORITY,
    (False, True): OVERDONE,
}

CUT_AT_MEANS = "cut at the means of importance and performance"
CUT_AT_MEDIANS = "cut at the medians of importance and performance"
TIES = "drivers exactly on a cut are in no quadrant"
LEFT_OUT = "drivers without an importance or a performance are left out"
NOTHING_TO_CUT = "undefined: no driver has both an importance and a performance"

#: Two numbers closer than this, relative to the larger, are the same.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportancePerformance:
    """A map of drivers.

    Parameters
    ----------
    points : pandas.DataFrame
        One row per driver, in the order given: `driver`, `importance`, `performance` and
        `quadrant`: ``"concentrate here"`` (matters, not done well), ``"keep up the good work"``,
        ``"low priority"``, ``"possible overkill"``, ``"on a cut"``, or empty where a number is
        missing.
    importance_cut, performance_cut : float
        Where each axis is cut; nan where there is nothing to cut.
    method : str
        The rule of the cut.
    note : str
        What a reader must know; empty when there is nothing.
    """

    points: pd.DataFrame
    importance_cut: float
    performance_cut: float
    method: str
    note: str = ""

    def note_in(self, language: Language) -> str:
        """Return the note in a language."""
        return parts_in(self.note, language)

    def _repr_html_(self) -> str:
        return self.points.to_html(index=False, float_format="{:.4g}".format)


def importance_performance(
    importance: Mapping[str, float], performance: Mapping[str, float], *, cut: Cut = "mean"
) -> ImportancePerformance:
    """Put each driver in a quadrant of importance against performance.

    Parameters
    ----------
    importance : mapping of str to float
        How much each driver matters, such as its share from
        :func:`cxresearch.survey.driver_analysis.key_drivers`; nan where it is undefined.
    performance : mapping of str to float
        How well each driver is done, such as its mean rating, all on one scale.
    cut : {"mean", "median"}, default "mean"
        Where each axis is cut.

    Returns
    -------
    ImportancePerformance
        The drivers with their quadrants.

    Raises
    ------
    ValueError
        If the two do not name the same drivers, or `cut` is neither.

    Notes
    -----
    A cut at the mean or median always leaves drivers on both sides: the quadrants rank drivers
    among each other and say nothing absolute. Importances are uncertain; look at their intervals
    before a driver near a cut is moved on. It shows what goes together, not what a change does.

    References
    ----------
    Martilla & James (1977), Importance-performance analysis, Journal of Marketing 41(1), 77-79.

    Examples
    --------
    >>> found = importance_performance(
    ...     {"delivery": 0.6, "price": 0.3, "site": 0.1}, {"delivery": 3, "price": 4, "site": 4.4}
    ... )
    >>> found.points[["driver", "quadrant"]]
         driver           quadrant
    0  delivery   concentrate here
    1     price  possible overkill
    2      site  possible overkill
    """
    import pandas as pd

    validate.one_of("cut", cut, ("mean", "median"))
    validate.one_of("names of performance", sorted(performance), [sorted(importance)])
    points = pd.DataFrame(
        {
            "driver": list(importance),
            "importance": [float(value) for value in importance.values()],
            "performance": [float(performance[name]) for name in importance],
        }
    )
    known = points.dropna()
    across = up = math.nan
    if len(known):
        across, up = known[["importance", "performance"]].agg(cut).to_numpy().tolist()
    points["quadrant"] = [
        _quadrant(matters, done, across, up)
        for matters, done in points[["importance", "performance"]].to_numpy()
    ]
    notes = {
        NOTHING_TO_CUT: not len(known),
        LEFT_OUT: 0 < len(known) < len(points),
        TIES: (points["quadrant"] == ON_A_CUT).any(),
    }
    return ImportancePerformance(
        points=points,
        importance_cut=across,
        performance_cut=up,
        method=CUT_AT_MEANS if cut == "mean" else CUT_AT_MEDIANS,
        note="; ".join(note for note, applies in notes.items() if applies),
    )


def _quadrant(importance: float, performance: float, across: float, up: float) -> str:
    """Return the quadrant of one driver, given where importance and performance are cut."""
    if math.isnan(importance) or math.isnan(performance):
        return UNKNOWN
    if math.isclose(importance, across, rel_tol=_SAME) or math.isclose(
        performance, up, rel_tol=_SAME
    ):
        return ON_A_CUT
    return QUADRANTS[importance > across, performance > up]
