"""The kinds of arrays the simulation is made of, and what is done with them everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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


def draw_places(rng: np.random.Generator, chances: Floats) -> Ints:
    """Return one place per row of `chances`, drawn with the chances of the row."""
    edges = np.cumsum(chances, axis=1)[:, :-1]
    return np.asarray((rng.random(len(chances))[:, None] >= edges).sum(axis=1))


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
