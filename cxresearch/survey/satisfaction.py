"""How satisfied a study's customers are: its scores weighted to all customers, beside raw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Range, Remark, Sentence, joined
from cxresearch.core.results import Estimate, as_columns, parts, undefined
from cxresearch.core.table import Column, Estimates, Table, Tabular
from cxresearch.engine import frames
from cxresearch.study import schema
from cxresearch.survey.groups import ALL, overall, weighted_level
from cxresearch.survey.metrics import METRICS, digits, shown
from cxresearch.survey.mix import Side, difference_from_raw
from cxresearch.survey.nps import SCALES, as_numbers
from cxresearch.survey.populations import Population, Weighted, population_of, weighted_to
from cxresearch.survey.study_answers import (
    HAS_ITS_SCALE,
    asked_well,
    is_asked,
    last_months,
    people_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: The metrics a page leads with, the first that was asked; about the whole shop before the rest.
_LEADING = ("nps", "csat", "ces")
_AFTER = {
    "nps": Remark("NPS after {touchpoint}"),
    "csat": Remark("CSAT after {touchpoint}"),
    "ces": Remark("CES after {touchpoint}"),
}
_NAMES = {
    "nps": "NPS, relational answers",
    "csat": "CSAT, all touchpoints together",
    "ces": "CES, all touchpoints together",
    "enps": "eNPS, of employees",
}
_LIKE_NPS = Remark("NPS-like score")
_READ = ("response_id", "customer_id", "metric", "score", "scale_min", "scale_max", "touchpoint")
_ALSO = ("order_id", "wave", "weight", "day", "segment", "region")
NOT_WEIGHTED = Missing("nothing says who the customers are, so no answer is weighted to them")
_NOBODY = Missing("nobody answered a survey")
_OTHER_SCALE = (
    "an NPS is asked from 0 to 10, or from 1 to 10: answers on another scale left out: {n}"
)
_UNREAD = "no answer can be read; rejected rows of the surveys: {n}"
_LEVELS = (
    Column("indicator"),
    Column("weighted", "Weighted to all customers", role="estimate"),
    Column("raw", "Among those who answered", role="estimate"),
    Column("n", "Answers"),
    Column("people", role="people", is_shown=False),
)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Satisfaction(Tabular):
    """What a study's customers say when they are asked.

    Parameters
    ----------
    study : Study
        The study.
    answers : pandas.DataFrame
        All answers, one row each, with what tells their customers apart.
    population : Population
        The customers they should stand for.
    metric, scale, touchpoint : str, (int, int), str
        The question in front; without a touchpoint it is about the shop as a whole.
    ends : tuple of date
        The first day of the months before the last ones, of the last ones, and the last day.
    months : int
        How many months are the last ones.
    confidence : float
        Coverage of the intervals.
    """

    study: Study
    answers: pd.DataFrame
    population: Population
    metric: str
    scale: tuple[int, int]
    touchpoint: str
    ends: tuple[date, date, date]
    months: int
    confidence: float

    @property
    def label(self) -> Remark:
        """What the question in front is called."""
        if self.metric == "nps" and self.scale != SCALES[0]:
            return _LIKE_NPS
        if not self.touchpoint:
            return Remark(METRICS[self.metric].label)
        after = _AFTER.get(self.metric, Remark("eNPS after {touchpoint}"))
        return replace(after, values={"touchpoint": self.touchpoint})

    @property
    def recent(self) -> pd.DataFrame:
        """The answers of the last months to all questions."""
        return self.answers[self.answers["day"] >= self.ends[1]]

    @cached_property
    def rows(self) -> pd.DataFrame:
        """All answers to the question in front."""
        place = self.answers["touchpoint"].fillna("") == self.touchpoint
        found: pd.DataFrame = self.answers[place & is_asked(self.answers, self.metric, self.scale)]
        return found

    @cached_property
    def now(self) -> pd.DataFrame:
        """Its answers of the last months."""
        return self.rows[self.rows["day"] >= self.ends[1]]

    @property
    def before(self) -> pd.DataFrame:
        """Its answers of the months before these."""
        day = self.rows["day"]
        return self.rows[(day >= self.ends[0]) & (day < self.ends[1])]

    @cached_property
    def weighted(self) -> Weighted | None:
        """Its last answers as they stand for all customers; None where that is not known."""
        return None if self.metric == "enps" else weighted_to(self.now, self.population.shares)

    @cached_property
    def raw(self) -> Estimate:
        """The score of those who answered in the last months."""
        return self.level(self.now)

    @cached_property
    def level_of_all(self) -> Estimate:
        """The score weighted to all customers; where there is nothing to weight by, the raw one."""
        return self.level(self.weighted) if self.weighted else self.raw

    @cached_property
    def selection(self) -> Estimate | Missing:
        """How far the score of those who answered is from that weighted to all customers."""
        return difference_from_raw(self.side(self.now), confidence=self.confidence)

    def level(self, answers: pd.DataFrame | Weighted, metric: str = "") -> Estimate:
        """Return the score of answers, raw or weighted: to the question in front, or to another."""
        named: dict[str, Any] = {"touchpoint": ALL, "confidence": self.confidence}
        if isinstance(answers, Weighted):
            named["weights"], answers = answers.weights, answers.rows
            if known := weighted_level(answers, named["weights"], self.confidence):
                return known
        return overall(answers, metric or self.metric, **named)

    def values(self, rows: pd.DataFrame) -> Any:
        """Return what each answer counts, in the unit of the score."""
        kind, scores = METRICS[self.metric], rows["score"].to_numpy(dtype=float)
        return kind.factor * kind.value(scores, self.scale[1], as_numbers)

    def side(self, rows: pd.DataFrame) -> Any:
        """Return answers as a :class:`Side` of a change, or why they cannot be weighted."""
        weighted = None if self.metric == "enps" else weighted_to(rows, self.population.shares)
        if weighted is None:
            return NOT_WEIGHTED
        return Side(
            values=self.values(rows),
            who=rows["customer_id"].to_numpy(dtype=object),
            is_used=rows.index.isin(weighted.rows.index),
            weights=weighted.weights,
            unit=METRICS[self.metric].unit,
        )

    @property
    def estimates(self) -> Estimates:
        """The scores under the names they are recorded by."""
        rows = {f"{self.metric}_raw": self.raw}
        names = {f"{self.metric}_raw": "Among those who answered"}
        if self.weighted:
            rows[f"{self.metric}_weighted"] = self.level_of_all
            names[f"{self.metric}_weighted"] = "Weighted to all customers"
        return Estimates(rows=rows, names=names, caption="", n="Answers")

    def table(self) -> Table:
        """Return each metric weighted to all customers beside raw, over the last months."""
        import pandas as pd

        lines = []
        for metric in METRICS:
            rows = self.recent[self.recent["metric"] == metric]
            name = None
            if metric == "nps":
                rows = rows[rows["touchpoint"].isna()]
                if rows.empty and self.metric == "nps":
                    rows, name = self.now, self.label
            for low, high in sorted(set(zip(rows["scale_min"], rows["scale_max"], strict=True))):
                one = rows[is_asked(rows, metric, (low, high))]
                line = self._line(metric, one, low)
                lines.append(line | ({"indicator": name} if name else {}))
        frame = pd.DataFrame(lines)
        is_weighted = frame["weighted"].notna().any()
        return Table(
            frame=frame,
            columns=[one for one in _LEVELS if one.name != "weighted" or is_weighted],
            caption="Scores of the last {months}, weighted to all customers and raw"
            if is_weighted
            else "Scores of those who answered in the last {months}",
            values={"months": (self.months, "months")},
        )

    def _line(self, metric: str, rows: pd.DataFrame, low: int) -> dict[str, Any]:
        raw = self.level(rows, metric)
        found = None if metric == "enps" else weighted_to(rows, self.population.shares)
        weighted = undefined(raw) if found is None else self.level(found, metric)
        return {
            "indicator": _LIKE_NPS if metric == "nps" and low else _NAMES[metric],
            **as_columns("weighted", weighted),
            "weighted_unit": shown(raw.unit),
            **as_columns("raw", raw),
            "raw_unit": shown(raw.unit),
            "n": raw.n,
            "people": people_of(rows),
        }

    @property
    def answer(self) -> Remark:
        """The finding: the score, and what who answers makes of it."""
        unit = shown(self.raw.unit)
        values: dict[str, Any] = {"metric": self.label, "raw": _amount(self.raw, unit)}
        if self.weighted is None:
            return Remark(
                "{metric} is {raw} among the {n} who answered.", values | {"n": self.raw.n}
            )
        values["weighted"] = _amount(self.level_of_all, unit)
        apart = self.selection
        if isinstance(apart, Missing) or apart.ci.low <= 0 <= apart.ci.high:
            del values["raw"]
            return Remark("{metric} is {weighted}, weighted to all customers.", values)
        most = self.answers_most
        if most is None:
            return Remark(
                "{metric} is {weighted} weighted to all customers, {raw} among those who answered.",
                values,
            )
        return Remark(
            "{metric} is {weighted} weighted to all customers, {raw} among those who answered: "
            "{group} customers answer more.",
            values | {"group": most},
        )

    @property
    def answers_most(self) -> str | None:
        """The group that answers most for its size, of the column that is weighted by first."""
        return self._by_response[-1] if self._by_response else None

    @property
    def answers_least(self) -> str | None:
        """The group that answers least for its size."""
        return self._by_response[0] if self._by_response else None

    @cached_property
    def _by_response(self) -> list[str]:
        """The groups of the first column, who answers least for its size first."""
        if self.weighted is None or not self.weighted.by:
            return []
        column = self.weighted.by[0]
        shares = self.population.shares[column]
        counts = self.now.drop_duplicates("customer_id")[column].value_counts()
        return sorted(shares, key=lambda level: (counts.get(level, 0) / shares[level], level))

    @property
    def footnote(self) -> Remark:
        """What stands under the answer: the intervals, n, and how it is weighted."""
        unit = shown(self.raw.unit)
        values: dict[str, Any] = {
            "confidence": Amount(self.confidence, "share", 0),
            "interval": Range(*self.level_of_all.ci, unit, digits(unit)),
            "n": self.raw.n,
            "first": self.now["day"].min(),
            "last": self.now["day"].max(),
        }
        if self.weighted is None:
            return Remark(
                "{confidence} CI {interval}; n = {n} answers, {first} to {last}; not weighted.",
                values,
            )
        values |= {
            "raw": Range(*self.raw.ci, unit, digits(unit)),
            "by": joined([_column(one) for one in self.weighted.by], ", ")
            if self.weighted.by
            else Remark("the weights of the export"),
        }
        return Remark(
            "{confidence} CI {interval} weighted, {raw} raw; n = {n} answers, {first} to {last}; "
            "weighted by {by}.",
            values,
        )

    @property
    def is_nps_of_all(self) -> bool:
        """Whether it is the NPS of the shop as a whole."""
        return self.metric == "nps" and not self.touchpoint

    @property
    def remarks(self) -> list[Sentence]:
        """What a reader must know of the scale and of the weights."""
        known = [Remark(one) for one in parts(self.raw.note)]
        if out := frames.count(self.study.frame("surveys"), ~HAS_ITS_SCALE):
            known.append(Remark(_OTHER_SCALE, {"n": out}))
        known += [] if self.weighted is None else self.weighted.remarks
        return [Sentence("{remark}.", {"remark": one}) for one in known]


@documented
def satisfaction(
    study: Study, *, months: int = 12, confidence: float = 0.95
) -> Satisfaction | Missing:
    """Return what a study's customers say when they are asked, the main question in front.

    It is the NPS, else the CSAT, else the CES, of the shop as a whole; where nobody was asked that,
    of the touchpoint with the most answers.

    Parameters
    ----------
    %(study)s
    months : int, default 12
        How many of the last months the scores are of.
    %(confidence)s

    Raises
    ------
    ValueError
        If `months` is below 1, or `confidence` is not strictly between 0 and 1.
    """
    validate.whole("months", months, low=1)
    validate.share("confidence", confidence)
    if not study.has("surveys"):
        return Missing("the study has no surveys")
    population = population_of(study)
    answers = _answers(study, population)
    asked = answers[answers["metric"].isin(_LEADING)]
    # Employees lead a page only where nobody else was asked.
    asked = answers if asked.empty else asked
    if asked.empty:
        out = frames.count(study.frame("surveys"), ~HAS_ITS_SCALE)
        counts = study.counts().query("table == 'surveys'")
        if rejected := int(counts["rows_rejected"].sum()):
            return Missing(_UNREAD, {"n": rejected})
        return Missing(_OTHER_SCALE, {"n": out}) if out else _NOBODY
    question = ["metric", "scale_min", "scale_max", "touchpoint"]
    counted = asked.assign(touchpoint=asked["touchpoint"].fillna("")).groupby(question).size()

    def rank(one: Any) -> Any:
        place = _LEADING.index(one[0]) if one[3] == "" and one[0] in _LEADING else 0
        return one[3] != "", place, -counted[one], one

    metric, low, high, touchpoint = min(counted.index, key=rank)
    made = Satisfaction(
        study=study,
        answers=answers,
        population=population,
        metric=metric,
        scale=(int(low), int(high)),
        touchpoint=touchpoint,
        ends=last_months(study, asked_well(study), months),
        months=months,
        confidence=confidence,
    )
    return made if len(made.now) else _NOBODY


def _answers(study: Study, population: Population) -> pd.DataFrame:
    """Return all answers in memory, with what tells their customers apart."""
    rows = frames.without_blanks(asked_well(study), {*frames.IDS, "touchpoint", "wave"})
    read = rows.select(*_READ, *_ALSO).collect("pandas")
    found: pd.DataFrame = read.to_native().reset_index(drop=True)
    found["day"] = [date(day.year, day.month, day.day) for day in found["day"]]
    for column in population.shares:
        if study.has("customers") and column in schema.table("customers").names:
            known = frames.without_blanks(study.frame("customers"), {"customer_id", column})
            one_each = known.group_by("customer_id").agg(nw.col(column).cast(nw.String).min())
            of = one_each.collect("pandas").to_native().dropna().set_index("customer_id")[column]
            theirs = found["customer_id"].map(of)
            found[column] = found[column].fillna(theirs) if column in found else theirs
    found[["scale_min", "scale_max"]] = found[["scale_min", "scale_max"]].astype(int)
    return found


def _column(name: str) -> Remark:
    """Return what a column is called in a sentence."""
    return {"segment": Remark("segment"), "region": Remark("region")}.get(
        name, Remark("{column}", {"column": name})
    )


def _amount(estimate: Estimate, unit: str) -> Amount:
    return Amount(estimate.value, unit, digits(unit))
