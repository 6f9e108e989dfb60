"""Whether the rows of a frame are the units that chance assigned, and what they received."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.experiments.unit_segments import UNKNOWN

if TYPE_CHECKING:
    from cxresearch.experiments.sums import Sums

_WHERE = "the units"
#: A variant with less than this part of an equal share is taken for a slip of the pen.
_TINY = 0.1


@dataclass(frozen=True, slots=True)
class Received:
    """What the units of one variant received: how many another version, and how many who knows."""

    units: int
    other: int
    unknown: int


def refuse_repeated(units: frames.Frame, unit: str) -> None:
    """Refuse rows that are not one per unit.

    Raises
    ------
    SchemaError
        If a unit has several rows, or a row has no unit.
    """
    units = frames.without_blanks(units, [unit])
    lacking = frames.count(units, nw.col(unit).is_null())
    rows = units.filter(~nw.col(unit).is_null()).group_by(unit).agg(nw.len().alias("rows"))
    repeated = frames.rows(
        rows.filter(nw.col("rows") > 1).select(units=nw.len(), rows=nw.col("rows").sum())
    )[0]
    faults = []
    if lacking:
        faults.append(f"{unit}: missing in {lacking} rows")
    if repeated["units"]:
        faults.append(
            f"{unit}: {repeated['units']} units have {int(repeated['rows'])} rows, and each row "
            f"would count as one more; give one row per unit, or cluster={unit!r} where its rows "
            "are the customers, visits or weeks in it"
        )
    if faults:
        raise SchemaError(_WHERE, faults)


def refuse_doubtful(units: frames.Frame, sums: Sums, *, control_is_named: bool) -> None:
    """Refuse variants, read from the data alone, that are hardly what was meant.

    Raises
    ------
    SchemaError
        If rows have no variant, two are the same but for spaces and capitals, or no control is
        named and a variant has less than a tenth of an equal share.
    """
    name = sums.by[0]
    there = {key[0]: group.units for key, group in sums.along(name).items()}
    alike = defaultdict(list)
    for variant in there:
        alike[" ".join(variant.split()).casefold()].append(variant)
    faults = [
        f"{name}: {' and '.join(f'{one!r} ({there[one]} rows)' for one in same)} differ in spaces "
        "or capitals only; write them alike"
        for same in alike.values()
        if len(same) > 1
    ]
    lacking = frames.count(units, nw.col(name).is_null())
    if lacking:
        faults.append(f"{name}: missing in {lacking} rows")
        there.pop(UNKNOWN, None)
    least = _TINY * sum(there.values()) / max(len(there), 1)
    tiny = [] if control_is_named else [one for one, n in there.items() if n < least]
    faults += [
        f"{name}: {one!r} has {there[one]} of {sum(there.values())} rows; mend it if it is a slip, "
        "else name control= or variants="
        for one in tiny
        if not any(one in same for same in alike.values() if len(same) > 1)
    ]
    if faults:
        raise SchemaError(_WHERE, faults)


def received_versions(
    units: frames.Frame, variant: str, received: str, variants: Sequence[str]
) -> Mapping[str, Received]:
    """Return what the units of each variant received."""
    assigned, got = nw.col(variant), nw.col(received)
    types = units.collect_schema()
    if not (types[variant].is_numeric() and types[received].is_numeric()):
        assigned, got = assigned.cast(nw.String), got.cast(nw.String)
    counted = units.select(
        assigned=nw.col(variant).cast(nw.String),
        other=frames.indicator(~got.is_null() & (got != assigned)),
        unknown=frames.indicator(got.is_null()),
    )
    rows = frames.rows(
        counted.group_by("assigned").agg(
            nw.len().alias("units"), nw.col("other").sum(), nw.col("unknown").sum()
        )
    )
    found = {
        str(row["assigned"]): Received(row["units"], int(row["other"]), int(row["unknown"]))
        for row in rows
    }
    return {name: found.get(name, Received(0, 0, 0)) for name in variants}
