"""Arrays of counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def counts(**named: ArrayLike) -> list[NDArray[np.float64]]:
    """Return each argument as a flat array of whole numbers from 0; all have one length.

    Raises
    ------
    TypeError
        If a value is not a whole number.
    ValueError
        If a value is negative or not finite, or the lengths differ.

    Examples
    --------
    >>> counts(first=[3, 0], second=[1, 2])
    [array([3., 0.]), array([1., 2.])]
    """
    found = validate.arrays(**named)
    for name, array in zip(named, found, strict=True):
        for value in array[array != np.floor(array)][:1].tolist():
            validate.whole(name, value)
        if array.size:
            validate.between(name, float(array.min()), 0, math.inf)
    return found
