"""Which units are behind a number of a funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.journeys import _step_matching

if TYPE_CHECKING:
    from cxresearch.engine.frames import Frame
    from cxresearch.journeys._funnel_spec import FunnelSpec
    from cxresearch.journeys.funnel import Funnel


def members(
    funnel: Funnel, step: int | str, *, lost: bool = False, group: str | None = None
) -> Frame:
    """Return the units that reached a step of a funnel, or were lost before it.

    Parameters
    ----------
    funnel : Funnel
        The funnel, from :func:`cxresearch.journeys.funnel`.
    step : int or str
        The step, by its name or by its place from 1.
    lost : bool, default False
        Whether to list those that reached the required step before it and not this one.
    group : str, optional
        One of the funnel's groups; all units otherwise.

    Returns
    -------
    narwhals.LazyFrame
        One row per unit, as many as the funnel says: `customer_id`, `unit` and `entry_us` (the
        moment of its first entry). Nothing is read until it is collected, which it must be while
        the funnel is there.

    Raises
    ------
    TypeError
        If `step` is neither a name nor a whole number.
    ValueError
        If the funnel has no such step or group, or `lost` is asked of the entry.

    Examples
    --------
    Who filled a cart and did not buy?

    >>> from cxresearch.journeys import funnel
    >>> from cxresearch.journeys._example import PREPARED
    >>> left = members(funnel(PREPARED, ["view", "cart", "buy"]), "buy", lost=True)
    >>> left.collect()["customer_id"].to_list()
    ['B']
    """
    place = _place(funnel.route, step)
    if lost and not place:
        raise ValueError(f"step must come after the entry where lost is asked for; got {step!r}")
    found = _step_matching.units(funnel.route).filter(
        _step_matching.is_listed(funnel.route, place, lost=lost)
    )
    if group is not None:
        validate.one_of("group", group, tuple(own.name for own in funnel.groups))
        found = found.filter(nw.col("group") == group)
    return found.select(*_step_matching.KEY, "entry_us")


def _place(route: FunnelSpec, step: int | str) -> int:
    if isinstance(step, str):
        return route.names.index(validate.one_of("step", step, route.names))
    places = range(1, len(route.steps) + 1)
    return validate.one_of("step", validate.whole("step", step), places) - 1
