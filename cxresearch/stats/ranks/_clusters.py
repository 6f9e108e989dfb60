"""Measurements in clusters that are drawn again, or left out one by one, as a whole."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Statistic = Callable[["NDArray[np.float64]"], float]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Measurements sorted by cluster: cluster i is `sizes[i]` values from `starts[i]` on."""

    values: NDArray[np.float64]
    sizes: NDArray[np.intp]
    starts: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.sizes)

    def take(self, chosen: NDArray[np.int64]) -> Clusters:
        """Return clusters chosen by number, each as often as it is chosen."""
        sizes = self.sizes[chosen]
        starts = np.cumsum(sizes) - sizes
        places = np.repeat(self.starts[chosen] - starts, sizes) + np.arange(sizes.sum())
        return Clusters(self.values[places], sizes, starts)

    def left_out(self, statistic: Statistic) -> NDArray[np.float64]:
        """Return the statistic without each cluster in turn."""
        ends = self.starts + self.sizes
        return np.array(
            [
                statistic(np.concatenate([self.values[:start], self.values[end:]]))
                for start, end in zip(self.starts, ends, strict=True)
            ]
        )

    def error(self, statistic: Statistic) -> float:
        """Return the jackknife's standard error."""
        left_out, n = self.left_out(statistic), len(self)
        return math.sqrt((n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum()))


def clustered(values: NDArray[np.float64], clusters: ArrayLike | None) -> Clusters:
    """Return measurements by cluster; without labels each is a cluster of its own."""
    if clusters is None:
        return Clusters(values, np.ones(values.size, dtype=np.intp), np.arange(values.size))
    labels = np.asarray(clusters)
    validate.one_of("the length of clusters", labels.size, (values.size,))
    _, number, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    ordered = values[np.argsort(number, kind="stable")]
    return Clusters(ordered, sizes, np.cumsum(sizes) - sizes)
