"""Many comparisons at once: adjusted p-values and simultaneous intervals.

games_howell
    Estimate each group minus each one before it, with one confidence for all pairs together.
dunnett
    Estimate each treatment minus the control, with one confidence for all of them together.
adjusted
    Return the p-values adjusted for how many there are.
"""

from cxresearch.stats.multiplicity.p_values import adjusted
from cxresearch.stats.multiplicity.simultaneous_intervals import dunnett, games_howell

__all__ = [
    "adjusted",
    "dunnett",
    "games_howell",
]
