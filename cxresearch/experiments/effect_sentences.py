"""What is said and recorded of the primary metrics: messages with their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cxresearch.core.remarks import Sentence

if TYPE_CHECKING:
    from cxresearch.core.comparison import Comparison
    from cxresearch.experiments.analysis import Analysis

_CHANGES = (
    "In {variant}, {metric} changes by {difference} against {control}; as a share of {control}, "
    "by {lift}."
)
_PLAIN = "Without the adjustment, {metric} would change by {plain} in {variant}."
_TOGETHER = (
    "The intervals of several variants hold together: the chance that all of them hold is "
    "{confidence}."
)
_WITH_CONTROL = (
    "The plan compares each variant with {control} only, not the variants with one another."
)


def primary_sentences(analysis: Analysis) -> Iterator[Sentence]:
    """Yield how each primary metric changes, and how several treatments are read together.

    Each is for :func:`cxresearch.report.say`.
    """
    for one in analysis.of("primary"):
        own = {"variant": one.variant, "metric": one.called}
        against = {"control": one.against, "difference": one.planned, "lift": one.lift}
        yield Sentence(_CHANGES, own | against)
        if one.plain:
            yield Sentence(_PLAIN, own | {"plain": one.plain})
    if len(analysis.treatments) > 1:
        yield Sentence(_TOGETHER, {"confidence": (analysis.confidence, "share")})
        if not analysis.between:
            yield Sentence(_WITH_CONTROL, {"control": analysis.control})


def primary_effects(analysis: Analysis) -> dict[str, Comparison]:
    """Return the effects on the first primary metric, by the names they are recorded under."""
    found = {}
    for variant in analysis.treatments:
        one = analysis.reading(analysis.primary, variant)
        found[f"primary_difference_{variant}"] = one.planned
        found[f"primary_lift_{variant}"] = one.lift
    return found
