"""What each lane of a journey map says of a stage, from findings, series and the study's tables."""

from __future__ import annotations

import math
from itertools import pairwise

from cxresearch.core.remarks import Amount, Range, Remark, Value, joined
from cxresearch.core.results import Estimate, Interval
from cxresearch.findings.finding import PROOFS, Finding
from cxresearch.findings.watched_series import WHOLE, Series
from cxresearch.journey_map.arrivals import time_between
from cxresearch.journey_map.feelings import Moment, points_at
from cxresearch.journey_map.map_cells import Cell, StageColumn, State
from cxresearch.journey_map.map_sources import YOUNG, Sources, is_old_enough
from cxresearch.journey_map.voice_lanes import hurts, wants

#: The NPS of the shop as a whole.
_NPS = "score:nps:"
#: Which measure stands for a stage where nothing broke there: the first that the study has.
_USUAL: dict[str, tuple[str, ...]] = {
    "awareness": ("click_through", "message:clicked"),
    "consideration": ("step:0",),
    "purchase": ("step:-1", "order_value", "cancelled"),
    "service": ("late", "ticket:late", "ticket:unsolved", "returned"),
    "loyalty": ("again",),
    "advocacy": (_NPS,),
}
#: What tells of a stage.
_TELLS = {
    "awareness": Remark("advertising and messages"),
    "consideration": Remark("visits"),
    "purchase": Remark("visits and orders"),
    "service": Remark("parcels, tickets and scores"),
    "loyalty": Remark("orders"),
    "advocacy": Remark("an NPS survey"),
}
#: The tables, or their columns, of which one is enough to measure a stage.
_MEASURED_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "awareness": (("marketing", "clicks"), ("messages",)),
    "consideration": (("events",),),
    "purchase": (("events",), ("orders",)),
    "service": (("deliveries",), ("tickets",), ("orders", "status")),
    "loyalty": (("orders", "customer_id"),),
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
            wants(sources, stage),
            _satisfaction(sources, stage, findings),
            hurts(sources, stage, findings),
            _truth(sources, stage),
            _todo(sources, stage, findings),
            _behind(sources, stage),
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
    """Return whether a stage broke; what was always worse hurts, but is no break."""
    if any(one.hurts and one.state == "open" for one in findings):
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
    counted = Estimate(
        value=n,
        ci=Interval(math.nan, math.nan),
        n=n,
        unit="customers",
        confidence=sources.confidence,
        method="counted",
    )
    return Cell(stage=stage, lane="who", says=tuple(says), estimate=counted, n=n, share=n / most)


def _listed(touchpoints: list[str]) -> Remark:
    """Return the first touchpoints by their names, and how many more there are: never just one."""
    is_long = len(touchpoints) > _MOST_TOUCHPOINTS + 1
    shown = touchpoints[:_MOST_TOUCHPOINTS] if is_long else touchpoints
    named = joined([Remark("{touchpoint}", {"touchpoint": one}) for one in shown], ", ")
    if len(shown) == len(touchpoints):
        return named
    return Remark("{named} and {n} more", {"named": named, "n": len(touchpoints) - len(shown)})


def _series_at(sources: Sources, stage: str) -> Series | None:
    """Return the series that stands for a stage: a usual one, else a score that is asked there."""
    for role, own in sources.study.manifest.placed.items():
        usual = _USUAL[role] if sources.stage_of.get(own) == stage else ()
        for name in usual:
            wanted = _step_of(sources, name)
            for (measure, group), one in sources.series.items():
                if group == WHOLE and (measure == wanted or _is_relational(measure, name)):
                    return one
    asked = set(sources.touchpoints(stage))
    for (measure, group), one in sources.series.items():
        if group == WHOLE and measure.startswith("score:") and measure.split(":")[2] in asked:
            return one
    return None


def _step_of(sources: Sources, name: str) -> str:
    """Return the name of a step of the study's own funnel: the first is 0, the last is -1."""
    kind, _, place = name.partition(":")
    funnel = sources.study.manifest.funnel
    if kind != "step" or len(funnel) <= 1:
        return name
    steps = [f"step:{one}>{other}" for one, other in pairwise(funnel)]
    return steps[int(place)]


def _is_relational(measure: str, name: str) -> bool:
    return name == _NPS and measure.startswith("score:nps::")


def _unmeasured(stage: str, why: Remark) -> tuple[Cell, Cell]:
    return Cell(stage=stage, lane="indicator", why=why), Cell(stage=stage, lane="trend", why=why)


def _indicator(sources: Sources, stage: str, findings: tuple[Finding, ...]) -> tuple[Cell, Cell]:
    """Return the number that stands for a stage, and its course."""
    weeks = sources.weeks.count
    lasting = [one for one in findings if one.series is not None and one.is_open]
    series = lasting[0].series if lasting else _series_at(sources, stage)
    if series is None:
        return _unmeasured(stage, _lack(sources, stage)[0])
    now = (
        lasting[0].during
        if lasting
        else series.estimate(max(0, weeks - _YEAR_WEEKS), weeks, confidence=sources.confidence)
    )
    if now.n < sources.min_cell or math.isnan(now.value):
        return _unmeasured(stage, Remark("too few customers to tell"))
    name = series.measure.what
    if sources.nps is not None and not lasting and _is_relational(series.measure.name, _NPS):
        now, name = sources.nps, Remark("NPS, weighted to all customers")
    if series.group != WHOLE:
        name = Remark("{what} ({group})", {"what": name, "group": series.group[1]})
    counts = series.measure.counts
    counted = Remark("{n}" if counts else "n {n}", {"n": Amount(now.n, counts, 0)})
    says = (
        Remark("{value}", {"value": Amount(now.value, now.unit)}),
        name,
        Remark(
            "{range}, {n}" if lasting or weeks <= _YEAR_WEEKS else "{range}, {n}, 12 months",
            {"range": Range(*now.ci, now.unit), "n": counted},
        ),
    )
    proof = sources.known(lasting[0].proof if lasting else PROOFS.get(series.measure.kind, ""))
    indicator = Cell(stage=stage, lane="indicator", says=says, estimate=now, n=now.n, proof=proof)
    return indicator, _trend(sources, stage, series, findings)


def _trend(sources: Sources, stage: str, series: Series, findings: tuple[Finding, ...]) -> Cell:
    first = next((one for one in findings if one.series is series), None)
    says = Remark("no break found") if is_old_enough(series) else YOUNG
    hot = (0, 0)
    if first is not None:
        says = said_of_trend(first)
        if first.since is not None and first.state != "standing":
            end = sources.weeks.week(first.until) if first.until else sources.weeks.count
            hot = (sources.weeks.week(first.since), end)
    return Cell(
        stage=stage,
        lane="trend",
        says=(says,),
        n=int(series.sums[0].sum()),
        course=series.values,
        hot=hot,
    )


def said_of_trend(finding: Finding) -> Remark:
    """Return what a finding says of its series: since when it moved, or how far from others it is.

    Parameters
    ----------
    finding : Finding
        A finding of the series; what stands has no time before it, so `before` is the others'.
    """
    values: dict[str, Value] = {
        "before": Amount(finding.before.value, finding.before.unit),
        "during": Amount(finding.during.value, finding.during.unit),
    }
    if finding.state == "standing" or finding.since is None:
        return Remark("{during}, against {before} elsewhere", values)
    values["since"] = finding.since
    if finding.until is None:
        return Remark("from {before} to {during} since {since}", values)
    values["until"] = finding.until
    return Remark("{during} from {since} to {until}, else {before}", values)


def _next(sources: Sources, stage: str, after: str | None) -> Cell:
    reached = sources.reached
    if after is None or stage not in reached or after not in reached:
        return Cell(stage=stage, lane="next", why=Remark("the last stage"))
    if not reached[after].notna().any():
        return Cell(stage=stage, lane="next", why=Remark("nobody was seen at the next stage"))
    median, share, days = time_between(
        reached, stage, after, sources.last_us, confidence=sources.confidence
    )
    if share.n < sources.min_cell or math.isnan(share.value):
        return Cell(stage=stage, lane="next", why=Remark("too few customers to tell"))
    values: dict[str, Value] = {
        "share": Amount(share.value, "share", 0),
        "days": Amount(days, "days", 0),
    }
    said, one = Remark("{share} go on within {days}", values), share
    if median.value >= 1:
        said = Remark("half go on within {days}", {"days": Amount(median.value, "days", 0)})
        one = median
    return Cell(stage=stage, lane="next", says=(said,), estimate=one, n=share.n)


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
            else Remark("not measured: name its touchpoints, and ask after one")
        )
        return Cell(stage=stage, lane="satisfaction", why=why)
    return Cell(
        stage=stage,
        lane="satisfaction",
        points=points,
        n=sum(one.score.n for one in points),
        grade="D",
        proof=sources.known("satisfaction"),
    )


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
        proof=sources.known("satisfaction"),
    )


def _decides(moment: Moment) -> Remark:
    """Return whether those who were satisfied at a touchpoint buy again more often."""
    difference = moment.difference
    values: dict[str, Value] = {
        "touchpoint": moment.touchpoint,
        "range": Range(100 * difference.ci.low, 100 * difference.ci.high, "", 1),
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


def _behind(sources: Sources, stage: str) -> Cell:
    if stage == sources.backstage.stage:
        return sources.backstage
    return Cell(stage=stage, lane="behind", why=Remark("nothing is recorded"))


def _lack(sources: Sources, stage: str) -> tuple[Remark, Remark]:
    """Return why no number stands for a stage, and what to do about it."""
    placed = sources.study.manifest.placed.items()
    roles = [role for role, own in placed if sources.stage_of.get(own) == stage]
    there = [
        need for role in roles for need in _MEASURED_BY.get(role, ()) if sources.study.has(*need)
    ]
    if set(there) == {("events",)} and not sources.study.manifest.funnel:
        return (
            Remark("study.yaml names no steps of a funnel"),
            Remark("Measure: name the steps of the funnel in study.yaml."),
        )
    if there:
        return YOUNG, Remark("Wait: there are too few data to judge it yet.")
    needed = [_TELLS[role] for role in roles] or [Remark("visits with its touchpoints")]
    return (
        Remark("no table of the study measures this stage"),
        Remark("Measure: bring {tables}.", {"tables": joined(needed, "; ")}),
    )


def _todo(sources: Sources, stage: str, findings: tuple[Finding, ...]) -> Cell:
    active = [one for one in findings if one.state != "past"] or list(findings)
    if active:
        first = active[0]
        return Cell(
            stage=stage,
            lane="todo",
            says=(first.step,) if first.state == "past" else (first.step, first.cost),
            estimate=None if first.state == "past" else first.worth,
            n=first.change.n,
            grade=first.grade,
            proof=sources.known(first.proof),
        )
    asked = sources.touchpoints(stage)
    if asked and not any(
        name.startswith("score:") and name.split(":")[2] in asked for name, _ in sources.series
    ):
        step = Remark("Ask: one question after {touchpoint}.", {"touchpoint": asked[0]})
        return Cell(stage=stage, lane="todo", says=(step,))
    step = Remark("Watch: nothing is open here.")
    if not sources.is_judged(stage):
        step = _lack(sources, stage)[1]
        if sources.watched(stage):
            step = Remark("Wait: there are too few data to judge it yet.")
    return Cell(stage=stage, lane="todo", says=(step,))
