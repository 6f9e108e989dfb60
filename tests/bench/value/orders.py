"""Orders of a shop, as many as one likes, from a seed: `python -m ... MILLIONS FILE`.

Customers arrive over two years, buy at rates of their own and may leave after each purchase
(MBG/NBD): 3.6 orders each. An order has one to three lines, of 500 products, some of which sell
far more than others. One row per line; an order's revenue is on its first. Ids are texts, as
exports have them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

DAYS = 731
#: Customers per order, and the parameters of rates (per day) and of leaving.
_EACH = 0.28
_R, _ALPHA, _A, _B = 1.0, 60.0, 0.8, 2.6
_PRODUCTS, _LINES = 500, 3
_FIRST = np.datetime64("2024-01-01")


def write(orders: int, path: Path, seed: int = 12) -> None:
    """Write about so many orders, with their lines."""
    rng = np.random.default_rng(seed)
    customer, day = _bought(rng, round(orders * _EACH))
    order = np.arange(customer.size)
    lines = rng.integers(1, _LINES + 1, customer.size)
    of = np.repeat(order, lines)
    level = 20 * 3 / rng.gamma(4, size=customer.max() + 1)
    spent = level[customer] * rng.gamma(6, size=customer.size) / 6 + 0.01
    first = np.r_[True, of[1:] != of[:-1]]
    product = np.minimum(rng.exponential(_PRODUCTS / 6, of.size).astype(int), _PRODUCTS - 1)
    table = pa.table(
        {
            "order_id": pc.binary_join_element_wise("O", pa.array(of).cast(pa.string()), ""),
            "customer_id": pc.binary_join_element_wise(
                "C", pa.array(customer[of]).cast(pa.string()), ""
            ),
            "day": pa.array(_FIRST + day[of], pa.date32()),
            "revenue": pa.array(spent[of], mask=~first),
            "sku": product,
        }
    )
    pq.write_table(table, path, compression="zstd")


def _bought(rng: np.random.Generator, customers: int) -> tuple[np.ndarray, np.ndarray]:
    """Return whose each order is, and its day, in the order of days."""
    who = np.arange(customers)
    rate, leaves = rng.gamma(_R, size=customers) / _ALPHA, rng.beta(_A, _B, customers)
    at = rng.uniform(0, DAYS, customers)
    found = []
    while who.size:
        found.append((who, at))
        stays = rng.random(who.size) >= leaves[who]
        who, at = who[stays], at[stays]
        at = at + rng.exponential(1.0, who.size) / rate[who]
        who, at = who[at < DAYS], at[at < DAYS]
    customer, day = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.argsort(day, kind="stable")
    return customer[order], day[order].astype(int)


if __name__ == "__main__":
    write(round(float(sys.argv[1]) * 1_000_000), Path(sys.argv[2]))
