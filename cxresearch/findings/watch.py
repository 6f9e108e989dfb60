"""Every series of a study watched, its breaks gathered, their worth said, the costliest first."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, Said, Value
from cxresearch.core.results import Estimate
from cxresearch.core.unit_formats import Interval
from cxresearch.findings import volumes, worth
from cxresearch.findings.contact_measures import contact_units
from cxresearch.findings.experience_findings import (
    OF_MEASURE,
    experience_findings,
    known_experiences,
)
from cxresearch.findings.finding import PROOFS, Finding, Findings, Grade, State
from cxresearch.findings.finding_words import next_step, sentence
from cxresearch.findings.fires import Alarm, Fire, Key, gather, stretches, whole_weeks
from cxresearch.findings.last_week import last_week
from cxresearch.findings.priorities import in_the_top, ranked
from cxresearch.findings.recording_faults import gaps, is_gap, recording_faults
from cxresearch.findings.sale_measures import order_units
from cxresearch.findings.scan import FALSE_ALARMS, Looked, scanned
from cxresearch.findings.shifts import Stretch, change, others_of, past_of
from cxresearch.findings.standing import always_worse
from cxresearch.findings.traits import of_people, with_people
from cxresearch.findings.trial_findings import trial_findings
from cxresearch.findings.unit_rows import UnitRows
from cxresearch.findings.visit_measures import visit_units
from cxresearch.findings.voice_findings import driver_findings, is_score_of, theme_findings
from cxresearch.findings.voice_measures import voice_units
from cxresearch.findings.watched_series import WHOLE, Floats, Series, Units, in_group
from cxresearch.findings.weeks import Weeks, weeks_of
from cxresearch.findings.who_comes import (
    COME_AND_GO,
    is_surge,
    said_of_surge,
    score_of_others,
    silences,
)

if TYPE_CHECKING:
    from cxresearch.findings.measures import Measure
    from cxresearch.study import Study
    from cxresearch.value import Experience, Worth

#: The weeks that say how things are now.
NOW_WEEKS = 4
_NOTHING = Remark("not known: nothing was recorded then")


def unit_rows(study: Study, weeks: Weeks) -> tuple[UnitRows, ...]:
    """Return what a study's tables allow to be counted, row by row; each table is read once."""
    return tuple(UnitRows.of(_with_people(study, one), weeks) for one in _units(study, weeks))


def series_of(rows: Iterable[UnitRows]) -> dict[Key, Series]:
    """Return every series of what is counted, by measure and group."""
    return {(one.measure.name, one.group): one for each in rows for one in each.series()}


def series_by(
    rows: Iterable[UnitRows], trait: str, part_of: Mapping[str, str]
) -> dict[Key, Series]:
    """Return every series of parts of the customers, by measure and part.

    Parameters
    ----------
    rows : iterable of UnitRows
        What is counted, as in ``findings(shop).counted``.
    trait : str
        What tells customers apart.
    part_of : mapping of str to str
        The part of each customer; who is in none is left out.
    """
    own = [each for each in rows if not each.is_whole_known]
    every = (one for each in own for one in each.series_by(trait, part_of))
    return {(one.measure.name, one.group): one for one in every}


def _units(study: Study, weeks: Weeks) -> Iterator[Units]:
    yield from visit_units(study, weeks)
    yield from voice_units(study, weeks)
    for units in (*order_units(study, weeks), *contact_units(study, weeks)):
        yield replace(units, measures=tuple(_placed(study, one) for one in units.measures))


def _placed(study: Study, measure: Measure) -> Measure:
    """Return a measure of one of the default stages in the stage of the study."""
    return replace(measure, stage=study.manifest.placed.get(measure.stage, ""))


def _with_people(study: Study, units: Units) -> Units:
    """Return units told apart by who their customers are, too."""
    traits = [name for name in of_people(study) if name not in units.groups]
    if not traits or not units.is_by_people:
        return units
    return replace(units, rows=with_people(study, units.rows), groups=(*units.groups, *traits))


def findings(study: Study, *, confidence: float = 0.95) -> Findings:
    """Find what moved in a study, what it is worth a month, and what to do about it.

    Every measure that the tables allow is followed by week, in all and in every group that the
    study names (``groups`` in study.yaml, else device, channel, segment and the like). A break is
    a finding by a limit set so that a shop in which nothing moved has any such break in at most
    5 % of cases. So is an experiment on which a verdict is due by its plan, and an experience after
    which customers surely spend less than others like them.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    Findings
        The open ones first, by the lower bound of what they cost in a month; ranks that the data
        cannot tell apart are equal.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.
    """
    validate.share("confidence", confidence)
    weeks = weeks_of(study)
    trials, unread = trial_findings(study, confidence)
    experiences = known_experiences(study, confidence)
    standing = [*trials, *experience_findings(study, experiences)]
    drivers = driver_findings(study, confidence)
    standing += drivers
    if weeks is None:
        return _all_of(study, standing, scanned({}, 0), {}, None)
    counted_rows = unit_rows(study, weeks)
    series = series_of(counted_rows)
    looked = scanned(series, weeks.count)
    looked = replace(looked, watch=(*looked.watch, *unread))
    counted = {
        key: replace(one, measure=_placed(study, one.measure))
        for key, one in volumes.counts(series).items()
    }
    followed = {**series, **counted}
    alarms = [*looked.alarms, *volumes.alarms_of(counted, apart=COME_AND_GO)]
    fires = gather(alarms, followed, weeks.count)
    surges = [fire for fire in fires if is_surge(fire, weeks.count)]
    gone = gaps(series)
    fires = [one for one in fires if one not in surges and not is_gap(one, gone, weeks.count)]
    money = order_value(study, series, weeks, confidence)
    rows = [_finding(fire, followed, weeks, money, experiences, confidence) for fire in fires]
    rows += silences(series, weeks, study.currency, confidence)
    rows = [replace(one, changes=_changes(study, one)) for one in rows]
    covered = {one.series.measure.name for fire in fires for one in (fire.leader, *fire.parts)}
    looked = replace(looked, watch=_watched(looked, series, covered, surges, weeks))
    looked = replace(looked, watch=(*volumes.faded(counted, covered=covered), *looked.watch))
    covered |= {name for name, _ in series if any(is_score_of(one, name) for one in drivers)}
    standing += always_worse(series, weeks, study.currency, confidence, covered=covered)
    now = {one.measure for one in rows if one.is_open}
    standing += theme_findings(study, confidence, covered=now)
    standing += recording_faults(study, gone, weeks, confidence)
    found = _all_of(study, [*rows, *standing], looked, series, weeks)
    return replace(found, counted=counted_rows)


def _watched(
    looked: Looked,
    series: Mapping[Key, Series],
    covered: Collection[str],
    surges: Sequence[Fire],
    weeks: Weeks,
) -> tuple[Remark, ...]:
    """Return what is worth watching: surges, the last week, and what the scan saw."""
    last = last_week(series.values(), covered=covered)
    named = [one.values["what"] for one in last]
    others = [one for one in looked.watch if one.values.get("what") not in named]
    return (*[said_of_surge(one, weeks) for one in surges], *last, *others)


def _all_of(
    study: Study,
    rows: list[Finding],
    looked: Looked,
    series: Mapping[Key, Series],
    weeks: Weeks | None,
) -> Findings:
    order, ranks = ranked(rows)
    return Findings(
        rows=tuple(order),
        ranks=tuple(ranks),
        top_three=tuple(in_the_top(order)),
        judged=looked.judged,
        thin=looked.thin,
        false_alarms=FALSE_ALARMS,
        weeks=looked.weeks,
        visible=looked.visible,
        watch=looked.watch,
        series=series,
        calendar=weeks,
        language=Language(study.language, study.labels(study.language)),
    )


def order_value(
    study: Study, series: Mapping[Key, Series], weeks: Weeks, confidence: float
) -> Estimate:
    """Return the mean order value of the last weeks, in the study's currency."""
    found = series.get(("order_value", WHOLE))
    if found is None:
        return worth.unknown(
            study.currency, confidence, Remark("not known: the study has no orders")
        )
    return found.estimate(
        max(0, weeks.count - worth.RECENT_WEEKS), weeks.count, confidence=confidence
    )


def _finding(
    fire: Fire,
    series: Mapping[Key, Series],
    weeks: Weeks,
    money: Estimate,
    experiences: Mapping[Experience, Worth],
    confidence: float,
) -> Finding:
    alarm, own = fire.leader, fire.leader.series
    measure, group = own.measure, own.group
    before, during = whole_weeks(*stretches(alarm, weeks.count), alarm)
    now = (max(0, weeks.count - NOW_WEEKS), weeks.count)
    rest = _rest(own, series)
    past = past_of(own, rest, before, during)
    moved = change(own, before, during, rest=rest, past=past, confidence=confidence)
    levels = [
        replace(own, sums=sums).estimate(*one, confidence=confidence)
        for one, sums in ((before, past), (during, own.sums), (now, own.sums))
    ]
    moved = replace(moved, n=moved.n or levels[0].n)  # nobody left: of those who came before
    state = state_of(own, alarm, before, during, now, past)
    since, since_between = _began(alarm, weeks)
    until = weeks.start(alarm.end) if alarm.end is not None and state == "past" else None
    is_bad = None
    if measure.better:
        is_bad = bool((moved.value < 0) == (measure.better == "more"))
    after = experiences.get(OF_MEASURE[measure.name]) if measure.name in OF_MEASURE else None
    if after is not None and money.unit == after.spent.unit:
        brought = _worth_after(own, during, moved, after)
    else:
        brought = _worth(own, series, before, during, money, confidence)
    return Finding(
        what=sentence(measure, group[1], levels[0], levels[1], since, until),
        measure=measure.name,
        group=group,
        stage=measure.stage,
        touchpoint=measure.touchpoint,
        change=moved,
        before=levels[0],
        during=levels[1],
        now=levels[2],
        state=state,
        since=since,
        until=until,
        since_between=since_between,
        is_bad=is_bad,
        worth=brought,
        grade=_grade(own),
        step=next_step(measure, group[1], state, since, is_bad=is_bad),
        parts=(*score_of_others(own, series, before, during), *_parts(fire)),
        proof=PROOFS[measure.kind],
        series=own,
    )


def _began(alarm: Alarm, weeks: Weeks) -> tuple[date, tuple[date, date]]:
    """Return the day on which a break began, and the first and last day that it may have."""
    if alarm.days is not None:
        day, low, high = (
            weeks.first_day + timedelta(days=one)
            for one in (alarm.days.day, alarm.days.low, alarm.days.high)
        )
        return day, (low, high)
    # What begins late in a week shows from the next one on.
    between = weeks.start(alarm.low - 1), weeks.start(alarm.high + 1) - timedelta(days=1)
    return weeks.start(alarm.start), between


def _rest(own: Series, series: Mapping[Key, Series]) -> Floats | None:
    whole = series.get((own.measure.name, WHOLE))
    if own.group == WHOLE or whole is None or own.measure.is_count:
        return None
    return others_of(whole, own)


def state_of(
    own: Series, alarm: Alarm, before: Stretch, during: Stretch, now: Stretch, past: Floats
) -> State:
    """Return whether a break goes on: how much of the way back the last weeks have gone.

    It is past where nobody is left in whom it could go on.
    """
    if alarm.end is None:
        return "open"
    if own.y[slice(*now)].sum() == 0:
        return "past"
    back = change(own, before, now, past=past)
    size = change(own, before, during, past=past).value
    ends = sorted(1 - bound / size for bound in back.ci) if size else [math.nan, math.nan]
    if ends[1] < 0.5:
        return "open"
    return "past" if ends[0] > 0.5 else "unsure"


def _worth_after(own: Series, during: Stretch, moved: Estimate, after: Worth) -> Estimate:
    """Return what a break brings in a month, by what customers spend after one of its units."""
    if math.isnan(after.spent.value):
        return worth.unknown(after.spent.unit, moved.confidence)
    if not after.is_credible:
        return worth.unknown(after.spent.unit, moved.confidence, worth.DIFFER)
    return worth.afterwards(moved, after.spent, worth.a_month(own.y[slice(*during)]))


def _worth(
    own: Series,
    series: Mapping[Key, Series],
    before: Stretch,
    during: Stretch,
    money: Estimate,
    confidence: float,
) -> Estimate:
    """Return what a break brings in a month, by what its units buy."""
    measure = own.measure
    if math.isnan(money.value):
        return worth.unknown(money.unit, confidence, Remark(money.note))
    if measure.is_count and not own.x[slice(*during)].any():
        return worth.unknown(money.unit, confidence, _NOTHING)
    outcome: Series | None = own
    if measure.outcome or measure.kind not in ("order", "refund"):
        outcome = in_group(series, measure.outcome, own.group)
    if outcome is None or not outcome.y[slice(*during)].any():
        why = Remark("not known: no later purchase is linked to it")
        return worth.unknown(money.unit, confidence, why)
    rest = _rest(outcome, series)
    past = past_of(outcome, rest, before, during)
    moved = change(outcome, before, during, rest=rest, past=past, confidence=confidence)
    units = worth.a_month(outcome.y[slice(*during)])
    if outcome.measure.better == "less":  # what is undone or paid back is lost
        moved = replace(moved, value=-moved.value, ci=Interval(-moved.ci.high, -moved.ci.low))
    if outcome.measure.unit == money.unit:
        return worth.per_order(moved, units)
    once = outcome.estimate(*before, confidence=confidence).ci
    most = once.high
    if outcome.measure.better == "less":  # the others were kept
        most = 1 - once.low
    return worth.orders_lost(moved, units, money, most=most)


def _grade(own: Series) -> Grade:
    if own.measure.kind in ("score", "theme", "who"):
        return "D"
    return "C" if own.group == WHOLE or own.measure.is_count else "B"


def _changes(study: Study, found: Finding) -> tuple[Remark, ...]:
    """Return what the shop did in the weeks in which a finding may have begun.

    Who answers depends on who was asked, and a wave may have begun since the one before it.
    """
    assert found.since_between, "a break has weeks in which it may have begun"
    assert found.series, "a break has its series"
    if found.series.measure.kind == "who":
        return ()
    first, last = found.since_between
    done: list[tuple[str, Value]] = [(one.date, Said(one.label)) for one in study.manifest.changes]
    done += [
        (one.start, Remark("experiment {experiment}", {"experiment": one.name}))
        for one in study.manifest.experiments
    ]
    return tuple(
        Remark("{change} ({day})", {"change": what, "day": day})
        for written, what in sorted(done, key=lambda one: one[0])
        if first <= (day := date.fromisoformat(written)) <= last
    )


def _parts(fire: Fire) -> tuple[Remark, ...]:
    """Return what else moved, each measure once."""
    named: dict[str, Remark] = {}
    for part in sorted(fire.parts, key=lambda one: -abs(one.z)):
        measure = part.series.measure
        if measure.name != fire.leader.series.measure.name:
            named.setdefault(measure.name, measure.what)
    return tuple(named.values())
