"""The scorecard of one screen: what each indicator is, how it moved, and whether that is usual."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Month, Remark, Sentence, joined
from cxresearch.core.results import (
    Estimate,
    Interval,
    difference_unit,
    people_of,
    undefined,
    with_unit,
)
from cxresearch.core.sparkline import Sparkline, Tone
from cxresearch.core.table import Column, Estimates, Table, Tabular
from cxresearch.core.unit_formats import decimals
from cxresearch.engine.frames import stable
from cxresearch.engine.windows import month_name, month_number
from cxresearch.kpis.kpi import Kpi
from cxresearch.kpis.months import FEWEST, by_month, followed, usual_months
from cxresearch.stats.shares.differences import mover

if TYPE_CHECKING:
    import pandas as pd

#: Which way is good: 1 up, -1 down, 0 neither; in the order they are shown. An indicator that is
#: not among these is not on the scorecard.
GOOD: Mapping[str, int] = {
    "net_revenue": 1,
    "orders_placed": 1,
    "average_order_value": 1,
    "cancellation_rate": -1,
    "return_rate": -1,
    "refund_rate": -1,
    "second_order_rate": 1,
    "churn_rate": -1,
    "largest_source": 0,
    "conversion_by_session": 1,
    "cart_abandonment": -1,
    "checkout_abandonment": -1,
    "click_through_rate": 1,
    "cost_per_click": -1,
    "first_response_median": -1,
    "first_response_p90": -1,
    "resolution_median": -1,
    "resolution_p90": -1,
    "tickets_per_order": -1,
    "on_time_rate": 1,
    "nps": 1,
    "csat": 1,
    "ces": 1,
    "chat_sentiment": 1,
    "enps": 1,
}
_SHOWN, _YEAR = 24, 12
#: By unit: the longer one in which a wait is shown, from which value on, and how many make one of
#: it. A wait in hours below the first of these values is shown in minutes.
_TIMES = {"minutes": ("hours", 120.0, 60.0), "hours": ("days", 48.0, 24.0)}
#: What is said of a hundred orders: of one it is a fraction that nobody pictures.
_OF_A_HUNDRED = {"tickets_per_order": "Tickets per 100 orders"}
_COLUMNS = (
    Column("indicator", "KPI"),
    Column("value", "Last month", role="estimate", is_alone=True),
    Column("change", "Vs month before", role="estimate", signed=True, is_alone=True),
    Column("year", "Vs year before", role="estimate", signed=True, is_alone=True),
    Column("course", "Last 24 months", role="course"),
    Column("verdict", "Usual?"),
    Column("n", "n", role="people", is_shown=False),
)
_TOO_FEW, _FORECAST = Remark("too few months"), Remark("forecast")
_VERDICTS = {
    "better": Remark("▲ better"),
    "worse": Remark("▼ worse"),
    "unusual": Remark("◆ unusual"),
    "": Remark("as usual"),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """One indicator of the scorecard.

    Parameters
    ----------
    name : str or Remark
        What a reader calls it, an English message.
    month : str
        Its last whole month.
    value, change, year : Estimate
        The last whole month, its difference from the one before and from the same a year before.
    course : Sparkline
        Its last months.
    verdict : Remark
        Whether the last one is usual, and which way.
    tone : {"better", "worse", "unusual", ""}
        The same as a word.
    """

    name: str | Remark
    month: str
    value: Estimate
    change: Estimate
    year: Estimate
    course: Sparkline
    verdict: Remark
    tone: Tone

    @property
    def said(self) -> Remark:
        """What it is called in a sentence."""
        return Remark(self.name) if isinstance(self.name, str) else self.name

    @property
    def level(self) -> Amount:
        """Its value, to be said without its interval."""
        return Amount(self.value.value, self.value.unit, _rounded(self.value))

    @property
    def yearly(self) -> Remark:
        """Its difference from the year before, with its sign."""
        moved = self.year.value
        amount = Amount(abs(moved), self.year.unit, _rounded(self.year))
        return Remark("up {amount}" if moved >= 0 else "down {amount}", {"amount": amount})


@dataclass(frozen=True, slots=True, repr=False)
class Board(Tabular):
    """The indicators of a scorecard in their last whole month.

    Parameters
    ----------
    month : str
        That month.
    rows : tuple of Followed
        The indicators, in the order they are shown.
    """

    month: str
    rows: tuple[Followed, ...]

    def table(self) -> Table:
        """Return one row per indicator."""
        import pandas as pd

        rows = [
            {"indicator": self._dated(one), "course": one.course, "verdict": one.verdict}
            | {"n": people_of(one.value)}
            | {
                column: part
                for name in ("value", "change", "year")
                for column, part in with_unit(name, getattr(one, name)).items()
            }
            for one in self.rows
        ]
        return Table(
            frame=pd.DataFrame(rows),
            columns=_COLUMNS,
            caption="The KPIs of {month}: {worse} worse than usual, {better} better"
            if self.rows
            else "KPI",
            values={"month": Month(self.month), **self._counts()} if self.rows else {},
            nothing="No KPI has a complete month yet.",
        )

    def headline(self) -> Sentence:
        """Return what the scorecard says, in a sentence."""
        if not self.rows:
            return Sentence("No KPI has a complete month yet.", {})
        worse, better = (self._called(tone) for tone in ("worse", "better"))
        values = {"month": Month(self.month), **self._counts()}
        if worse:
            return Sentence(
                "{worse} KPIs were worse than usual in {month}: {names}."
                if len(worse) > 1
                else "One KPI was worse than usual in {month}: {names}.",
                {"month": values["month"], "names": joined(worse[:3], ", ")}
                | ({"worse": len(worse)} if len(worse) > 1 else {}),
            )
        if better:
            return Sentence(
                "No KPI was worse than usual in {month}; better: {names}.",
                {"month": values["month"], "names": joined(better[:3], ", ")},
            )
        first = self.rows[0]
        of_last = {
            "month": values["month"],
            "name": first.said,
            "value": Remark("{amount}", {"amount": first.level}),
        }
        if not self._judged():
            return Sentence(
                "{name} was {value} in {month}; there are too few months to say what is usual.",
                of_last,
            )
        if math.isnan(first.year.value):
            return Sentence("{name} was {value} in {month}; no KPI was unusual.", of_last)
        return Sentence(
            "{name} was {value} in {month}, {year} on the year before; no KPI was unusual.",
            of_last | {"year": first.yearly},
        )

    def basis(self) -> Sentence:
        """Return what usual means here, to stand under the headline."""
        if self.rows and not self._judged():
            return Sentence("A KPI is judged from {months} complete months on.", {"months": FEWEST})
        return Sentence(
            "{kpis} KPIs, each against its own months: unusual is outside the limits (3 sigma), or "
            "eight in a row on one side.",
            {"kpis": self._judged()},
        )

    def next_step(self) -> list[Sentence]:
        """Return what to do: where to look, or that there is nothing to fix here."""
        worse = self._called("worse")
        if worse:
            return [
                Sentence(
                    "Look first at: {names}. Ask what changed in the weeks before; the pages on "
                    "the funnel, the experiment and the voice of the customer say where.",
                    {"names": joined(worse, ", ")},
                )
            ]
        if not self._judged():
            return [
                Sentence(
                    "Wait for {months} complete months, or bring the months before: until then any "
                    "change may be chance.",
                    {"months": FEWEST},
                )
            ]
        return [
            Sentence(
                "No KPI is worse than usual. A total does not show a fault that few customers "
                "meet, or a slow decline: compare with the year before.",
                {},
            )
        ]

    def _called(self, tone: str) -> list[Remark]:
        return [one.said for one in self.rows if one.tone == tone]

    def _judged(self) -> int:
        """Return how many of the indicators have enough months to be judged."""
        unjudged = (_TOO_FEW, _FORECAST)
        return sum(one.verdict not in unjudged for one in self.rows)

    def _dated(self, one: Followed) -> Remark:
        """Return what an indicator is called, with its month where that is another."""
        if one.month == self.month:
            return one.said
        return Remark("{kpi}, {month}", {"kpi": one.said, "month": Month(one.month)})

    def _counts(self) -> dict[str, int]:
        return {tone: sum(one.tone == tone for one in self.rows) for tone in ("worse", "better")}


def board(
    *groups: Estimates | Missing,
    scores: Sequence[pd.DataFrame | Missing] = (),
    ahead: Estimate | Missing | None = None,
) -> Board:
    """Return the scorecard of a study: its indicators in the last whole month.

    Parameters
    ----------
    *groups : Estimates or Missing
        The sections whose indicators are shown, where they have months.
    scores : sequence of pandas.DataFrame, optional
        Scores that have months and are no indicator of a section: one row per month with
        `indicator`, `name`, `unit`, `month`, `value`, `value_low`, `value_high`, `n`, `people`,
        `confidence` and `method`, as :func:`cxresearch.survey.scores_by_month` returns them.
    ahead : Estimate or Missing, optional
        What a customer of today is expected to bring in the next 12 months; it has no months, so
        it is not judged.
    """
    found: dict[str, tuple[str | Remark, _Course]] = {}
    for group in groups:
        if not isinstance(group, Missing):
            for name, one in group.items():
                if name in GOOD and isinstance(one, Kpi) and one.series is not None:
                    found[name] = group.name(name), _of_kpi(one)
    whole = {month for _, course in found.values() for month in course.months}
    for table in scores:
        if isinstance(table, Missing):
            continue
        for key, rows in table.groupby("indicator", sort=False):
            if (own := str(key)) in GOOD:
                found[own] = str(rows["name"].iloc[0]), _of_rows(rows, whole)
    known = {name: one for name, one in found.items() if one[1].months}
    month = max((course.months[-1] for _, course in known.values()), default="")
    followed = tuple(
        _as_pictured(name, _followed(*known[name], good))
        for name, good in GOOD.items()
        if name in known
    )
    return Board(month, (*followed, *_ahead(ahead, month)) if followed else ())


def _ahead(expected: Estimate | Missing | None, month: str) -> list[Followed]:
    """Return a forecast as a row, where there is one: it has no month before."""
    if not isinstance(expected, Estimate):
        return []
    unknown = undefined(expected, n=0)
    return [
        Followed(
            name="Value per customer, next 12 months",
            month=month,
            value=expected,
            change=unknown,
            year=unknown,
            course=Sparkline(()),
            verdict=_FORECAST,
            tone="",
        )
    ]


@dataclass(frozen=True, slots=True)
class _Course:
    """The whole months of an indicator, and its last one against earlier ones."""

    months: Sequence[str]
    estimates: Sequence[Estimate]
    kpi: Kpi | None = None

    def against(self, back: int) -> Estimate:
        """Return the last month minus the one so many months before."""
        last = self.estimates[-1]
        earlier = month_name(_numbered(self.months[-1]) - back)
        if back == 1 and len(self.months) > 1:
            earlier = self.months[-2]  # of waves, the one before
        unit = difference_unit(last.unit)
        if earlier not in self.months:
            return undefined(last, n=0, unit=unit, note="")
        if self.kpi is not None and self.kpi.series is not None:
            found = self.kpi.series.change(
                _numbered(earlier), _numbered(self.months[-1]), self.kpi.confidence
            )
            return replace(found, unit=unit, value=stable(found.value))
        before = self.estimates[list(self.months).index(earlier)]
        ends = mover(before, last)
        return replace(last, value=last.value - before.value, ci=ends, unit=unit, method="MOVER")


def _of_kpi(one: Kpi) -> _Course:
    rows = followed(by_month(one))
    series = one.series
    assert series is not None, "an indicator with months has a series"
    known = series.estimates(one.confidence)
    months = rows["month"].tolist()
    return _Course(months, [known[_numbered(month)] for month in months], one)


def _of_rows(rows: pd.DataFrame, whole: set[str]) -> _Course:
    kept = rows[rows["value"].notna() & (rows["month"].isin(whole) if whole else True)]
    kept = kept.sort_values("month")
    estimates = [
        Estimate(
            value=row["value"],
            ci=Interval(row["value_low"], row["value_high"]),
            n=int(row["n"]),
            unit=row["unit"],
            confidence=row["confidence"],
            method=row["method"],
            people=int(row["people"]),
        )
        for row in kept.to_dict("records")
    ]
    return _Course(kept["month"].tolist(), estimates)


def _followed(name: str | Remark, course: _Course, good: int) -> Followed:
    import pandas as pd

    values = [one.value for one in course.estimates]
    usual, chart = usual_months(pd.Series(values), course.estimates[-1].unit)
    signals = list(chart.points["signal"])
    is_known = len(values) >= FEWEST and usual.kind != "season"
    tone: Tone = ""
    verdict = _VERDICTS[""]
    if len(values) < FEWEST:
        verdict = _TOO_FEW
    elif usual.kind == "season":
        verdict = Remark("seasonal")
    elif signals[-1]:
        centre = list(chart.points["centre"])[-1] if "centre" in chart.points else chart.centre
        up = values[-1] > centre
        tone = "unusual" if not good else "better" if up == (good > 0) else "worse"
        verdict = _VERDICTS[tone]
    shown = values[-_SHOWN:]
    first = len(values) - len(shown)
    marked = [place - first for place, said in enumerate(signals) if said and place >= first]
    band = chart.ci if is_known and usual.kind != "line" else Interval(math.nan, math.nan)
    return Followed(
        name=name,
        month=course.months[-1],
        value=course.estimates[-1],
        change=course.against(1),
        year=course.against(_YEAR),
        course=Sparkline(tuple(shown), band, tuple(marked if is_known else ()), tone),
        verdict=verdict,
        tone=tone,
    )


@or_missing
def readable(wait: Kpi) -> Kpi:
    """Return a wait in the unit that its reader pictures: days for one of 80 hours.

    Parameters
    ----------
    wait : Kpi
        A wait, in minutes, hours or days.

    Examples
    --------
    >>> from cxresearch.kpis import resolution_time
    >>> from cxresearch.kpis._example import TICKETS
    >>> wait = resolution_time(TICKETS)
    >>> wait.value, wait.unit, readable(wait).value, readable(wait).unit
    (24.0, 'hours', 24.0, 'hours')
    """
    return replace(wait, estimate=_in_unit(wait.estimate, *_pictured(wait.estimate)), series=None)


def _as_pictured(name: str, one: Followed) -> Followed:
    """Return an indicator as its reader pictures it."""
    if name in _OF_A_HUNDRED:
        one, to = replace(one, name=_OF_A_HUNDRED[name]), (100.0, "")
    elif one.value.unit in (*_TIMES, "days"):
        to = _pictured(one.value)
    else:
        return one
    return replace(
        one,
        value=_in_unit(one.value, *to),
        change=_in_unit(one.change, *to),
        year=_in_unit(one.year, *to),
    )


def _pictured(estimate: Estimate) -> tuple[float, str]:
    """Return what a time is multiplied by, and the unit it then has."""
    factor, unit, value = 1.0, estimate.unit, estimate.value
    if unit == "hours" and value < _TIMES["minutes"][1] / _TIMES["minutes"][2]:
        return _TIMES["minutes"][2], "minutes"
    while unit in _TIMES and factor * value >= _TIMES[unit][1]:
        unit, factor = _TIMES[unit][0], factor / _TIMES[unit][2]
    return factor, unit


def _in_unit(old: Estimate, factor: float, unit: str) -> Estimate:
    """Return an estimate in another unit."""
    ends = Interval(*(factor * end for end in old.ci))
    return replace(old, value=factor * old.value, ci=ends, unit=unit)


def _rounded(estimate: Estimate) -> int | None:
    """Return the decimals of an estimate that is said without its interval."""
    return decimals([estimate.value, *estimate.ci], estimate.unit)


def _numbered(month: str) -> int:
    """Return a month as the series count them."""
    return month_number(Month(month).first_day)
