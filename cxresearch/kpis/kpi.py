"""An indicator: an estimate that also says what it counts and what a reader must know."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from cxresearch.frames import stable
from cxresearch.i18n import Language
from cxresearch.remarks import Remark, in_words
from cxresearch.results import Estimate, Interval

if TYPE_CHECKING:
    from cxresearch.kpis._measures import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi(Estimate):
    """An estimate with its definition.

    Parameters
    ----------
    definition : str
        What is counted, in one English sentence.
    remarks : tuple of Remark
        What `note` says, one by one.
    measure : Measure, optional
        How its months and its change are computed, which :func:`cxresearch.kpis.by_month` and
        :func:`cxresearch.kpis.change` ask for; none where the indicator has no months.

    See Also
    --------
    cxresearch.results.Estimate : The other fields.
    """

    definition: str
    remarks: tuple[Remark, ...] = ()
    measure: Measure | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in order, without the remarks (`note` has them) and the measure."""
        row = Estimate.to_dict(self)
        del row["remarks"], row["measure"]
        return row

    def note_in(self, language: Language) -> str:
        """Return the note in `language`."""
        return in_words(self.remarks, language)


def kpi(
    estimate: Estimate, definition: str, *remarks: Remark, measure: Measure | None = None
) -> Kpi:
    """Return an estimate as an indicator; a note of the estimate becomes the first remark."""
    told = (*([Remark(estimate.note)] if estimate.note else []), *remarks)
    parts = {part.name: getattr(estimate, part.name) for part in fields(Estimate)}
    parts["value"] = stable(estimate.value)
    parts["ci"] = Interval(*(stable(bound) for bound in estimate.ci))
    parts["note"] = in_words(told, Language("en"))
    return Kpi(**parts, definition=definition, remarks=told, measure=measure)
