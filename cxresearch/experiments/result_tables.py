"""The results of an experiment as tables of words, in the language of the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxresearch.core.languages import Language, is_currency
from cxresearch.experiments._format import as_figure
from cxresearch.experiments._metric_labels import named

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.results import Estimate
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.check_records import Checks
    from cxresearch.experiments.decision import Decision
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.metric_effects import MetricEffect
    from cxresearch.experiments.planning import PlannedSize, PowerTable
    from cxresearch.experiments.segment_effects import SegmentEffect

_STANDINGS = {
    "passed": "passed",
    "warning": "warning",
    "failed": "failed: it blocks the verdict",
}
_EFFECT_COLUMNS = [
    "metric", "variant", "against", "role", "n", "control", "treatment", "difference", "interval",
    "lift", "p_value", "p_adjusted", "guardrail",
]  # fmt: skip
_GUARDRAIL_COLUMNS = ["metric", "variant", "n", "most_harm", "margin", "guardrail"]
_SEGMENT_COLUMNS = [
    "metric", "variant", "segment", "level", "n", "difference", "interval", "p_differs",
]  # fmt: skip
_PER_VARIANT = "{control} in the control, {treatment} in each other"
_HOLDS = {True: "holds", False: "not shown to hold"}
_BROKEN = "broken"


def effects_table(readings: Analysis | Sequence[MetricEffect], *, lang: str = "en") -> pd.DataFrame:
    """Return metrics for treatments, one row for each metric and comparison.

    Parameters
    ----------
    readings : Analysis or sequence of MetricEffect
        The results, those against the control; or some readings, such as
        ``analysis.of("primary")`` or ``analysis.between``.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Returns
    -------
    pandas.DataFrame
        One row per metric and comparison: `metric`, `variant`, `against`, `role`, `n` (the units
        of both with an outcome), `control` and `treatment` (of `against` and of `variant`, as
        observed), `difference` (the planned one, adjusted where the plan says so, with one
        confidence for several treatments) with its two-sided `interval`, `lift` (the same, as a
        share of the control), `p_value` (by itself), `p_adjusted` (for how many there are), and
        `guardrail` (whether it holds; empty for other metrics).

    Raises
    ------
    ValueError
        If `lang` is neither.

    Examples
    --------
    >>> from cxresearch.experiments import MetricColumns, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> found = analyse(CUSTOMERS, metrics=[MetricColumns(name="bought", kind="proportion")])
    >>> effects_table(found)[["metric", "control", "treatment", "difference"]]
       metric control treatment              difference
    0  bought   33.3%     66.7%  33.3 percentage points
    """
    import pandas as pd

    language = Language(lang)
    found = readings if isinstance(readings, Sequence) else readings.readings
    return pd.DataFrame([_effect(one, language) for one in found], columns=_EFFECT_COLUMNS)


def guardrails_table(analysis: Analysis, *, lang: str = "en") -> pd.DataFrame:
    """Return what each guardrail is judged by: its one-sided bound beside its margin.

    Parameters
    ----------
    analysis : Analysis
        The results.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Returns
    -------
    pandas.DataFrame
        One row per guardrail and treatment: `metric`, `variant`, `n`, `most_harm` (the most harm
        still possible at the analysis' confidence, to the bad side only, or to either where the
        plan says so; below 0 where only a gain is), `margin` in the same unit, and `guardrail`.

    Raises
    ------
    ValueError
        If `lang` is neither.

    Examples
    --------
    >>> from cxresearch.experiments import MetricColumns, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> bought = MetricColumns(name="bought", kind="proportion", role="guardrail", margin=0.02)
    >>> guardrails_table(analyse(CUSTOMERS, metrics=[bought]))[["most_harm", "margin"]]
                    most_harm                 margin
    0  11.4 percentage points  2.0 percentage points
    """
    import pandas as pd

    language = Language(lang)
    rows = [_guardrail(one, language) for one in analysis.of("guardrail")]
    return pd.DataFrame(rows, columns=_GUARDRAIL_COLUMNS)


def segments_table(effects: Sequence[SegmentEffect], *, lang: str = "en") -> pd.DataFrame:
    """Return every effect in every level of every segment.

    Parameters
    ----------
    effects : sequence of SegmentEffect
        Those of an analysis, or some of them.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Returns
    -------
    pandas.DataFrame
        One row per metric, treatment and level: `metric`, `variant`, `segment`, `level`, `n`,
        `difference`, `interval`, and `p_differs`: the adjusted p-value of the test that the
        effect is the same in all levels of the segment.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    import pandas as pd

    language = Language(lang)
    rows = []
    for effect in effects:
        for level, reading in effect.levels.items():
            said, interval = _said(reading.difference, language)
            rows.append(
                {
                    "metric": _name(effect.metric, language),
                    "variant": effect.variant,
                    "segment": effect.segment,
                    "level": level,
                    "n": reading.difference.n,
                    "difference": said,
                    "interval": interval,
                    "p_differs": effect.p_adjusted,
                }
            )
    return pd.DataFrame(rows, columns=_SEGMENT_COLUMNS)


def checks_table(checks: Checks, *, lang: str = "en") -> pd.DataFrame:
    """Return every check with what came of it: `check`, `standing`, `finding`.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    import pandas as pd

    language = Language(lang)
    rows = [
        (
            language.text(one.name),
            language.text(_STANDINGS[one.standing]),
            one.finding.words(language),
        )
        for one in checks.checks
    ]
    return pd.DataFrame(rows, columns=["check", "standing", "finding"])


def decision_table(decision: Decision, *, lang: str = "en") -> pd.DataFrame:
    """Return why a decision was taken, what would change it, and what was not as planned.

    One row each: `about` (``"reason"``, ``"would change it"``, ``"not as planned"``) and `words`.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    import pandas as pd

    language = Language(lang)
    parts = {
        "reason": decision.reasons,
        "would change it": decision.would_change,
        "not as planned": decision.deviations,
    }
    rows = [
        (language.text(about), remark.words(language))
        for about, remarks in parts.items()
        for remark in remarks
    ]
    return pd.DataFrame(rows, columns=["about", "words"])


def plan_table(table: PowerTable, *, lang: str = "en") -> pd.DataFrame:
    """Return what every metric of a plan asks.

    Returns
    -------
    pandas.DataFrame
        One row per metric: `metric`, `role`, `baseline`, `effect` (the smallest worth finding, or
        a guardrail's margin), `per_variant` (customers with an outcome, the control's and each
        treatment's), `answering` (the share of customers who have one), `customers` (in all,
        with an outcome or not), `days`, `detectable` (the smallest effect that the
        planned days find) and `note`.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    import pandas as pd

    language = Language(lang)
    return pd.DataFrame([_planned(row, language) for row in table.rows])


def _planned(row: PlannedSize, language: Language) -> dict[str, str]:
    def size(value: float) -> str:
        return language.quantity(*as_figure(value, row.metric.unit))

    return {
        "metric": _name(row.metric, language),
        "role": language.text(row.metric.role),
        "baseline": language.quantity(row.baseline, row.metric.unit, _digits(row.metric.unit)),
        "effect": size(row.effect),
        "per_variant": _per_variant(row, language),
        "answering": language.quantity(row.answering, "share"),
        "customers": language.number(row.customers or math.nan),
        "days": language.number(math.ceil(row.days) if row.days > 0 else math.nan),
        "detectable": size(row.detectable),
        "note": language.text(row.note),
    }


def _per_variant(row: PlannedSize, language: Language) -> str:
    """Return the customers that each variant needs, by name where the control needs others."""
    if not row.control:
        return language.number(math.nan)
    control, treatment = language.number(row.control), language.number(row.treatment)
    if control == treatment:
        return control
    return language.text(_PER_VARIANT, control=control, treatment=treatment)


def _effect(reading: MetricEffect, language: Language) -> dict[str, str | float | int]:
    difference, interval = _said(reading.planned, language)
    return {
        "metric": _name(reading.metric, language),
        "variant": reading.variant,
        "against": reading.against,
        "role": language.text(reading.metric.role),
        "n": reading.planned.n,
        "control": _said(reading.control, language)[0],
        "treatment": _said(reading.treatment, language)[0],
        "difference": difference,
        "interval": interval,
        "lift": _said(reading.lift, language)[0],
        "p_value": reading.alone.p_value,
        "p_adjusted": reading.p_adjusted,
        "guardrail": _holds(reading, language),
    }


def _guardrail(reading: MetricEffect, language: Language) -> dict[str, str | int]:
    metric = reading.metric

    def size(value: float) -> str:
        unit = "share" if metric.relative else metric.unit
        return language.quantity(*as_figure(value, unit, relative=metric.relative))

    return {
        "metric": _name(metric, language),
        "variant": reading.variant,
        "n": reading.planned.n,
        "most_harm": size(reading.most_harm),
        "margin": size(metric.margin or math.nan),
        "guardrail": _holds(reading, language),
    }


def _holds(reading: MetricEffect, language: Language) -> str:
    if reading.guard is None:
        return ""
    return language.text(_BROKEN if reading.broken else _HOLDS[reading.guard.holds])


def _said(estimate: Estimate, language: Language) -> tuple[str, str]:
    return language.estimate(estimate.value, estimate.ci, estimate.unit)


def _digits(unit: str) -> int | None:
    """Return the decimals of a value: those of a share, points and money are the usual ones."""
    return None if unit in {"share", "points"} or is_currency(unit) else 2


def _name(metric: MetricColumns, language: Language) -> str:
    return named(metric.name).words(language)
