"""Looking at an experiment before its end without more false alarms.

confidence_sequence
    Estimate an effect at each of any number of looks, for all looks together.
Boundaries
    How large the statistic must be at each look for the experiment to stop.
spending_boundaries
    Return boundaries for looks that need be neither equal nor known beforehand.
classical_boundaries
    Return the boundaries of O'Brien and Fleming, or of Pocock, for looks planned beforehand.
sequential_estimate
    Estimate the effect at a look, as the plan to stop early asks.
SequentialPlan
    The units of an experiment with several looks, against those of one with a single look.
sequential_plan
    Return by how much the looks raise the most units, and lower the mean, at one power.
"""

from cxresearch.stats.sequential.confidence_sequences import confidence_sequence
from cxresearch.stats.sequential.group_sequential import (
    Boundaries,
    classical_boundaries,
    spending_boundaries,
)
from cxresearch.stats.sequential.sequential_estimates import (
    SequentialPlan,
    sequential_estimate,
    sequential_plan,
)

__all__ = [
    "Boundaries",
    "SequentialPlan",
    "classical_boundaries",
    "confidence_sequence",
    "sequential_estimate",
    "sequential_plan",
    "spending_boundaries",
]
