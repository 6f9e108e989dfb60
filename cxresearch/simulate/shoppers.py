"""Who shops: when people come, how often, how long they stay, what they spend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, ndtr

from cxresearch.simulate.arrays import Floats, Ints, Texts, blanked
from cxresearch.simulate.block import People
from cxresearch.simulate.clock import DAY_S, Clock
from cxresearch.simulate.draws import Draws

#: The number of a person's second account is that of the first and this.
_SECOND = 5_000_000
_DEVICE_SHARE = np.array([0.30, 0.62, 0.08])
_TOWN_SHARE = np.array([0.16, 0.13, 0.11, 0.10, 0.09, 0.08, 0.07, 0.07, 0.06, 0.05, 0.04, 0.04])


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When people come for the first time; the shop opens on the first day.

    The share `opening` comes soon after it (exponential, `opening_days` on average), the rest all
    along, more in busy seasons, growing by `growth` a year. `known` is the share who make an
    account; the others are browsers without a name, and their orders are guests'.
    """

    opening: float = 0.15
    opening_days: float = 45.0
    growth: float = 0.20
    known: float = 0.92


@dataclass(frozen=True, slots=True)
class Habits:
    """How often people come, how long they stay, and what they spend: each person their own.

    Visits of a person of their own accord are Poisson on the season's clock, with a yearly rate
    that is gamma over people (`visit_shape`). People leave for good after an exponential time
    whose rate is gamma over people (`leave_shape`, and `leave_days`, its scale), whatever their
    rate: of all, (leave_days / (leave_days + t)) ** leave_shape are still there after t days, as
    in the Pareto/NBD model. The level of spending is lognormal with mean 1 (`spend_sigma`), and
    goes a little with the rate (`spend_with_rate`, a correlation on the normal scale).
    """

    visits_per_year: float = 9.5
    visit_shape: float = 1.1
    leave_shape: float = 1.2
    leave_days: float = 500.0
    spend_sigma: float = 0.45
    spend_with_rate: float = 0.10


@dataclass(frozen=True, slots=True)
class Segments:
    """Share of people that are new, returning, loyal: how well they know the shop.

    It goes with how often they come (`with_rate`, a correlation on the normal scale), and stays.
    """

    share: tuple[float, float, float] = (0.50, 0.30, 0.20)
    with_rate: float = 0.60


@dataclass(frozen=True, slots=True)
class Accounts:
    """The share of people with an account who make a second one, on a day drawn from their time."""

    second: float = 0.03


def draw_people(
    draws: Draws,
    key: Ints,
    clock: Clock,
    *,
    arrivals: Arrivals,
    habits: Habits,
    segments: Segments,
    accounts: Accounts,
    app: float,
    english: float,
) -> People:
    """Return the persons with these numbers; `app` and `english` are shares of them."""
    known = draws.uniform("known", key) < arrivals.known
    arrived = _arrived(draws, key, clock, arrivals)
    leaving = (
        habits.leave_days * DAY_S / gammaincinv(habits.leave_shape, draws.uniform("leaving", key))
    )
    left = arrived + (leaving * draws.exponential("left", key)).clip(DAY_S, 2e9).astype(np.int64)
    rate = draws.normal("rate", key)
    second = known & (draws.uniform("second", key) < accounts.second)
    since = arrived + (
        draws.uniform("since", key) * (np.minimum(left, clock.end_s) - arrived)
    ).astype(np.int64)
    shape, sigma = habits.visit_shape, habits.spend_sigma
    return People(
        key=key,
        ids=np.where(known, _ids("C", key + 1), _ids("V", key + 1)),
        second_ids=blanked(_ids("C", key + 1 + _SECOND), ~second),
        second_from=np.where(second, since, -1),
        known=known,
        arrived=arrived,
        left=left,
        visits_per_year=gammaincinv(shape, ndtr(rate)) * habits.visits_per_year / shape,
        spend=np.exp(
            sigma * _beside(rate, habits.spend_with_rate, draws.normal("spend", key)) - sigma**2 / 2
        ),
        segment=_segment(_beside(rate, segments.with_rate, draws.normal("segment", key)), segments),
        device=draws.place("device", key, _DEVICE_SHARE),
        town=draws.place("town", key // 2, _TOWN_SHARE),  # two of a household live in one
        app=draws.uniform("app", key) < app,
        english=draws.uniform("english", key) < english,
    )


def _arrived(draws: Draws, key: Ints, clock: Clock, plan: Arrivals) -> Ints:
    """Return when each person comes for the first time."""
    weights = np.diff(clock.busy) * (1 + plan.growth) ** (np.arange(clock.days) / 365)
    edges = np.concatenate([[0.0], np.cumsum(weights)])
    usual = np.interp(
        draws.uniform("arrival", key), edges / edges[-1], np.arange(clock.days + 1, dtype=float)
    )
    early = np.minimum(plan.opening_days * draws.exponential("opening", key), clock.days - 0.5)
    opening = draws.uniform("at_opening", key) < plan.opening
    day = np.where(opening, early, usual).astype(np.int64).clip(0, clock.days - 1)
    at = clock.midnights[day] + clock.time_of_day(draws.uniform("hour", key))
    return np.asarray(np.minimum(at, clock.end_s - 1))


def _beside(normal: Floats, correlation: float, other: Floats) -> Floats:
    """Return normal numbers that go with `normal`."""
    return np.asarray(correlation * normal + np.sqrt(1 - correlation**2) * other)


def _segment(score: Floats, segments: Segments) -> Ints:
    edges = np.cumsum(segments.share)[:-1]
    return np.asarray(np.searchsorted(edges, ndtr(score), side="right"))


def _ids(letter: str, numbers: Ints) -> Texts:
    return np.array([f"{letter}{number:07d}" for number in numbers.tolist()], dtype=object)
