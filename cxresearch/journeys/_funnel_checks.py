"""What must agree of a funnel, each number counted anew from the events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.journeys import _reached
from cxresearch.journeys._route import NOUNS

if TYPE_CHECKING:
    from cxresearch.journeys.funnel import Funnel


def checks(funnel: Funnel) -> Iterator[tuple[str, int, int]]:
    """Yield what must agree: what it is, and the two numbers.

    The units are those of the prepared table; the list behind a number has that many rows; those
    at a step went on or were lost; counted on another road they are the same; the groups add up
    to the whole.
    """
    route, steps, unit = funnel.route, funnel.steps, NOUNS[funnel.contract.unit]
    if funnel.contract.unit != "order":
        known = getattr(route.prepared.tally, unit)
        yield f"{unit} = {unit} of the prepared table", funnel.all_units, known
    reached = [_reached.listed(route, k) for k in range(len(steps))]
    missed = [_reached.listed(route, k, lost=True) for k in range(1, len(steps))]
    listed = _sizes(_reached.units(route), [*reached, *missed])
    other = _reached.recounted(route)
    recounted = [] if other is None else _sizes(other, reached)
    for k, step in enumerate(steps):
        at = f"{unit} at {step.name}"
        yield f"{at} = rows of their list", step.units, listed[k]
        if k:
            lost, before = listed[len(steps) + k - 1], steps[route.before(k)]
            yield f"{unit} lost before {step.name} = rows of their list", step.lost, lost
            here = f"{unit} at {before.name} = at {step.name} or lost before"
            yield here, before.units, listed[k] + lost
        if recounted:
            yield f"{at} = on another road", step.units, recounted[k]
        if funnel.groups:
            parts = sum(group.steps[k].units for group in funnel.groups)
            yield f"{at} = in all groups", step.units, parts


def _sizes(units: frames.Frame, lists: Sequence[nw.Expr]) -> list[int]:
    """Return how many units are in each list, in one pass."""
    ones = {f"list_{k}": nw.when(one).then(1).otherwise(0).sum() for k, one in enumerate(lists)}
    (row,) = frames.rows(units.select(**ones))
    return [int(row[name] or 0) for name in ones]
