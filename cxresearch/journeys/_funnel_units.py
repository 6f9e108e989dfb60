"""How far each unit of a funnel came, counted once and kept to be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk
from cxresearch.core.unit_sums import UnitSums
from cxresearch.engine import frames
from cxresearch.journeys import _step_matching
from cxresearch.journeys.view import NONE

if TYPE_CHECKING:
    from cxresearch.journeys._funnel_spec import FunnelSpec

#: What is summed beside the steps: the units that entered, and all there are.
ENTERED, UNITS = "entered", "units"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FunnelUnits:
    """The units of a funnel in a file that goes with it.

    Parameters
    ----------
    route : FunnelSpec
        What they followed.
    frame : narwhals.LazyFrame
        One row per unit that entered, as :func:`cxresearch.journeys._step_matching.units` has it.
    home : OwnFolder
        Where the file is.
    """

    route: FunnelSpec
    frame: frames.Frame
    home: disk.OwnFolder

    @classmethod
    def of(cls, route: FunnelSpec) -> FunnelUnits:
        """Count how far each unit came on a route."""
        home = disk.OwnFolder("cxresearch-funnel-")
        path = home.path / "units.parquet"
        engine.write(_step_matching.units(route).to_native(), path)
        return cls(route=route, frame=engine.scan(path, on=route.prepared.on), home=home)

    def sums(self) -> UnitSums:
        """Return the sums over all customers of their units, those that entered, and the steps."""
        route, counted = self.route, [*_step_matching.columns(self.route), ENTERED, UNITS]
        if route.rules.unit == "customer":
            entrants = frames.moments_of_rows(self._entrants(units=1), counted)
            silent = route.prepared.tally.customers - entrants.n
            return entrants.with_others(silent, UNITS)
        of_all = {name: nw.lit(1 if name == UNITS else 0) for name in counted}
        every = route.prepared.steps(route.rules.unit).filter(nw.col("step") == 1)
        both = [
            every.select(nw.col("customer_id").alias(frames.CLUSTER), **of_all),
            self._entrants(units=0).select(nw.col("customer_id").alias(frames.CLUSTER), *counted),
        ]
        return frames.moments(nw.concat(both), counted)

    def sums_by_group(self) -> dict[str, UnitSums]:
        """Return the sums over customers of the units at each step by group, if there are any."""
        route = self.route
        if route.by is None:
            return {}
        column = nw.col(route.by).cast(nw.String).fill_null(NONE)
        values = [row["v"] for row in frames.rows(route.prepared.frame.select(v=column).unique())]
        clusters = self.frame.with_columns(nw.col("customer_id").alias(frames.CLUSTER))
        return frames.moments_by(clusters, "group", _step_matching.columns(route), values)

    def _entrants(self, units: int) -> frames.Frame:
        """Return the units with what each counts beside its steps."""
        return self.frame.with_columns(**{ENTERED: nw.lit(1), UNITS: nw.lit(units)})


def sizes(units: frames.Frame, lists: Sequence[nw.Expr]) -> list[int]:
    """Return how many units are in each list, in one pass."""
    ones = {f"list_{k}": nw.when(one).then(1).otherwise(0).sum() for k, one in enumerate(lists)}
    (row,) = frames.rows(units.select(**ones))
    return [int(row[name] or 0) for name in ones]
