"""What each treatment is worth: in a month, or for the customers of the test alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core.remarks import Sentence
from cxresearch.core.results import Estimate, Interval
from cxresearch.engine import frames

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.trial import Trial

MONTH_DAYS = 30
AS_MANY = "with as many customers as in the test, and if the effect lasts"
CAPPED = "the largest values are capped"
_SENTENCES = {
    (True, True): "In 30 days at the traffic of the test {variant} is worth {money}.",
    (True, False): "Worth of {variant} in 30 days at the traffic of the test: {money}. It may be "
    "a gain or a loss.",
    (False, True): "Given to all customers of the test, {variant} is worth {money}.",
    (False, False): "Worth of {variant}, given to all customers of the test: {money}. It may be a "
    "gain or a loss.",
}

_UNKNOWN = "What it is worth is not measured: no metric of the plan is money per customer."

#: Traffic is known from so many days, and from as much as this many days of equal traffic bring.
_WEEK, _EVEN_DAYS = 7, 5


@dataclass(frozen=True, slots=True)
class Worth:
    """What the treatments are worth, were one of them given to all customers who meet it.

    Parameters
    ----------
    days : int
        In how many days: 30, or 0 for the customers of the test alone, because the test does
        not tell how many come in a month.
    by_variant : mapping of str to Estimate
        By treatment, in the study's currency; empty where no metric of the plan is money per
        customer, or nobody is in the test.
    """

    days: int = 0
    by_variant: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the numbers are recorded as, before the name of the treatment."""
        return f"worth_in_{self.days}_days" if self.days else "worth_in_the_test"

    def named(self) -> dict[str, Estimate]:
        """Return what each treatment is worth, by the names they are recorded under."""
        return {f"{self.name}_{variant}": money for variant, money in self.by_variant.items()}

    def sentences(self) -> Iterator[Sentence]:
        """Yield what each treatment is worth, or that no metric can tell."""
        for variant, money in self.by_variant.items():
            low, high = money.ci
            message = _SENTENCES[bool(self.days), not low <= 0 <= high]
            yield Sentence(message, {"variant": variant, "money": money})
        if not self.by_variant:
            yield Sentence(_UNKNOWN, {})


def worth(trial: Trial, analysis: Analysis) -> Worth:
    """Estimate what each treatment brings, were it given to all customers who meet it.

    Parameters
    ----------
    trial : Trial
        The experiment.
    analysis : Analysis
        Its results.

    Notes
    -----
    The first mean in the study's currency, treatment minus control, times the customers of all
    variants, in 30 days or in the test. The interval is that of the difference: how many customers
    come is taken as known. It is taken to 30 days where the first and the last exposure are a week
    apart and the traffic is spread over at least five days, (sum n)**2 / sum n**2 of the customers
    n of each day: a mailing reaches everybody once. A value that was winsorised is so here too, and
    the note says so.
    """
    money = [
        one
        for one in analysis.readings
        if (one.metric.kind, one.metric.unit) == ("mean", trial.currency)
    ]
    customers = sum(trial.tally.customers.values())
    if not money or not customers:
        return Worth()
    own = [one for one in money if one.metric.name == money[0].metric.name]
    length = _steady_days(trial)
    times = customers / length * MONTH_DAYS if length else float(customers)
    notes = [AS_MANY] if length else []
    notes += [CAPPED] if own[0].metric.winsorise else []
    return Worth(
        MONTH_DAYS if length else 0,
        {
            one.variant: Estimate(
                value=frames.stable(one.planned.value * times),
                ci=Interval(*(frames.stable(bound * times) for bound in one.planned.ci)),
                n=one.planned.n,
                people=one.planned.people,
                unit=trial.currency,
                confidence=one.planned.confidence,
                method=one.planned.method,
                note="; ".join([*notes, *([one.planned.note] if one.planned.note else [])]),
            )
            for one in own
        },
    )


def _steady_days(trial: Trial) -> int:
    """Return the days from the first exposure to the last; 0 where they are no steady traffic."""
    by_day = trial.frame.group_by("day").agg(nw.len().alias("n"))
    counts = {row["day"]: int(row["n"]) for row in frames.rows(by_day)}
    length = (max(counts) - min(counts)).days + 1
    even = sum(counts.values()) ** 2 / sum(n**2 for n in counts.values())
    return length if length >= _WEEK and even >= _EVEN_DAYS else 0
