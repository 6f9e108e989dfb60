"""Weekly sums of shops in which nothing breaks, and the same with one break planted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxresearch.stats.breaks.panels import Panel

_DEVICES, _CHANNELS, _SEGMENTS = (0.33, 0.55, 0.12), (0.4, 0.3, 0.2, 0.1), (0.5, 0.3, 0.2)
_AXES = [axis.ravel() for axis in np.meshgrid(range(3), range(4), range(3), indexing="ij")]
_DEVICE, _CHANNEL, _SEGMENT = _AXES
_CELLS = _DEVICE.size
#: Shares: who is asked, and the level of the answer.
_SHARES = {
    "product": ("visit", 0.65),
    "cart": ("product", 0.40),
    "checkout": ("cart", 0.60),
    "payment": ("checkout", 0.82),
    "payment_error": ("payment", 0.01),
    "purchase": ("payment", 0.77),
    "late": ("purchase", 0.06),
    "returned": ("purchase", 0.10),
    "ticket": ("purchase", 0.15),
    "price": ("ticket", 0.20),
    "delivery": ("ticket", 0.25),
    "solved": ("ticket", 0.75),
}
#: Scores: who is asked, what share answers, the level, the standard deviation of one answer.
_SCORES = {
    "nps": ("purchase", 0.35, 20.0, 80.0),
    "csat_checkout": ("purchase", 0.20, 3.9, 1.1),
    "csat_chat": ("ticket", 0.10, 3.7, 1.2),
    "ces_chat": ("ticket", 0.10, 4.8, 1.7),
}
_OVERDISPERSION = 1.3
_YEAR = 365.25 / 7


@dataclass(frozen=True, slots=True)
class PlantedBreak:
    """What is done to one measure of a shop.

    Parameters
    ----------
    measure : str
        A measure of the shop.
    change : function of weeks to array
        The change in each week, in log odds for a share and in its unit for a score.
    mobile : bool
        True for one device, False for everybody.
    start : int
        The first week that is changed.
    """

    measure: str
    change: Callable[[NDArray[Any]], NDArray[Any]]
    mobile: bool
    start: int


def _groups() -> tuple[tuple[str, ...], NDArray[Any]]:
    """Return the names of 32 overlapping groups, the whole first, and which cells are theirs."""
    rows: dict[str, NDArray[Any]] = {"all": np.ones(_CELLS)}
    for letter, axis in zip("dcs", _AXES, strict=True):
        rows |= {f"{letter}{value}": axis == value for value in np.unique(axis)}
    for letter, axis in (("s", _SEGMENT), ("c", _CHANNEL)):
        rows |= {
            f"d{i}{letter}{j}": (i == _DEVICE) & (axis == j)
            for i in range(3)
            for j in np.unique(axis)
        }
    return tuple(rows), np.array(list(rows.values()), float)


GROUPS, _MEMBERS = _groups()


def _wander(rng: Any, shape: tuple[int, ...], correlation: float, sd: float) -> NDArray[Any]:
    noise = rng.normal(0, sd, shape)
    fresh = np.sqrt(1 - correlation**2)
    for week in range(1, shape[-1]):
        noise[..., week] = correlation * noise[..., week - 1] + fresh * noise[..., week]
    return noise  # type: ignore[no-any-return]


def _calendar(week: NDArray[Any], rng: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the December peak (slow rise, sharp fall), the July sales, and the two holidays."""
    place, year = week % _YEAR, week // _YEAR
    away = (place - 50.5 + _YEAR / 2) % _YEAR - _YEAR / 2
    december = np.where(away < 0, np.exp(away / 3), np.exp(-away / 0.8))
    july = np.exp(-0.5 * ((place - 27) / 2) ** 2)
    easter = 15 + rng.integers(-2, 3, int(year.max()) + 1)[year.astype(int)]
    return december, july, (np.floor(place) == easter) | (np.floor(place) == 33)


def _season(rng: Any, rows: int, sd: float, peaks: NDArray[Any], years: NDArray[Any]) -> Any:
    """Return what the peaks do to each row: alike every year, but not to the letter."""
    total = np.zeros((rows, years.size))
    for peak in peaks:
        usual = rng.normal(0, sd, (rows, 1))
        each = usual * rng.normal(1, 0.2, (rows, int(years.max()) + 1))
        total += each[:, years] * peak
    return total


def shop(
    rng: np.random.Generator,
    *,
    weeks: int = 52,
    visits: float = 1900,
    correlation: float = 0.3,
    device_season: float = 0.03,
    breaks: Sequence[PlantedBreak] = (),
) -> list[Panel]:
    """Return the weekly sums of 12 shares and 4 scores in 32 overlapping groups.

    Parameters
    ----------
    rng : numpy.random.Generator
        What is drawn from.
    weeks : int
        How many weeks.
    visits : float
        Visits of the first week.
    correlation : float
        That of neighbouring weeks' wander (standard deviation .06 for everybody, .04 for a device
        and a segment, .03 for a channel, in log odds), 0-1.
    device_season : float
        Standard deviation, over devices, segments and channels, of what a peak does to each.
    breaks : sequence of PlantedBreak
        What is planted.

    Returns
    -------
    list of Panel
        One per measure. Growth, two peaks and holidays move visits and answers, mobile grows, and
        counts vary 1.3 times as much as binomial ones.
    """
    week = np.arange(weeks) + rng.integers(0, 52)
    years = (week // _YEAR).astype(int)
    december, july, holiday = _calendar(week, rng)
    growth = np.exp(rng.normal(0.18, 0.1) * np.arange(weeks) / _YEAR)
    traffic = visits * growth * (1 + 0.9 * december + 0.45 * july) * np.where(holiday, 0.78, 1)
    size = np.einsum("i,j,k->ijk", _DEVICES, _CHANNELS, _SEGMENTS).ravel()
    size = size * rng.lognormal(0, 0.3, _CELLS)
    drift = ((_DEVICE == 1) + 0.5 * (_SEGMENT == 0))[:, None] * 0.3 * np.arange(weeks) / _YEAR
    mix = size[:, None] * np.exp(drift)
    asked = {"visit": rng.poisson(traffic * mix / mix.sum(0))}
    peaks = np.array([december, july])

    def moved(measure: str, unit: float) -> NDArray[Any]:
        """Return the change of each cell and week from the level, in log odds or score points."""
        total = rng.normal(0, 0.15, (_CELLS, 1)) + _wander(rng, (weeks,), correlation, 0.06)
        total = total + rng.normal(0, 0.05) * np.arange(weeks) / _YEAR
        total = total + rng.normal(0, 0.1) * holiday
        lag = np.array([np.roll(peak, rng.integers(0, 2)) for peak in peaks])
        total = total + _season(rng, 1, 0.12, lag, years)
        for axis, sd in ((_DEVICE, 0.04), (_SEGMENT, 0.04), (_CHANNEL, 0.03)):
            rows = int(axis.max()) + 1
            own = _wander(rng, (rows, weeks), correlation, sd)
            total = total + (own + _season(rng, rows, device_season, lag, years))[axis]
        total = total * unit
        for one in breaks:
            if one.measure == measure:
                whom = (_DEVICE == 1) if one.mobile else np.ones(_CELLS)
                total = total + whom[:, None] * one.change(np.arange(weeks))
        return total  # type: ignore[no-any-return]

    panels = []
    for name, (base, level) in _SHARES.items():
        n = asked[base]
        share = 1 / (1 + np.exp(-np.log(level / (1 - level)) - moved(name, 1)))
        concentration = ((np.maximum(n, 2) - 1) / (_OVERDISPERSION - 1) - 1).clip(0.2)
        share = rng.beta(share * concentration, (1 - share) * concentration)
        asked[name] = hits = rng.binomial(n, share)
        panels.append(Panel.shares(name, GROUPS, _MEMBERS @ n, _MEMBERS @ hits))
    for name, (base, answered, level, sd) in _SCORES.items():
        n = rng.binomial(asked[base], answered)
        mean = level + moved(name, sd / 2)
        sums = n * mean + np.sqrt(n * _OVERDISPERSION) * sd * rng.normal(size=n.shape)
        within = sd**2 * rng.chisquare(np.maximum(n - 1, 1e-9))
        squares = sums**2 / np.maximum(n, 1) + within
        panels.append(
            Panel.means(
                name, GROUPS, _MEMBERS @ n, _MEMBERS @ sums, _MEMBERS @ squares, unit="points"
            )
        )
    return panels
