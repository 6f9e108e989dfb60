"""What is watched of what customers say: scores, who answers, themes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine, voc
from cxresearch.core.remarks import Remark, Said
from cxresearch.engine import frames
from cxresearch.findings.measures import Measure
from cxresearch.findings.traits import grouped, of_people, with_people
from cxresearch.findings.watched_series import Units, Watched, units_of
from cxresearch.findings.weeks import Weeks
from cxresearch.survey import METRICS
from cxresearch.survey.metrics import Metric

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study
    from cxresearch.voc import Feedback

#: How many values of what tells people apart are followed among those who answer.
_MOST_WHO = 6
_EVERY = nw.lit(1.0)
_AFTER = {
    "nps": "NPS after {touchpoint}",
    "enps": "eNPS after {touchpoint}",
    "csat": "CSAT after {touchpoint}",
    "ces": "CES after {touchpoint}",
}


def voice_units(study: Study, weeks: Weeks) -> Iterator[Units]:
    """Yield what is measured of answers and of texts.

    Parameters
    ----------
    study : Study
        The study.
    weeks : Weeks
        Its weeks; an answer or a text is in the week in which it was given.
    """
    if study.has("surveys"):
        yield from _answers(study, weeks)
    if study.has("feedback"):
        yield _texts(study, weeks)


def _answers(study: Study, weeks: Weeks) -> Iterator[Units]:
    answers = frames.without_blanks(study.frame("surveys"), frames.IDS).with_columns(
        nw.coalesce(nw.col("customer_id"), nw.col("response_id")).alias(frames.CLUSTER),
        week=weeks.of_day(nw.col("day")),
        touchpoint=nw.col("touchpoint").fill_null(""),
    )
    people = of_people(study)
    people += [name for name in grouped(study, "surveys") if name not in people]
    keys = ("metric", "touchpoint", "scale_min", "scale_max")
    known = engine.materialised(with_people(study, answers))
    asked = frames.rows(known.group_by(*keys).agg(n=nw.len()))
    scores: list[Watched] = []
    who: dict[str, list[Watched]] = {}
    kinds = _kinds(known, keys, people)
    for row in sorted(asked, key=lambda row: [str(row[key]) for key in keys]):
        is_it = nw.all_horizontal(*[nw.col(key) == row[key] for key in keys], ignore_nulls=True)
        metric = METRICS[str(row["metric"])]
        value = metric.value(nw.col("score"), row["scale_max"], frames.indicator)
        score = _score(study, metric, row)
        scored = nw.when(is_it).then(metric.factor * value).otherwise(0.0)
        scores.append((score, scored, frames.indicator(is_it)))
        if not who.get(row["touchpoint"]):
            own = {name: kinds.get((name, *(row[key] for key in keys)), []) for name in people}
            who[row["touchpoint"]] = [*_who(own, is_it, row, score.name)]
    # Who answers is of all; a score is of each group too.
    yield units_of(
        known, [*scores, *itertools.chain.from_iterable(who.values())], [], by_people=False
    )
    if people:
        yield replace(units_of(known, scores, people), is_whole_known=True)


def _score(study: Study, metric: Metric, row: dict[str, Any]) -> Measure:
    touchpoint = str(row["touchpoint"])
    stages = {one.touchpoint: one.stage for one in study.manifest.touchpoints.values()}
    return Measure(
        name=f"score:{metric.name}:{touchpoint}:{row['scale_max']:g}",
        kind="score",
        what=Remark(_AFTER[metric.name], {"touchpoint": touchpoint})
        if touchpoint
        else Remark(metric.label),
        unit=metric.unit,
        better="more",
        stage=stages.get(
            touchpoint, "" if touchpoint else study.manifest.placed.get("advocacy", "")
        ),
        touchpoint=touchpoint,
    )


def _kinds(
    answers: frames.Frame, keys: Sequence[str], people: Sequence[str]
) -> dict[tuple[Any, ...], list[Any]]:
    """Return the kinds of people that answer each survey most, by column and survey."""
    found: dict[tuple[Any, ...], list[Any]] = {}
    for column in people:
        known = answers.filter(~nw.col(column).is_null())
        counted = frames.rows(known.group_by(*keys, column).agg(n=nw.len()))
        for row in sorted(counted, key=lambda one: (-one["n"], str(one[column]))):
            own = found.setdefault((column, *(row[key] for key in keys)), [])
            if len(own) < _MOST_WHO:
                own.append(row[column])
    return found


def _who(
    kinds: Mapping[str, Sequence[Any]], is_it: nw.Expr, row: dict[str, Any], score: str
) -> Iterator[Watched]:
    """Yield the share of each kind of people among those who answer."""
    touchpoint = str(row["touchpoint"])
    for column, names in kinds.items():
        for place, name in enumerate(names):
            values = {"group": str(name), "survey": METRICS[str(row["metric"])].label}
            measure = Measure(
                name=f"who:{row['metric']}:{touchpoint}:{column}:{name}",
                kind="who",
                what=Remark("{group} among those who answer {survey}", values),
                unit="share",
                better="",
                touchpoint=touchpoint,
                place=place,
                reads=score,
                of=column,
            )
            is_one = frames.indicator(is_it & (nw.col(column) == name))
            yield measure, is_one, frames.indicator(is_it & ~nw.col(column).is_null())


#: The texts of the study that was last asked for, by what decides them.
_KEPT: dict[str, tuple[Feedback, pd.DataFrame]] = {}


def tagged_texts(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the texts that the rules can read, and their themes; they are read once."""
    feedback, tags = tagged_feedback(study)
    return feedback.texts, tags


def tagged_feedback(study: Study) -> tuple[Feedback, pd.DataFrame]:
    """Return the same with the months that the texts are of."""
    codebook = voc.codebook_of(study)
    cache = study.cache("feedback")
    key = f"{cache.key} {study.manifest!r} {codebook!r}"
    if key not in _KEPT:
        feedback = voc.read_feedback(study).readable()
        tags = voc.tag(feedback.texts["text"], codebook, feedback.texts["language"], cache=cache)
        _KEPT.clear()
        _KEPT[key] = (feedback, tags)
    return _KEPT[key]


def _texts(study: Study, weeks: Weeks) -> Units:
    """Return the themes that the rules find in each text."""
    import pandas as pd

    feedback, tags = tagged_texts(study)
    labels = voc.codebook_of(study).labels()
    themes = [str(theme) for theme in tags]
    found = pd.DataFrame({"text_id": feedback.index.astype(str)})
    for place, theme in enumerate(themes):
        found[f"x{place}"] = tags[theme].to_numpy().astype(float)
    groups = grouped(study, "feedback")
    texts = study.frame("feedback").select("text_id", "customer_id", "day", *groups)
    rows = frames.without_blanks(texts, frames.IDS).join(
        engine.lazy(found), on="text_id", how="inner"
    )
    rows = rows.with_columns(
        nw.coalesce(nw.col("customer_id"), nw.col("text_id")).alias(frames.CLUSTER),
        week=weeks.of_day(nw.col("day")),
    )
    watched = [
        (
            Measure(
                name=f"theme:{theme}",
                kind="theme",
                what=Remark("Texts about {theme}", {"theme": Said(labels[theme])}),
                unit="share",
                better="",
                place=place,
            ),
            nw.col(f"x{place}"),
            _EVERY,
        )
        for place, theme in enumerate(themes)
    ]
    return units_of(rows, watched, groups)
