"""What looking early costs and saves: how many units at most, and how many on average."""

from __future__ import annotations

from dataclasses import dataclass

from cxresearch.core import validate
from cxresearch.stats.sequential._boundary_crossing import exits
from cxresearch.stats.sequential.group_sequential import Boundaries


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialPlan:
    """The units of an experiment with several looks, against those of one with a single look.

    Parameters
    ----------
    drift : float
        The expected z statistic at full information, were the effect as large as planned for.
    maximum : float
        The units if it never stops early, over those of an experiment with one look.
    expected, expected_without_effect : float
        The mean units with the planned effect and with none, over the same.
    stops : tuple of float
        The chance to have found the planned effect at or before each look.
    power : float
        The chance to find it at any.
    """

    drift: float
    maximum: float
    expected: float
    expected_without_effect: float
    stops: tuple[float, ...]
    power: float


def power_at(boundaries: Boundaries, drift: float) -> tuple[float, ...]:
    """Return the chance to have crossed the upper boundary at or before each look.

    Parameters
    ----------
    boundaries : Boundaries
        The looks.
    drift : float
        The expected z statistic at full information: effect / its standard error then.

    Examples
    --------
    >>> from cxresearch.stats.sequential.group_sequential import spending_boundaries
    >>> [round(chance, 3) for chance in power_at(spending_boundaries([0.5, 1.0]), 2.8)]
    [0.163, 0.798]
    """
    _, above = exits(boundaries.lower, boundaries.critical, boundaries.information, drift=drift)
    return tuple(float(chance) for chance in above.cumsum())


def sequential_plan(boundaries: Boundaries, *, power: float = 0.8) -> SequentialPlan:
    """Return by how much the looks raise the most units, and lower the mean, at one power.

    Parameters
    ----------
    boundaries : Boundaries
        The looks, the last one at full information.
    power : float, default 0.8
        The chance to find the effect, strictly between 0 and 1.

    Raises
    ------
    ValueError
        If the last look is not at full information, or `power` is out of range.

    Notes
    -----
    The drift at which the boundaries have the power, over z_confidence + z_power, squared. Take
    the units of :func:`cxresearch.stats.power.sample_size` times `maximum`.

    References
    ----------
    Jennison & Turnbull (2000), Group Sequential Methods, chapter 2.

    Examples
    --------
    >>> from cxresearch.stats.sequential.group_sequential import equal_looks, spending_boundaries
    >>> plan = sequential_plan(spending_boundaries(equal_looks(5)), power=0.9)
    >>> round(plan.maximum, 3), round(plan.expected, 3)
    (1.023, 0.759)
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    validate.share("power", power)
    validate.one_of("the last information", boundaries.information[-1], [1.0])
    drift = float(brentq(lambda d: power_at(boundaries, d)[-1] - power, 0.0, 20.0, xtol=1e-10))
    tail = (1 - boundaries.confidence) / boundaries.sides
    maximum = (drift / float(ndtri(1 - tail) + ndtri(power))) ** 2
    return SequentialPlan(
        drift=drift,
        maximum=maximum,
        expected=maximum * _mean_information(boundaries, drift),
        expected_without_effect=maximum * _mean_information(boundaries, 0.0),
        stops=power_at(boundaries, drift),
        power=power,
    )


def _mean_information(boundaries: Boundaries, drift: float) -> float:
    """Return the information at which the experiment ends, on average."""
    below, above = exits(boundaries.lower, boundaries.critical, boundaries.information, drift=drift)
    early = (below + above)[:-1]
    times = boundaries.information
    return float(early @ times[:-1] + (1 - early.sum()) * times[-1])
