"""What is in each order: articles, some of which truly go together, pieces and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.stats import poisson

from cxresearch.simulate.arrays import Floats, Ints
from cxresearch.simulate.block import CATEGORIES, Orders, People
from cxresearch.simulate.draws import Draws

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
