"""Who shops: each customer's segment, habits and language."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxresearch.simulate.arrays import Flags, Floats, Ints, Texts, numbered
from cxresearch.simulate.planted import CHANNELS, DEVICES, SEGMENTS, Planted

_DEVICE_SHARE = (0.30, 0.62, 0.08)
_CHANNEL_SHARE = (0.24, 0.22, 0.16, 0.12, 0.06, 0.20)
_KEEPS_DEVICE = 0.80


@dataclass(frozen=True, slots=True)
class People:
    """The true customers, one entry each; all arrays have the same length.

    Parameters
    ----------
    ids : array of str
        The customer id that the shop's systems use.
    segment : array of int
        Place in ``SEGMENTS``.
    visits_per_year : array of float
        How often the customer comes.
    device : array of int
        The device the customer prefers, a place in ``DEVICES``.
    english : array of bool
        Whether the customer writes in English (else in Italian).
    """

    ids: Texts
    segment: Ints
    visits_per_year: Floats
    device: Ints
    english: Flags

    def __len__(self) -> int:
        return len(self.ids)


def draw_people(rng: np.random.Generator, n: int, planted: Planted) -> People:
    """Return `n` customers."""
    segment = rng.choice(len(SEGMENTS), size=n, p=planted.segments.share)
    shape = planted.segments.visit_shape
    mean = np.array(planted.segments.visits_per_year)[segment]
    return People(
        ids=numbered("C", n, 6),
        segment=segment,
        visits_per_year=rng.gamma(shape, mean / shape),
        device=rng.choice(len(DEVICES), size=n, p=_DEVICE_SHARE),
        english=rng.random(n) < planted.texts.english,
    )


def draw_devices(rng: np.random.Generator, preferred: Ints) -> Ints:
    """Return the device of each visit: mostly the one its customer prefers."""
    other = rng.choice(len(DEVICES), size=len(preferred), p=_DEVICE_SHARE)
    return np.where(rng.random(len(preferred)) < _KEEPS_DEVICE, preferred, other)


def draw_channels(rng: np.random.Generator, n: int) -> Ints:
    """Return the channel that brought each of `n` visits, a place in ``CHANNELS``."""
    return rng.choice(len(CHANNELS), size=n, p=_CHANNEL_SHARE)
