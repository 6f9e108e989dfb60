"""Statistics: numbers and arrays in, results out; no file, column name or plot is known here.

=====================  ==================================================================
proportions            shares of units, counted one by one or in clusters
differences            how far the shares of two groups are apart
clustered_differences  the same where units come in clusters, some of them in both groups
paired                 the same for one group asked twice
tango                  the difference of two classes of one sample, by score
ratios                 one total over another, summed over independent clusters
totals                 how much of something a period brought
means                  means, and how far two are apart
quantiles              medians and other quantiles, with an interval for any shape
resampling             any statistic, with whole customers drawn again
effects                how strongly a property goes with an outcome
ordinal                which of two groups answers higher on an ordered scale
proportional_odds      by what factor the odds of a higher answer differ
rank_tests             whether several groups, or the same units twice, answer alike
survival               how long something lasts when not every end was seen
log_rank               whether such durations differ between groups
hazard_ratios          how many times as often the end comes in one group as in another
incidence              by when something happens, when others drop out and some still wait
incidence_differences  how far two groups are apart in that
outcome_counts         the counts behind it
sbg                    how many customers of a contract will stay
rare_shares            the interval of a share that few units have a part in
guesses                units that a machine guessed for all and people saw in a few
prediction_powered     the share of units with a property, from both together
rogan_gladen           the same, knowing how often the guesses are right
log_odds               which of many things are more frequent in one group
regression             how an outcome goes with several things at once
multiplicity           p-values when there are many of them
control                is a series of measurements stable
control_baseline       does such a series follow a level, a line or a season
control_counts         is a series of shares or rates stable
control_drift          does a series drift by little, for long
quantities             a number with its variance, and how far two groups are apart by it
ratio_quotients        how many times one total over another is a second such ratio
trends                 does a number that was measured many times go up or down
lifts                  by what share one group is above another
moments                the sums that several measurements of the same units come down to
adjustment             means adjusted for what was before: CUPED and Lin's regression
strata                 two groups compared within strata
quantile_differences   how far a quantile of two groups is apart
cluster_differences    the same for means when few whole clusters were assigned
many_to_one            several groups against one control
all_pairs              several groups, each against each other
margins                is one group not worse than another, or as good as equal
interactions           does an effect differ between segments
sample_ratio           did the variants get the units that were planned
planned_metrics        what a plan must know of a metric
designs                what is asked of an experiment
power                  how many units that needs, and what effect they show
group_sequential       when to stop at planned looks
sequential_plans       what the looks cost and save
sequential_estimates   what an experiment that may have stopped early says
confidence_sequences   intervals for as many looks as one likes
bayes                  which of several variants is the best, and what choosing it may cost
bayes_effects          what may be true of one effect
agreement              how far coders agree on the same units
kappas                 the same for two, or for several who coded every unit
comparison             the records of a difference and of a test
=====================  ==================================================================
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

__all__ = sorted(  # the modules themselves are the doors
    module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
)


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
