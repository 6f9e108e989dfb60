"""A funnel as a view, so that its groups can be compared step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.journeys import _step_matching
from cxresearch.journeys.view import View

if TYPE_CHECKING:
    from cxresearch.journeys.funnel import Funnel

_STEP = "step"


def funnel_view(funnel: Funnel) -> View:
    """Return the steps after the entry as a view, each a share of the entrants.

    Parameters
    ----------
    funnel : Funnel
        A funnel by groups, from :func:`cxresearch.journeys.funnel`.

    Returns
    -------
    View
        What :func:`cxresearch.journeys.compare` compares, by the column of the funnel's groups. It
        compares the rates from entry and not the step rates: those who came to a step in one
        group are another kind than in the other.

    Raises
    ------
    ValueError
        If the funnel has no groups.

    Examples
    --------
    >>> from cxresearch import journeys
    >>> from cxresearch.journeys._example import EVENTS
    >>> prepared = journeys.prepare(EVENTS.assign(device=["m", "m", "m", "d", "d", "d"]))
    >>> view = funnel_view(journeys.funnel(prepared, ["view", "cart", "buy"], by="device"))
    >>> found = journeys.compare(view, by="device", first="d", second="m")
    >>> found.frame[["step", "share_first", "share_second", "difference"]]
       step  share_first  share_second  difference
    0  cart          0.5           1.0         0.5
    1   buy          0.0           1.0         1.0
    """
    route = funnel.route
    if route.by is None:
        raise ValueError("funnel must have groups; got one without `by`")
    places = range(1, len(route.steps))
    units = (
        _step_matching.units(route)
        .filter(_step_matching.is_listed(route, 0))
        .rename({"group": route.by})
    )
    # Narwhals' unpivot reads DuckDB's default connection only, which is not the kit's.
    reached = [
        units.filter(_step_matching.is_listed(route, k)).with_columns(nw.lit(k).alias(_STEP))
        for k in places
    ]
    return View(
        counted=nw.concat(reached),
        based=units,
        keys=(_STEP,),
        base=(),
        rules=route.rules,
        across=_STEP,
        prepared=route.prepared,
        names={_STEP: {k: route.name(k) for k in places}},
        once=True,
    )
