"""What goes together in the baskets of customers, beyond what large baskets alone bring about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames, order_rules
from cxresearch.stats.multiplicity.p_values import adjusted
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

    Names = NDArray[np.object_]

_NO_PAIRS = "no two products are expected together often enough"
_COLUMNS = (
    Column("first", "Product", role="code"),
    Column("second", "With", role="code"),
    Column("together", "Have both", role="people"),
    Column("expected", "Expected by chance"),
    Column("ratio", "Times as often as expected", unit="", role="estimate"),
    Column("lift", "Plain lift"),
    Column("adjusted_p", "Adjusted p", role="p"),
)
_SHOWN = 10
_PAIR = 2
#: Of so many products all pairs are counted: two million.
_MOST_PRODUCTS = 2_000
_CAPTIONS = {
    "customer": (
        "Products that customers have together more often than their number of products explains, "
        "of {tested} pairs; {rare} pairs with a rare product were not looked at"
    ),
    "order": (
        "Products in one order more often than its number of products explains, of {tested} pairs; "
        "{rare} pairs with a rare product were not looked at"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Baskets(Tabular):
    """Pairs of products, by how much more often they are together than the baskets' sizes say.

    Parameters
    ----------
    pairs : pandas.DataFrame
        One row per pair that was tested: `first`, `second`, `together` (units with both),
        `expected`, `ratio` with its ends, `lift` (plain), `p` and `adjusted_p`; the surest first.
    n : int
        The units with a product.
    unit : {"customer", "order"}
        Whose products are together.
    size_factor : float
        How often any two products are together by the sizes alone, beside independent ones: what
        plain lift mistakes for affinity.
    confidence : float
        The coverage of the intervals.
    untested : int
        The pairs that were not looked at, because one of their products is too rare.
    """

    pairs: pd.DataFrame
    n: int
    unit: str
    size_factor: float
    confidence: float
    untested: int

    def found(self, false_share: float = 0.05) -> pd.DataFrame:
        """Return the pairs together more often than expected, by the expected share of false ones.

        Parameters
        ----------
        false_share : float, default 0.05
            The share of false pairs among those returned that is accepted.
        """
        validate.share("false_share", false_share)
        own = self.pairs
        return own[(own["adjusted_p"] <= false_share) & (own["ratio"] > 1)]

    def table(self) -> Table:
        """Return the pairs that are surely together more often than expected."""
        return Table(
            frame=self.found().head(_SHOWN),
            columns=_COLUMNS,
            caption=_CAPTIONS[self.unit],
            values={"tested": len(self.pairs), "rare": self.untested},
            nothing=(
                "Of {tested} pairs of products none is together more often than the number of "
                "products explains; {rare} pairs with a rare product were not looked at."
            ),
        )


@documented
def baskets(
    lines: IntoFrame,
    orders: IntoFrame,
    *,
    unit: Literal["customer", "order"] = "customer",
    column: str = "sku",
    least_expected: float = 5.0,
    confidence: float = 0.95,
) -> Baskets | Missing:
    """Find products that customers have together more often than the size of baskets explains.

    Parameters
    ----------
    lines : frame
        The lines of orders: `order_id` and the column of the product.
    %(orders)s
    unit : {"customer", "order"}, default "customer"
        Whose products are together. Orders of one customer depend on each other, so that
        intervals of orders are too short.
    column : str, default "sku"
        What a product is, such as its category.
    least_expected : float, default 5.0
        Pairs expected together in fewer units are not tested: what is expected, and not what was
        found, chooses them. Of more than 2,000 products, those that most units have are.
    %(confidence)s

    Returns
    -------
    Baskets or Missing
        Missing where no pair is expected so often.

    Raises
    ------
    %(missing_column)s
    %(not_allowed)s

    Notes
    -----
    With k products in a unit, n_a units with product a and N = sum(k): expected = n_a n_b
    sum(k (k - 1)) / N**2 / (1 - sum(n**2) / N**2), the last because no product is twice in a unit.
    Exact two-sided Poisson p (mid-p) of the count, adjusted for all pairs tested
    (Benjamini-Hochberg); interval exp(log ratio -+ z / sqrt(together)). Plain lift divides by
    n_a n_b / units, and so finds every pair of common products in large baskets.
    """
    validate.one_of("unit", unit, ("customer", "order"))
    validate.positive("least_expected", least_expected)
    validate.share("confidence", confidence)
    has, names = _products(lines, orders, unit, column)
    sizes, each = (np.asarray(has.sum(axis=axis), dtype=float).ravel() for axis in (1, 0))
    total, again = float(sizes.sum()), float((sizes * (sizes - 1)).sum())
    if again == 0 or len(each) < _PAIR:
        return Missing(_NO_PAIRS)
    factor = again / (total**2 - float((each**2).sum()))
    order = np.lexsort((names, -each))
    names, ranked = names[order], each[order]
    common = int((ranked * ranked[0] * factor >= least_expected).sum())
    some = min(common, _MOST_PRODUCTS)
    first, second = np.triu_indices(some, k=1)
    expected = ranked[first] * ranked[second] * factor
    tested = expected >= least_expected
    if not tested.any():
        return Missing(_NO_PAIRS)
    first, second, expected = first[tested], second[tested], expected[tested]
    looked_at = has[:, order[:some]]
    together = (looked_at.T @ looked_at).toarray()[first, second].astype(float)
    every = len(names) * (len(names) - 1) // _PAIR
    return Baskets(
        pairs=_pairs(names, ranked, first, second, together, expected, len(sizes), confidence),
        n=len(sizes),
        unit=unit,
        size_factor=factor * len(sizes),
        confidence=confidence,
        untested=every - len(first),
    )


def _products(lines: IntoFrame, orders: IntoFrame, unit: str, column: str) -> tuple[Any, Names]:
    """Return a sparse matrix of units by products, 1 where a kept order has it, and their names."""
    import pyarrow as pa
    from scipy.sparse import csr_array

    needed = ("order_id", "customer_id", "status", "revenue")
    given = plain_frames.lazy(orders, "orders", needed)
    kept = engine.lazy(given.to_native()).filter(order_rules.SALE)
    if unit == "customer":
        kept = kept.filter(frames.KNOWN)
    whose = kept.select(
        "order_id", unit=nw.col("customer_id" if unit == "customer" else "order_id")
    )
    # A product is what the caller names, so that even an optional column must be there.
    given = plain_frames.lazy(lines, "order_lines", ("order_id", column), named=[column])
    product = nw.col(column).cast(nw.String)
    named = (
        engine.lazy(given.to_native())
        .select("order_id", product=product)
        .filter(~nw.col("product").is_null())
    )
    named, whose = engine.alike(named, whose)
    own = named.join(whose, on="order_id", how="inner").select("unit", "product")
    table: pa.Table = own.collect("pyarrow").to_native()
    units, products = (
        table[name].combine_chunks().dictionary_encode() for name in ("unit", "product")
    )
    names = np.array(products.dictionary.to_pylist(), dtype=object)
    places = tuple(each.indices.to_numpy() for each in (units, products))
    has = csr_array(
        (np.ones(len(table), dtype=np.int32), places), shape=(len(units.dictionary), len(names))
    )
    has.data[:] = 1  # what a unit has twice, it has
    return has, names


def _pairs(
    names: np.ndarray,
    ranked: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    together: np.ndarray,
    expected: np.ndarray,
    units: int,
    confidence: float,
) -> pd.DataFrame:
    import pandas as pd

    p = _mid_p(together, expected)
    ratio = together / expected
    seen = together > 0
    spread = np.exp(normal_quantile(confidence) / np.sqrt(np.where(seen, together, 1.0)))
    found = pd.DataFrame(
        {
            "first": names[first],
            "second": names[second],
            "together": together.astype(int),
            "expected": expected,
            "ratio": ratio,
            "ratio_low": np.where(seen, ratio / spread, 0.0),
            "ratio_high": np.where(seen, ratio * spread, math.nan),
            "lift": together * units / (ranked[first] * ranked[second]),
            "p": p,
            "adjusted_p": adjusted(p, method="bh"),
        }
    )
    order = ["adjusted_p", "ratio", "first", "second"]
    return found.sort_values(order, ascending=[True, False, True, True], ignore_index=True)


def _mid_p(count: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return the two-sided mid-p of Poisson counts."""
    from scipy.stats import poisson

    at = poisson.pmf(count, expected) / 2
    tails = np.minimum(poisson.cdf(count - 1, expected), poisson.sf(count, expected)) + at
    return np.asarray(np.minimum(2 * tails, 1.0))
