"""Series looked at again, in weeks in which another series broke."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.stats.breaks.break_effects import (
    METHOD,
    estimate,
    fit,
    scored_series,
    series,
    shape_of,
)
from cxresearch.stats.breaks.panels import Panel
from cxresearch.stats.breaks.series_looks import weeks_of, why_thin
from cxresearch.stats.breaks.week_noise import Noise, busyness, noise, season_covariance
from cxresearch.stats.breaks.week_scores import Against
from cxresearch.stats.multiplicity.p_values import adjusted

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """A series tested for a change at a date that another series gave.

    Parameters
    ----------
    measure, group : str
        The series.
    against : {"own", "rest"}
        What the group is compared with.
    before, during : float
        The value before the change and in it.
    change : Estimate
        How much it changed.
    z : float
        The change in standard errors; nan where the series is too thin.
    p_value : float
        Two-sided, adjusted by Holm over all series that are looked at, 0-1; nan likewise.
    """

    measure: str
    group: str
    against: Against
    before: float
    during: float
    change: Estimate
    z: float
    p_value: float


@documented
def at(
    panels: Iterable[Panel],
    start: int,
    *,
    end: int | None = None,
    group: str | None = None,
    against: Against = "own",
    confidence: float = 0.95,
) -> tuple[SecondLook, ...]:
    """Test series for a change in weeks that are given, not searched for.

    Parameters
    ----------
    panels : iterable of Panel
        The measures.
    start : int
        The first week of the change, counted from 0, at least 1.
    end : int, optional
        The first week after it; by default it reaches the last week.
    group : str, optional
        Only this group; by default every group.
    against : {"own", "rest"}
        Against its own past, or against the others of the whole as well.
    %(confidence)s

    Returns
    -------
    tuple of SecondLook
        One per series, in the order given; nan with a note where a series is too thin.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    The weeks must come from elsewhere: of weeks that were chosen by looking at a series, its own
    p-value is far too small.

    Examples
    --------
    >>> paid = [[200 - 40 * (week >= 40) + week % 3 for week in range(52)]]
    >>> panel = Panel.shares("purchase", ["all"], [[400] * 52], paid)
    >>> look, = at([panel], 40)
    >>> round(look.change.value, 3), look.p_value < 0.001
    (-0.1, True)
    """
    given = tuple(panels)
    validate.share("confidence", confidence)
    validate.one_of("against", against, ("own", "rest"))
    weeks = weeks_of(given)
    validate.between("start", start, 1, max(weeks - 1, 1))
    until = weeks if end is None else int(validate.between("end", end, start + 1, weeks))
    shape = shape_of(start, until, 1, weeks)
    season = season_covariance(busyness(given), against)
    found = [
        _second(panel, row, against, season, shape, start, why, confidence)
        for panel in given
        for row, why in why_thin(panel, against).items()
        if group is None or panel.groups[row] == group
    ]
    p_values = adjusted([one.p_value for one in found], method="holm")
    return tuple(replace(one, p_value=float(p)) for one, p in zip(found, p_values, strict=True))


def _second(
    panel: Panel,
    row: int,
    against: Against,
    season: Array,
    shape: Array,
    start: int,
    why: str,
    confidence: float,
) -> SecondLook:
    inside, unit = shape > 0, difference_unit(panel.unit)
    before = panel.between(row, np.arange(panel.weeks) < start)
    during = panel.between(row, inside)
    unknown = Interval(math.nan, math.nan)
    change = Estimate(
        value=math.nan,
        ci=unknown,
        n=int(panel.n[row, inside].sum()),
        unit=unit,
        confidence=confidence,
        method=METHOD,
        note=f"undefined: {why}",
    )
    z = p_value = math.nan
    if not why:
        quiet = Noise(np.ones(1), np.zeros((1, panel.weeks)), season)
        one = series(panel, row, against, quiet)
        left = scored_series(one, fit(one, shape[None]).expected)
        one = one._replace(noise=noise(left.residuals, left.information, season))
        fitted = fit(one, shape[None])
        change = estimate(one, fitted, start, inside, confidence)
        z = float(fitted.change[0] / math.sqrt(fitted.covariance[0, 0]))
        p_value = 2 * float(stdtr(panel.weeks / 2, -abs(z)))
    return SecondLook(
        measure=panel.measure,
        group=panel.groups[row],
        against=against,
        before=before,
        during=during,
        change=change,
        z=z,
        p_value=p_value,
    )
