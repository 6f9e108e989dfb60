"""What customers say when they are asked for a score, and how sure it is.

Every function takes answers as arrays, or the results of other functions here; only `groups`
knows the columns of a study's table of surveys.

===============  ================================================================
nps              Net Promoter Score, raw, with an interval that holds
nps_compare      differences of groups, of waves, of the same people, to a target
nps_planning     how many answers are needed; what a number of answers can show
waves            the trend of an NPS: signal or noise
ratings          satisfaction (CSAT) and effort (CES)
metrics          one class per metric of a study; employee NPS
by_study         the scores of a study: overall, by touchpoint, segment and channel
groups           a study's surveys: relational, by touchpoint, segment or channel
weighting        weights that make answers agree with a population
weights          what weights cost, and means of weighted answers
nonresponse      who answered, weights learnt from behaviour, and how far the others could move it
driver_analysis  what goes with a score, and how much of it
importance       shares of explained variance; what matters against how it is rated
===============  ================================================================
"""

from cxresearch.survey.by_study import (
    scores,
    scores_by_channel,
    scores_by_month,
    scores_by_segment,
    scores_by_touchpoint,
)
from cxresearch.survey.driver_analysis import key_drivers
from cxresearch.survey.groups import by_group, overall, with_attribute
from cxresearch.survey.importance import importance_performance
from cxresearch.survey.metrics import METRICS, enps
from cxresearch.survey.nonresponse import response_weights, who_answered, worst_case
from cxresearch.survey.nps import NpsResult, nps
from cxresearch.survey.nps_compare import (
    nps_against,
    nps_difference,
    nps_paired_difference,
    nps_pairwise,
)
from cxresearch.survey.nps_planning import (
    nps_detectable_difference,
    nps_difference_sample_size,
    nps_margin,
    nps_sample_size,
)
from cxresearch.survey.ratings import CesResult, CsatResult, ces, csat
from cxresearch.survey.waves import nps_waves
from cxresearch.survey.weighting import post_stratify, rake
from cxresearch.survey.weights import Weights, effective_n, weighted_mean

__all__ = [
    "METRICS",
    "CesResult",
    "CsatResult",
    "NpsResult",
    "Weights",
    "by_group",
    "ces",
    "csat",
    "effective_n",
    "enps",
    "importance_performance",
    "key_drivers",
    "nps",
    "nps_against",
    "nps_detectable_difference",
    "nps_difference",
    "nps_difference_sample_size",
    "nps_margin",
    "nps_paired_difference",
    "nps_pairwise",
    "nps_sample_size",
    "nps_waves",
    "overall",
    "post_stratify",
    "rake",
    "response_weights",
    "scores",
    "scores_by_channel",
    "scores_by_month",
    "scores_by_segment",
    "scores_by_touchpoint",
    "weighted_mean",
    "who_answered",
    "with_attribute",
    "worst_case",
]
