"""How long something lasts, or by when it happens, when not every end was seen.

SurvivalCurve
    A Kaplan-Meier curve: the share that lasts longer than each time.
kaplan_meier
    Estimate how long something lasts from complete and censored durations.
hazard_ratio
    Estimate the hazard of the second group over that of the first.
IncidenceCurve
    A cumulative incidence curve: the share of all that has had the event by each time.
cumulative_incidence
    Estimate by when an event comes, for all and not only for those it has come to.
OutcomeCounts
    How many customers left the wait at each time, and how: all that the estimate needs.
RetentionModel
    A fitted shifted-beta-geometric model.
shifted_beta_geometric
    Fit the shifted-beta-geometric model to the survivors of one cohort.
"""

from cxresearch.stats.survival.aalen_johansen import OutcomeCounts
from cxresearch.stats.survival.curves import SurvivalCurve, kaplan_meier
from cxresearch.stats.survival.hazards import hazard_ratio
from cxresearch.stats.survival.incidence import IncidenceCurve, cumulative_incidence
from cxresearch.stats.survival.shifted_beta_geometric import RetentionModel, shifted_beta_geometric

__all__ = [
    "IncidenceCurve",
    "OutcomeCounts",
    "RetentionModel",
    "SurvivalCurve",
    "cumulative_incidence",
    "hazard_ratio",
    "kaplan_meier",
    "shifted_beta_geometric",
]
