"""Statistics: numbers and arrays in, results out; no file, column name or plot is known here.

============  ===================================================================================
means         means, totals and ratios, and how far two groups are apart by them
shares        shares of units, counted one by one, in clusters, or by a machine that errs
ranks         ordered answers and quantiles, and any statistic with whole customers drawn again
survival      how long something lasts, or by when it happens, when not every end was seen
purchases     how often customers buy again, and for how much, when nobody says that they leave
association   what goes together: measures of association, regression, frequent words, segments
multiplicity  many comparisons at once: adjusted p-values and simultaneous intervals
sequential    looking at an experiment before its end without more false alarms
power         how many units an experiment needs, and what effect it can show
agreement     how far coders agree on the same units
control       whether a series of measurements is stable, drifts or has a trend
breaks        breaks in many weekly series at once: level shifts, ramps and episodes
bayes         what may be true of variants and effects, and what choosing one may cost
============  ===================================================================================

Every public name of a folder is also here: ``stats.proportion`` is ``stats.shares.proportion``.
Those of ``breaks`` are not, as they say little alone: ``stats.breaks.scan``, ``stats.breaks.at``.
"""

from __future__ import annotations

import importlib
from typing import Any

#: The folders with their public names; a folder is loaded when one of them is first used.
_NAMES = {
    "agreement": "cohen_kappa fleiss_kappa gwet_ac1 krippendorff_alpha percent_agreement",
    "association": (
        "Fit LogOdds cliffs_delta clustered_variance least_squares log_odds odds_ratio "
        "phi_coefficient risk_ratio"
    ),
    "bayes": "Contender Posterior beta_binomial normal_contenders normal_posterior",
    "breaks": "",
    "control": (
        "Baseline ControlChart baseline cusum ewma individuals p_chart signals u_chart "
        "weighted_trend"
    ),
    "means": (
        "ClusterTotals CrossSums Heterogeneity MarginTest Moments RatioSums Sample "
        "ValueWithVariance correlation_of_ratios difference difference_of_clusters "
        "difference_of_means difference_of_ratios equivalence homogeneity is_reversed lift "
        "mantel_haenszel mean non_inferiority paired_difference ratio_of_ratios "
        "ratio_of_sums relative stratified t_interval total"
    ),
    "multiplicity": "GroupContrasts contrasts_apart contrasts_of_ratios dunnett games_howell",
    "power": "Design PlannedMetric SampleSize design_effect detectable_effect sample_size",
    "purchases": "PurchaseFit SpendFit fit_purchases fit_spend",
    "ranks": (
        "OrdinalLogit Superiority bootstrap bootstrap_mean difference_of_quantiles "
        "kruskal_wallis median proportional_odds quantile signed_rank superiority "
        "superiority_of_counts"
    ),
    "sequential": (
        "Boundaries SequentialPlan classical_boundaries confidence_sequence "
        "sequential_estimate sequential_plan spending_boundaries"
    ),
    "shares": (
        "LabelledSample SampleRatio clustered_proportion difference_of_clustered_shares "
        "difference_of_paired_proportions difference_of_proportions labelled_share mover "
        "prediction_powered proportion rare_share_interval rogan_gladen sample_ratio "
        "sequential_sample_ratio tagged_share tango_interval tango_limits tango_statistic "
        "wilson"
    ),
    "survival": (
        "IncidenceCurve OutcomeCounts RetentionModel SurvivalCurve cumulative_incidence "
        "hazard_ratio kaplan_meier shifted_beta_geometric"
    ),
}
_HOMES = {name: folder for folder, names in _NAMES.items() for name in names.split()}

__all__ = sorted((*_NAMES, *_HOMES))


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
