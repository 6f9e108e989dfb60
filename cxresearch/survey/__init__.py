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
populations      who the customers are, and weights of answers to them
satisfaction     a study's scores weighted to all customers, beside raw; against targets
mix              what of a change is only who answers
answering        who answers, and how far those who do not could move a score
courses          the course of a score by wave or month, and its breaks
next_steps       what to do about it, and how many answers the next wave needs
rated_parts      which parts of the experience go with the score in front
driver_analysis  what goes with a score, and how much of it
importance       shares of explained variance; what matters against how it is rated
===============  ================================================================
"""

from cxresearch.survey.answering import if_others_differ, tilted, who_answers, worst_and_best
from cxresearch.survey.by_study import (
    after_late,
    alike,
    scores,
    scores_by_channel,
    scores_by_lateness,
    scores_by_month,
    scores_by_segment,
    scores_by_stage,
    scores_by_touchpoint,
)
from cxresearch.survey.courses import (
    Course,
    change_parts,
    change_sentence,
    course,
    score_breaks,
)
from cxresearch.survey.driver_analysis import key_drivers
from cxresearch.survey.groups import by_group, overall, with_attribute
from cxresearch.survey.importance import importance_performance
from cxresearch.survey.metrics import METRICS, enps
from cxresearch.survey.next_steps import answers_needed, last_wave, next_steps
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
from cxresearch.survey.rated_parts import RatedParts, rated_parts
from cxresearch.survey.ratings import CesResult, CsatResult, ces, csat
from cxresearch.survey.satisfaction import Satisfaction, satisfaction
from cxresearch.survey.targets import targets
from cxresearch.survey.waves import nps_waves
from cxresearch.survey.weighting import post_stratify, rake
from cxresearch.survey.weights import Weights, effective_n, weighted_mean

__all__ = [
    "METRICS",
    "CesResult",
    "Course",
    "CsatResult",
    "NpsResult",
    "RatedParts",
    "Satisfaction",
    "Weights",
    "after_late",
    "alike",
    "answers_needed",
    "by_group",
    "ces",
    "change_parts",
    "change_sentence",
    "course",
    "csat",
    "effective_n",
    "enps",
    "if_others_differ",
    "importance_performance",
    "key_drivers",
    "last_wave",
    "next_steps",
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
    "rated_parts",
    "response_weights",
    "satisfaction",
    "score_breaks",
    "scores",
    "scores_by_channel",
    "scores_by_lateness",
    "scores_by_month",
    "scores_by_segment",
    "scores_by_stage",
    "scores_by_touchpoint",
    "targets",
    "tilted",
    "weighted_mean",
    "who_answered",
    "who_answers",
    "with_attribute",
    "worst_and_best",
    "worst_case",
]


def __dir__() -> list[str]:
    return __all__
