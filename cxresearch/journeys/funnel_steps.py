"""The steps of a funnel: how many reached each, and at which rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import UnitSums
from cxresearch.journeys import _step_matching
from cxresearch.journeys._funnel_spec import FunnelSpec
from cxresearch.stats.shares.proportions import clustered_proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step of a funnel.

    Parameters
    ----------
    name : str
        Its events.
    optional : bool
        Whether it need not be reached to go on.
    units, customers : int
        The units that reached it, and of how many customers.
    lost : int
        The units that reached the required step before it and not this one; 0 for the entry.
    rate : Estimate
        The share of the entrants that reached it.
    step_rate : Estimate
        The share of those at the required step before that reached it.
    """

    name: str
    optional: bool
    units: int
    customers: int
    lost: int
    rate: Estimate
    step_rate: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the step as one flat row."""
        row: dict[str, Any] = {
            "step": self.name,
            "optional": self.optional,
            "units": self.units,
            "customers": self.customers,
            "lost": self.lost,
        }
        for name in ("rate", "step_rate"):
            estimate = getattr(self, name)
            row |= {name: estimate.value}
            row |= {f"{name}_low": estimate.ci.low, f"{name}_high": estimate.ci.high}
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelGroup:
    """The same funnel for the units of one group.

    Parameters
    ----------
    name : str
        The value that the column had at the unit's first entry; ``"(none)"`` for none.
    steps : tuple of FunnelStep
        The steps.
    """

    name: str
    steps: tuple[FunnelStep, ...]


def steps_of(route: FunnelSpec, sums: UnitSums, confidence: float) -> tuple[FunnelStep, ...]:
    """Return the steps of a route from the sums over customers of the units that reached them."""
    columns = _step_matching.columns(route)
    found = []
    for k, column in enumerate(columns):
        before = columns[route.before(k)] if k else column
        found.append(
            FunnelStep(
                name=route.name(k),
                optional=k in route.optional,
                units=int(sums.sums[column]),
                customers=sums.clusters(column),
                lost=int(sums.sums[before] - sums.sums[column]),
                rate=_rate(sums, column, columns[0], confidence),
                step_rate=_rate(sums, column, before, confidence),
            )
        )
    return tuple(found)


def _rate(sums: UnitSums, part: str, whole: str, confidence: float) -> Estimate:
    """Return a share of units whose `n` is the customers with a unit in the whole."""
    ratio = replace(sums.ratio(part, whole), n=sums.clusters(whole))
    share = clustered_proportion(ratio, confidence=confidence)
    if part == whole and ratio.y:  # all who entered entered: by definition, without a doubt
        return replace(share, ci=Interval(1.0, 1.0), note="")
    return share
