"""STUB"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Affinities:
    """Stub."""

    x: float = 0.0


def draw_lines(draws, orders, people, traits):
    n = len(orders)
    return pd.DataFrame(
        {
            "order": np.arange(n),
            "sku": "x",
            "category": "y",
            "quantity": 1,
            "full": 1000,
            "paid": 1000,
        }
    )
