"""What each lane of a journey map says of a stage, from findings, series and the study's tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch import voc
from cxresearch.core.remarks import Amount, Range, Remark, Said, Value, joined
from cxresearch.findings.finding import Finding
from cxresearch.findings.fires import Key
from cxresearch.findings.watched_series import WHOLE, Series
from cxresearch.findings.weeks import Weeks
from cxresearch.journey_map.arrivals import time_between
from cxresearch.journey_map.feelings import Moment, points_at
from cxresearch.journey_map.map_cells import Cell, StageColumn, State

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: Which measure stands for a stage where nothing broke there: the first that the study has.
_USUAL: dict[str, tuple[str, ...]] = {
    "awareness": ("click_through", "message:clicked"),
    "consideration": ("step:0",),
    "purchase": ("step:-1", "order_value", "cancelled"),
    "service": ("late", "ticket:late", "ticket:unsolved", "returned"),
    "loyalty": ("again",),
    "advocacy": ("score:nps:",),
}
#: Whose a touchpoint is and where it is, in the order they are said.
_KINDS = {
    "owned": "owned",
    "earned": "earned",
    "paid": "paid",
    "online": "online",
    "offline": "offline",
}
_YEAR_WEEKS = 52
_MOST_TOUCHPOINTS = 3
#: A quote that fills its cell is not read.
_LONGEST_QUOTE = 80


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
    reports : frozenset of str
        The reports that have the proof.
    moments : list of Moment
        The touchpoints by how surely satisfaction there goes with buying again.
    last_us : int
        The last moment that was seen.
    confidence : float
        Coverage of the intervals.
    """

    study: Study
    weeks: Weeks
    series: Mapping[Key, Series]
    found: tuple[Finding, ...]
    reached: pd.DataFrame
    stage_of: Mapping[str, str]
    texts: pd.DataFrame
    tags: pd.DataFrame
    reports: frozenset[str]
    moments: list[Moment]
    last_us: int
    confidence: float

    @property
    def min_cell(self) -> int:
        """The fewest people that a cell may tell about."""
        return self.study.manifest.min_cell

    def touchpoints(self, stage: str) -> list[str]:
        """Return the touchpoints of a stage of the map, in the order of the manifest."""
        met = self.study.manifest.touchpoints.values()
        own = [one.touchpoint for one in met if self.stage_of.get(one.stage) == stage]
        return list(dict.fromkeys(own))


def columns(sources: Sources, stages: tuple[str, ...]) -> tuple[StageColumn, ...]:
    """Return the stages of a map with their cells."""
    made = []
    for place, stage in enumerate(stages):
        findings = tuple(one for one in sources.found if sources.stage_of.get(one.stage) == stage)
        after = stages[place + 1] if place + 1 < len(stages) else None
        before = stages[place - 1] if place else None
        cells = [
            _who(sources, stage, before, place),
            *_indicator(sources, stage, findings),
            _next(sources, stage, after),
            _wants(sources, stage),
            _satisfaction(sources, stage, findings),
            _hurts(sources, stage, findings),
            _truth(sources, stage),
            _todo(sources, stage, findings),
        ]
        made.append(
            StageColumn(
                stage=stage,
                state=_state(findings),
                findings=findings,
                cells={cell.lane: cell for cell in cells},
            )
        )
    return tuple(made)


def _state(findings: tuple[Finding, ...]) -> State:
    if any(one.is_open and one.is_bad is not False for one in findings):
        return "critical"
    bad = [one for one in findings if one.is_bad is not False]
    return "past" if any(one.state == "past" for one in bad) else ""


def _who(sources: Sources, stage: str, before: str | None, place: int) -> Cell:
    reached = sources.reached
    n = int(reached[stage].notna().sum()) if stage in reached else 0
    if n < max(sources.min_cell, 1):
        return Cell(stage=stage, lane="who", why=Remark("nobody was seen here"))
    most = int(reached.notna().sum().max())
    says = [Remark("{n} customers", {"n": n})]
    if before is not None and (came := int(reached[before].notna().sum())) >= sources.min_cell:
        both = int((reached[before].notna() & reached[stage].notna()).sum())
        values: dict[str, Value] = {"share": Amount(both / came, "share", 0), "stage": place}
        says.append(Remark("{share} of stage {stage}", values))
    else:
        says.append(Remark(""))
    if named := sources.touchpoints(stage):
        says.append(_listed(named))
        met = sources.study.manifest.touchpoints.values()
        here = [one for one in met if sources.stage_of.get(one.stage) == stage]
        words = {word for one in here for word in (one.channel, one.place)}
        said = [Remark(word) for name, word in _KINDS.items() if name in words]
        says.append(joined(said, ", "))
    return Cell(stage=stage, lane="who", says=tuple(says), n=n, share=n / most)


def _listed(touchpoints: list[str]) -> Remark:
    """Return the first touchpoints by their names, and how many more there are."""
    shown = touchpoints[:_MOST_TOUCHPOINTS]
    named = joined([Remark("{touchpoint}", {"touchpoint": one}) for one in shown], ", ")
    if len(shown) == len(touchpoints):
        return named
    return Remark("{named} and {n} more", {"named": named, "n": len(touchpoints) - len(shown)})


def _series_at(sources: Sources, stage: str) -> Series | None:
    """Return the series that stands for a stage."""
    funnel = [name for name, group in sources.series if name.startswith("step:")]
    for own, of_map in sources.stage_of.items():
        if of_map != stage:
            continue
        for name in _USUAL.get(own, ()):
            if name.startswith("step:"):
                steps = list(dict.fromkeys(funnel))
                place = int(name.removeprefix("step:"))
                name = steps[place] if steps else name
            for (measure, group), one in sources.series.items():
                if group == WHOLE and (measure == name or _is_relational(measure, name)):
                    return one
    return None


def _is_relational(measure: str, name: str) -> bool:
    return name == "score:nps:" and measure.startswith("score:nps::")


def _indicator(sources: Sources, stage: str, findings: tuple[Finding, ...]) -> tuple[Cell, Cell]:
    """Return the number that stands for a stage, and its course."""
    weeks = sources.weeks.count
    lasting = [one for one in findings if one.series is not None and one.is_open]
    series = lasting[0].series if lasting else _series_at(sources, stage)
    if series is None:
        why = Remark("no table of the study measures this stage")
        return (
            Cell(stage=stage, lane="indicator", why=why),
            Cell(stage=stage, lane="trend", why=why),
        )
    now = (
        lasting[0].during
        if lasting
        else series.estimate(max(0, weeks - _YEAR_WEEKS), weeks, confidence=sources.confidence)
    )
    if now.n < sources.min_cell or math.isnan(now.value):
        why = Remark("too few customers to tell")
        return (
            Cell(stage=stage, lane="indicator", why=why),
            Cell(stage=stage, lane="trend", why=why),
        )
    name = series.measure.what
    if series.group != WHOLE:
        name = Remark("{what} on {group}", {"what": name, "group": series.group[1]})
    says = (
        Remark("{value}", {"value": Amount(now.value, now.unit)}),
        name,
        Remark(
            "{range}, n {n}",
            {
                "range": Range(*now.ci, now.unit),
                "n": now.n,
            },
        ),
    )
    proof = _known(sources, lasting[0].proof) if lasting else ""
    indicator = Cell(stage=stage, lane="indicator", says=says, estimate=now, n=now.n, proof=proof)
    return indicator, _trend(sources, stage, series, findings)


def _trend(sources: Sources, stage: str, series: Series, findings: tuple[Finding, ...]) -> Cell:
    own = [one for one in findings if one.series is series]
    says = Remark("no break found")
    hot = (0, 0)
    if own and own[0].since is not None:
        start = _week(sources.weeks, own[0].since)
        end = _week(sources.weeks, own[0].until) if own[0].until else sources.weeks.count
        hot = (start, end)
        values: dict[str, Value] = {
            "before": Amount(own[0].before.value, own[0].before.unit),
            "now": Amount(own[0].now.value, own[0].now.unit),
            "since": own[0].since,
        }
        says = Remark("from {before} to {now} since {since}", values)
    return Cell(
        stage=stage,
        lane="trend",
        says=(says,),
        n=int(series.sums[0].sum()),
        course=series.values,
        hot=hot,
    )


def _week(weeks: Weeks, day: Any) -> int:
    return int((day - weeks.first_day).days // 7)


def _next(sources: Sources, stage: str, after: str | None) -> Cell:
    reached = sources.reached
    if after is None or stage not in reached or after not in reached:
        return Cell(stage=stage, lane="next", why=Remark("the last stage"))
    if not reached[after].notna().any():
        return Cell(stage=stage, lane="next", why=Remark("nobody was seen at the next stage"))
    median, share = time_between(
        reached, stage, after, sources.last_us, confidence=sources.confidence
    )
    if share.n < sources.min_cell:
        return Cell(stage=stage, lane="next", why=Remark("too few customers to tell"))
    says: tuple[Remark, ...] = (
        Remark("{share} go on within 90 days", {"share": Amount(share.value, "share", 0)}),
    )
    if median.value >= 1:
        says = (Remark("half go on within {days}", {"days": Amount(median.value, "days", 0)}),)
    return Cell(stage=stage, lane="next", says=says, estimate=share, n=share.n)


def _wants(sources: Sources, stage: str) -> Cell:
    """Return what the texts of a stage are about: what its customers want or ask."""
    here = (sources.texts["stage"].map(sources.stage_of) == stage).to_numpy()
    n = int(sources.texts["customer_id"][here].nunique()) if here.any() else 0
    if n < sources.min_cell or sources.tags.empty:
        return Cell(stage=stage, lane="wants", why=Remark("no texts from here"))
    labels = voc.codebook_of(sources.study).labels()
    shares = sources.tags[here].mean().sort_values(ascending=False)
    says = [
        Remark(
            "{theme} {share}",
            {"theme": Said(labels[str(theme)]), "share": Amount(share, "share", 0)},
        )
        for theme, share in shares.head(2).items()
        if share > 0
    ]
    texts = Remark("of {n} texts", {"n": int(here.sum())})
    return Cell(
        stage=stage,
        lane="wants",
        says=(joined(says, ", "), texts) if says else (),
        n=n,
        grade="D",
        proof=_known(sources, "voice_of_customer"),
    )


def _satisfaction(sources: Sources, stage: str, findings: tuple[Finding, ...]) -> Cell:
    points = points_at(
        set(sources.touchpoints(stage)),
        sources.series,
        findings,
        sources.weeks.count,
        min_cell=sources.min_cell,
        confidence=sources.confidence,
    )
    if not points:
        asked = sources.touchpoints(stage)
        why = (
            Remark("not measured: ask one question after {touchpoint}", {"touchpoint": asked[0]})
            if asked
            else Remark("not measured")
        )
        return Cell(stage=stage, lane="satisfaction", why=why)
    return Cell(
        stage=stage,
        lane="satisfaction",
        points=points,
        n=sum(one.score.n for one in points),
        grade="D",
    )


def _hurts(sources: Sources, stage: str, findings: tuple[Finding, ...]) -> Cell:
    bad = [one for one in findings if one.is_bad is not False]
    if not bad:
        return Cell(stage=stage, lane="hurts", why=Remark("no open critical point"))
    first = bad[0]
    says = [first.what]
    if quote := _quote(sources, stage, first):
        says.append(Remark("“{quote}”", {"quote": quote}))
    return Cell(
        stage=stage,
        lane="hurts",
        says=tuple(says),
        estimate=first.change,
        n=first.change.n,
        grade=first.grade,
        proof=_known(sources, first.proof),
    )


def _quote(sources: Sources, stage: str, finding: Finding) -> str:
    """Return a short text of a stage that complains, drawn by chance, without personal data.

    It was written while the finding lasted, and is about what most complain of then.
    """
    texts = sources.texts
    written = (texts["stage"].map(sources.stage_of) == stage) & _meanwhile(texts, finding)
    written &= texts["text"].str.len() <= _LONGEST_QUOTE
    here = np.flatnonzero(written.to_numpy())
    if not len(here) or sources.tags.empty:
        return ""
    own, tags = texts.iloc[here], sources.tags.iloc[here]
    spans = voc.evidence(own["text"], voc.codebook_of(sources.study), own["language"])
    felt = voc.aspects(own["text"], spans, own["language"])
    complained = voc.complaints(tags.reset_index(drop=True), felt, clear=True)
    quotes = voc.theme_quotes(
        own["text"],
        complained,
        [str(complained.sum().idxmax())],
        clusters=own["customer_id"],
        count=1,
        min_cell=sources.min_cell,
        words=voc.words_of(sources.study),
    )
    return str(quotes["quote"].iloc[0]) if len(quotes) else ""


def _meanwhile(texts: pd.DataFrame, finding: Finding) -> pd.Series:
    """Return which texts were written in the months of a finding."""
    month = texts["month"].astype(str)
    first = f"{finding.since:%Y-%m}" if finding.since else ""
    last = f"{finding.until:%Y-%m}" if finding.until else "9999-12"
    return (month >= first) & (month <= last)


def _truth(sources: Sources, stage: str) -> Cell:
    own = set(sources.touchpoints(stage))
    here = [one for one in sources.moments if one.touchpoint in own]
    if not here:
        return Cell(
            stage=stage,
            lane="truth",
            why=Remark("not measured: it needs scores and later orders"),
        )
    first = here[0]
    return Cell(
        stage=stage,
        lane="truth",
        says=(_decides(first),),
        estimate=first.difference,
        n=first.difference.n,
        grade="C",
        proof=_known(sources, "satisfaction"),
    )


def _decides(moment: Moment) -> Remark:
    """Return whether those who were satisfied at a touchpoint buy again more often."""
    difference = moment.difference
    values: dict[str, Value] = {
        "touchpoint": moment.touchpoint,
        "range": Range(*difference.ci, "share difference"),
        "n": difference.n,
    }
    if difference.ci.low <= 0 <= difference.ci.high:
        return Remark(
            "{touchpoint} and buying again: no link shown ({range}, n {n})",
            values,
        )
    values["difference"] = Amount(abs(difference.value), "share difference")
    if difference.value > 0:
        message = "{touchpoint}: the satisfied buy again {difference} more often ({range}, n {n})"
    else:
        message = "{touchpoint}: the satisfied buy again {difference} less often ({range}, n {n})"
    return Remark(message, values)


def _known(sources: Sources, report: str) -> str:
    """Return the report that has the proof, where the study has it."""
    return report if report in sources.reports else ""


def _todo(sources: Sources, stage: str, findings: tuple[Finding, ...]) -> Cell:
    active = [one for one in findings if one.state != "past"] or list(findings)
    if active:
        first = active[0]
        return Cell(
            stage=stage,
            lane="todo",
            says=(first.step,) if first.state == "past" else (first.step, first.cost),
            estimate=first.worth,
            n=first.change.n,
            grade=first.grade,
            proof=_known(sources, first.proof),
        )
    asked = sources.touchpoints(stage)
    if asked and not any(
        name.startswith("score:") and name.split(":")[2] in asked for name, _ in sources.series
    ):
        step = Remark("Ask: one question after {touchpoint}.", {"touchpoint": asked[0]})
        return Cell(stage=stage, lane="todo", says=(step,))
    return Cell(stage=stage, lane="todo", says=(Remark("Watch: nothing is open here."),))
