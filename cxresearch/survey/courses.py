"""The course of a score: by wave or month, its breaks, and what of a change is who answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark, Sentence, as_month, is_month
from cxresearch.core.results import as_columns, interval_columns
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.stats import breaks
from cxresearch.survey.groups import ALL, by_group
from cxresearch.survey.metrics import METRICS, digits, shown
from cxresearch.survey.mix import Change, change_of
from cxresearch.survey.nps import SCALES, as_numbers, nps
from cxresearch.survey.populations import weighted_to
from cxresearch.survey.satisfaction import Satisfaction
from cxresearch.survey.waves import nps_waves

if TYPE_CHECKING:
    import pandas as pd

#: A question of which so many answers are of a wave is asked in waves.
_IN_WAVES = 0.8
#: More periods than this cannot be read; the last are kept.
_MOST = 36
_WEEK = 7
_ONE_TIME = Missing("all answers are of one wave or month")
#: How often a shop in which nothing moved may have any break.
_FALSE_ALARMS = 0.05
_STATES = {"open": "still so", "past": "over", "unsure": "not known whether it is over"}
_TREND = ("period", "raw", "weighted")
_BREAKS = (
    Column("question"),
    Column("since", "From the week of"),
    Column("before", "Before"),
    Column("during", "Then"),
    Column("change", role="estimate", signed=True),
    Column("state", "Now"),
)
_PARTS = (
    Column("part", ""),
    Column("change", role="estimate", signed=True),
    Column("people", role="people", is_shown=False),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Course(Tabular):
    """A score by wave or by month, raw and weighted to all customers.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per period: `period`, `raw` and `weighted` with their intervals (``raw_low``...),
        `n`, `people`, the control limits `lower` and `upper` of the weighted score with its
        `centre`, and the `signal`: "beyond the limits", "run of eight" or empty.
    label : Remark
        What the score is called.
    unit : str
        Its unit as it is shown.
    target : float or None
        What it is to reach.
    is_weighted : bool
        Whether it could be weighted.
    min_cell : int, default 5
        The fewest people that a shown number may be of.
    """

    frame: pd.DataFrame
    label: Remark
    unit: str
    target: float | None
    is_weighted: bool
    min_cell: int = 5

    @property
    def signalled(self) -> list[str]:
        """The periods out of line."""
        return [str(one) for one in self.frame.loc[self.frame["signal"] != "", "period"]]

    @property
    def sentence(self) -> Sentence:
        """Which periods are out of line, by the limits of the waves together."""
        if self.frame["lower"].isna().all():
            return Sentence("No limits are drawn: they need an NPS of two waves or more.", {})
        if not self.signalled:
            return Sentence(
                "No wave or month of {n} is unusual, once weighted."
                if self.is_weighted
                else "No wave or month of {n} is unusual.",
                {"n": len(self.frame)},
            )
        return Sentence(
            "Unusual, once weighted: {n} of {all} waves or months, the last in {period}."
            if self.is_weighted
            else "Unusual: {n} of {all} waves or months, the last in {period}.",
            {
                "n": len(self.signalled),
                "all": len(self.frame),
                "period": Remark("{month}", {"month": as_month(self.signalled[-1])}),
            },
        )

    def table(self) -> Table:
        """Return one row per period."""
        has_months = bool(self.frame["period"].map(is_month).all())
        score = {"role": "estimate", "unit": self.unit}
        columns = [
            Column("period", "Wave or month", unit="month" if has_months else None),
            Column("raw", "Among those who answered", **score),  # type: ignore[arg-type]
            Column("people", "People (n)", role="people"),
        ]
        if self.is_weighted:
            columns.insert(
                1,
                Column("weighted", "Weighted to all customers", **score),  # type: ignore[arg-type]
            )
        return Table(
            frame=self.frame,
            columns=columns,
            caption="{question} by wave or month",
            values={"question": self.label},
        )


@or_missing
def course(satisfaction: Satisfaction) -> Course | Missing:
    """Return the score in front by wave, or by month where it is not asked in waves.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.

    Notes
    -----
    The limits are those of :func:`cxresearch.survey.nps_waves`, of the weighted NPS: a change of
    who answers is then no signal.
    """
    import pandas as pd

    rows = satisfaction.rows.assign(period=_periods(satisfaction.rows))
    kept = sorted(set(rows["period"]))[-_MOST:]
    if len(kept) < 2:
        return _ONE_TIME
    rows = rows[rows["period"].isin(kept)]
    raw = by_group(rows, "period", touchpoint=ALL, confidence=satisfaction.confidence)
    lines, waves = [], {}
    for one in raw.sort_values("period").to_dict("records"):
        mine = rows[rows["period"] == one["period"]]
        line = {"period": one["period"], "n": one["n"], "people": one["people"]}
        line |= {"raw": one["value"], "raw_low": one["ci_low"], "raw_high": one["ci_high"]}
        weighted = weighted_to(mine, satisfaction.population.shares)
        if weighted is not None:
            line |= as_columns("weighted", satisfaction.level(weighted))
        if satisfaction.metric == "nps" and satisfaction.scale in SCALES:
            found = mine if weighted is None else weighted.rows
            waves[one["period"]] = nps(
                found["score"].to_numpy(dtype=float),
                weights=None if weighted is None else weighted.weights,
                scale=satisfaction.scale,
                confidence=satisfaction.confidence,
            )
        lines.append(line)
    frame = pd.DataFrame(
        lines, columns=["period", *interval_columns("raw", "weighted"), "n", "people"]
    )
    limits = (
        nps_waves(waves, confidence=satisfaction.confidence) if len(waves) == len(frame) else None
    )
    for name, column in (("lower", "lower_limit"), ("upper", "upper_limit"), ("centre", "centre")):
        frame[name] = np.nan if limits is None else limits[column].to_numpy()
    frame["signal"] = "" if limits is None else limits["signal"].to_numpy()
    return Course(
        frame=frame,
        label=satisfaction.label,
        unit=shown(satisfaction.raw.unit),
        target=_target(satisfaction),
        is_weighted=bool(frame["weighted"].notna().any()),
        min_cell=satisfaction.study.manifest.min_cell,
    )


@or_missing
def change_parts(satisfaction: Satisfaction) -> Table | Missing:
    """Return how the score in front changed, and what of that is only who answered.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`: its last months against those before.
    """
    import pandas as pd

    found = _change(satisfaction)
    if isinstance(found, Missing):
        return found
    rows = (
        (Remark("Change among those who answered"), found.total),
        (Remark("of which: who answered"), found.who_answers),
        (Remark("of which: customers' satisfaction"), found.same_mix),
    )
    frame = pd.DataFrame(
        [
            {
                "part": name,
                **as_columns("change", one),
                "change_unit": shown(one.unit),
                "people": one.people,
            }
            for name, one in rows
        ]
    )
    return Table(
        frame=frame,
        columns=_PARTS,
        caption="{question}: the last {months} against the {months} before",
        values={"question": satisfaction.label, "months": (satisfaction.months, "months")},
    )


@or_missing
def change_sentence(satisfaction: Satisfaction) -> Sentence | Missing:
    """Return what of the change of the score in front is only who answered, in a sentence."""
    found = _change(satisfaction)
    if isinstance(found, Missing):
        return found
    unit = found.total.unit if found.total.unit != "score" else ""
    moved = Amount(abs(found.total.value), unit, 1)
    values = {
        "question": satisfaction.label,
        "months": (satisfaction.months, "months"),
        "change": Remark(
            "up {amount}" if found.total.value >= 0 else "down {amount}", {"amount": moved}
        ),
        "who": Remark("{x}", {"x": Amount(found.who_answers.value, unit, 1)}),
    }
    if found.same_mix.ci.low <= 0 <= found.same_mix.ci.high:
        return Sentence(
            "{question} of those who answered: {change} on the {months} before, of which {who} "
            "come from who answered. No change of satisfaction is shown.",
            values,
        )
    return Sentence(
        "{question} of those who answered: {change} on the {months} before, of which {who} come "
        "from who answered.",
        values,
    )


@or_missing
def score_breaks(satisfaction: Satisfaction) -> Table | Missing:
    """Return where a score of any question broke, by week, with false alarms held over all.

    A question needs 26 weeks with answers; one asked in a few waves a year is not looked at here.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    """
    import pandas as pd

    asked = list(_panels(satisfaction))
    names = {panel.measure: remark for panel, remark, _ in asked}
    units = {panel.measure: unit for panel, _, unit in asked}
    found = breaks.scan([panel for panel, _, _ in asked], confidence=1 - _FALSE_ALARMS)
    if not found.judged:
        return Missing("no question has 26 weeks with answers")
    first = _first_day(satisfaction)
    lines = [
        {
            "question": names[one.measure],
            "since": first + timedelta(days=_WEEK * one.start),
            "before": _written(one.before, units[one.measure]),
            "during": _written(one.during, units[one.measure]),
            **as_columns("change", one.change),
            "change_unit": shown(one.change.unit),
            "state": Remark(_STATES[one.state]),
        }
        for one in found.breaks
    ]
    return Table(
        frame=pd.DataFrame(lines, columns=[part for one in _BREAKS for part in one.parts]),
        columns=_BREAKS,
        caption="Scores that changed level; questions looked at: {judged}",
        values={"judged": found.judged},
        nothing="No score changed level; questions looked at: {judged}.",
    )


def _panels(satisfaction: Satisfaction) -> Iterator[tuple[breaks.Panel, Remark, str]]:
    """Yield the answers to each question by week."""
    first = _first_day(satisfaction)
    answers = satisfaction.answers
    week = np.array([(day - first).days // _WEEK for day in answers["day"]])
    weeks = int((satisfaction.ends[2] - first).days + 1) // _WEEK
    inside = (week >= 0) & (week < weeks)
    keys = ["metric", "scale_min", "scale_max", "touchpoint"]
    named = answers.assign(touchpoint=answers["touchpoint"].fillna(""), week=week)[inside]
    by_question: Any = named.groupby(keys)
    for (metric, low, high, touchpoint), rows in by_question:
        kind = METRICS[metric]
        if not kind.compared:
            continue
        values = kind.factor * kind.value(rows["score"].to_numpy(float), high, as_numbers)
        sums = [
            np.bincount(rows["week"], values**power, minlength=weeks)[None] for power in range(3)
        ]
        measure = f"{metric}:{low}:{high}:{touchpoint}"
        if kind.unit == "share":
            panel = breaks.Panel.shares(measure, [ALL], sums[0], sums[1])
        else:
            panel = breaks.Panel.means(measure, [ALL], *sums, unit=kind.unit)
        yield panel, _question(metric, touchpoint), kind.unit


def _question(metric: str, touchpoint: str) -> Remark:
    label = METRICS[metric].label
    if not touchpoint:
        return Remark(label)
    return Remark("{metric}, {touchpoint}", {"metric": label, "touchpoint": touchpoint})


def _change(satisfaction: Satisfaction) -> Change | Missing:
    if not len(satisfaction.before):
        return Missing("there are no answers of the months before")
    return change_of(
        satisfaction.side(satisfaction.before),
        satisfaction.side(satisfaction.now),
        confidence=satisfaction.confidence,
    )


def _first_day(satisfaction: Satisfaction) -> date:
    """Return the first day of whole weeks up to the last day."""
    first, last = satisfaction.answers["day"].min(), satisfaction.ends[2]
    return last + timedelta(days=1) - timedelta(days=((last - first).days + 1) // _WEEK * _WEEK)


def _periods(rows: pd.DataFrame) -> pd.Series[str]:
    if rows["wave"].notna().mean() >= _IN_WAVES:
        return rows["wave"].fillna("").astype(str)
    return rows["day"].map(lambda day: f"{day:%Y-%m}")


def _target(satisfaction: Satisfaction) -> float | None:
    for asked in satisfaction.study.manifest.surveys:
        if (asked.metric, asked.scale, asked.touchpoint or "") == (
            satisfaction.metric,
            satisfaction.scale,
            satisfaction.touchpoint,
        ):
            return asked.target
    return None


def _written(value: float, unit: str) -> Remark:
    return Remark("{value}", {"value": Amount(value, shown(unit), digits(unit) or None)})
