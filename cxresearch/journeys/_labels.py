"""Events seen as something coarser: the touchpoint, the stage or the place of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import frames
from cxresearch.journeys.contract import Unit
from cxresearch.remarks import Remark

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared


_NEVER_HAPPENED = "events that never happened: {names}"


def never_happened(asked: Iterable[str], known: Iterable[str]) -> tuple[Remark, ...]:
    """Return what must be said of events that no row has, where there are any.

    Examples
    --------
    >>> never_happened(["cart", "crat"], ["cart", "buy"])[0].values
    {'names': 'crat'}
    >>> never_happened(["cart"], ["cart", "buy"])
    ()
    """
    there = set(known)
    missing = dict.fromkeys(event for event in asked if event not in there)
    return (Remark(_NEVER_HAPPENED, {"names": ", ".join(missing)}),) if missing else ()


def labelled(
    prepared: Prepared, unit: Unit, labels: Mapping[str, str] | None
) -> tuple[frames.Frame, dict[int, str]]:
    """Return the steps of units with labels for events, and the name of each code.

    Without labels the events are their own.

    Raises
    ------
    ValueError
        If `labels` leaves an event out; all are listed.
    """
    steps = prepared.steps(unit)
    if labels is None:
        return steps, dict(enumerate(prepared.events))
    missing = [event for event in prepared.events if event not in labels]
    if missing:
        raise ValueError(f"labels must name every event; got none for {', '.join(missing)}")
    names = dict(enumerate(sorted({labels[event] for event in prepared.events})))
    code_of = {name: code for code, name in names.items()}
    coded = {
        column: _recoded(column, [code_of[labels[event]] for event in prepared.events])
        for column in ("event", "next_event")
    }
    return steps.with_columns(**coded), names


def _recoded(column: str, codes: list[int]) -> nw.Expr:
    """Return an expression that replaces each event's code by another; null stays null."""
    expression = nw.lit(None, dtype=nw.Int32)
    for code in set(codes):
        events = [event for event, own in enumerate(codes) if own == code]
        chosen = nw.when(nw.col(column).is_in(events))
        expression = chosen.then(nw.lit(code, dtype=nw.Int32)).otherwise(expression)
    return expression
