"""Whether the units of an experiment can be compared, asked before any result is read.

A check that fails blocks the verdict and says why: a difference between variants that chance did
not make like each other says nothing of the treatment. Where some units have no outcome, those who
have one speak for all only if as many, of the same kind, are missing in both variants.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from cxresearch.core.remarks import Amount, Remark, Sentence, Value, joined
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.engine.frames import stable
from cxresearch.experiments.metric_columns import SUFFIX
from cxresearch.experiments.sums import LESS, OR_0, THERE
from cxresearch.experiments.wording import in_variant, listed, named, p_remark, table_of
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.stats.shares.sample_ratio import LEVEL, sample_ratio

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.metric_effects import MetricEffect


#: More customers in several variants than this share say that the assignment is broken.
MOST_SEVERAL = 0.01
MISSING_OUTCOMES = "missing outcomes"
_BALANCE = "the covariate that differs most, {covariate}: {p}, adjusted"
_BEFORE = "{metric} before the exposure"
_HISTORY = "who has {covariate}"
_BEFORE_PER = "the denominator of {metric} before the exposure"
_MISSING = "the metric whose missing outcomes differ most, {metric}, {counts}: {p}, adjusted"
_RECEIVED = (
    "units that got another version than they were assigned to: {counts}, a share of {share}; "
    "not known of {unknown}"
)
Standing = Literal["passed", "warning", "failed"]
#: A p-value below this is worth a look, though it blocks nothing.
WARNING_LEVEL = 0.01
NOTHING = "nothing to compare"
_STANDINGS = {
    "passed": "passed",
    "warning": "warning",
    "failed": "failed: it blocks the verdict",
}
_CHECK_COLUMNS = (Column("check"), Column("standing"), Column("finding", "What was found"))
_RULE = "A check fails where p < {failed}, and warns where p < {warned}."
#: What is tested, by its name and the treatment.
Tested = tuple[str, str]
#: The kinds that only some units can have: those who did what the metric divides by or orders.
OF_SOME = ("ratio", "quantile")
_ATTRITION_COLUMNS = (
    Column("metric"),
    Column("variant", role="name"),
    Column("n", "n", role="people"),
    Column("control", "Control, without", "share"),
    Column("treatment", "Treatment, without", "share"),
    Column("p_differs", "p of the difference", role="p"),
)
_RATIO = "{counts} units where {shares} were planned: {p}"


def check(analysis: Analysis, *, shares: Mapping[str, float]) -> Checks:
    """Check the units of an analysis: their shares, their past, and their missing outcomes.

    Parameters
    ----------
    analysis : Analysis
        The analysis, from :func:`cxresearch.experiments.analyse`.
    shares : mapping of str to float
        The planned share of each variant, 0-1, summing to 1.

    Returns
    -------
    Checks
        The sample ratio, the balance of the covariates, the missing outcomes and, where that was
        given, whether the units received the version they were assigned to.

    Raises
    ------
    ValueError
        If the shares are not those of the variants or do not sum to 1.

    Notes
    -----
    A check fails at p < .001 and warns at p < .01; where one asks several times, its smallest
    p-value counts, adjusted by Holm. Where chance assigned clusters, the units in them are alike
    and only the sample ratio can fail; the others warn at most. A ratio or a quantile is of some
    units only, which the treatment may change: that they differ is an effect, no fault. What is
    looked at besides the plan decides no check. That more
    than 1 in 100 units received another version than their own fails.

    Examples
    --------
    >>> from cxresearch.experiments import MetricColumns, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> found = analyse(CUSTOMERS, metrics=[MetricColumns(name="bought", kind="proportion")])
    >>> check(found, shares={"control": 0.5, "one_page": 0.5}).check("sample ratio").p_value
    1.0
    """
    own = (only_warned(analysis, one) for one in (_balance(analysis), _missing(analysis)))
    return Checks((_sample_ratio(analysis, shares), *own, *_received(analysis)))


def only_warned(analysis: Analysis, found: Check) -> Check:
    """Return a check that takes units as independent; where clusters are not, it only warns."""
    if analysis.clustered and found.standing == "failed":
        return replace(found, standing="warning")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check.

    Parameters
    ----------
    name : str
        What is checked, an English message.
    standing : {"passed", "warning", "failed"}
        What came of it; a failed one blocks the verdict.
    finding : Remark
        What was found.
    p_value : float
        The p-value of the test, for how many there were; nan where it is a count.
    """

    name: str
    standing: Standing
    finding: Remark
    p_value: float = math.nan


@dataclass(frozen=True, slots=True, repr=False)
class Checks(Tabular):
    """All checks of an experiment, in the order in which they are made."""

    checks: tuple[Check, ...]

    @property
    def blocked(self) -> bool:
        """Whether a check failed, so that no result may be read."""
        return any(check.standing == "failed" for check in self.checks)

    @property
    def sentence(self) -> Sentence:
        """How many checks passed, and which did not."""
        others = [one for one in self.checks if one.standing != "passed"]
        if not others:
            return Sentence("All {count} checks passed.", {"count": len(self.checks)})
        return Sentence(
            "{passed} of {count} checks passed; {others}.",
            {
                "passed": len(self.checks) - len(others),
                "count": len(self.checks),
                "others": joined(
                    [
                        Remark(
                            "{check}: {standing}",
                            {
                                "check": Remark(one.name),
                                "standing": Remark(_STANDINGS[one.standing]),
                            },
                        )
                        for one in others
                    ],
                    "; ",
                ),
            },
        )

    @property
    def rule(self) -> Remark:
        """How a p-value is judged."""
        values: dict[str, Value] = {
            "failed": Amount(LEVEL, "", 3),
            "warned": Amount(WARNING_LEVEL, "", 3),
        }
        return Remark(_RULE, values)

    @property
    def reasons(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.standing == "failed")

    def check(self, name: str) -> Check:
        """Return the check of a name."""
        return next(check for check in self.checks if check.name == name)

    def table(self) -> Table:
        """Return every check with what came of it: `check`, `standing`, `finding`."""
        rows = [(one.name, _STANDINGS[one.standing], one.finding) for one in self.checks]
        return table_of(rows, _CHECK_COLUMNS, caption="The checks, before any result")


def worst(
    name: str,
    tested: Mapping[Tested, float],
    message: str,
    what: str,
    *,
    called: Callable[[str], Remark] = named,
    counts: Mapping[Tested, Remark] | None = None,
) -> Check:
    """Return the check of the smallest of several p-values, adjusted for how many there are.

    `message` says what was tested, by the name `what` and as `called` calls it, and `counts`.
    """
    known = {label: p for label, p in tested.items() if not math.isnan(p)}
    if not known:
        return Check(name=name, standing="passed", finding=Remark(NOTHING))
    adjusted = dict(
        zip(known, p_values.adjusted(known.values(), method="holm").tolist(), strict=True)
    )
    label = min(known, key=lambda one: known[one])
    values: dict[str, Value] = {
        what: in_variant(called(label[0]), label[1]),
        "p": p_remark(adjusted[label]),
    }
    if counts:
        values["counts"] = counts[label]
    return judged(name, adjusted[label], Remark(message, values))


def judged(name: str, p_value: float, finding: Remark) -> Check:
    """Return the check of a p-value: failed below .001, a warning below .01."""
    if math.isnan(p_value):
        return Check(name=name, standing="passed", finding=Remark(NOTHING))
    standing: Standing = "passed"
    if p_value < WARNING_LEVEL:
        standing = "failed" if p_value < LEVEL else "warning"
    return Check(name=name, standing=standing, finding=finding, p_value=frames.stable(p_value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attrition:
    """The units without an outcome of one metric, in the control and in one treatment.

    Parameters
    ----------
    metric : MetricColumns
        The metric.
    variant : str
        The treatment.
    units : tuple of int
        The units of the control and of the treatment.
    without : tuple of int
        Those of them without an outcome.
    p_value : float
        The p-value of the test that the two shares are the same; nan where nobody or everybody
        has an outcome.
    """

    metric: MetricColumns
    variant: str
    units: tuple[int, int]
    without: tuple[int, int]
    p_value: float


def missing_outcomes(analysis: Analysis, *, planned: bool = False) -> tuple[Attrition, ...]:
    """Return who has no outcome, for every metric and treatment, also where everybody has one.

    Parameters
    ----------
    analysis : Analysis
        The results.
    planned : bool, default False
        Whether to leave out the exploratory metrics.

    Notes
    -----
    A ratio has no outcome for a unit whose total is over nothing: who ordered nothing has no
    order value.

    Examples
    --------
    >>> from cxresearch.experiments import MetricColumns, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> value = MetricColumns(name="order_value", kind="ratio", value="revenue", per="orders")
    >>> found = missing_outcomes(analyse(CUSTOMERS, metrics=[value]))[0]
    >>> found.units, found.without, round(found.p_value, 3)
    ((6, 6), (4, 2), 0.248)
    """
    readings = analysis.readings
    chosen = [one for one in readings if not (planned and one.metric.role == "exploratory")]
    return tuple(_missing_of(one, analysis) for one in chosen)


def missing_table(found: Sequence[Attrition]) -> Table:
    """Return the share of units without an outcome, by metric and treatment.

    Parameters
    ----------
    found : sequence of Attrition
        Who has no outcome, from :func:`missing_outcomes`.

    Returns
    -------
    Table
        One row per metric and treatment: `metric`, `variant`, `n` (the units of both), `control`
        and `treatment` (the share of their units without an outcome), and `p_differs`.
    """
    rows = []
    for one in found:
        pairs = zip(one.without, one.units, strict=True)
        control, treatment = (without / units if units else math.nan for without, units in pairs)
        name = named(one.metric.name)
        rows.append((name, one.variant, sum(one.units), control, treatment, one.p_value))
    return table_of(rows, _ATTRITION_COLUMNS, caption="Customers of the test without an outcome")


def _sample_ratio(analysis: Analysis, shares: Mapping[str, float]) -> Check:
    if set(shares) != set(analysis.variants):
        raise ValueError(
            f"shares must be those of {', '.join(analysis.variants)}; got {dict(shares)!r}"
        )
    counts = [analysis.assigned[name] for name in shares]
    p_value = sample_ratio(counts, list(shares.values())).p_value
    values: dict[str, Value] = {
        "counts": listed(counts, list(shares)),
        "shares": listed([Amount(share, "share") for share in shares.values()]),
        "p": p_remark(p_value),
    }
    return judged("sample ratio", p_value, Remark(_RATIO, values))


def _balance(analysis: Analysis) -> Check:
    """Return whether the variants were alike before, by the covariate in which they differ most."""
    tested: dict[Tested, float] = {}
    control = analysis.groups[analysis.control]
    for metric, sums in control.metrics.items():
        first = 2 if analysis.reading(metric).metric.is_ratio else 1
        for place, column in enumerate(sums.columns[first:], start=first):
            for name in analysis.treatments:
                groups = [sums, analysis.groups[name].metrics[metric]]
                if not all(group.n for group in groups):
                    continue
                a, b = (ValueWithVariance.of_mean(group.moments.sample(place)) for group in groups)
                tested[column, name] = difference(a, b, unit="").p_value
    return worst("balance before the exposure", tested, _BALANCE, "covariate", called=_covariate)


def _covariate(column: str) -> Remark:
    """Return how a covariate is called: one that was read from a study by its metric."""
    if column.endswith(THERE):
        return Remark(_HISTORY, {"covariate": _covariate(column.removesuffix(THERE))})
    own = column.removesuffix(OR_0).removesuffix(LESS).rpartition(": ")[2]
    for part, message in ((SUFFIX["before_per"], _BEFORE_PER), (SUFFIX["before"], _BEFORE)):
        if own.endswith(part):
            return Remark(message, {"metric": named(own.removesuffix(part))})
    return named(own)


def _missing(analysis: Analysis) -> Check:
    found = [
        one for one in missing_outcomes(analysis, planned=True) if one.metric.kind not in OF_SOME
    ]
    tested = {(one.metric.name, one.variant): one.p_value for one in found}
    counts = {
        (one.metric.name, one.variant): listed(one.without, [analysis.control, one.variant])
        for one in found
    }
    return worst(MISSING_OUTCOMES, tested, _MISSING, "metric", counts=counts)


def _received(analysis: Analysis) -> list[Check]:
    """Return whether the units received what they were assigned to, where that is known."""
    if not analysis.received:
        return []
    found = list(analysis.received.values())
    units, other, unknown = (
        sum(getattr(one, part) for one in found) for part in ("units", "other", "unknown")
    )
    share = other / (units - unknown) if units > unknown else math.nan
    standing: Standing = "warning" if other else "passed"
    if share > MOST_SEVERAL:
        standing = "failed"
    finding = Remark(
        _RECEIVED,
        {
            "counts": listed([one.other for one in found], list(analysis.received)),
            "share": Amount(share, "share", 2),
            "unknown": unknown,
        },
    )
    return [Check(name="version received", standing=standing, finding=finding)]


def _missing_of(reading: MetricEffect, analysis: Analysis) -> Attrition:
    metric = reading.metric.name
    both = analysis.control, reading.variant
    a, b = (analysis.groups[name].units for name in both)
    without = analysis.missing[metric][both[0]], analysis.missing[metric][both[1]]
    p_value = difference_of_proportions((without[0], a), (without[1], b)).p_value
    return Attrition(
        metric=reading.metric,
        variant=reading.variant,
        units=(a, b),
        without=without,
        p_value=stable(p_value),
    )
