"""Events seen as something coarser: the touchpoint, the stage or the place of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.journeys.counting_rules import Unit

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared


_NEVER_HAPPENED = "events that never happened: {names}"
_RULE = "among the events that happened"
#: How many names are shown in place of one that never happened.
_SHOWN = 3


def require(argument: str, asked: Iterable[str], known: Collection[str]) -> None:
    """Refuse events that never happened, each with the names that are most like it.

    A step that nobody can take makes a rate of 0, which looks like an answer.

    Raises
    ------
    ValueError
        If there is one; all are listed.

    Examples
    --------
    >>> require("steps", ["view", "crat"], ["cart", "purchase", "view"])
    Traceback (most recent call last):
    ValueError: steps must be among the events that happened; got 'crat' (nearest: 'cart')
    """
    missing = [repr(event) + _instead(event, known) for event in _missing(asked, known)]
    if missing:
        raise ValueError(f"{argument} must be {_RULE}; got {', '.join(missing)}")


def _missing(asked: Iterable[str], known: Iterable[str]) -> list[str]:
    there = set(known)
    return [event for event in dict.fromkeys(asked) if event not in there]


def _instead(event: str, known: Collection[str]) -> str:
    """Return which of the known names may be meant, in parentheses."""
    if not known:
        return " (no event happened)"
    in_small = {name.casefold(): name for name in known}
    near = get_close_matches(event.casefold(), in_small, n=_SHOWN)
    if near:
        return f" (nearest: {', '.join(repr(in_small[name]) for name in near)})"
    some = ", ".join(map(repr, sorted(known)[:_SHOWN]))
    return f" (nothing like it among {some}{', ...' if len(known) > _SHOWN else ''})"


def never_happened(asked: Iterable[str], known: Iterable[str]) -> tuple[Remark, ...]:
    """Return what must be said of events that no row has, where there are any.

    Examples
    --------
    >>> never_happened(["cart", "crat"], ["cart", "buy"])[0].values
    {'names': 'crat'}
    >>> never_happened(["cart"], ["cart", "buy"])
    ()
    """
    missing = _missing(asked, known)
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
