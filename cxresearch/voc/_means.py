"""Means of texts whose customers may have written several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: A text's vector has 32 bits, the last of which depend on the texts that were read with it.
_DIGITS = 6


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


def mean_sentiment(values: Array, customers: NDArray[np.int_], *, confidence: float) -> Estimate:
    """Estimate the mean sentiment of some texts, to the digits that are the same in every run."""
    found = mean_over_customers(values, customers, unit="", confidence=confidence)
    low, high = (round(end, _DIGITS) for end in found.ci)
    return replace(found, value=round(found.value, _DIGITS), ci=Interval(low, high))
