"""What units do before they come to a goal, or without coming to it: the features of drivers.

Every feature is a share of units: those that have an event; of these, those that have it again,
and those that come to it soon; of those with two events, those that come to one of them first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk
from cxresearch.engine import frames
from cxresearch.journeys._pair_sums import PairSums, Totals, cell_totals
from cxresearch.journeys.counting_rules import Unit
from cxresearch.journeys.prepared import KEY

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

#: Whether a unit came to the goal, and what it is then.
OUTCOME, OTHER, CONVERTED = "outcome", 1, 2
#: Which half of the customers a unit belongs to.
HALF, FIRST, SECOND = "half", 1, 2
#: How many events a unit has before the goal, as one of a few classes.
LENGTH = "length"

#: What a feature is: the unit has the event; has it again; comes to it no later than half of those
#: that have it; comes to it before the other.
HAS, AGAIN, SOON, BEFORE = "has", "again", "soon", "before"
#: All customers, of either half.
ALL = 0
#: What is summed beside the features: the units; what is soon among those of one half.
_UNITS, _SOON_IN_HALF = "units", "soon_in_half"
#: The kind, the event and the other event of a feature; the code of no event.
_Key = tuple[str, int, int]
_NONE = -1
_CUSTOMER = ["customer_id", HALF]
_MEDIAN = {"median": 0.5}

#: Where the classes of length begin.
_LENGTHS = (1, 2, 3, 5, 9, 17, 33)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """The units and what each did before the goal, written once and read for every feature.

    Parameters
    ----------
    prepared : Prepared
        The prepared events.
    units : narwhals.LazyFrame
        One row per unit: what identifies it, its outcome, half and length, and `start_us`.
    found : narwhals.LazyFrame
        One row per unit and event before the goal: the same, the `event`, how many `times`, its
        `first_step`, and `after_us`, the time from the unit's start to the first.
    """

    prepared: Prepared
    units: frames.Frame
    found: frames.Frame
    _home: disk.OwnFolder

    @classmethod
    def of(cls, prepared: Prepared, goal: str, *, unit: Unit, seed: int) -> Features:
        """Look at what happened before each unit's first goal, and at all where there is none."""
        home = disk.OwnFolder("cxresearch-drivers-")
        steps = prepared.coded_steps(unit)
        units_table, found_table = (home.path / f"{name}.parquet" for name in ("units", "found"))
        engine.write(_units(prepared, unit, goal, seed).to_native(), units_table)
        units = engine.scan(units_table, on=prepared.on)
        before = steps.join(units, on=list(KEY)).filter(nw.col("step") <= nw.col("events"))
        own = [*KEY, OUTCOME, HALF, LENGTH]
        found = before.group_by(*own, "event").agg(
            times=nw.len(),
            first_step=nw.col("step").min(),
            after_us=(nw.col("ts_us") - nw.col("start_us")).min(),
        )
        engine.write(found.to_native(), found_table)
        return cls(
            prepared=prepared,
            units=units,
            found=engine.scan(found_table, on=prepared.on),
            _home=home,
        )

    def at_same_length(self) -> dict[str, float]:
        """Return, per event, the share of others that would have it were they as long.

        It is the mean over classes of length of the share of others, each class weighing as many
        as converted in it (direct standardisation); classes without others are left out.
        """
        units = {
            (row[LENGTH], row[OUTCOME]): int(row["n"])
            for row in frames.rows(self.units.group_by(LENGTH, OUTCOME).agg(n=nw.len()))
        }
        weights = {
            length: units.get((length, CONVERTED), 0) / others
            for (length, outcome), others in units.items()
            if outcome == OTHER
        }
        whole = sum(weights[length] * units[length, OTHER] for length in weights)
        others = self.found.filter(nw.col(OUTCOME) == OTHER)
        shares = dict.fromkeys(self.prepared.events, 0.0 if whole else math.nan)
        for row in frames.rows(others.group_by(LENGTH, "event").agg(n=nw.len())):
            name = self.prepared.events[int(row["event"])]
            shares[name] += weights[row[LENGTH]] * int(row["n"]) / whole if whole else 0.0
        return shares

    def outcomes(self) -> dict[int, int]:
        """Return how many units have each outcome."""
        counted = frames.rows(self.units.group_by(OUTCOME).agg(n=nw.len()))
        return {row[OUTCOME]: int(row["n"]) for row in counted}

    def sums(self, common: int) -> dict[int, list[PairSums]]:
        """Return the sums of every feature in both outcomes, of all customers and of each half.

        A customer is in one half, so the sums of all are those of the halves together. What is
        soon, and which events are the most `common`, is asked of each half by itself.
        """
        medians = {SOON: self._medians("event"), _SOON_IN_HALF: self._medians(HALF, "event")}
        of_all, of_halves = map(frames.rows, medians.values())
        events = {ALL: of_all} | {
            half: [row for row in of_halves if row[HALF] == half] for half in (FIRST, SECOND)
        }
        chosen = {part: _most_common(rows, common) for part, rows in events.items()}
        rows = self._totals(medians, set().union(*chosen.values()))
        totals: dict[int, dict[_Key, Totals]] = {
            half: {
                (row["cx_kind"], int(row["event"]), int(row["other"])): row
                for row in rows
                if row[HALF] == half
            }
            for half in (FIRST, SECOND)
        }
        totals[ALL] = _together(*totals.values())
        return {part: list(self._pairs(totals[part], part, chosen[part])) for part in totals}

    def _pairs(
        self, totals: Mapping[_Key, Totals], part: int, common: set[int]
    ) -> Iterator[PairSums]:
        """Yield the sums of every feature that a unit has, named by its kind and its events."""
        names = {_NONE: "", **dict(enumerate(self.prepared.events))}
        unused = {_UNITS, _SOON_IN_HALF if part == ALL else SOON}
        for (kind, event, other), row in totals.items():
            if not row["having"] or kind in unused:
                continue
            if kind == BEFORE and not {event, other} <= common:
                continue
            cell = {
                "kind": SOON if kind == _SOON_IN_HALF else kind,
                "event": names[event],
                "other": names[other],
            }
            base = totals[_UNITS, _NONE, _NONE] if kind == HAS else row
            yield PairSums.from_totals(cell, row, base)

    def _medians(self, *keys: str) -> frames.Frame:
        """Return, per value of the keys, how many units have it and the median of `after_us`."""
        return engine.materialised(engine.quantiles(self.found, keys, "after_us", _MEDIAN))

    def _totals(self, medians: Mapping[str, frames.Frame], common: set[int]) -> list[Totals]:
        """Return the sums over the customers of each half, per kind of feature and its events."""
        units = self._per_customer(self.units, _UNITS)
        marks = {
            HAS: nw.lit(value=True),
            AGAIN: nw.col("times") > 1,
            **{kind: nw.col("after_us") <= nw.col(kind) for kind in medians},
        }
        timed = self.found
        for kind, known in medians.items():
            keys = [key for key in (HALF, "event") if key in known.collect_schema()]
            timed = timed.join(known.select(*keys, nw.col("median").alias(kind)), on=keys)
        events = self._per_customer(timed, *marks, keys=("event",), **marks)
        table = self._home.path / "customers.parquet"
        engine.write(events.join(units, on=_CUSTOMER).to_native(), table)
        found = engine.scan(table, on=self.prepared.on)
        other = self.found.select(*KEY, other="event", other_step="first_step")
        both = self.found.join(other, on=list(KEY)).filter(
            nw.col("event") < nw.col("other"),
            *(nw.col(name).is_in([_NONE, *common]) for name in ("event", "other")),
        )
        first = nw.col("first_step") < nw.col("other_step")
        pairs = self._per_customer(both, BEFORE, HAS, keys=("event", "other"), before=first)
        stacked = nw.concat(
            [
                _stack(found, HAS, of=_UNITS),
                *(_stack(found, kind, of=HAS) for kind in (AGAIN, SOON, _SOON_IN_HALF)),
                _stack(pairs, BEFORE, of=HAS),
                _stack(units, _UNITS, of=_UNITS),
            ]
        )
        return cell_totals(stacked, (HALF, "cx_kind", "event", "other"), base=True)

    def _per_customer(
        self, rows: frames.Frame, *names: str, keys: Sequence[str] = (), **marks: nw.Expr
    ) -> frames.Frame:
        """Return, per customer and value of the keys, the rows marked in each outcome.

        They are named as their mark with a 1 (others) or a 2 (those that converted); the mark of
        a name without one holds for every row. They are floats: sums of products of whole ones
        are exact in any order.
        """
        of_outcome = {
            f"{name}{place}": frames.indicator(
                marks.get(name, nw.lit(value=True)) & (nw.col(OUTCOME) == place)
            ).sum()
            for name in names
            for place in (OTHER, CONVERTED)
        }
        return rows.group_by(*_CUSTOMER, *keys).agg(**of_outcome)


def _stack(rows: frames.Frame, kind: str, *, of: str) -> frames.Frame:
    """Return the rows of one kind of feature, to be summed together with the others."""
    there = rows.collect_schema()
    keys = {
        name: (nw.col(name) if name in there else nw.lit(_NONE)).cast(nw.Int32)
        for name in ("event", "other")
    }
    x = {f"x{place}": f"{kind}{place}" for place in (1, 2)}
    y = {f"y{place}": f"{of}{place}" for place in (1, 2)}
    return rows.select(*_CUSTOMER, cx_kind=nw.lit(kind), **keys, **x, **y)


def _most_common(rows: Sequence[Mapping[str, Any]], common: int) -> set[int]:
    """Return so many of the events that most units have, of equal ones the first."""
    best = sorted(rows, key=lambda row: (-row["count"], row["event"]))[:common]
    return {int(row["event"]) for row in best}


def _together(first: Mapping[_Key, Totals], second: Mapping[_Key, Totals]) -> dict[_Key, Totals]:
    """Return the sums over the customers of both halves."""
    nothing: Totals = {}
    return {
        key: {
            name: first.get(key, nothing).get(name, 0) + second.get(key, nothing).get(name, 0)
            for name in (first.get(key) or second[key])
            if name not in (HALF, "cx_kind", "event", "other")
        }
        for key in (*first, *(key for key in second if key not in first))
    }


def _units(prepared: Prepared, unit: Unit, goal: str, seed: int) -> frames.Frame:
    """Return one row per unit, with the `events` it has before the goal."""
    is_goal = nw.col("event") == prepared.code(goal)
    steps = prepared.coded_steps(unit)
    of_units = steps.group_by(*KEY).agg(
        goal_step=nw.when(is_goal).then(nw.col("step")).min(),
        steps=nw.col("step").max(),
        start_us=nw.col("ts_us").min(),
    )
    converted = ~nw.col("goal_step").is_null()
    events = nw.when(converted).then(nw.col("goal_step") - 1).otherwise(nw.col("steps"))
    length = nw.sum_horizontal(*(frames.one(nw.col("events") >= least) for least in _LENGTHS))
    in_first = nw.col("digest").str.slice(0, 1).is_in(list("01234567"))
    customers = engine.with_digest(prepared.customers(), "cx_name", salt=f"{seed}:", name="digest")
    halves = customers.select(
        "customer_id", half=nw.when(in_first).then(nw.lit(FIRST)).otherwise(nw.lit(SECOND))
    )
    outcome = nw.when(converted).then(nw.lit(CONVERTED)).otherwise(nw.lit(OTHER))
    halved = of_units.join(halves, on="customer_id")
    return halved.with_columns(events=events, outcome=outcome).select(
        *KEY, OUTCOME, HALF, "events", "start_us", length=length
    )
