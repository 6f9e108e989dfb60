"""How many different ways journeys take, from their first event to their last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.journeys._labels import labelled
from cxresearch.journeys._path_counts import KEY, without_loops
from cxresearch.journeys.contract import Unit

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

#: Marks are mixed modulo this prime, so that their squares fit in 64 bits.
_PRIME = 2**31 - 1
#: What each of the two marks of a step is mixed with.
_SALTS = {
    "mark": (1_103_515_245, 12_345_701, 907_633_385),
    "other": (69_069_069, 16_645_253, 7_919),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """How many different whole paths units take, from :func:`variants`.

    Parameters
    ----------
    paths : int
        The different whole paths.
    taken_once : int
        Those that only one unit takes.
    units : int
        The units.
    """

    paths: int
    taken_once: int
    units: int


def variants(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    collapse_loops: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Variants:
    """Count the different whole paths of units, however long.

    Parameters
    ----------
    prepared : Prepared
        The prepared events.
    unit : {"customer", "session", "order"}, default "session"
        What a journey is.
    collapse_loops : bool, default False
        Whether an event that comes again right after itself is one step with it.
    labels : mapping of str to str, optional
        What to count instead of events, the touchpoint or stage of each, for instance.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed.

    Notes
    -----
    Every event at its step is given two numbers that look drawn at random, and paths with equal
    sums of both are taken for one. For two paths that differ the chance of that is about 1 in
    4e18; among ten million paths that any two are taken for one, about 1 in 100,000.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> variants(PREPARED)
    Variants(paths=3, taken_once=3, units=3)
    """
    steps, _ = labelled(prepared, unit, labels)
    steps = without_loops(steps) if collapse_loops else steps
    marked = steps.with_columns(**{name: _mark(*salt) for name, salt in _SALTS.items()})
    paths = marked.group_by(*KEY).agg(nw.col(*_SALTS).sum())
    counted = paths.group_by(*_SALTS).agg(n=nw.len())
    once = nw.when(nw.col("n") == 1).then(1).otherwise(0)
    (found,) = frames.rows(
        counted.select(
            nw.len().alias("paths"), once.sum().alias("taken_once"), units=nw.col("n").sum()
        )
    )
    return Variants(**{name: int(value or 0) for name, value in found.items()})


def _mark(of_event: int, of_step: int, rest: int) -> nw.Expr:
    """Return a number below the prime that looks drawn at random for an event at its step."""
    event, step = ((nw.col(name) + 1).cast(nw.Int64) for name in ("event", "step"))
    mixed = (event * of_event + step * of_step + rest) % _PRIME
    for _ in range(3):
        mixed = (mixed * mixed + rest) % _PRIME
    return mixed
