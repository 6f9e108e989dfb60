"""Answers as columns of numbers, and the correlations of the columns, drawn again and again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

#: A spread below this part of the largest value is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The complete answers: the outcome in the first column, the drivers in the others."""

    names: list[str]
    table: NDArray[Any]
    varies: NDArray[Any]
    weights: NDArray[Any]
    who: NDArray[Any]
    missing: int

    @property
    def varying(self) -> NDArray[Any]:
        """The columns that are not constant."""
        return self.table[:, self.varies]


def complete_answers(
    outcome: ArrayLike,
    predictors: Mapping[str, ArrayLike] | pd.DataFrame,
    weights: ArrayLike | None,
    respondents: ArrayLike | None,
) -> Answers:
    """Return the answers in which nothing is missing."""
    import numpy as np
    import pandas as pd

    columns = {"outcome": outcome, **{f"driver {name}": x for name, x in predictors.items()}}
    given = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    arrays = validate.arrays(**{name: x.where(x.notna(), 0.0) for name, x in given.items()})
    whole = np.logical_and.reduce([x.notna().to_numpy() for x in given.values()])
    table = np.column_stack(arrays)[whole]
    w = np.ones(len(whole)) if weights is None else np.asarray(weights)
    who = np.arange(len(whole)) if respondents is None else pd.factorize(pd.Series(respondents))[0]
    _, w, who = validate.arrays(outcome=np.zeros(len(whole)), weights=w, respondents=who)
    if w.size:
        validate.between("smallest weight", float(w.min()), 0, math.inf)
    used = table[w[whole] > 0]
    spread = np.ptp(used, axis=0) if len(used) else np.zeros(table.shape[1])
    return Answers(
        names=[str(name) for name in predictors],
        table=table,
        varies=spread > _ROUNDING * np.abs(table).max(axis=0, initial=0),
        weights=w[whole],
        who=np.unique(who[whole], return_inverse=True)[1],
        missing=int((~whole).sum()),
    )


def correlation(table: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """Return the weighted correlations of columns; one that is constant goes with nothing."""
    import numpy as np

    centred = table - weights @ table / weights.sum()
    covariance = (centred * weights[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    constant = spread <= _ROUNDING * math.sqrt(weights.sum()) * np.abs(table).max(axis=0)
    per_spread = np.where(constant, 0.0, 1 / np.where(constant, 1.0, spread))
    found = covariance * per_spread * per_spread[:, None]
    np.fill_diagonal(found, 1.0)
    clipped: NDArray[Any] = np.clip(found, -1.0, 1.0)
    return clipped


def resampled(answers: Answers, resamples: int, seed: int) -> NDArray[Any]:
    """Return the correlations of bootstrap samples, of shape (resamples, p + 1, p + 1)."""
    import numpy as np

    rng = np.random.default_rng(seed)
    table, people = answers.varying, int(answers.who.max()) + 1
    draws = np.empty((resamples, table.shape[1], table.shape[1]))
    for i in range(resamples):
        times = np.bincount(rng.integers(people, size=people), minlength=people)
        draws[i] = correlation(table, answers.weights * times[answers.who])
    return draws
