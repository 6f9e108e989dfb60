"""Shares of units, counted one by one, in clusters, or by a machine that errs.

difference_of_clustered_shares
    Estimate the second share minus the first, when a cluster may have units in both groups.
difference_of_proportions
    Estimate the second share minus the first, of two independent groups.
mover
    Return the interval of the second value minus the first from those of the two.
LabelledSample
    Units with a guess each, of which people looked at some.
tagged_share
    Estimate the share of units that the machine says have the property, which may be biased.
labelled_share
    Estimate the share from the units that people looked at alone.
difference_of_paired_proportions
    Estimate the second share minus the first, of the same units asked twice.
tango_interval
    Return Tango's score interval of (c - b) / n; nan when `n` is 0.
prediction_powered
    Estimate the share from all guesses and from what people saw of some.
proportion
    Estimate a share of independent units.
clustered_proportion
    Estimate a share of units that come in independent clusters.
wilson
    Return Wilson's score interval of a share `p` of `n` units, which may be an effective size.
rare_share_interval
    Return the interval of Jeffreys, lengthened where it is known to be too short.
rogan_gladen
    Estimate the share from the guesses, knowing how often they are right.
SampleRatio
    The test of the planned shares.
sample_ratio
    Test the shares of the variants once, at the end.
sequential_sample_ratio
    Test the shares of the variants as often as one likes while the units come in.
tango_limits
    Return the limits of Tango's score interval of (c - b) / n.
tango_statistic
    Return the score statistic z of (c - b) / n against a difference; nan without spread.
"""

from cxresearch.stats.shares.corrected_shares import (
    LabelledSample,
    labelled_share,
    prediction_powered,
    rogan_gladen,
    tagged_share,
)
from cxresearch.stats.shares.differences import (
    difference_of_clustered_shares,
    difference_of_proportions,
    mover,
)
from cxresearch.stats.shares.paired import (
    difference_of_paired_proportions,
    tango_interval,
    tango_limits,
    tango_statistic,
)
from cxresearch.stats.shares.proportions import (
    clustered_proportion,
    proportion,
    rare_share_interval,
    wilson,
)
from cxresearch.stats.shares.sample_ratio import SampleRatio, sample_ratio, sequential_sample_ratio

__all__ = [
    "LabelledSample",
    "SampleRatio",
    "clustered_proportion",
    "difference_of_clustered_shares",
    "difference_of_paired_proportions",
    "difference_of_proportions",
    "labelled_share",
    "mover",
    "prediction_powered",
    "proportion",
    "rare_share_interval",
    "rogan_gladen",
    "sample_ratio",
    "sequential_sample_ratio",
    "tagged_share",
    "tango_interval",
    "tango_limits",
    "tango_statistic",
    "wilson",
]
