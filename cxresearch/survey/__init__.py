"""What customers say when they are asked for a score, and how sure it is.

Every function takes answers as arrays, or the results of other functions here; only `groups`
knows the columns of a study's table of surveys.

===============  ================================================================
nps              Net Promoter Score, raw, with an interval that holds
===============  ================================================================
"""

from cxresearch.survey.nps import NpsResult, nps

__all__ = ["NpsResult", "nps"]
