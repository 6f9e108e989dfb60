"""One fire, one finding: breaks that began together, and their mirror in other groups."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtri

from cxresearch.findings.measures import Measure
from cxresearch.findings.shifts import Stretch, change, level, others_of, past_of, z_of
from cxresearch.findings.watched_series import WHOLE, Group, Series, in_group, several
from cxresearch.stats.breaks import StartDay

#: Breaks whose first weeks may lie this far apart began together.
TOGETHER_WEEKS = 3
#: A part of the customers is the place where it moved this surely against its siblings, and they
#: moved less than this part of it.
_SURE_Z, _QUARTER = 3.5, 0.25
#: How often chance alone would pick several values of a column.
_CHANCE = 5e-4
#: The weeks that say how many came before.
_BEFORE_COUNT = 8
#: A break of which so many whole weeks are left is sized by these.
_FEW = 4

Key = tuple[str, Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A break that chance does not explain.

    Parameters
    ----------
    series : Series
        Where it is.
    start, low, high : int
        The week in which it began, and the first and last it may have begun in.
    end : int, optional
        The week in which it had gone; None while it lasts.
    z : float
        How clear it is; below 0 where the series fell.
    p : float
        How often a shop in which nothing moved has a break as clear anywhere.
    days : StartDay, optional
        The day on which it began, counted from the first day of the first week, where the counts
        tell it better than weeks do.
    """

    series: Series
    start: int
    low: int
    high: int
    end: int | None
    z: float
    p: float
    days: StartDay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """Breaks that are one.

    Parameters
    ----------
    leader : Alarm
        The one nearest to the cause, in the narrowest group that holds it.
    parts : tuple of Alarm
        The others.
    """

    leader: Alarm
    parts: tuple[Alarm, ...]


def gather(alarms: Sequence[Alarm], series: Mapping[Key, Series], weeks: int) -> list[Fire]:
    """Put alarms together into fires, the clearest first.

    Parameters
    ----------
    alarms : sequence of Alarm
        All of them.
    series : mapping of (measure, group) to Series
        Every series there is.
    weeks : int
        How many weeks there are.
    """
    left = sorted(alarms, key=lambda one: -abs(one.z))
    fires = []
    while left:
        first = left[0]
        # A break and its mirror in the other groups are one.
        own = [one for one in left if _meet(first, one)]
        fire = _fire(own, series, weeks)
        apart = [one for one in own if not _may_be_part(one, fire.leader, series, weeks)]
        if len(apart) == len(own):
            apart.remove(first)
        parts = tuple(one for one in fire.parts if one not in apart)
        left = [one for one in left if one in apart or one not in own]
        fires.append(replace(fire, parts=parts))
    return _joined(fires, weeks)


def _joined(fires: Sequence[Fire], weeks: int) -> list[Fire]:
    """Return fires, those of one series of which the one is within the other joined."""
    kept: list[Fire] = []
    for fire in fires:
        own = fire.leader
        for place, other in enumerate(kept):
            led = other.leader
            is_one = led.series is own.series and (led.z > 0) == (own.z > 0)
            if is_one and led.low <= own.start < (weeks if led.end is None else led.end):
                kept[place] = replace(other, parts=(*other.parts, own, *fire.parts))
                break
        else:
            kept.append(fire)
    return kept


def _may_be_part(one: Alarm, leader: Alarm, series: Mapping[Key, Series], weeks: int) -> bool:
    """Return whether what happened to some customers may have moved another measure as it did.

    It may not where those customers are told apart in the other measure, and the others surely
    moved the same way by more than a quarter of it; or where they are too few to move it so much.
    The orders of a category are those of the page that is named after it.
    """
    place, measure = leader.series.group, one.series.measure
    name = measure.name
    if place == WHOLE or name == leader.series.measure.name or _is_of_category(place, measure):
        return True
    before, during = stretches(one, weeks)
    whole = series.get((name, WHOLE))
    there = in_group(series, name, place)
    if whole is not None and there is not None:
        others = replace(whole, sums=others_of(whole, there))
        elsewhere, here = (change(of, before, during) for of in (others, there))
        alike = math.copysign(elsewhere.value, elsewhere.value * here.value)
        return not (alike > _QUARTER * abs(here.value) and abs(z_of(elsewhere)) > _SURE_Z)
    everybody = series.get((leader.series.measure.name, WHOLE))
    if everybody is None or not measure.is_share:
        return True
    share = leader.series.y[slice(*during)].sum() / max(everybody.y[slice(*during)].sum(), 1.0)
    was, moved = level(one.series.sums, before).value, change(one.series, before, during).value
    return not abs(moved) > share * (1 - was if moved > 0 else was)


def _is_of_category(place: Group, measure: Measure) -> bool:
    """Return whether a place is named after the category that a measure counts.

    Examples
    --------
    >>> from cxresearch.core.remarks import Remark
    >>> sold = Remark("Orders with {category}", {"category": "Home decor"})
    >>> orders = Measure(name="sold", what=sold, kind="order", unit="share", better="more")
    >>> _is_of_category(("page", "/product/home-decor"), orders)
    True
    >>> _is_of_category(("page", "/product/shoes"), orders)
    False
    """
    category = str(measure.what.values.get("category", ""))
    page, words = (re.sub(r"[\W_]+", " ", text.casefold()).strip() for text in (place[1], category))
    return bool(words) and f" {words} " in f" {page} "


def _meet(one: Alarm, other: Alarm) -> bool:
    if one is other:
        return True
    if one.series.measure.name == other.series.measure.name and _is_what_was_before(one, other):
        return True
    apart = max(one.low, other.low) - min(one.high, other.high)
    return apart <= TOGETHER_WEEKS and _lasted_alike(one, other)


def _is_what_was_before(one: Alarm, other: Alarm) -> bool:
    """Whether the less clear of two ends as the other begins: before and during, said twice."""
    first, then = sorted((one, other), key=lambda alarm: abs(alarm.z))
    if (first.z > 0) == (then.z > 0) or first.end is None:
        return False
    return abs(first.end - then.start) <= TOGETHER_WEEKS


def _lasted_alike(one: Alarm, other: Alarm) -> bool:
    """Whether two breaks may have lasted equally long: a short one is no part of a lasting one."""
    if one.end is None or other.end is None:
        return (
            one.end is other.end
            or min(
                end - start
                for end, start in ((one.end, one.start), (other.end, other.start))
                if end is not None
            )
            > 2 * TOGETHER_WEEKS
        )
    return abs(one.end - other.end) <= 2 * TOGETHER_WEEKS


def _fire(own: Sequence[Alarm], series: Mapping[Key, Series], weeks: int) -> Fire:
    nearest = min(one.series.measure.rank for one in own)
    same = [one for one in own if one.series.measure.rank == nearest]
    name = same[0].series.measure.name
    same = [one for one in same if one.series.measure.name == name]
    clearest = max(same, key=lambda one: abs(one.z))
    group = place_of(name, clearest, [one.series.group for one in same], series, weeks)
    leader = next((one for one in same if one.series.group == group), None)
    if leader is None:
        there = in_group(series, name, group)
        assert there is not None, "a place is made of groups that are followed"
        leader = _seen_in(there, clearest, weeks)
    parts = tuple(one for one in own if one is not leader)
    leader = _since_first(leader)
    if leader.series.measure.is_total and (step := _step_of(leader, series, weeks)):
        return Fire(leader=_seen_in(step, leader, weeks), parts=(leader, *parts))
    return Fire(leader=leader, parts=parts)


def _seen_in(series: Series, alarm: Alarm, weeks: int) -> Alarm:
    """Return an alarm as one of another series, which may have moved the other way."""
    moved = change(series, *stretches(alarm, weeks)).value
    z = alarm.z if math.isnan(moved) else math.copysign(alarm.z, moved)
    return replace(alarm, series=series, z=z)


def _since_first(alarm: Alarm) -> Alarm:
    """Return an alarm that does not begin before anybody is in its group, as in a new release."""
    first = int(np.flatnonzero(alarm.series.y)[0]) if alarm.series.y.any() else 0
    if alarm.start >= first or (alarm.end is not None and alarm.end <= first):
        return alarm
    low, high = max(alarm.low, first), max(alarm.high, first)
    return replace(alarm, start=first, low=low, high=high, days=None)


def _step_of(total: Alarm, series: Mapping[Key, Series], weeks: int) -> Series | None:
    """Return the step, error or wait of the same customers that moved most clearly meanwhile."""
    before, during = stretches(total, weeks)
    group = total.series.group
    found = []
    for (_, own), one in series.items():
        measure = one.measure
        if own != group or measure.is_total or measure.kind not in ("error", "wait", "step"):
            continue
        whole = series.get((measure.name, WHOLE))
        rest = None if whole is None or group == WHOLE else others_of(whole, one)
        z = z_of(change(one, before, during, rest=rest))
        if abs(z) > _SURE_Z:
            found.append((abs(z), measure.name, one))
    return max(found, key=lambda row: row[:2])[2] if found else None


def stretches(alarm: Alarm, weeks: int, *, most_before: int = 52) -> tuple[Stretch, Stretch]:
    """Return the weeks before a break, and those it lasted; of a count, with its season, few."""
    if alarm.series.measure.is_count:
        most_before = min(most_before, _BEFORE_COUNT)
    end = weeks if alarm.end is None else alarm.end
    return (max(0, alarm.start - most_before), alarm.start), (alarm.start, end)


def whole_weeks(before: Stretch, during: Stretch, alarm: Alarm) -> tuple[Stretch, Stretch]:
    """Return two stretches without the weeks in whose midst a break may have begun or ended.

    A week that is half as before makes a change look smaller than it is. A break of few weeks
    keeps them, and so does a count, whose weeks are each far from what was.

    Examples
    --------
    >>> from cxresearch.core.remarks import Remark
    >>> from cxresearch.findings.measures import Measure
    >>> series = Series(measure=Measure(name="late", what=Remark("Late"), kind="delivery",
    ...                                 unit="share", better="less"),
    ...                 group=WHOLE, sums=np.ones((6, 40)))
    >>> alarm = Alarm(series=series, start=20, low=20, high=20, end=29, z=6.0, p=0.0)
    >>> whole_weeks((0, 20), (20, 29), alarm)
    ((0, 19), (21, 28))
    """
    first, last = during[0] + 1, during[1] - (alarm.end is not None)
    if alarm.series.measure.is_count or last - first < _FEW or before[1] - before[0] <= _FEW:
        return before, during
    return (before[0], before[1] - 1), (first, last)


def place_of(
    name: str,
    alarm: Alarm,
    alarmed: Sequence[Group],
    series: Mapping[Key, Series],
    weeks: int,
) -> Group:
    """Return the narrowest group that holds a break: from all down to one that moved alone.

    A part of the customers is the place where it moved clearly against all others and they moved
    less than a quarter of it; of several the one that moved most clearly. Where no part is, several
    values of one column may be. A part that is new is
    held against how the others were before.
    """
    whole = series.get((name, WHOLE))
    if whole is None:
        return alarm.series.group
    before, during = stretches(alarm, weeks)
    own = {group: one for (measure, group), one in series.items() if measure == name}
    del own[WHOLE]
    found = [
        (abs(z), group)
        for group, one in own.items()
        if (z := _alone(whole, one, before, during)) > _SURE_Z
    ]
    if found:
        return max(found)[1]
    for column in sorted({group[0] for group in own}):
        parts = {group[1]: one for group, one in own.items() if group[0] == column}
        found += _of_several(whole, column, parts, before, during)
    if found:
        return max(found)[1]
    if WHOLE in alarmed or not alarmed:
        return WHOLE
    if all(_moved_too(whole, own[group], before, during) for group in alarmed if group in own):
        return WHOLE
    # What moved in one group against the rest alone has its place there; a mirror is no place.
    moves = {
        group: abs(change(series[name, group], before, during).value) for group in set(alarmed)
    }
    values = np.array(list(moves.values()))
    return list(moves)[int(np.nanargmax(values))] if not np.isnan(values).all() else WHOLE


def _alone(whole: Series, one: Series, before: Stretch, during: Stretch) -> float:
    """Return how surely a part moved against all others, 0 where these moved too."""
    rest = others_of(whole, one)
    past = past_of(one, rest, before, during)
    own = change(one, before, during, past=past).value
    moved = level(rest, during).value - level(rest, before).value
    z = z_of(change(one, before, during, rest=rest, past=past))
    return abs(z) if abs(moved) < _QUARTER * abs(own) and not math.isnan(z) else 0.0


def _moved_too(whole: Series, one: Series, before: Stretch, during: Stretch) -> bool:
    """Return whether all who are not in a group moved surely too, at least half as far."""
    others = replace(whole, sums=others_of(whole, one))
    moved, of_them = change(others, before, during), change(one, before, during).value
    return abs(z_of(moved)) > _SURE_Z and moved.value / of_them > 0.5 if of_them else False


def _of_several(
    whole: Series, column: str, values: Mapping[str, Series], before: Stretch, during: Stretch
) -> list[tuple[float, Group]]:
    """Return the fewest values of a column that moved together and alone, the others not; or none.

    They are the first of all in the order in which they moved. Whichever are picked, chance gives
    z squared of at most a quantile of chi-squared (Scheffe).
    """
    up = change(whole, before, during).value > 0
    z = {value: z_of(change(one, before, during)) for value, one in values.items()}
    order = sorted((v for v in z if not math.isnan(z[v])), key=lambda v: -z[v] if up else z[v])
    limit = math.sqrt(chdtri(max(len(order) - 1, 1), _CHANCE))
    named = {(whole.measure.name, (column, value)): one for value, one in values.items()}
    for size in range(2, len(order)):
        group = several(column, order[:size])
        one = in_group(named, whole.measure.name, group)
        assert one is not None, "each value is one that is followed"
        if (sure := _alone(whole, one, before, during)) > limit:
            return [(sure, group)]
    return []
