"""How far two independent groups are apart in what has happened by a time, and in how soon."""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.comparison import (
    NO_DIFFERENCE_POSSIBLE,
    Comparison,
    normal_quantile,
    two_sided,
)
from cxresearch.core.results import SHARE_DIFFERENCE, Interval
from cxresearch.stats.differences import mover
from cxresearch.stats.incidence import NOTES, IncidenceCurve


def difference_of_incidence(
    first: IncidenceCurve, second: IncidenceCurve, time: float
) -> Comparison:
    """Estimate the second group's share with the event by a time minus the first's.

    Parameters
    ----------
    first, second : IncidenceCurve
        The curves of two independent groups, of one unit and one confidence.
    time : float
        The time, in their unit; chosen before looking at the curves.

    Returns
    -------
    Comparison
        The difference, -1 to 1, with the customers of both groups as `n`; nan with a note where
        one group was not followed that long. No test, with a note, where neither share varies.

    Raises
    ------
    ValueError
        If `time` is negative, or unit or confidence differ.

    Notes
    -----
    MOVER of the two log-log intervals. Test: (F2 - F1) / sqrt(se1**2 + se2**2), normal (Wald); it
    may disagree with the interval near the border, and with few events the interval is the better
    guide. It compares the curves at one time; where they cross, another time says otherwise.

    References
    ----------
    Zou & Donner (2008), Stat. Med. 27, 1693-1702. Klein, Logan, Harhoff & Andersen (2007), Stat.
    Med. 26, 4505-4519 (curves at one time).

    Examples
    --------
    >>> from cxresearch.stats.incidence import cumulative_incidence
    >>> from cxresearch.stats.outcome_counts import OutcomeCounts
    >>> desktop, phone = (
    ...     cumulative_incidence(
    ...         OutcomeCounts(times=[1, 7], events=[bought, 0], competing=[left, 0],
    ...                       censored=[0, 200 - bought - left]), unit="days")
    ...     for bought, left in ((80, 40), (50, 60)))
    >>> result = difference_of_incidence(desktop, phone, 7)
    >>> round(result.value, 2), [round(bound, 2) for bound in result.ci]
    (-0.15, [-0.24, -0.06])
    """
    _alike(first, second)
    shares = first.at(time), second.at(time)
    return _compared(
        shares[1].value - shares[0].value,
        mover(*shares),
        math.hypot(_error(first, time), _error(second, time)),
        curves=(first, second),
        time=time,
        unit=SHARE_DIFFERENCE,
        method="MOVER of Aalen-Johansen intervals",
    )


def difference_of_restricted_means(
    first: IncidenceCurve, second: IncidenceCurve, until: float
) -> Comparison:
    """Estimate the second group's restricted mean time to the event minus the first's.

    Parameters
    ----------
    first, second : IncidenceCurve
        The curves of two independent groups, of one unit and one confidence.
    until : float
        The horizon, in their unit, above 0; chosen before looking at the curves.

    Returns
    -------
    Comparison
        The difference in their unit, with the customers of both groups as `n`; nan with a note
        where one group was not followed that long. No interval and no test, with a note, where
        neither mean varies.

    Raises
    ------
    ValueError
        If `until` is not above 0, or unit or confidence differ.

    Notes
    -----
    M2 - M1 -+ z sqrt(v1 + v2) with the areas above the curves and their variances; the Wald test
    is of the same and agrees with the interval. Unlike a ratio of hazards it has a meaning where
    the curves cross.

    References
    ----------
    Royston & Parmar (2013), BMC Med. Res. Methodol. 13, 152.

    Examples
    --------
    >>> from cxresearch.stats.incidence import cumulative_incidence
    >>> from cxresearch.stats.outcome_counts import OutcomeCounts
    >>> fast, slow = (
    ...     cumulative_incidence(OutcomeCounts.from_arrays(days, [1, 1, 1, 1, 0]), unit="days")
    ...     for days in ([1, 2, 2, 3, 9], [2, 4, 5, 8, 9]))
    >>> result = difference_of_restricted_means(fast, slow, 7)
    >>> round(result.value, 2), [round(bound, 2) for bound in result.ci]
    (2.0, [-0.48, 4.48])
    """
    _alike(first, second)
    means, errors = zip(first.area_above(until), second.area_above(until), strict=True)
    value, error = means[1] - means[0], math.hypot(*errors)
    margin = normal_quantile(first.confidence) * error or math.nan
    return _compared(
        value,
        Interval(value - margin, value + margin),
        error,
        curves=(first, second),
        time=until,
        unit=first.unit,
        method="difference of areas above Aalen-Johansen curves, normal",
    )


def _alike(first: IncidenceCurve, second: IncidenceCurve) -> None:
    validate.one_of("unit of second", second.unit, (first.unit,))
    validate.one_of("confidence of second", second.confidence, (first.confidence,))


def _error(curve: IncidenceCurve, time: float) -> float:
    """Return the standard error of a curve at a time; 0 before its first."""
    before = curve.table.loc[curve.table["time"] <= time, "error"]
    return 0.0 if before.empty else float(before.iloc[-1])


def _compared(
    value: float,
    ci: Interval,
    error: float,
    *,
    curves: tuple[IncidenceCurve, IncidenceCurve],
    time: float,
    unit: str,
    method: str,
) -> Comparison:
    note = min((curve.note_at(time) for curve in curves), key=NOTES.index)
    statistic = value / error if error > 0 else math.nan
    return Comparison(
        value=value,
        ci=ci,
        n=sum(curve.n for curve in curves),
        unit=unit,
        confidence=curves[0].confidence,
        method=method,
        note=NO_DIFFERENCE_POSSIBLE if error == 0 and not math.isnan(value) else note,
        statistic=statistic,
        p_value=two_sided(statistic),
        test="Wald z test",
    )
