"""The p-values of an experiment for how many there are, and how that is said.

Comparisons of several variants are accounted for within each metric
(:mod:`cxresearch.experiments.simultaneous`); here it is the metrics of one role.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cxresearch.core.remarks import Remark, joined
from cxresearch.core.results import parts
from cxresearch.experiments._metric_labels import named
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.multiplicity.simultaneous_intervals import DUNNETT, GAMES_HOWELL

if TYPE_CHECKING:
    from cxresearch.experiments.metric_effects import MetricEffect

#: How the p-values of each role are adjusted; each guardrail must hold by itself.
METHODS: Mapping[str, tuple[p_values.Method, str]] = {
    "primary": ("holm", "Holm over the primary metrics"),
    "secondary": ("bh", "Benjamini-Hochberg over the secondary metrics"),
    "exploratory": ("bh", "Benjamini-Hochberg over the exploratory metrics"),
}
_OVER_VARIANTS = {
    DUNNETT: "Dunnett over the treatments",
    GAMES_HOWELL: "Games-Howell over all pairs of variants",
}
_BONFERRONI = "Bonferroni over the comparisons of variants"
_NONE = "one comparison, not adjusted"
_NOTHING = "nothing was tested"
_OF_ROLE = {
    "primary": "primary metrics ({how})",
    "secondary": "secondary metrics ({how})",
    "exploratory": "exploratory metrics ({how})",
}
_OF_METRIC = "{metric} ({how})"


def corrected(readings: Sequence[MetricEffect]) -> list[MetricEffect]:
    """Return the readings with their p-values for how many metrics of their role there are.

    `correction` says what was adjusted for, in parts: what the p-values are of already (several
    variants) and what is done here. A single test is not adjusted.

    Notes
    -----
    Holm's chance of any false alarm is kept over all metrics and comparisons together: beside a
    comparison of one metric, each other metric stands with the largest of its p-values, for the
    comparisons of two metrics may be true in different variants. Benjamini and Hochberg's share is
    kept within each comparison.
    """
    families: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    largest: dict[str, float] = {}
    for place, one in enumerate(readings):
        p = one.planned.p_value
        if one.metric.role in METHODS and not math.isnan(p):
            families[one.metric.role, one.against, one.variant].append(place)
            largest[one.metric.name] = max(p, largest.get(one.metric.name, 0.0))
    found = list(readings)
    for (role, *_), places in families.items():
        method, label = METHODS[role]
        own = {readings[place].metric.name: readings[place].planned.p_value for place in places}
        others = own
        if method == "holm":
            others = {name: largest[name] for name in _names(readings, role) if name in largest}
        for place in places:
            name = readings[place].metric.name
            family = others | {name: own[name]}
            adjusted = p_values.adjusted(list(family.values()), method=method)
            p = float(adjusted[list(family).index(name)])
            steps = _over_variants(readings[place]) + ([label] if len(family) > 1 else [])
            found[place] = replace(found[place], p_adjusted=p, correction="; ".join(steps))
    return found


def _names(readings: Sequence[MetricEffect], role: str) -> list[str]:
    return list(dict.fromkeys(one.metric.name for one in readings if one.metric.role == role))


def said(readings: Sequence[MetricEffect]) -> Remark:
    """Return how the p-values of readings are adjusted, by role, or by metric where they differ."""
    ways: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in readings:
        if not math.isnan(one.p_adjusted):
            ways[one.metric.role][one.correction].append(one.metric.name)
    found = []
    for role, own in ways.items():
        for correction, names in own.items():
            how = joined([Remark(part) for part in parts(correction)] or [Remark(_NONE)], " + ")
            if len(own) == 1:
                found.append(Remark(_OF_ROLE[role], {"how": how}))
            else:
                metrics = joined([named(name) for name in dict.fromkeys(names)], ", ")
                found.append(Remark(_OF_METRIC, {"metric": metrics, "how": how}))
    return joined(found or [Remark(_NOTHING)], "; ")


def _over_variants(reading: MetricEffect) -> list[str]:
    if reading.simultaneous is None:
        return []
    return [_OVER_VARIANTS.get(reading.simultaneous.method, _BONFERRONI)]
