"""What customers say when they are asked for a score, and how sure it is.

Every function takes answers as arrays, or the results of other functions here; only `groups`
knows the columns of a study's table of surveys.

===============  ================================================================
nps              Net Promoter Score, raw, with an interval that holds
nps_compare      differences of groups, of waves, of the same people
nps_planning     how many answers are needed; what a number of answers can show
waves            the trend of an NPS: signal or noise
ratings          satisfaction (CSAT) and effort (CES)
enps             employee NPS, told only where nobody can be recognised
groups           a study's surveys: relational, by touchpoint, segment or channel
===============  ================================================================
"""

from cxresearch.survey.enps import enps
from cxresearch.survey.groups import by_group, with_attribute
from cxresearch.survey.nps import NpsResult, nps
from cxresearch.survey.nps_compare import nps_difference, nps_paired_difference, nps_pairwise
from cxresearch.survey.nps_planning import (
    nps_detectable_difference,
    nps_difference_sample_size,
    nps_margin,
    nps_sample_size,
)
from cxresearch.survey.ratings import CesResult, CsatResult, ces, csat
from cxresearch.survey.waves import nps_waves

__all__ = [
    "CesResult",
    "CsatResult",
    "NpsResult",
    "by_group",
    "ces",
    "csat",
    "enps",
    "nps",
    "nps_detectable_difference",
    "nps_difference",
    "nps_difference_sample_size",
    "nps_margin",
    "nps_paired_difference",
    "nps_pairwise",
    "nps_sample_size",
    "nps_waves",
    "with_attribute",
]
