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
_HOMES = {
    "Baseline": "control",
    "Boundaries": "sequential",
    "ClusterTotals": "means",
    "Contender": "bayes",
    "ControlChart": "control",
    "CrossSums": "means",
    "Design": "power",
    "Fit": "association",
    "GroupContrasts": "multiplicity",
    "Heterogeneity": "association",
    "IncidenceCurve": "survival",
    "LabelledSample": "shares",
    "LogOdds": "association",
    "MarginTest": "means",
    "Moments": "means",
    "OrdinalLogit": "ranks",
    "OutcomeCounts": "survival",
    "PlannedMetric": "power",
    "Posterior": "bayes",
    "PurchaseFit": "purchases",
    "RatioSums": "means",
    "RetentionModel": "survival",
    "Sample": "means",
    "SampleRatio": "shares",
    "SampleSize": "power",
    "SequentialPlan": "sequential",
    "SpendFit": "purchases",
    "Superiority": "ranks",
    "SurvivalCurve": "survival",
    "ValueWithVariance": "means",
    "baseline": "control",
    "beta_binomial": "bayes",
    "bootstrap": "ranks",
    "bootstrap_mean": "ranks",
    "classical_boundaries": "sequential",
    "cliffs_delta": "association",
    "clustered_proportion": "shares",
    "clustered_variance": "association",
    "cohen_kappa": "agreement",
    "confidence_sequence": "sequential",
    "contrasts_apart": "multiplicity",
    "contrasts_of_ratios": "multiplicity",
    "correlation_of_ratios": "means",
    "cumulative_incidence": "survival",
    "cusum": "control",
    "design_effect": "power",
    "detectable_effect": "power",
    "difference": "means",
    "difference_of_clustered_shares": "shares",
    "difference_of_clusters": "means",
    "difference_of_means": "means",
    "difference_of_paired_proportions": "shares",
    "difference_of_proportions": "shares",
    "difference_of_quantiles": "ranks",
    "difference_of_ratios": "means",
    "dunnett": "multiplicity",
    "equivalence": "means",
    "ewma": "control",
    "fit_purchases": "purchases",
    "fit_spend": "purchases",
    "fleiss_kappa": "agreement",
    "games_howell": "multiplicity",
    "gwet_ac1": "agreement",
    "hazard_ratio": "survival",
    "homogeneity": "association",
    "individuals": "control",
    "is_reversed": "means",
    "kaplan_meier": "survival",
    "krippendorff_alpha": "agreement",
    "kruskal_wallis": "ranks",
    "labelled_share": "shares",
    "least_squares": "association",
    "lift": "means",
    "log_odds": "association",
    "mantel_haenszel": "means",
    "mean": "means",
    "median": "ranks",
    "mover": "shares",
    "non_inferiority": "means",
    "normal_contenders": "bayes",
    "normal_posterior": "bayes",
    "odds_ratio": "association",
    "p_chart": "control",
    "paired_difference": "means",
    "percent_agreement": "agreement",
    "phi_coefficient": "association",
    "prediction_powered": "shares",
    "proportion": "shares",
    "proportional_odds": "ranks",
    "quantile": "ranks",
    "rare_share_interval": "shares",
    "ratio_of_ratios": "means",
    "ratio_of_sums": "means",
    "relative": "means",
    "risk_ratio": "association",
    "rogan_gladen": "shares",
    "sample_ratio": "shares",
    "sample_size": "power",
    "sequential_estimate": "sequential",
    "sequential_plan": "sequential",
    "sequential_sample_ratio": "shares",
    "shifted_beta_geometric": "survival",
    "signals": "control",
    "signed_rank": "ranks",
    "spending_boundaries": "sequential",
    "stratified": "means",
    "superiority": "ranks",
    "superiority_of_counts": "ranks",
    "t_interval": "means",
    "tagged_share": "shares",
    "tango_interval": "shares",
    "tango_limits": "shares",
    "tango_statistic": "shares",
    "total": "means",
    "u_chart": "control",
    "weighted_trend": "control",
    "wilson": "shares",
}
_FOLDERS = (
    "agreement",
    "association",
    "bayes",
    "breaks",
    "control",
    "means",
    "multiplicity",
    "power",
    "ranks",
    "sequential",
    "shares",
    "survival",
)

__all__ = sorted((*_FOLDERS, *_HOMES))


def __getattr__(name: str) -> Any:
    if name in _FOLDERS:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
