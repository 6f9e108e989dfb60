"""Random numbers that belong to a thing: each is a function of the seed, a topic and a key.

A person, a visit, an order, a message has a key that never changes. What is drawn for it depends
on its own key only, so an effect that is switched off takes its own rows away and leaves every
other draw as it was. The kinds of arrays the simulation is made of are named here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtri

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

_Words = npt.NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_BITS = 53


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


@dataclass(frozen=True, slots=True)
class Draws:
    """The random numbers of one seed and one topic.

    Parameters
    ----------
    seed : int
        The seed of the shop.
    topic : str
        What they are for; topics are independent of each other.

    Examples
    --------
    >>> late = Draws(1, "deliveries")
    >>> late.uniform("late", np.array([7, 8])).round(3).tolist()
    [0.587, 0.972]
    >>> late.uniform("late", np.array([8])).round(3).tolist()  # 7 has no part in it
    [0.972]
    """

    seed: int
    topic: str

    def uniform(self, name: str, keys: Ints, times: int | Ints = 0) -> Floats:
        """Return a number between 0 and 1, both excluded, for each key.

        Parameters
        ----------
        name : str
            What is drawn; names are independent of each other.
        keys : array of int
            The keys of the things.
        times : int or array of int
            Which draw of the thing it is, where it has several of one name.
        """
        words = _mixed(keys.astype(np.uint64) + self._start(name))
        words = _mixed(words + np.asarray(times).astype(np.uint64) * _STEP)
        return np.asarray(((words >> np.uint64(64 - _BITS)) + 0.5) / 2.0**_BITS)

    def normal(self, name: str, keys: Ints, times: int | Ints = 0) -> Floats:
        """Return a standard normal number for each key."""
        return np.asarray(ndtri(self.uniform(name, keys, times)))

    def exponential(self, name: str, keys: Ints, times: int | Ints = 0) -> Floats:
        """Return an exponential number of mean 1 for each key."""
        return np.asarray(-np.log(self.uniform(name, keys, times)))

    def between(
        self, name: str, keys: Ints, low: float | Floats, high: float | Floats, times: int = 0
    ) -> Floats:
        """Return a number between `low` and `high` for each key."""
        return np.asarray(low + (high - low) * self.uniform(name, keys, times))

    def place(self, name: str, keys: Ints, chances: Floats, times: int | Ints = 0) -> Ints:
        """Return a place for each key, drawn with `chances`, all keys' or a row per key's own."""
        u = self.uniform(name, keys, times)
        if chances.ndim == 1:
            return np.searchsorted(np.cumsum(chances)[:-1], u, side="right")
        return np.asarray((u[:, None] >= np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1))

    def stream(self, name: str, block: int) -> np.random.Generator:
        """Return a generator for one block of people, where no effect has a part."""
        return np.random.default_rng([self.seed, block, *f"{self.topic}/{name}".encode()])

    def _start(self, name: str) -> np.uint64:
        label = f"{self.topic}/{name}".encode()
        start = (crc32(label) << 32) ^ crc32(label[::-1]) ^ (self.seed % 2**64)
        word = np.array([start], dtype=np.uint64)
        return np.uint64(_mixed(word)[0])


def _mixed(words: _Words) -> _Words:
    """Return the output of splitmix64 (Steele, Lea and Flood 2014) for each state."""
    words = words + _STEP
    words = (words ^ (words >> np.uint64(30))) * _MIX[0]
    words = (words ^ (words >> np.uint64(27))) * _MIX[1]
    return words ^ (words >> np.uint64(31))


def child_keys(keys: Ints, number: Ints | int) -> Ints:
    """Return the keys of what belongs to things: the `number`-th line of an order, and so on.

    Examples
    --------
    >>> child_keys(np.array([3, 3]), np.array([0, 1])).tolist() != [3, 3]
    True
    """
    words = _mixed(keys.astype(np.uint64))
    words = _mixed(words + np.asarray(number).astype(np.uint64))
    return np.asarray((words >> np.uint64(1)).astype(np.int64))
