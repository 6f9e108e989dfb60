"""Baskets in which some pairs go together and all others only by their size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch import value
from cxresearch.core.missing import Missing

#: How many products there are, how many pairs of them are planted, and how often the second of a
#: planted pair is added for the sake of the first.
PRODUCTS, PLANTED, OFTEN = 60, 6, 0.25
_SPREAD, _MEAN, _LARGEST = 1.0, 4.0, 25


def planted_baskets(customers: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw lines and orders: products 0 and 1, 2 and 3... to `PLANTED` pairs go together."""
    rng = np.random.default_rng(seed)
    weights = rng.gamma(2, size=PRODUCTS)
    size = np.minimum(1 + rng.poisson(rng.gamma(_SPREAD, _MEAN, customers)), _LARGEST)
    # The largest of weight and chance are a draw without replacement.
    keys = np.log(weights) + rng.gumbel(size=(customers, PRODUCTS))
    has = keys.argsort(axis=1).argsort(axis=1) >= PRODUCTS - size[:, None]
    for first in range(0, 2 * PLANTED, 2):
        has[:, first + 1] |= has[:, first] & (rng.random(customers) < OFTEN)
    who, product = np.nonzero(has)
    lines = pd.DataFrame({"order_id": who.astype(str), "sku": [f"P{one:02d}" for one in product]})
    ids = pd.Series(np.arange(customers)).astype(str)
    orders = pd.DataFrame({"order_id": ids, "customer_id": "C" + ids, "revenue": 1.0})
    return lines, orders.assign(status="completed")


def found_among(shops: int, customers: int) -> pd.DataFrame:
    """Return what is found in several shops, with the share of it that is false.

    Returns
    -------
    pandas.DataFrame
        One row per way to look: `found by`, the means over shops of `tested`, `planted found` and
        `others found`, the mean `false share` of those found and its `Monte Carlo error`.
    """
    rows = pd.concat([_looked_at(customers, seed) for seed in range(shops)])
    grouped = rows.groupby("found by", sort=False)
    error = grouped["false share"].std() / np.sqrt(shops)
    return grouped.mean().assign(**{"Monte Carlo error": error}).reset_index()


def _looked_at(customers: int, seed: int) -> pd.DataFrame:
    planted = {(f"P{one:02d}", f"P{one + 1:02d}") for one in range(0, 2 * PLANTED, 2)}
    found = value.baskets(*planted_baskets(customers, seed))
    if isinstance(found, Missing):
        raise TypeError(found.why)
    ways = {
        "beyond size, Benjamini-Hochberg at 5 %": found.found(),
        "plain lift above 1": found.pairs[found.pairs["lift"] > 1],
    }
    rows = []
    for name, own in ways.items():
        pairs = {tuple(sorted(pair)) for pair in zip(own["first"], own["second"], strict=True)}
        false = len(pairs - planted)
        rows.append(
            {
                "found by": name,
                "tested": float(len(found.pairs)),
                "planted found": float(len(planted & pairs)),
                "others found": float(false),
                "false share": false / max(len(pairs), 1),
            }
        )
    return pd.DataFrame(rows)
