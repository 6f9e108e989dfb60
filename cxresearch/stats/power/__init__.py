"""How many units an experiment needs, and what effect it can show.

Design
    What is asked of an experiment, and how its units are shared out.
design_effect
    Return by how much clusters raise the variance of a mean of their units.
PlannedMetric
    A metric as it is without any effect.
SampleSize
    The units an experiment needs.
power
    Return the chance to find an effect.
sample_size
    Return how many units an effect needs to be found.
detectable_effect
    Return the smallest effect (MDE) that so many units find with the power asked for.
"""

from cxresearch.stats.power.designs import Design, PlannedMetric, design_effect
from cxresearch.stats.power.sample_sizes import SampleSize, detectable_effect, power, sample_size

__all__ = [
    "Design",
    "PlannedMetric",
    "SampleSize",
    "design_effect",
    "detectable_effect",
    "power",
    "sample_size",
]
