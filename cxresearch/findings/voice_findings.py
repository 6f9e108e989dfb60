"""What customers tell, as findings: what they complain of most, and what goes with their score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cxresearch import survey, voc
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Month, Remark, Said, Value
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.findings import worth
from cxresearch.findings.finding import PROOFS, Finding
from cxresearch.findings.voice_measures import tagged_feedback
from cxresearch.stats.breaks import PEOPLE
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.voc.estimates.prevalence import customer_numbers, sums_over_customers
from cxresearch.voc.texts.scores import NEUTRAL

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from cxresearch.study import Study
    from cxresearch.voc import Feedback

#: How often any of the themes of a study would be first, or a part weak, by chance, at most.
_CHANCE = 0.01
#: The length of a period whose texts are compared with the others, in months.
_PERIOD = 3
#: A part is weak where it is rated lower by this part of the scale.
_WEAK = 0.05
#: Bootstrap samples behind the importance of a part.
_RESAMPLES = 400
_NO_MONEY = Remark("not known: no purchase is linked to what customers say")
_MOST = "Customers complain most about {theme}: {share} of texts mention it."
_ROSE = (
    "Customers complain most about {theme}: {share} of texts mention it, up {rise} since {month}."
)
_READ = "Ask: read the complaints about {theme}, and fix one cause."
_DRIVER = "{part} goes with {score} more than most and is rated {rating}, the others {others}."
_TEST = "Test: improve one thing in {part}, and see whether {score} rises."


def theme_findings(
    study: Study, confidence: float, *, covered: Collection[str] = ()
) -> list[Finding]:
    """Return the theme that surely more texts complain of than of any other; none where none is.

    Parameters
    ----------
    study : Study
        The study.
    confidence : float
        Coverage of the intervals.
    covered : collection of str
        The measures of which another finding tells.

    Returns
    -------
    list of Finding
        One at most. Its share is corrected where people coded texts; a complaint is a text of the
        theme whose sentiment as a whole is below the neutral band.
    """
    if not study.has("feedback"):
        return []
    feedback, tags = tagged_feedback(study)
    texts = feedback.texts
    felt = voc.sentiment(
        texts["text"], texts["language"], encoder=voc.encoder(study.cache("feedback"))
    )
    complained = tags.mul(felt < -NEUTRAL, axis=0).astype(float)
    order = complained.sum().sort_values(ascending=False, kind="stable").index
    if len(order) < 2:
        return []
    who = customer_numbers(texts["customer_id"], len(texts))
    first = order[0]
    people = len(set(who[complained[first].to_numpy() > 0]))
    sure = 1 - _CHANCE / (len(order) - 1)
    more = [complained[first].to_numpy() - complained[other].to_numpy() for other in order[1:]]
    sums = [sums_over_customers(one, who) for one in more]
    is_first = all(ratio_of_sums(one, unit="share", confidence=sure).ci.low > 0 for one in sums)
    if f"theme:{first}" in covered or people < PEOPLE or not is_first:
        return []
    ahead = ratio_of_sums(sums[0], unit=difference_unit("share"), confidence=confidence)
    return [_theme(study, _Theme(first, order[1], feedback, tags, complained), ahead, confidence)]


@dataclass(frozen=True, slots=True)
class _Theme:
    """The theme that comes first, the one after it, the texts, and what each is of."""

    first: Any
    second: Any
    feedback: Feedback
    tags: pd.DataFrame
    complained: pd.DataFrame


def _theme(study: Study, theme: _Theme, ahead: Estimate, confidence: float) -> Finding:
    gold = voc.gold_of(study, voc.codebook_of(study))
    options: dict[str, Any] = {
        "clusters": theme.feedback.texts["customer_id"],
        "confidence": confidence,
    }
    shares = voc.prevalence(theme.tags[[theme.first, theme.second]], gold, **options)
    own, other = shares.of(theme.first), shares.of(theme.second)
    now, usual = (one if len(gold) else one.naive for one in (own, other))
    labels = voc.codebook_of(study).labels()
    label = Said(labels[str(theme.first)])
    share = Remark("{share}", {"share": Amount(now.value, "share")})
    what = Remark(_MOST, {"theme": label, "share": share if len(gold) else own.uncorrected})
    periods = theme.feedback.periods(_PERIOD)
    if len(gold) and periods.nunique() > 1:
        last = periods.dropna().max()
        named = [one if one in (None, last) else "" for one in periods]
        changes = voc.period_changes(theme.tags[[theme.first]], gold, named, **options)
        rise = next(one for one in changes if one.second.group == last)
        if rise.called == "up":
            values: dict[str, Value] = {
                "rise": Amount(rise.value, rise.unit),
                "month": Month(last),
            }
            what = Remark(_ROSE, {**what.values, **values})
    return Finding(
        what=what,
        measure=f"theme:{theme.first}",
        stage=_stage(theme),
        change=ahead,
        before=usual,
        during=now,
        now=now,
        state="standing",
        is_bad=True,
        worth=worth.unknown(study.currency, confidence, _NO_MONEY),
        grade="D",
        step=Remark(_READ, {"theme": label}),
        proof=PROOFS["theme"],
    )


def _stage(theme: _Theme) -> str:
    """Return the stage from which most of the complaints come; empty where from none."""
    complains = theme.complained[theme.first].to_numpy() > 0
    counts = theme.feedback.texts["stage"][complains].value_counts()
    return str(counts.index[0]) if len(counts) and counts.iloc[0] > complains.sum() / 2 else ""


def driver_findings(study: Study, confidence: float) -> list[Finding]:
    """Return the part of the experience that goes most with the score in front, if it is weak.

    Parameters
    ----------
    study : Study
        The study.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    list of Finding
        One at most: the part must surely matter more than an equal share of what all parts
        explain, and surely be rated lower than the others.
    """
    if not study.has("surveys"):
        return []
    answers = survey.satisfaction(study, confidence=confidence)
    parts = (
        answers
        if isinstance(answers, Missing)
        else survey.rated_parts(answers, resamples=_RESAMPLES)
    )
    if isinstance(parts, Missing) or parts.first is None:
        return []
    drivers = parts.drivers.drivers.set_index("driver")
    rated = parts.rated[parts.first]
    others = [one.value for name, one in parts.rated.items() if name != parts.first]
    usual = sum(others) / len(others)
    wider = normal_quantile(1 - _CHANCE / len(drivers)) / normal_quantile(confidence)
    highest = rated.value + wider * (rated.ci.high - rated.value)
    is_weak = highest < usual and rated.value <= usual - _WEAK * (parts.scale[1] - parts.scale[0])
    if drivers["share_low"][parts.first] <= 1 / len(drivers) or not is_weak:
        return []
    known = [one for one in study.manifest.touchpoints.values() if one.touchpoint == parts.first]
    below = replace(
        rated,
        value=rated.value - usual,
        ci=Interval(rated.ci.low - usual, rated.ci.high - usual),
    )
    return [
        Finding(
            what=Remark(
                _DRIVER,
                {
                    "part": parts.first,
                    "score": parts.label,
                    "rating": Amount(rated.value, rated.unit, 1),
                    "others": Amount(usual, rated.unit, 1),
                },
            ),
            measure=f"driver:{parts.first}",
            stage=known[0].stage if known else "",
            touchpoint=parts.first,
            change=below,
            before=replace(rated, value=usual, ci=Interval(usual, usual)),
            during=rated,
            now=rated,
            state="standing",
            is_bad=True,
            worth=worth.unknown(study.currency, confidence, _NO_MONEY),
            grade="D",
            step=Remark(_TEST, {"part": parts.first, "score": parts.label}),
            proof=PROOFS["score"],
        )
    ]


def is_score_of(driver: Finding, measure: str) -> bool:
    """Return whether a measure is the score of the part of the experience that a driver is."""
    return measure.startswith("score:") and measure.split(":")[2] == driver.touchpoint
