"""What never broke and is bad: a group far worse than all others, a touchpoint liked least.

A group that was bad from its first week has no before; only the others say what it could be.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.results import Estimate
from cxresearch.findings import worth
from cxresearch.findings.finding import PROOFS, Finding
from cxresearch.findings.fires import Key
from cxresearch.findings.measures import Measure
from cxresearch.findings.shifts import Level, Stretch, level, normal_difference, others_of
from cxresearch.findings.watched_series import WHOLE, Floats, Series
from cxresearch.findings.weeks import Weeks

#: The weeks that are compared, in two halves; a group must be in so many of them.
_WEEKS, _LEAST_WEEKS = 26, 8
#: A group is worse where it is so many times as bad, in each half by so many standard errors.
_TIMES, _HALF_Z, _LEAST = 2.0, 2.0, 0.02
#: How often any of the differences of a study would be chance, at most.
_CHANCE = 0.01
#: In how many of these a group may differ by what its customers come for.
_FARE_ALIKE = ("error", "delivery", "contact", "order", "refund")
#: Of what is new, a step and a wait are compared too: by these columns visits are alike.
_ALIKE = ("app_version", "device", "carrier", "method")
_NEW_AFTER = 8
_NO_BEFORE = Remark("not known: there is no time before it, only other groups to compare it with")

METHOD = "difference from the others, by week"


def always_worse(
    series: Mapping[Key, Series],
    weeks: Weeks,
    currency: str,
    confidence: float,
    *,
    covered: Collection[str] = (),
) -> list[Finding]:
    """Return the groups that fare far worse than all others, and the touchpoint liked least.

    Parameters
    ----------
    series : mapping of (measure, group) to Series
        Every series.
    weeks : Weeks
        Their weeks.
    currency : str
        That of a worth that is not known.
    confidence : float
        Coverage of the intervals.
    covered : collection of str
        The measures of which another finding tells.
    """
    left = {key: one for key, one in series.items() if key[0] not in covered}
    not_known = worth.unknown(currency, confidence, _NO_BEFORE)
    return [
        *_worse_groups(left, weeks, not_known),
        *_weak_touchpoints(left, weeks, not_known),
    ]


def _worse_groups(
    series: Mapping[Key, Series], weeks: Weeks, not_known: Estimate
) -> Iterator[Finding]:
    """Yield of each measure the group that is far worse, in the whole of the last half year."""
    asked = [
        (one, others_of(whole, one))
        for (name, group), one in series.items()
        if group != WHOLE
        and (whole := series.get((name, WHOLE))) is not None
        and _may_be_compared(one)
    ]
    limit = -float(ndtri(_CHANCE / 2 / max(len(asked), 1)))
    found: dict[str, tuple[float, Series, Floats]] = {}
    for one, rest in asked:
        z = _worse_by(one, rest, weeks)
        # Of groups that overlap the one in which it is clearest is named.
        if z > max(limit, found[one.measure.name][0] if one.measure.name in found else 0):
            found[one.measure.name] = z, one, rest
    for _, one, rest in found.values():
        yield _worse(one, rest, weeks, not_known)


def _worse(one: Series, rest: Floats, weeks: Weeks, not_known: Estimate) -> Finding:
    group = one.group[1]
    what = Remark(
        "{what} ({group}): {now}, against {others} elsewhere.",
        {"what": one.measure.what, "group": group},
    )
    step = Remark("Fix: find out why {group} is worse.", {"group": group})
    return _finding(one, rest, _compared(one, weeks), weeks, not_known, what, step)


def _compared(one: Series, weeks: Weeks) -> Stretch:
    """Return the last weeks, from the first of a group that is young."""
    begun = int(np.flatnonzero(one.y)[0]) if one.y.any() else weeks.count
    return max(begun, weeks.count - _WEEKS), weeks.count


def _may_be_compared(one: Series) -> bool:
    measure, column = one.measure, one.group[0]
    if not measure.is_scanned or not measure.better or column in measure.not_by:
        return False
    if measure.is_share and measure.better == "less":
        return measure.kind in _FARE_ALIKE
    is_new = one.y.any() and int(np.flatnonzero(one.y)[0]) >= _NEW_AFTER
    return bool(is_new) and column in _ALIKE and measure.kind in ("step", "wait")


def _worse_by(one: Series, rest: Floats, weeks: Weeks) -> float:
    """Return how surely a group is far worse than the others, 0 where it is not in both halves."""
    first, end = _compared(one, weeks)
    middle = (first + end) // 2
    if (one.y[first:] > 0).sum() < _LEAST_WEEKS:
        return 0.0
    for half in ((first, middle), (middle, end)):
        if _z(one.measure, level(one.sums, half), level(rest, half)) < _HALF_Z:
            return 0.0
    return _z(one.measure, level(one.sums, (first, end)), level(rest, (first, end)))


def _z(measure: Measure, own: Level, others: Level) -> float:
    """Return how surely a group is worse, 0 where it is not so many times as bad."""
    values = [own.value, others.value]
    if measure.better == "more":  # of a step, those who do not go on cannot be twice as many
        values = [1 / max(value, 1e-9) for value in values]
    doubt = math.sqrt(own.variance + others.variance)
    is_far = values[0] >= _TIMES * values[1] and abs(own.value - others.value) >= _LEAST
    return abs(own.value - others.value) / doubt if is_far and doubt > 0 else 0.0


def _weak_touchpoints(
    series: Mapping[Key, Series], weeks: Weeks, not_known: Estimate
) -> Iterator[Finding]:
    """Yield the touchpoint whose score is surely below every other of its metric and scale."""
    stretch = (max(0, weeks.count - 2 * _WEEKS), weeks.count)
    scores: dict[tuple[str, str], list[tuple[Level, Series]]] = {}
    for (name, group), one in series.items():
        if group != WHOLE or one.measure.kind != "score" or not one.measure.touchpoint:
            continue
        _, metric, *_, scale = name.split(":")
        scores.setdefault((metric, scale), []).append((level(one.sums, stretch), one))
    for own in scores.values():
        known = sorted((row for row in own if row[0].n), key=lambda row: row[0].value)
        if len(known) < 3:  # one of two is always the lower
            continue
        (lowest, weak), *others = known
        limit = -float(ndtri(_CHANCE / 2 / len(others)))
        if all(_is_below(lowest, other, limit) for other, _ in others):
            rest = np.sum([one.sums for _, one in others], axis=0)
            values: dict[str, Value] = {"score": weak.measure.what, "count": len(known)}
            yield _finding(
                weak,
                rest,
                stretch,
                weeks,
                not_known,
                Remark("{score} is the lowest of {count}: {now}, the others {others}.", values),
                Remark(
                    "Ask: read what is written about {touchpoint}.",
                    {"touchpoint": weak.measure.touchpoint},
                ),
            )


def _is_below(own: Level, other: Level, limit: float) -> bool:
    return other.value - own.value > limit * math.sqrt(own.variance + other.variance)


def _finding(
    one: Series,
    rest: Floats,
    stretch: Stretch,
    weeks: Weeks,
    not_known: Estimate,
    what: Remark,
    step: Remark,
) -> Finding:
    measure, confidence = one.measure, not_known.confidence
    own, others = level(one.sums, stretch), level(rest, stretch)
    now, usual = (
        replace(one, sums=sums).estimate(*stretch, confidence=confidence)
        for sums in (one.sums, rest)
    )
    said = {"now": Amount(now.value, now.unit), "others": Amount(usual.value, now.unit)}
    return Finding(
        what=Remark(what.message, {**what.values, **said}),
        measure=measure.name,
        group=one.group,
        stage=measure.stage,
        touchpoint=measure.touchpoint,
        change=normal_difference(
            own.value - others.value,
            own.variance + others.variance,
            n=now.n,
            unit=now.unit,
            confidence=confidence,
            method=METHOD,
        ),
        before=usual,
        during=now,
        now=now,
        state="standing",
        since=weeks.start(int(np.flatnonzero(one.y)[0])),
        is_bad=True,
        worth=not_known,
        grade="D" if measure.kind == "score" else "C",
        step=step,
        proof=PROOFS[measure.kind],
        series=one,
    )
