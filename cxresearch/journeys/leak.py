"""Where a funnel loses most, and what that may be worth."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import _checks, frames
from cxresearch.i18n import Language
from cxresearch.journeys import _reached
from cxresearch.journeys._route import NOUNS
from cxresearch.remarks import Remark, in_words
from cxresearch.results import Estimate, Interval
from cxresearch.stats.proportions import clustered_proportion
from cxresearch.stats.ratios import CrossSums, RatioSums, difference_of_ratios, ratio_of_sums

if TYPE_CHECKING:
    from cxresearch.frames import Moments
    from cxresearch.journeys.funnel import Funnel

NO_SECOND = "undefined: there is no other step at which units are lost"
NO_REVENUE = "undefined: no event of the last step has a revenue"
NOT_CARRIED = "undefined: the events carry no such column"
_AT_MOST = Remark(
    "at most: if each of the lost had completed once and spent like those who did; who is lost may "
    "have wanted to spend less, or nothing"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak(Estimate):
    """Where most units are lost; as an estimate it is the share of the entrants lost there.

    Parameters
    ----------
    before, step : str
        They reached the step `before` and not the next required one, `step`.
    lost : Estimate
        How many units were lost there, its interval that of the share times the entrants.
    lead : Estimate
        The share lost there minus the share lost at the next largest leak. An interval that holds
        0 says that the other may be as large.

    See Also
    --------
    cxresearch.results.Estimate : The other fields.
    """

    before: str
    step: str
    lost: Estimate
    lead: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the share as one flat row, with the steps and the units lost."""
        row = Estimate(**_parts(self)).to_dict()
        return {"before": self.before, "step": self.step, "lost": self.lost.value, **row}


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueBehind(Estimate):
    """What the units lost at a leak would have spent at most.

    Parameters
    ----------
    each : Estimate
        What those who completed spent: the mean revenue of an event of the last step.
    remarks : tuple of Remark
        What `note` says.

    See Also
    --------
    cxresearch.results.Estimate : The other fields.
    """

    each: Estimate
    remarks: tuple[Remark, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as one flat row."""
        return Estimate(**_parts(self)).to_dict()

    def note_in(self, language: Language) -> str:
        """Return the note in a language."""
        return in_words(self.remarks, language)


def biggest_leak(funnel: Funnel) -> Leak:
    """Return the required step before which most units are lost; of equal ones the first.

    Parameters
    ----------
    funnel : Funnel
        The funnel, from :func:`cxresearch.journeys.funnel`.

    Returns
    -------
    Leak
        The leak, with `n` customers who entered; nan with a note where nobody entered.

    Raises
    ------
    ValueError
        If every step after the first is optional.

    Notes
    -----
    The share and the lead are ratios of sums over customers, paired within them
    (:func:`cxresearch.stats.proportions.clustered_proportion`,
    :func:`cxresearch.stats.ratios.difference_of_ratios`). The largest of several is chosen after
    looking, so its share is a little too large where another is close: read it with the lead.

    Examples
    --------
    >>> from cxresearch.journeys import funnel
    >>> from cxresearch.journeys._example import PREPARED
    >>> leak = biggest_leak(funnel(PREPARED, ["view", "cart", "buy"]))
    >>> leak.before, leak.step, leak.lost.value, round(leak.value, 2)
    ('view', 'cart', 1.0, 0.33)
    """
    hops = [(funnel.route.before(k), k) for k in funnel.route.required[1:]]
    if not hops:
        raise _checks.refused("funnel", "of two steps that are not optional", funnel.route.names)
    ranked = sorted(hops, key=lambda hop: -funnel.steps[hop[1]].lost)
    (before, k), others = ranked[0], ranked[1:]
    sums = _lost(funnel.sums, before, k)
    share = clustered_proportion(sums, confidence=funnel.confidence)
    entrants = funnel.steps[0].units
    lost = replace(
        share,
        value=share.value * entrants if entrants else math.nan,
        ci=Interval(*(bound * entrants for bound in share.ci)),
        unit=NOUNS[funnel.contract.unit],
    )
    return Leak(
        **_parts(share),
        before=funnel.route.name(before),
        step=funnel.route.name(k),
        lost=lost,
        lead=_lead(funnel, (before, k), others[0] if others else None),
    )


def revenue_behind(
    funnel: Funnel, leak: Leak, *, currency: str, column: str = "revenue"
) -> RevenueBehind:
    """Return what the units lost at a leak would have spent, if they had spent like the others.

    Parameters
    ----------
    funnel : Funnel
        The funnel, from :func:`cxresearch.journeys.funnel`; its last required step is the one
        that brings the revenue.
    leak : Leak
        Where they were lost, from :func:`biggest_leak`.
    currency : str
        The ISO 4217 code of the revenue.
    column : str, default "revenue"
        The carried column that holds it.

    Returns
    -------
    RevenueBehind
        Money, with `n` customers who spent it; nan with a note where there is no revenue.

    Raises
    ------
    ValueError
        If `currency` is empty.

    Notes
    -----
    lost * sum(revenue) / count(events with revenue), the sums over customers
    (:func:`cxresearch.stats.ratios.ratio_of_sums`). The interval is that of the mean; how many
    were lost is taken as counted.

    Examples
    --------
    >>> from cxresearch import journeys
    >>> from cxresearch.journeys._example import EVENTS
    >>> paid = EVENTS.assign(revenue=[None, None, 30.0, None, None, None])
    >>> found = journeys.funnel(journeys.prepare(paid), ["view", "cart", "buy"])
    >>> revenue_behind(found, biggest_leak(found), currency="EUR").value
    30.0
    """
    _checks.filled("currency", currency)
    sums = _spent(funnel, column)
    each = ratio_of_sums(sums, unit=currency, confidence=funnel.confidence)
    if math.isnan(each.value):
        carried = column in funnel.route.prepared.carried
        remarks = [Remark(NO_REVENUE if carried else NOT_CARRIED)]
    else:
        remarks = [_AT_MOST, *([Remark(each.note)] if each.note else [])]
    lost = leak.lost.value
    whole = {
        "value": frames.stable(each.value * lost),
        "ci": Interval(*(frames.stable(bound * lost) for bound in each.ci)),
        "note": in_words(remarks, Language("en")),
    }
    return RevenueBehind(**{**_parts(each), **whole}, each=each, remarks=tuple(remarks))


def _parts(estimate: Estimate) -> dict[str, Any]:
    return {part.name: getattr(estimate, part.name) for part in fields(Estimate)}


def _lost(sums: Moments, before: int, k: int) -> RatioSums:
    """Return the sums, over the customers who entered, of the lost and of the entrants."""
    entered, reached, gone = (_reached.column(step) for step in (0, before, k))
    return RatioSums(
        n=sums.clusters(entered),
        x=sums.sums[reached] - sums.sums[gone],
        y=sums.sums[entered],
        xx=_between(sums, (before, k), (before, k)),
        xy=sums.product(reached, entered) - sums.product(gone, entered),
        yy=sums.product(entered, entered),
    )


def _between(sums: Moments, first: tuple[int, int], second: tuple[int, int]) -> float:
    """Return the sum over customers of the lost at one place times the lost at another."""
    return sum(
        sign * sums.product(_reached.column(a), _reached.column(b))
        for sign, a, b in (
            (1, first[0], second[0]),
            (-1, first[0], second[1]),
            (-1, first[1], second[0]),
            (1, first[1], second[1]),
        )
    )


def _lead(funnel: Funnel, hop: tuple[int, int], other: tuple[int, int] | None) -> Estimate:
    if other is None:
        undefined = {"value": math.nan, "ci": Interval(math.nan, math.nan), "note": NO_SECOND}
        return Estimate(**{**_parts(funnel), **undefined})
    sums = funnel.sums
    largest, next_one = _lost(sums, *hop), _lost(sums, *other)
    cross = CrossSums(
        n=largest.n,
        xx=_between(sums, other, hop),
        xy=next_one.xy,
        yx=largest.xy,
        yy=largest.yy,
    )
    return difference_of_ratios(
        next_one, largest, cross, unit="share", confidence=funnel.confidence
    )


def _spent(funnel: Funnel, column: str) -> RatioSums:
    """Return the sums over customers of the revenue of completed units and of its events."""
    route = funnel.route
    if column not in route.prepared.carried:
        return RatioSums(n=0, x=0, y=0, xx=0, xy=0, yy=0)
    last = route.required[-1]
    done = _reached.units(route).filter(_reached.listed(route, last))
    events = route.prepared.steps(route.contract.unit).filter(route.at(last))
    paid = events.filter(~nw.col(column).is_null()).join(
        done.select(*_reached.KEY), on=list(_reached.KEY), how="semi"
    )
    clusters = paid.select(
        nw.col("customer_id").alias(frames.CLUSTER), spent=nw.col(column), times=nw.lit(1)
    )
    return frames.moments(clusters, ["spent", "times"]).ratio("spent", "times")
