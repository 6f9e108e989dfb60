"""Who shops: when people come, how often, how long they stay, what they spend, what they buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.special import gammaincinv, ndtr
from scipy.stats import poisson

from cxresearch.simulate.block import CATEGORIES, Orders, People
from cxresearch.simulate.clock import DAY_S, Clock
from cxresearch.simulate.draws import Draws, Floats, Ints, Texts, blanked

#: The number of a person's second account is that of the first and this.
_SECOND = 5_000_000
_DEVICE_SHARE = np.array([0.30, 0.62, 0.08])
_TOWN_SHARE = np.array([0.16, 0.13, 0.11, 0.10, 0.09, 0.08, 0.07, 0.07, 0.06, 0.05, 0.04, 0.04])

#: Of each category: the first letters of its article numbers, articles, lowest and highest price.
_ARTICLES: dict[str, tuple[str, int, float, float]] = {
    "clothing": ("CLO", 40, 12.0, 89.0),
    "shoes": ("SHO", 20, 29.0, 139.0),
    "accessories": ("ACC", 25, 6.0, 49.0),
    "living": ("HOM", 30, 8.0, 120.0),
    "kitchen": ("KIT", 25, 5.0, 75.0),
    "beauty": ("BEA", 30, 4.0, 45.0),
    "kids": ("KID", 20, 7.0, 55.0),
}
_DISCOUNTS = np.array([0.10, 0.15, 0.20])
_TWO, _THREE = 0.12, 0.03
#: In how many levels of spending people are put for what they choose.
_LEVELS = 8


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


@dataclass(frozen=True, slots=True)
class Affinities:
    """Articles that truly go together: who takes the first adds the second with the chance given.

    Everything else in a basket is chosen by itself. Baskets differ in size: `further` is the mean
    number of lines after the first (Poisson), one of these for each order, all as likely. The big
    ones alone make any two articles meet more often than their shares say. People who spend more
    choose dearer articles.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"pairs": ()}
    pairs: tuple[tuple[str, str, float], ...] = (
        ("SHO-004", "ACC-007", 0.30),
        ("KIT-012", "KIT-018", 0.40),
        ("CLO-021", "CLO-033", 0.25),
        ("KID-005", "BEA-009", 0.20),
    )
    further: tuple[float, ...] = (0.05, 0.10, 0.30, 0.80, 2.0, 4.0)


def catalogue() -> pd.DataFrame:
    """Return the articles on sale: ``sku``, ``category``, ``cents``, and how popular they are.

    Prices end in 90 cents. The shop sells the same articles whatever its seed.
    """
    rows = [
        (f"{letters}-{i:03d}", category, low, high)
        for category, (letters, count, low, high) in _ARTICLES.items()
        for i in range(1, count + 1)
    ]
    articles = pd.DataFrame(rows, columns=["sku", "category", "low", "high"])
    rng = np.random.default_rng(1)
    place = rng.beta(1.2, 2.4, len(articles))
    euros = np.floor(articles["low"] + place * (articles["high"] - articles["low"]))
    popularity = rng.gamma(1.5, size=len(articles)) + 0.2
    return pd.DataFrame(
        {
            "sku": articles["sku"],
            "category": articles["category"],
            "cents": (euros * 100 + 90).astype(np.int64),
            "popularity": popularity / popularity.sum(),
        }
    )


def draw_lines(
    draws: Draws, orders: Orders, people: People, traits: Affinities, discounted: float
) -> pd.DataFrame:
    """Return the lines of the orders, by order and article.

    Columns: ``order`` (place in the orders), ``sku``, ``category``, ``quantity``, and in cents a
    piece ``full`` and ``paid``. `discounted` is the share of orders with a discount on all of it.
    """
    articles, key = catalogue(), orders.key
    order, number = _slots(draws, key, traits)
    article = _chosen(draws, articles, orders, people, order, number)
    order, article, number = _with_partners(draws, articles, key, order, article, number, traits)
    line, place = np.unique(order * len(articles) + article, return_inverse=True)
    u = draws.uniform("pieces", key[order], number)
    pieces = np.bincount(place, weights=1.0 + (u < _TWO) + (u < _THREE))
    order, article = np.divmod(line, len(articles))
    full = articles["cents"].to_numpy()[article]
    some = draws.uniform("discounted", key) < discounted
    cut = np.where(some, _DISCOUNTS[draws.place("discount", key, np.full(3, 1 / 3))], 0.0)
    return pd.DataFrame(
        {
            "order": order,
            "sku": articles["sku"].to_numpy(dtype=object)[article],
            "category": articles["category"].to_numpy(dtype=object)[article],
            "quantity": pieces.astype(np.int64),
            "full": full,
            "paid": np.rint(full * (1 - cut[order])).astype(np.int64),
        }
    )


def _slots(draws: Draws, key: Ints, traits: Affinities) -> tuple[Ints, Ints]:
    """Return the order of each line that is chosen by itself, and its number in the order."""
    kinds = len(traits.further)
    kind = draws.place("size", key, np.full(kinds, 1 / kinds))
    u, more = draws.uniform("lines", key), np.zeros(len(key), dtype=np.int64)
    for one, mean in enumerate(traits.further):
        more[kind == one] = np.searchsorted(poisson.cdf(np.arange(30), mean), u[kind == one])
    order = np.repeat(np.arange(len(key)), 1 + more)
    first = np.cumsum(1 + more) - (1 + more)
    return order, np.arange(len(order)) - first[order]


def _chosen(
    draws: Draws, articles: pd.DataFrame, orders: Orders, people: People, order: Ints, number: Ints
) -> Ints:
    """Return an article a line: the first of the order's category, the others of any."""
    level = np.clip(np.searchsorted(_level_edges(), np.log(people.spend)), 0, _LEVELS - 1)
    of_order = level[orders.person]
    u = draws.uniform("article", orders.key[order], number)
    found = np.zeros(len(order), dtype=np.int64)
    category = np.where(number == 0, orders.category[order], -1)
    for one in range(_LEVELS):
        weights = _weights(articles, one)
        for of in (-1, *range(len(CATEGORIES))):
            these = (of_order[order] == one) & (category == of)
            if of >= 0:
                inside = weights * (articles["category"] == CATEGORIES[of]).to_numpy()
            else:
                inside = weights
            found[these] = np.searchsorted(np.cumsum(inside) / inside.sum(), u[these])
    return found.clip(0, len(articles) - 1)


def _level_edges() -> Floats:
    return np.linspace(-0.9, 0.9, _LEVELS - 1)


def _weights(articles: pd.DataFrame, level: int) -> Floats:
    """Return how often a level of spending takes each article: the dearer the more it spends."""
    logs = np.log(articles["cents"].to_numpy())
    middle = np.linspace(-1.05, 1.05, _LEVELS)[level]
    tilt = np.exp(middle / logs.var() * (logs - logs.mean()))
    return np.asarray(articles["popularity"].to_numpy() * tilt)


def _with_partners(
    draws: Draws,
    articles: pd.DataFrame,
    key: Ints,
    order: Ints,
    article: Ints,
    number: Ints,
    traits: Affinities,
) -> tuple[Ints, Ints, Ints]:
    """Return the lines and those that affinities add."""
    place = {sku: i for i, sku in enumerate(articles["sku"])}
    parts = [(order, article, number)]
    for which, (first, second, chance) in enumerate(traits.pairs):
        takes = np.unique(order[article == place[first]])
        adds = takes[draws.uniform("adds", key[takes], which) < chance]
        parts.append((adds, np.full(len(adds), place[second]), np.full(len(adds), 1_000 + which)))
    order, article, number = (np.concatenate(part) for part in zip(*parts, strict=True))
    return order, article, number
