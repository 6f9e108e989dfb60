"""Ordered answers and quantiles, and any statistic with whole customers drawn again.

Superiority
    How often the second group is above the first.
superiority
    Estimate how often the second group is above the first, and test that it is by chance.
superiority_of_counts
    Estimate how often the second group is above the first, from a table of counts.
OrdinalLogit
    A fitted proportional-odds model of two groups.
proportional_odds
    Estimate the log odds ratio of a higher answer in the second group.
difference_of_quantiles
    Estimate the second quantile minus the first, of two independent groups.
quantile
    Estimate a quantile of independent measurements.
median
    Estimate the median of independent measurements: :func:`quantile` at 0.5.
kruskal_wallis
    Test whether two or more independent groups answer alike, with the correction for ties.
signed_rank
    Test whether the same units answer higher the second time: Wilcoxon's signed rank test.
bootstrap
    Estimate any statistic with an interval from drawing whole clusters again.
bootstrap_mean
    Estimate the mean of measurements in clusters, with an interval that follows their skew.
"""

from cxresearch.stats.ranks.proportional_odds import OrdinalLogit, proportional_odds
from cxresearch.stats.ranks.quantiles import difference_of_quantiles, median, quantile
from cxresearch.stats.ranks.rank_tests import (
    Superiority,
    kruskal_wallis,
    signed_rank,
    superiority,
    superiority_of_counts,
)
from cxresearch.stats.ranks.resampling import bootstrap, bootstrap_mean

__all__ = [
    "OrdinalLogit",
    "Superiority",
    "bootstrap",
    "bootstrap_mean",
    "difference_of_quantiles",
    "kruskal_wallis",
    "median",
    "proportional_odds",
    "quantile",
    "signed_rank",
    "superiority",
    "superiority_of_counts",
]
