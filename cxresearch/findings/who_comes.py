"""What is about who comes, or who is recorded, and not about how customers fare."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np

from cxresearch.core.remarks import Amount, Remark
from cxresearch.findings import worth
from cxresearch.findings.finding import Finding
from cxresearch.findings.finding_words import raw_and_weighted
from cxresearch.findings.fires import Fire, Key, stretches
from cxresearch.findings.measures import Measure
from cxresearch.findings.shifts import Stretch, change, level
from cxresearch.findings.watched_series import WHOLE, Series
from cxresearch.findings.weeks import Weeks

#: More than so many times the usual units are a surge; the usual is that of so many weeks.
_SURGE, _USUAL_WEEKS = 1.5, 8
#: A group is silent from so many whole weeks on, where so many units were to be expected of it;
#: it had this share of all before, and had not faded.
_SILENT_WEEKS, _EXPECTED, _SHARE, _BEFORE_WEEKS, _FADED = 2, 30, 0.02, 26, 0.5
#: Columns whose values come and go as a matter of course.
_COMES = "step:>"
COME_AND_GO = ("app_version", "campaign", "page", "category")
#: What is counted, by how the names of its measures begin.
_COUNTED = {
    "step:": Remark("{group} among visits"),
    "usual_order_value": Remark("{group} among orders"),
    "late": Remark("{group} among parcels"),
    "ticket:": Remark("{group} among tickets"),
    "theme:": Remark("{group} among texts"),
}
#: A score is weighted where so much of those who answered before did so later.
_MOST_OF_ALL = 0.9
_NO_LINK = Remark("not known: nobody is there to be counted")


def is_surge(fire: Fire, weeks: int) -> bool:
    """Return whether a step fell for some weeks only since far more came, and as many went on.

    So do programs that read a shop for a day, and campaigns that bring people who look around.
    """
    own, end = fire.leader.series, fire.leader.end
    if end is None or own.measure.kind != "step":
        return False
    if fire.leader.z > 0 and not own.measure.name.startswith(_COMES):
        return False
    before, during = stretches(fire.leader, weeks, most_before=_USUAL_WEEKS)
    length = during[1] - during[0]
    x, y = (float(side[slice(*before)].mean()) * length for side in (own.x, own.y))
    went_on = float(own.x[slice(*during)].sum())
    return float(own.y[slice(*during)].sum()) > _SURGE * y and went_on >= x - 2 * math.sqrt(x)


def said_of_surge(fire: Fire, weeks: Weeks) -> Remark:
    """Return a surge in words."""
    return Remark(
        "{what}: far more than usual came from {since} on, but no more of them went on than "
        "before: bots, or a campaign",
        {"what": fire.leader.series.measure.what, "since": weeks.start(fire.leader.start)},
    )


def silences(
    series: Mapping[Key, Series], weeks: Weeks, currency: str, confidence: float
) -> list[Finding]:
    """Return the groups that had a part in all until a week, and none at all since.

    Either its customers can no longer come, or they are no longer recorded; then every number
    over all customers is of the others.

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
    """
    found = []
    for beginning, what in _COUNTED.items():
        wholes = [
            one
            for (name, group), one in series.items()
            if group == WHOLE and name.startswith(beginning)
        ]
        if not wholes:
            continue
        whole = max(wholes, key=lambda one: float(one.y.sum()))
        for (name, group), one in series.items():
            if name != whole.measure.name or group[0] in ("", *COME_AND_GO):
                continue
            if (start := _silent_from(one, whole)) is not None:
                found.append(_finding(one, whole, what, start, weeks, currency, confidence))
    return found


def _silent_from(own: Series, whole: Series) -> int | None:
    """Return the first week without any unit of a group that had some in all weeks before it."""
    seen = np.flatnonzero(own.y > 0)
    if not seen.size or not (whole.y > 0).any():
        return None
    start, end = int(seen[-1]) + 1, int(np.flatnonzero(whole.y > 0)[-1]) + 1
    if end - start < _SILENT_WEEKS or start < _USUAL_WEEKS:
        return None
    before, last = slice(max(0, start - _BEFORE_WEEKS), start), slice(start - 4, start)
    share = float(own.y[before].sum() / whole.y[before].sum())
    is_steady = (own.y[start - _USUAL_WEEKS : start] > 0).all() and (
        own.y[last].sum() >= _FADED * share * whole.y[last].sum()
    )
    is_expected = share * whole.y[start:end].sum() >= _EXPECTED
    return start if is_steady and share >= _SHARE and is_expected else None


def _finding(
    own: Series,
    whole: Series,
    what: Remark,
    start: int,
    weeks: Weeks,
    currency: str,
    confidence: float,
) -> Finding:
    measure = Measure(
        name=f"part:{own.measure.name}",
        kind="who",
        what=replace(what, values={"group": own.group[1]}),
        unit="share",
        better="",
    )
    n, _, y, _, _, yy = whole.sums
    part = Series(
        measure=measure, group=own.group, sums=np.array([n, own.y, y, own.sums[5], own.sums[5], yy])
    )
    before, during = (max(0, start - _BEFORE_WEEKS), start), (start, weeks.count)
    was, now = (part.estimate(*one, confidence=confidence) for one in (before, during))
    return Finding(
        what=Remark(
            "{what}: {before} until {since}, none since then.",
            {
                "what": measure.what,
                "before": Amount(was.value, "share"),
                "since": weeks.start(start),
            },
        ),
        measure=measure.name,
        group=own.group,
        stage="",
        touchpoint="",
        change=change(part, before, during, confidence=confidence),
        before=was,
        during=now,
        now=now,
        state="open",
        since=weeks.start(start),
        until=None,
        since_between=(weeks.start(start - 1), weeks.start(start + 1) - timedelta(days=1)),
        is_bad=None,
        worth=worth.unknown(currency, confidence, _NO_LINK),
        grade="C",
        step=Remark(
            "Check: is {group} still recorded, and can its customers still come?",
            {"group": own.group[1]},
        ),
        proof="data_quality",
        series=part,
    )


def score_of_others(
    own: Series, series: Mapping[Key, Series], before: Stretch, during: Stretch
) -> tuple[Remark, ...]:
    """Return the score that other people moved, raw and weighted by who answered before.

    Parameters
    ----------
    own : Series
        The share of some people among those who answer.
    series : mapping of (measure, group) to Series
        Every series.
    before, during : (int, int)
        The weeks before other people answered, and those in which they did.
    """
    score = series.get((own.measure.reads, WHOLE))
    if score is None:
        return ()
    column = own.measure.of
    parts = [one for (name, group), one in series.items() if name == own.measure.reads]
    kinds = [one for one in parts if one.group[0] == column]
    n = np.array([one.between(*before).y for one in kinds])
    values = np.array([level(one.sums, during).value for one in kinds])
    known = ~np.isnan(values) & (n > 0)
    if n[known].sum() < _MOST_OF_ALL * n.sum():
        return ()
    weighted = float(np.average(values[known], weights=n[known]))
    was, raw = score.estimate(*before), score.estimate(*during)
    return (raw_and_weighted(score.measure.what, was, raw, weighted),)
