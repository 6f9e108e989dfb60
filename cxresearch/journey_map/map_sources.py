"""All that a journey map is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate
from cxresearch.findings.finding import Finding
from cxresearch.findings.fires import Key
from cxresearch.findings.unit_rows import UnitRows
from cxresearch.findings.watched_series import Series
from cxresearch.findings.weeks import Weeks
from cxresearch.journey_map.feelings import Moment
from cxresearch.journey_map.map_cells import Cell
from cxresearch.stats import breaks

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study


#: What is said of series that cannot be judged yet.
YOUNG = Remark("too few weeks or people to judge")


def is_old_enough(series: Series) -> bool:
    """Return whether a series has the weeks and the people that a search for breaks asks for."""
    people = series.sums[0]
    return bool((people > 0).sum() >= breaks.WEEKS and people.sum() >= breaks.PEOPLE)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sources:
    """All that a map is made of.

    Parameters
    ----------
    study : Study
        The study.
    weeks : Weeks
        Its weeks.
    series : mapping of (measure, group) to Series
        Every series.
    counted : tuple of UnitRows
        The rows that they are sums of.
    found : tuple of Finding
        The findings.
    reached : pandas.DataFrame
        When each customer first reached each stage of the map, microseconds.
    stage_of : mapping of str to str
        The stage of the map for each stage of the study.
    texts : pandas.DataFrame
        The texts that can be read: `text`, `stage`, `customer_id`.
    tags : pandas.DataFrame
        Which themes each text is of.
    complained : pandas.DataFrame
        Which themes a text complains of, where a finding may quote it.
    checked : pandas.DataFrame
        What people coded of the texts that they have read.
    reports : frozenset of str
        The reports that have the proof.
    backstage : Cell
        What the shop does behind the scenes, in the stage that service falls in.
    moments : list of Moment
        The touchpoints by how surely satisfaction there goes with buying again.
    last_us : int
        The last moment that was seen.
    confidence : float
        Coverage of the intervals.
    nps : Estimate, optional
        The NPS of the last 12 months weighted to all customers, where it can be weighted.
    """

    study: Study
    weeks: Weeks
    series: Mapping[Key, Series]
    counted: tuple[UnitRows, ...]
    found: tuple[Finding, ...]
    reached: pd.DataFrame
    stage_of: Mapping[str, str]
    texts: pd.DataFrame
    tags: pd.DataFrame
    complained: pd.DataFrame
    checked: pd.DataFrame
    reports: frozenset[str]
    backstage: Cell
    moments: list[Moment]
    last_us: int
    confidence: float
    nps: Estimate | None = None

    @property
    def min_cell(self) -> int:
        """The fewest people that a cell may tell about."""
        return self.study.manifest.min_cell

    def touchpoints(self, stage: str) -> list[str]:
        """Return the touchpoints of a stage of the map, in the order of the manifest."""
        met = self.study.manifest.touchpoints.values()
        own = [one.touchpoint for one in met if self.stage_of.get(one.stage) == stage]
        return list(dict.fromkeys(own))

    def watched(self, stage: str) -> list[Series]:
        """Return the series of a stage of the map."""
        every = self.series.values()
        return [one for one in every if self.stage_of.get(one.measure.stage) == stage]

    def is_judged(self, stage: str) -> bool:
        """Return whether any series of a stage of the map is old and thick enough for breaks."""
        return any(is_old_enough(one) for one in self.watched(stage))

    def known(self, report: str) -> str:
        """Return the report that has the proof, where the study has it."""
        return report if report in self.reports else ""
