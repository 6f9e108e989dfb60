"""Means of texts whose customers may have written several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cxresearch.results import Estimate
from cxresearch.stats.ratios import RatioSums, ratio_of_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def sums_over_customers(values: Array, customers: NDArray[np.int_]) -> RatioSums:
    """Return the sums of values that are all known, and of their number, over customers."""
    places = np.unique(customers, return_inverse=True)[1]
    return RatioSums.from_arrays(np.bincount(places, values), np.bincount(places))


def mean_over_customers(
    values: Array, customers: NDArray[np.int_], *, unit: str, confidence: float
) -> Estimate:
    """Estimate the mean of what is known of some texts; nan is not known."""
    known = ~np.isnan(values)
    sums = sums_over_customers(values[known], customers[known])
    return ratio_of_sums(sums, unit=unit, confidence=confidence)
