"""Many comparisons at once: adjusted p-values and simultaneous intervals.

games_howell
    Estimate each group minus each one before it, with one confidence for all pairs together.
dunnett
    Estimate each treatment minus the control, with one confidence for all of them together.
contrasts_of_ratios
    Compare the ratios of groups in which a cluster may have a part in several.
contrasts_apart
    Compare estimates of groups that share no unit, such as medians, by their intervals.
GroupContrasts
    Groups of one estimate, and their differences.
adjusted
    Return the p-values adjusted for how many there are.
"""

from cxresearch.stats.multiplicity.group_contrasts import (
    GroupContrasts,
    contrasts_apart,
    contrasts_of_ratios,
)
from cxresearch.stats.multiplicity.p_values import adjusted
from cxresearch.stats.multiplicity.simultaneous_intervals import dunnett, games_howell

__all__ = [
    "GroupContrasts",
    "adjusted",
    "contrasts_apart",
    "contrasts_of_ratios",
    "dunnett",
    "games_howell",
]
