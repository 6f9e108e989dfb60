"""More of a funnel: the units behind a number, its groups compared, its rate by other rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.table import Estimates, Table, Tabular
from cxresearch.journeys import _funnel_units
from cxresearch.journeys.cells import View
from cxresearch.journeys.counting_rules import CountingRules, days
from cxresearch.journeys.funnel import Funnel, funnel
from cxresearch.journeys.prepared import KEY

if TYPE_CHECKING:
    from cxresearch.engine.frames import Frame
    from cxresearch.journeys._funnel_units import FunnelSpec

_STEP = "step"
_CAPTION = "The share that reaches the last step, counted in other ways; the window is {window}"


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
        If the funnel lacks the step or the group, or `lost` is asked of the entry.

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
    found = _funnel_units.units(funnel.route).filter(
        _funnel_units.is_listed(funnel.route, place, lost=lost)
    )
    if group is not None:
        validate.one_of("group", group, tuple(own.name for own in funnel.groups))
        found = found.filter(nw.col("group") == group)
    listed = found.select(*KEY, "entry_us")
    return funnel.route.prepared.named(listed, funnel.rules.unit)


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
        _funnel_units.units(route)
        .filter(_funnel_units.is_listed(route, 0))
        .rename({"group": route.by})
    )
    # Narwhals' unpivot reads DuckDB's default connection only, which is not the kit's.
    reached = [
        units.filter(_funnel_units.is_listed(route, k)).with_columns(nw.lit(k).alias(_STEP))
        for k in places
    ]
    return View(
        counted=nw.concat(reached),
        based=units,
        keys=(_STEP,),
        rules=route.rules,
        prepared=route.prepared,
        names={_STEP: {k: route.name(k) for k in places}},
        once=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OtherRules(Tabular):
    """A funnel by other rules, from :func:`by_other_rules`.

    Parameters
    ----------
    sessions, any_order : Funnel
        Of sessions, the steps in order and in any order.
    customers, within_window, from_first : Funnel
        Of customers: without a window, within one from any entry, and from the first entry.
    window_days : float
        The window, in days.
    """

    sessions: Funnel
    any_order: Funnel
    customers: Funnel
    within_window: Funnel
    from_first: Funnel
    window_days: float

    def table(self) -> Table:
        """Return the rate of the last required step by each of the rules."""
        rows = {
            "Sessions, steps in order (above)": self.sessions.rate,
            "Sessions, steps in any order": self.any_order.rate,
            "Customers, steps in order": self.customers.rate,
            "Customers, within the window of any entry": self.within_window.rate,
            "Customers, within the window of their first entry": self.from_first.rate,
        }
        names = {name: name for name in rows}
        table = Estimates(
            rows=rows, names=names, caption=_CAPTION, n="Customers (n)", indicator="What is counted"
        ).table()
        return table.captioned(_CAPTION, window=(self.window_days, "days"))


@documented
def by_other_rules(
    sessions: Funnel, *, window_days: float = 7.0, confidence: float = 0.95
) -> OtherRules:
    """Count the steps of a funnel of sessions by other rules.

    Parameters
    ----------
    sessions : Funnel
        A funnel of sessions, from :func:`cxresearch.journeys.funnel`.
    window_days : float, default 7
        The time a customer has where there is a window, in days.
    %(confidence)s

    Raises
    ------
    %(not_allowed)s

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> steps = ["view", "cart", "buy"]
    >>> other = by_other_rules(funnel(PREPARED, steps, rules=CountingRules(unit="session")))
    >>> round(other.customers.rate.value, 2)
    0.33
    """
    window_s = days(window_days)

    def count(rules: CountingRules) -> Funnel:
        route = sessions.route
        return funnel(route.prepared, route.steps, rules=rules, confidence=confidence)

    return OtherRules(
        sessions=sessions,
        any_order=count(CountingRules(unit="session", order="any")),
        customers=count(CountingRules()),
        within_window=count(CountingRules(window_s=window_s)),
        from_first=count(CountingRules(window_s=window_s, reentry="first")),
        window_days=window_days,
    )


def _place(route: FunnelSpec, step: int | str) -> int:
    if isinstance(step, str):
        return route.names.index(validate.one_of("step", step, route.names))
    places = range(1, len(route.steps) + 1)
    return validate.one_of("step", validate.whole("step", step), places) - 1
