"""What goes together: measures of association, regression, frequent words.

risk_ratio
    Estimate the second share over the first, of two independent groups.
odds_ratio
    Estimate the odds of success in the second group over those in the first.
phi_coefficient
    Estimate the correlation of being in the second group and having the outcome.
cliffs_delta
    Estimate how much more often the second group is above the first than below it.
LogOdds
    How much more frequent each thing is in the first group than in the second.
log_odds
    Compare how frequent each of many things is in two groups of independent units.
Fit
    A least-squares regression with a constant.
least_squares
    Fit an outcome by several columns and a constant.
clustered_variance
    Return the variance of an estimate from how much each row moves it.
"""

from cxresearch.stats.association.association_measures import (
    LogOdds,
    cliffs_delta,
    log_odds,
    odds_ratio,
    phi_coefficient,
    risk_ratio,
)
from cxresearch.stats.association.regression import Fit, clustered_variance, least_squares

__all__ = [
    "Fit",
    "LogOdds",
    "cliffs_delta",
    "clustered_variance",
    "least_squares",
    "log_odds",
    "odds_ratio",
    "phi_coefficient",
    "risk_ratio",
]
