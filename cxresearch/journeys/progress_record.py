"""The record of how soon customers came to a goal, for all and for groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, in_words
from cxresearch.stats.survival.incidence import IncidenceCurve

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.results import Estimate

#: The row of a table that is no group.
ALL = "(all)"

_NOT_REACHED = "not reached, since fewer than half were seen to come to it"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How soon customers came from a start to a goal, from :func:`progress`.

    Parameters
    ----------
    arrival, drop_out : IncidenceCurve
        The share of all who set out that has arrived, and that has dropped out, by each time in
        days; the two and those still waiting add up to 1.
    horizon_days : float
        The time by which the shares are given.
    arrived, dropped_out, on_the_way : int
        How the waits ended, or that they have not.
    came_back : int
        Those of `dropped_out` who came to the goal after all, at any time later.
    mean_of_arrived_days : float
        The plain mean time of those who arrived: it is too short, since who takes long is still
        on the way; given to compare.
    mature : bool
        Whether all of them were followed for the whole horizon.
    groups : mapping of str to Progress
        The same for each group, where groups were asked for.
    remarks : tuple of Remark
        What `note` says.
    """

    arrival: IncidenceCurve
    drop_out: IncidenceCurve
    horizon_days: float
    arrived: int
    dropped_out: int
    on_the_way: int
    came_back: int
    mean_of_arrived_days: float
    mature: bool
    groups: Mapping[str, Progress]
    remarks: tuple[Remark, ...]

    @property
    def n(self) -> int:
        """The customers who set out."""
        return self.arrival.n

    @property
    def share(self) -> Estimate:
        """The share that has arrived by the horizon."""
        return self.arrival.at(self.horizon_days)

    @property
    def dropped_share(self) -> Estimate:
        """The share that has dropped out by the horizon."""
        return self.drop_out.at(self.horizon_days)

    @property
    def median(self) -> Estimate:
        """The days by which half of all have arrived; nan where not that many do."""
        return self.arrival.quantile(0.5)

    @property
    def median_or_why_not(self) -> Estimate | Remark:
        """The median, or that it is not reached, to be put in a sentence."""
        median = self.median
        return Remark(_NOT_REACHED) if math.isnan(median.value) else median

    @property
    def restricted_mean(self) -> Estimate:
        """The mean days until the goal or the horizon; who drops out counts the whole of it."""
        return self.arrival.restricted_mean(self.horizon_days)

    @property
    def note(self) -> str:
        """What a reader must know before using the numbers."""
        return self.note_in(Language("en"))

    def note_in(self, language: Language) -> str:
        """Return the note in a language."""
        return in_words(self.remarks, language)

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: what it is, and the two numbers."""
        ended = self.arrived + self.dropped_out + self.on_the_way
        yield "arrived, dropped out and on the way = set out", ended, self.n
        if self.groups:
            yield "groups together = set out", sum(one.n for one in self.groups.values()), self.n

    def to_dict(self) -> dict[str, Any]:
        """Return one flat row: the counts, and every estimate with its interval."""
        counts = ("n", "arrived", "dropped_out", "on_the_way")
        row: dict[str, Any] = {name: getattr(self, name) for name in counts}
        estimates = {
            "share": self.share,
            "dropped_share": self.dropped_share,
            "median_days": self.median,
            "restricted_mean_days": self.restricted_mean,
        }
        for name, found in estimates.items():
            row |= {name: found.value, f"{name}_low": found.ci.low, f"{name}_high": found.ci.high}
        return {**row, "horizon_days": self.horizon_days, "mature": self.mature}

    def to_frame(self) -> pd.DataFrame:
        """Return one row for all, and one for each group, as :meth:`to_dict` has it."""
        import pandas as pd

        rows = {ALL: self, **self.groups}
        return pd.DataFrame([{"group": name, **one.to_dict()} for name, one in rows.items()])

    def curves(self) -> pd.DataFrame:
        """Return the share that has arrived by each whole day, for each group, or for all.

        Returns
        -------
        pandas.DataFrame
            Per `group` and `time` (days, to the horizon, as far as anyone was followed):
            `incidence` (0-1), `incidence_low`, `incidence_high`, and the customers `at_risk`.
        """
        import pandas as pd

        rows = [
            (name, day, found.value, *found.ci, one.arrival.at_risk(day))
            for name, one in (self.groups or {ALL: self}).items()
            for day in range(math.floor(self.horizon_days) + 1)
            for found in [one.arrival.at(day)]
            if not math.isnan(found.value)
        ]
        ends = ("incidence", "incidence_low", "incidence_high")
        return pd.DataFrame(rows, columns=["group", "time", *ends, "at_risk"])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format="{:.4g}".format)
