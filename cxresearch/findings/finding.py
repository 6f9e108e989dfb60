"""One finding: what moved, where, since when, what it is worth, how it is known, what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Amount, Range, Remark, Value, joined
from cxresearch.core.results import Estimate, with_unit
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.findings.measures import Kind
from cxresearch.stats import breaks

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.findings.unit_rows import UnitRows
    from cxresearch.findings.watched_series import Series
    from cxresearch.findings.weeks import Weeks

State = Literal["open", "past", "unsure", "standing"]
Grade = Literal["A", "B", "C", "D"]

#: What a reader reads of each state.
STATES: dict[str, str] = {
    "open": "Open",
    "unsure": "Not sure yet",
    "standing": "Standing",
    "past": "Past",
}
#: How each grade is known.
GRADES: dict[str, str] = {
    "A": "A: experiment",
    "B": "B: before and after, with a comparison",
    "C": "C: association",
    "D": "D: opinion",
}
#: Which report has the proof of what kind.
PROOFS: dict[Kind, str] = {
    "error": "funnel_and_paths",
    "step": "funnel_and_paths",
    "wait": "funnel_and_paths",
    "order": "kpi_scorecard",
    "refund": "kpi_scorecard",
    "volume": "kpi_scorecard",
    "delivery": "kpi_scorecard",
    "contact": "kpi_scorecard",
    "score": "satisfaction",
    "who": "satisfaction",
    "theme": "voice_of_customer",
}

_MOVED = "Nothing moved: no break beyond chance in {judged} series."
_LOOKED = "{judged} series were analysed."
_UNJUDGED = "Too early to judge: {thin} series have fewer than {needed} weeks or {people} people."
_NONE = Remark("Nothing can be judged: no table of the study can be followed by week.")
_THIN = "{said} {thin} more are too new or have too few cases."

_WATCH = "Worth watching, not yet a finding: {said}."
#: How much of that a summary names.
_WATCHED = 3

_COLUMNS = (
    Column("finding", "Finding"),
    Column("state", "State"),
    Column("since", "Since", unit="date"),
    Column("worth", "Worth a month", role="estimate"),
    Column("grade", "How sure we are"),
    Column("step", "Next step"),
)


_ENDS = ("rise", "fall", "unit")
_VISIBLE = (
    Column("stage", "Stage", role="name"),
    Column("measure", "Measure"),
    Column("change", "Smallest detectable change"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that moved or stands out, and what to do about it.

    Parameters
    ----------
    what : Remark
        The finding in a sentence of at most 20 words.
    measure : str
        The key of what was measured.
    group : (str, str)
        The column and value of who it is about; two empty texts for all.
    stage, touchpoint : str
        Where on the journey it is; empty where it is nowhere.
    change : Estimate
        How much it moved, against the rest where there is one.
    before, now : Estimate
        The level before, and in the last four weeks.
    during : Estimate
        The level while it lasted.
    state : {"open", "past", "unsure", "standing"}
        Whether it goes on.
    since, until : date, optional
        The first day, and the day after the last; `until` is None while it goes on.
    since_between : (date, date), optional
        The first and the last day that it may have begun on.
    is_bad : bool, optional
        Whether it moved the wrong way; None where neither way is wrong.
    worth : Estimate
        What it costs or brings in a month, in money; nan with a note where that is not known.
    grade : {"A", "B", "C", "D"}
        How it is known.
    step : Remark
        The next step.
    parts : tuple of Remark
        What else moved with it.
    changes : tuple of Remark
        What the shop did in the weeks in which it may have begun: no proof of a cause.
    proof : str
        The report that has the numbers.
    series : Series, optional
        The weeks behind it.
    """

    what: Remark
    measure: str
    group: tuple[str, str] = ("", "")
    stage: str = ""
    touchpoint: str = ""
    change: Estimate
    before: Estimate
    during: Estimate
    now: Estimate
    state: State
    since: date | None = None
    until: date | None = None
    since_between: tuple[date, date] | None = None
    is_bad: bool | None
    worth: Estimate
    grade: Grade
    step: Remark
    parts: tuple[Remark, ...] = ()
    changes: tuple[Remark, ...] = ()
    proof: str = ""
    series: Series | None = field(default=None, repr=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.state in ("open", "standing")

    @property
    def hurts(self) -> bool:
        """Whether something must be fixed now: it goes on, and is no good news."""
        return self.is_open and self.is_bad is not False

    @property
    def cost(self) -> Remark:
        """What it costs or brings in a month, with its interval, or why that is not known."""
        worth = self.worth
        if math.isnan(worth.value):
            return Remark(worth.note)
        if worth.ci.low < 0 < worth.ci.high:
            either = Range(*worth.ci, worth.unit, 0)
            return Remark("May cost or bring money: {range} a month", {"range": either})
        low, high = (-worth.ci.high, -worth.ci.low) if worth.value < 0 else worth.ci
        values: dict[str, Value] = {
            "value": Amount(abs(worth.value), worth.unit, 0),
            "range": Range(low, high, worth.unit, 0),
        }
        if worth.value < 0:
            return Remark("Costs {value} a month ({range})", values)
        return Remark("Brings {value} a month ({range})", values)

    @property
    def grounds(self) -> Remark:
        """How it is known: its grade, of how many people, and what the shop did when it began."""
        values: dict[str, Value] = {"grade": Remark(GRADES[self.grade]), "n": self.change.n}
        if not self.changes:
            return Remark("{grade}; n {n}", values)
        return Remark(
            "{grade}; n {n}; at the same time: {change}", values | {"change": self.changes[0]}
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-ready fields."""
        estimates = ("change", "before", "during", "now", "worth")
        days = self.since_between or (None, None)
        found = {
            "what": str(self.what),
            "measure": self.measure,
            "group": dict([self.group]) if self.group[0] else {},
            "stage": self.stage,
            "touchpoint": self.touchpoint,
            **{name: getattr(self, name).to_dict() for name in estimates},
            "state": self.state,
            "since": _iso(self.since),
            "since_between": [_iso(day) for day in days] if self.since_between else None,
            "until": _iso(self.until),
            "is_bad": self.is_bad,
            "grade": self.grade,
            "step": str(self.step),
            "parts": [str(part) for part in self.parts],
            "changes": [str(change) for change in self.changes],
            "proof": self.proof,
        }
        return {name: _plain(value) for name, value in found.items()}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Findings(Tabular, Sequence[Finding]):
    """The findings of a study, those first that cost most.

    Parameters
    ----------
    rows : tuple of Finding
        The findings by rank.
    ranks : tuple of int
        The rank of each, from 1; findings that the data cannot tell apart have the same.
    top_three : tuple of float
        How probably each is among the three that cost most; nan where its worth is not known.
    judged, thin : int
        How many series were judged, and how many were too young or too thin.
    false_alarms : float
        How often a shop in which nothing moved would have any finding by a break, at most.
    weeks : int
        How many weeks were looked at.
    visible : pandas.DataFrame
        By stage, the smallest lasting change that would have been found: `stage`, `measure`
        (a Remark), `rise` and `fall` in `unit`.
    watch : tuple of Remark
        What is worth watching, and is no finding.
    series : mapping of (measure, group) to Series
        Every series that was looked at.
    counted : tuple of UnitRows
        The rows that the series are sums of.
    calendar : Weeks, optional
        The weeks; None where no table of the study has a day.
    language : Language
        The study's own language, with its labels.
    """

    rows: tuple[Finding, ...]
    ranks: tuple[int, ...]
    top_three: tuple[float, ...]
    judged: int
    thin: int
    false_alarms: float
    weeks: int
    visible: pd.DataFrame
    watch: tuple[Remark, ...] = ()
    series: Mapping[tuple[str, tuple[str, str]], Series] = field(default_factory=dict)
    counted: tuple[UnitRows, ...] = ()
    calendar: Weeks | None = None
    language: Language = field(default_factory=Language)

    def __getitem__(self, place: Any) -> Any:
        return self.rows[place]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings about which something is to be done now."""
        return tuple(one for one in self.rows if one.is_open)

    @property
    def scope(self) -> Remark:
        """How much was looked at: where nothing could be judged, nothing found is no health."""
        if not self.judged:
            needed = {"needed": breaks.WEEKS, "people": breaks.PEOPLE}
            return Remark(_UNJUDGED, {"thin": self.thin, **needed}) if self.thin else _NONE
        said = Remark(_LOOKED if self.rows else _MOVED, {"judged": self.judged})
        return Remark(_THIN, {"said": said, "thin": self.thin}) if self.thin else said

    def to_frame(self) -> pd.DataFrame:
        """Return one row per finding, with plain values."""
        import pandas as pd

        rows = [
            {
                "rank": rank,
                "top_three": top,
                "finding": one.what,
                "measure": one.measure,
                "column": one.group[0],
                "group": one.group[1],
                "stage": one.stage,
                "touchpoint": one.touchpoint,
                "state": STATES[one.state],
                "since": one.since,
                "until": one.until,
                **with_unit("change", one.change),
                **with_unit("worth", one.worth),
                "grade": GRADES[one.grade],
                "step": one.step,
                "n": one.change.n,
            }
            for rank, top, one in zip(self.ranks, self.top_three, self.rows, strict=True)
        ]
        columns = [
            *("rank", "top_three", "finding", "measure", "column", "group"),
            *("stage", "touchpoint", "state"),
            *("since", "until", "change", "change_low", "change_high", "change_unit"),
            *("worth", "worth_low", "worth_high", "worth_unit", "grade", "step", "n"),
        ]
        return pd.DataFrame(rows, columns=columns)

    def table(self) -> Table:
        """Return the findings as a reader sees them."""
        return Table(
            frame=self.to_frame(),
            columns=_COLUMNS,
            caption="Findings, the costliest open one first. {scope}",
            nothing="{scope}",
            values={"scope": self.scope},
        )

    def could_see(self) -> Table:
        """Return how small a lasting change would have been found, 8 weeks old, in 4 of 5 cases."""
        import pandas as pd

        ends = zip(*(self.visible[name] for name in _ENDS), strict=True)
        said = [_visible(rise, -fall, unit) for rise, fall, unit in ends]
        frame = self.visible.copy()
        frame["change"] = pd.Series(said, index=frame.index, dtype=object)
        return Table(
            frame=frame,
            columns=_VISIBLE,
            caption="The smallest lasting change that these data can show. {scope}",
            nothing="{scope}",
            values={"scope": self.scope},
        )

    def summary(self, top: int = 5) -> str:
        """Return the first findings, two lines each, how much was looked at, and what to watch.

        Parameters
        ----------
        top : int, default 5
            How many.
        """
        language = self.language
        lines = []
        for rank, one in zip(self.ranks[:top], self.rows[:top], strict=True):
            lines.append(f"{rank}. {one.what.words(language)}")
            cost, grounds = one.cost.words(language), one.grounds.words(language)
            lines.append(f"   {cost[:1].upper()}{cost[1:]}. {grounds}. {one.step.words(language)}")
        lines.append(self.scope.words(language))
        if self.watch:
            said = joined(self.watch[:_WATCHED], "; ")
            lines.append(Remark(_WATCH, {"said": said}).words(language))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary(len(self.rows))

    def _repr_html_(self) -> str:
        return self.table().made(self.language).html


def _visible(rise: float, fall: float, unit: str) -> Remark:
    """Return how large a rise and a fall would have been found; of neither, that none would."""
    values: dict[str, Value] = {"rise": Amount(rise, unit), "fall": Amount(fall, unit)}
    if math.isnan(rise) and math.isnan(fall):
        return Remark("none would show")
    if math.isnan(fall):
        return Remark("up by {rise}; a fall would not show", {"rise": values["rise"]})
    if math.isnan(rise):
        return Remark("down by {fall}; a rise would not show", {"fall": values["fall"]})
    return Remark("up by {rise} or down by {fall}", values)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: what is undefined is null."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
