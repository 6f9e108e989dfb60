"""The kinds of arrays the simulation is made of, and what is done with them everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


def numbered(prefix: str, n: int, width: int, first: int = 1) -> Texts:
    """Return `n` ids in a row.

    Examples
    --------
    >>> numbered("O", 2, 3).tolist()
    ['O001', 'O002']
    """
    return np.array([f"{prefix}{i:0{width}d}" for i in range(first, first + n)], dtype=object)


def numbered_texts(
    prefix: str, numbers: Ints, width: int, missing: Flags | None = None
) -> pa.Array:
    """Return numbers as ids, as Arrow texts; none where `missing`.

    Examples
    --------
    >>> numbered_texts("S", np.array([7, 0]), 3, np.array([False, True])).to_pylist()
    ['S007', None]
    """
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers, mask=missing), pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def blanked(values: Texts, hidden: Flags) -> Texts:
    """Return a copy of `values` with None where `hidden`.

    Examples
    --------
    >>> blanked(np.array(["a", "b"], dtype=object), np.array([True, False])).tolist()
    [None, 'b']
    """
    shown = values.copy()
    shown[hidden] = None
    return shown
