"""Where the series of a study broke: all of them looked at together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit

from cxresearch.core.remarks import Amount, Remark
from cxresearch.findings.fires import Alarm, Key
from cxresearch.findings.watched_series import WHOLE, Group, Series
from cxresearch.findings.weeks import DAYS
from cxresearch.stats import breaks

if TYPE_CHECKING:
    import pandas as pd

#: How often a shop in which nothing moved may have any break.
FALSE_ALARMS = 0.05
_ALL = "all"
#: A break of a share below this, or above its rest, or of odds that changed by more than e, is
#: dated by its counts: from so many weeks before, and around the weeks that the scan names.
_RARE, _FAR, _BEFORE, _AROUND = 0.1, 1.0, 52, 6
_EDGE = 1e-6


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Looked:
    """What a look at all series found.

    Parameters
    ----------
    alarms : tuple of Alarm
        The breaks that chance does not explain.
    watch : tuple of Remark
        What is no finding, and is worth watching.
    judged, thin : int
        How many series were judged, and how many were too young or too thin.
    weeks : int
        How many weeks there are.
    visible : pandas.DataFrame
        Per stage the smallest lasting step that would have been found: `stage`, `measure` (a
        Remark), `rise` and `fall` in `unit`.
    """

    alarms: tuple[Alarm, ...]
    watch: tuple[Remark, ...]
    judged: int
    thin: int
    weeks: int
    visible: pd.DataFrame


def scanned(series: Mapping[Key, Series], weeks: int) -> Looked:
    """Look for breaks in all series at once.

    Parameters
    ----------
    series : mapping of (measure, group) to Series
        Every series; those of an outcome are not looked at.
    weeks : int
        How many weeks there are.
    """
    named = {_name(group): group for _, group in series}
    few = {key for key, one in series.items() if one.measure.is_scanned and _has_few(one)}
    judged = {key: one for key, one in series.items() if key not in few}
    found = breaks.scan(_panels(judged), confidence=1 - FALSE_ALARMS)
    clearest: dict[Key, Alarm] = {}
    for one in found.breaks:
        key = (one.measure, named[one.group])
        if key not in clearest:
            clearest[key] = _alarm(series[key], one)
    return Looked(
        alarms=tuple(clearest.values()),
        watch=tuple(
            _watched(series[one.measure, named[one.group]], one) for one in _worth_watching(found)
        ),
        judged=found.judged,
        thin=len(found.too_thin) + len(few),
        weeks=weeks,
        visible=_visible(series, found),
    )


def _has_few(one: Series) -> bool:
    """Return whether so few customers make a group that one of them may look like a break."""
    return one.group != WHOLE and one.people < breaks.PEOPLE


def _panels(series: Mapping[Key, Series]) -> Iterator[breaks.Panel]:
    """Yield each measure with its groups, the whole first."""
    groups: dict[str, list[Group]] = {}
    for name, group in series:
        groups.setdefault(name, []).append(group)
    for name, own in groups.items():
        measure = series[name, own[0]].measure
        if not measure.is_scanned or WHOLE not in own:
            continue
        parts = [group for group in own if group[0] not in ("", *measure.not_by)]
        order = [WHOLE, *parts]
        rows = [series[name, group] for group in order]
        labels = [_name(group) for group in order]
        units = np.array([one.y for one in rows])
        sums = np.array([one.x for one in rows])
        if measure.is_share:
            yield breaks.Panel.shares(name, labels, units, sums)
        else:
            squares = np.array([_squares(one) for one in rows])
            yield breaks.Panel.means(
                name,
                labels,
                units,
                sums,
                squares,
                unit=measure.unit,
                is_amount=measure.kind in ("wait", "order", "refund"),
            )


def _squares(one: Series) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return sums of squares whose spread is that of customers, who may come more than once.

    The spread of a ratio of sums is xx - 2 v xy + v**2 yy; that of a mean of y values is
    squares - v x.
    """
    _, x, y, xx, xy, yy = one.sums
    value = np.divide(x, y, out=np.zeros_like(x), where=y > 0)
    spread = np.maximum(xx - 2 * value * xy + value**2 * yy, 0)
    squares: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = spread + value * x
    return squares


def _name(group: Group) -> str:
    return "\x1f".join(group) if group != WHOLE else _ALL


def _alarm(series: Series, one: breaks.Break) -> Alarm:
    low, high = one.start_weeks
    alarm = Alarm(
        series=series,
        start=one.start,
        low=low,
        high=high,
        end=one.end,
        z=abs(one.z) if one.change.value >= 0 else -abs(one.z),
        p=one.p_value,
    )
    return _dated(alarm, one) if series.measure.is_share and _is_uneven(one) else alarm


def _is_uneven(one: breaks.Break) -> bool:
    """Return whether few had it before or in it, or its odds changed far.

    A group that moved against the others only, as a mirror does, has nothing to date in its own
    counts.
    """
    shares = np.array([one.before, one.during]).clip(_EDGE, 1 - _EDGE)
    change = float(np.diff(logit(shares))[0])
    if one.against == "rest" and (change > 0) != (one.change.value > 0):
        return False
    is_rare = one.against == "own" and np.minimum(shares, 1 - shares).min() < _RARE
    return bool(is_rare or abs(change) > _FAR)


def _dated(alarm: Alarm, one: breaks.Break) -> Alarm:
    """Return a break with the day on which it began, where its counts tell it."""
    own = alarm.series
    first = max(0, one.start - _BEFORE)
    found = breaks.start_day(
        own.x[first : one.end],
        own.y[first : one.end],
        low=alarm.low - _AROUND - first,
        high=alarm.high + _AROUND - first,
        is_rise=alarm.z > 0,
    )
    if found is None:
        return alarm
    day, low, high = (one + DAYS * first for one in (found.day, found.low, found.high))
    return replace(
        alarm,
        start=round(day / DAYS),
        low=low // DAYS,
        high=high // DAYS,
        days=breaks.StartDay(day, low, high),
    )


def _worth_watching(found: breaks.Scan) -> list[breaks.Break]:
    """Return what may go on: of each measure that has no break, what stands out most."""
    broken = {one.measure for one in found.breaks}
    kept: dict[str, breaks.Break] = {}
    for one in found.watch:
        if one.state != "past" and one.measure not in broken:
            kept.setdefault(one.measure, one)
    return list(kept.values())


def _watched(series: Series, one: breaks.Break) -> Remark:
    what = series.measure.what
    if series.group != WHOLE:
        what = Remark("{what} ({group})", {"what": what, "group": series.group[1]})
    unit = series.measure.unit
    return Remark(
        "{what}: {before} before, {now} now",
        {"what": what, "before": Amount(one.before, unit), "now": Amount(one.last, unit)},
    )


def _visible(series: Mapping[Key, Series], found: breaks.Scan) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for one in found.detectable:
        if one.group != _ALL:
            continue
        measure = series[one.measure, WHOLE].measure
        rows.append((measure.stage, measure.what, one.rise, one.fall, one.unit))
    frame = pd.DataFrame(rows, columns=["stage", "measure", "rise", "fall", "unit"])
    return frame[frame["stage"] != ""].reset_index(drop=True)
