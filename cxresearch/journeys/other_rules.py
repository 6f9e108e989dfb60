"""How far the answer of a funnel moves when its steps are counted by other rules."""

from __future__ import annotations

from dataclasses import dataclass

from cxresearch.core.table import Estimates, Table
from cxresearch.journeys.counting_rules import CountingRules, days
from cxresearch.journeys.funnel import Funnel, funnel

_CAPTION = "The share that reaches the last step, counted in other ways; the window is {window}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRules:
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

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


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
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> steps = ["view", "cart", "buy"]
    >>> other = by_other_rules(funnel(PREPARED, steps, rules=CountingRules(unit="session")))
    >>> round(other.customers.rate.value, 2)
    0.33
    """
    window_s = days(window_days)

    def counted(rules: CountingRules) -> Funnel:
        route = sessions.route
        return funnel(route.prepared, route.steps, rules=rules, confidence=confidence)

    return OtherRules(
        sessions=sessions,
        any_order=counted(CountingRules(unit="session", order="any")),
        customers=counted(CountingRules()),
        within_window=counted(CountingRules(window_s=window_s)),
        from_first=counted(CountingRules(window_s=window_s, reentry="first")),
        window_days=window_days,
    )
