"""What goes with what customers write of: their scores, and whether they come back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, as_columns, difference_unit, fields_of
from cxresearch.stats.association.regression import Fit, clustered_variance, least_squares
from cxresearch.stats.means.sample_means import t_comparison, t_interval
from cxresearch.stats.multiplicity import p_values
from cxresearch.voc.estimates.prevalence import customer_numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NOT_APART = "undefined: it is the same in every text, or cannot be separated from the others"
METHOD = "least squares with all features, cluster-robust, t"
IMPACT = "mean of the feature times its difference, delta method"


@dataclass(frozen=True, slots=True, kw_only=True)
class Association(Comparison):
    """How far an outcome differs with a feature of texts, other features held.

    `value` is the difference between texts that are of a theme and those that are not, or per
    unit of a number such as the sentiment. It is what goes together, not what causes what.

    Parameters
    ----------
    feature : str
        The theme, or the name of the number.
    mean : float
        The mean of the feature: of a theme, the share of the texts that are of it.
    n_with : int
        How many of the `n` customers have it: of a theme, those with a text that is of it. By
        this number a report suppresses.
    impact : Estimate
        `mean` times `value`: by how much the mean outcome is off from what it would be were no
        text of the theme and the difference its doing.
    p_adjusted : float
        The p-value adjusted for the number of features.

    See Also
    --------
    cxresearch.core.comparison.Comparison : The other fields.
    """

    feature: str
    mean: float
    n_with: int
    impact: Estimate
    p_adjusted: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in order, the feature first; the impact becomes three columns."""
        row: dict[str, Any] = {"feature": self.feature}
        row |= Estimate.to_dict(self)
        del row["impact"]
        return row | as_columns("impact", self.impact)


def nps_points(scores: Iterable[Any]) -> Array:
    """Return what each recommend score from 0 to 10 adds to an NPS: 100, 0 or -100 points.

    Examples
    --------
    >>> nps_points([10, 8, 6, None]).tolist()
    [100.0, 0.0, -100.0, nan]
    """
    found = validate.answers("scores", list(scores), 0, 10)
    points = 100.0 * ((found >= 9).astype(float) - (found <= 6))
    return np.where(np.isnan(found), math.nan, points)


@documented
def associations(
    features: pd.DataFrame,
    outcome: Iterable[float],
    *,
    unit: str,
    covariates: pd.DataFrame | None = None,
    clusters: Iterable[Any] | None = None,
    adjust: p_values.Method = "holm",
    confidence: float = 0.95,
) -> tuple[Association, ...]:
    """Estimate how far an outcome differs with each theme, the other themes held.

    Parameters
    ----------
    features : pandas.DataFrame, n rows
        Columns of truths (themes, as :func:`cxresearch.voc.tag` finds them) or numbers (the
        sentiment).
    outcome : iterable of float, length n
        What is known of the author of each text: NPS points (:func:`nps_points`), a rating, 1 for
        who bought again and 0 for who did not; nan where nothing is.
    unit : str
        Its unit.
    covariates : pandas.DataFrame, n rows, optional
        What else may go with both: segment, month, channel, orders before. Words become a column
        per level, and what is missing a level of its own.
    %(clusters)s
    adjust : str, default "holm"
        How the p-values are adjusted for the number of features: see
        :func:`cxresearch.stats.multiplicity.p_values.adjusted`.
    %(confidence)s

    Returns
    -------
    tuple of Association
        One per feature, with `n` customers; nan with a note where it cannot be separated.

    Raises
    ------
    ValueError
        If the lengths differ, or an argument is none of what is allowed.

    Notes
    -----
    Rows without an outcome or with a missing number are left out. One regression of the outcome on
    all features and covariates; the variance is cluster-robust, with t at one less than the
    customers. The impact m b has the variance of the influences m d(b) + b d(m). A tagger that
    errs draws differences towards 0.

    References
    ----------
    Cameron & Miller (2015), J. Hum. Resour. 50, 317-372.

    Examples
    --------
    >>> import pandas as pd
    >>> themes = pd.DataFrame({"delivery": [True, True, True, False, False, False] * 10})
    >>> found = associations(themes, [-100, 0, -100, 100, 0, 100] * 10, unit="points")
    >>> round(found[0].value, 1), round(found[0].impact.value, 1), found[0].n
    (-133.3, -66.7, 60)
    """
    validate.share("confidence", confidence)
    rows = _Rows.of(features, outcome, covariates, clusters)
    fit = least_squares(rows.outcome, rows.columns)
    found = [
        _association(str(name), place, rows, fit, unit=unit, confidence=confidence)
        for place, name in enumerate(features.columns)
    ]
    adjusted = p_values.adjusted([one.p_value for one in found], method=adjust)
    return tuple(replace(one, p_adjusted=float(p)) for one, p in zip(found, adjusted, strict=True))


def impact_difference(
    features: pd.DataFrame,
    outcome: Iterable[float],
    first: str,
    second: str,
    *,
    unit: str,
    covariates: pd.DataFrame | None = None,
    clusters: Iterable[Any] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate the impact of one feature minus that of another, both in the same regression.

    Parameters
    ----------
    features, outcome, unit, covariates, clusters, confidence
        As in :func:`associations`.
    first, second : str
        Two of the features.

    Returns
    -------
    Estimate
        With the variance of the difference of their influences, summed over customers.

    Raises
    ------
    ValueError
        If a feature is no column, or as :func:`associations`.

    Examples
    --------
    >>> import pandas as pd
    >>> themes = pd.DataFrame({"late": [1, 1, 0, 0] * 20, "dear": [1, 0, 1, 0] * 20})
    >>> found = impact_difference(themes, [-9, -6, -3, 1] * 20, "late", "dear", unit="points")
    >>> round(found.value, 2), found.ci.high < 0
    (-1.5, True)
    """
    for name in (first, second):
        validate.one_of("feature", name, list(features.columns))
    rows = _Rows.of(features, outcome, covariates, clusters)
    fit = least_squares(rows.outcome, rows.columns)
    one, other = (list(features.columns).index(name) for name in (first, second))
    value = _impact(rows, fit, one) - _impact(rows, fit, other)
    return _impact_estimate(
        value,
        _impact_influence(rows, fit, one) - _impact_influence(rows, fit, other),
        (rows, fit),
        unit=unit,
        confidence=confidence,
        note=NOT_APART if math.isnan(value) else "",
    )


def _impact_estimate(
    value: float,
    influence: Array,
    regression: tuple[_Rows, Fit],
    *,
    unit: str,
    confidence: float,
    note: str,
    people: int | None = None,
) -> Estimate:
    """Return an impact, or the difference of two, with the variance of what each row moves it."""
    rows, fit = regression
    count = len(np.unique(rows.customers))
    variance = clustered_variance(influence, rows.customers, columns=fit.columns)
    return Estimate(
        value=value,
        ci=t_interval(value, variance, count - 1, confidence),
        n=count,
        unit=difference_unit(unit),
        confidence=confidence,
        method=IMPACT,
        note=note,
        people=people,
    )


def _impact(rows: _Rows, fit: Fit, place: int) -> float:
    return (
        float(rows.columns[:, place].mean() * fit.slopes[place]) if rows.outcome.size else math.nan
    )


def _impact_influence(rows: _Rows, fit: Fit, place: int) -> Array:
    """Return what each row moves the impact m b by: m d(b) + b d(m)."""
    values = rows.columns[:, place]
    mean = float(values.mean()) if values.size else math.nan
    found = mean * fit.influence[:, place] + fit.slopes[place] * (values - mean) / max(
        values.size, 1
    )
    return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The rows that a regression uses: the features first among the columns."""

    outcome: Array
    columns: Array
    customers: NDArray[np.int_]

    @classmethod
    def of(
        cls,
        features: pd.DataFrame,
        outcome: Iterable[float],
        covariates: pd.DataFrame | None,
        clusters: Iterable[Any] | None,
    ) -> _Rows:
        y = np.array(list(outcome), dtype=float)
        validate.one_of("the length of outcome", y.size, (len(features),))
        columns = features.to_numpy(dtype=float)
        if covariates is not None:
            validate.one_of("the number of rows of covariates", len(covariates), (len(features),))
            columns = np.hstack([columns, _as_numbers(covariates)])
        customers = customer_numbers(clusters, len(features))
        known = ~np.isnan(y) & ~np.isnan(columns).any(axis=1)
        return cls(y[known], columns[known], customers[known])


def _as_numbers(covariates: pd.DataFrame) -> Array:
    """Return covariates as columns of numbers: one per level of what is in words."""
    import pandas as pd

    words = [
        name for name in covariates.columns if not pd.api.types.is_numeric_dtype(covariates[name])
    ]
    found = pd.get_dummies(covariates, columns=words, dummy_na=True, dtype=float)
    return np.asarray(found.to_numpy(dtype=float))


def _association(
    feature: str, place: int, rows: _Rows, fit: Fit, *, unit: str, confidence: float
) -> Association:
    values, influence = rows.columns[:, place], fit.influence[:, place]
    slope = float(fit.slopes[place])
    count = len(np.unique(rows.customers))
    mean = float(values.mean()) if values.size else math.nan
    variance = clustered_variance(influence, rows.customers, columns=fit.columns)
    compared = t_comparison(
        slope,
        variance,
        count - 1,
        n=count,
        unit=unit,
        confidence=confidence,
        method=METHOD,
        note=NOT_APART if math.isnan(slope) else "",
    )
    n_with = len(np.unique(rows.customers[values != 0]))
    return Association(
        **fields_of(compared, Comparison) | {"people": n_with},
        feature=feature,
        mean=mean,
        n_with=n_with,
        impact=_impact_estimate(
            mean * slope,
            _impact_influence(rows, fit, place),
            (rows, fit),
            unit=unit,
            confidence=confidence,
            note=compared.note,
            people=n_with,
        ),
        p_adjusted=compared.p_value,
    )


def associations_table(found: Sequence[Association]) -> pd.DataFrame:
    """Return one row per feature, the one that takes most from the outcome first.

    Returns
    -------
    pandas.DataFrame
        `feature`, `mean`, the difference as `value` with `value_low` and `value_high`, `impact`
        with its ends, `p_adjusted`, `n` customers in all and `n_with`, those of them who have the
        feature.
    """
    import pandas as pd

    columns = ["feature", "mean", "value", "value_low", "value_high", "impact", "impact_low"]
    columns += ["impact_high", "p_adjusted", "n", "n_with"]
    rows = [one.to_dict() for one in found]
    names = {"ci_low": "value_low", "ci_high": "value_high"}
    table = pd.DataFrame(rows).rename(columns=names).reindex(columns=columns)
    return table.sort_values("impact", kind="stable", ignore_index=True)
