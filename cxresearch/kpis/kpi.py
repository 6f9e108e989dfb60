"""An indicator: an estimate that also says what it counts and what a reader must know."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Estimate, Interval, parts
from cxresearch.engine.frames import stable

if TYPE_CHECKING:
    from cxresearch.kpis._by_month import MonthlySeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi(Estimate):
    """An estimate with its definition.

    Parameters
    ----------
    definition : str
        What is counted, in one English sentence.
    remarks : tuple of Remark
        What `note` says, one by one.
    series : MonthlySeries, optional
        How its months and its change are computed, which :func:`cxresearch.kpis.by_month` and
        :func:`cxresearch.kpis.change` ask for; none where the indicator has no months.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields.
    """

    definition: str
    remarks: tuple[Remark, ...] = ()
    series: MonthlySeries | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in order, without the remarks (`note` has them) and the series."""
        row = Estimate.to_dict(self)
        del row["series"]
        return row


def kpi(
    estimate: Estimate, definition: str, *remarks: Remark, series: MonthlySeries | None = None
) -> Kpi:
    """Return an estimate as an indicator; a note of the estimate becomes the first remark."""
    told = (*([Remark(estimate.note)] if estimate.note else []), *remarks)
    figures = {part.name: getattr(estimate, part.name) for part in fields(Estimate)}
    figures["value"] = stable(estimate.value)
    figures["ci"] = Interval(*(stable(bound) for bound in estimate.ci))
    figures["note"] = in_words(told, Language("en"))
    return Kpi(**figures, definition=definition, remarks=told, series=series)


def over_all(series: MonthlySeries, definition: str, *remarks: Remark, confidence: float) -> Kpi:
    """Return the indicator that a series is over all its rows."""
    return kpi(series.whole(confidence), definition, *remarks, series=series)


def described(estimate: Estimate, definition: str) -> Kpi:
    """Return an estimate that was made elsewhere as an indicator, which has no months.

    Parameters
    ----------
    estimate : Estimate
        The estimate, such as one of :func:`cxresearch.survey.overall`.
    definition : str
        What is counted, in one English sentence.

    Examples
    --------
    >>> satisfied = Estimate(value=0.8, ci=Interval(0.7, 0.9), n=90, unit="share", confidence=0.95,
    ...                      method="Wilson score", note="one wave; no weights")
    >>> told = described(satisfied, "The share of answers with one of the two highest scores.")
    >>> told.definition, [remark.message for remark in told.remarks]
    ('The share of answers with one of the two highest scores.', ['one wave', 'no weights'])
    """
    return kpi(replace(estimate, note=""), definition, *map(Remark, parts(estimate.note)))
