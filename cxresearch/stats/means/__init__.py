"""Means, totals and ratios of independent units, and how far two groups are apart by them.

adjusted
    Return the mean, or the ratio of totals, of each group, adjusted for covariates.
ClusterTotals
    The units and the total of every cluster in each of two groups.
difference_of_clusters
    Estimate the mean per unit of the second group minus that of the first, over clusters.
ValueWithVariance
    An estimate with its sampling variance.
difference
    Estimate treatment minus control, of two independent groups.
MarginTest
    A difference read against a margin.
non_inferiority
    Test whether treatment is not worse than control by the margin or more.
equivalence
    Test whether treatment is within the margin of control, to either side (TOST).
Moments
    The number, the means and the scatter of several measurements of the same units.
ratio_of_ratios
    Estimate the second ratio over the first, when a cluster may have a part in both.
RatioSums
    The sums over clusters from which a ratio and its spread follow.
CrossSums
    The sums over clusters of products between two ratios' numerators and denominators.
ratio_of_sums
    Estimate a ratio of two totals over independent clusters.
difference_of_ratios
    Estimate the second ratio minus the first, when a cluster may have a part in both.
correlation_of_ratios
    Return how two ratios move together, when a cluster may have a part in both.
lift
    Estimate by what share treatment is above control, of two independent groups.
relative
    Return the lift as a quantity, its variance by the linear delta method.
Sample
    What an interval of a mean needs to know of a sample.
mean
    Estimate the mean of independent measurements.
difference_of_means
    Estimate the second mean minus the first, of two independent groups.
paired_difference
    Estimate the mean of second minus first, of the same units measured twice.
t_interval
    Return the interval by Student's t of an estimate with a variance; nan without spread.
stratified
    Return a group's number had the strata the given weights.
mantel_haenszel
    Estimate the odds ratio of treatment against control that the strata share.
is_reversed
    Return whether every stratum says the opposite of all strata together.
Heterogeneity
    A test that an effect is the same in every segment.
homogeneity
    Test whether an effect is the same in every segment (Cochran's Q).
total
    Estimate a total over independent clusters whose number is itself a matter of chance.
"""

from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.stats.means.adjustment import adjusted
from cxresearch.stats.means.cluster_randomised import ClusterTotals, difference_of_clusters
from cxresearch.stats.means.estimators import ValueWithVariance, difference, lift, relative
from cxresearch.stats.means.margins import MarginTest, equivalence, non_inferiority
from cxresearch.stats.means.moments import Moments
from cxresearch.stats.means.ratios import (
    correlation_of_ratios,
    difference_of_ratios,
    ratio_of_ratios,
    ratio_of_sums,
    total,
)
from cxresearch.stats.means.sample_means import (
    Sample,
    difference_of_means,
    mean,
    paired_difference,
    t_interval,
)
from cxresearch.stats.means.strata import (
    Heterogeneity,
    homogeneity,
    is_reversed,
    mantel_haenszel,
    stratified,
)

__all__ = [
    "ClusterTotals",
    "CrossSums",
    "Heterogeneity",
    "MarginTest",
    "Moments",
    "RatioSums",
    "Sample",
    "ValueWithVariance",
    "adjusted",
    "correlation_of_ratios",
    "difference",
    "difference_of_clusters",
    "difference_of_means",
    "difference_of_ratios",
    "equivalence",
    "homogeneity",
    "is_reversed",
    "lift",
    "mantel_haenszel",
    "mean",
    "non_inferiority",
    "paired_difference",
    "ratio_of_ratios",
    "ratio_of_sums",
    "relative",
    "stratified",
    "t_interval",
    "total",
]
