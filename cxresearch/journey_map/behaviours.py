"""Customers by what they did: new, returning, loyal, lapsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from cxresearch import stats
from cxresearch.core.results import Estimate
from cxresearch.engine import frames, order_rules
from cxresearch.engine.windows import DAY_US

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: The groups, in the order of a customer's life.
BEHAVIOURS = ("new", "returning", "loyal", "lapsed")
#: From how many kept orders on a customer is loyal.
LOYAL_ORDERS = 3
#: By when this share of those who come back have come back, the others have lapsed.
BACK = 0.9
_DRAWS = 50

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def of_known(study: Study, table: str, *conditions: nw.Expr) -> frames.Frame:
    """Return the rows of a table that name their customer and meet some conditions."""
    rows = frames.without_blanks(study.frame(table), frames.IDS)
    return rows.filter(frames.KNOWN, *conditions)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Behaviours:
    """Which customer is of which group.

    Parameters
    ----------
    customers : pandas.DataFrame
        One row per customer who bought: index `customer_id`, `behaviour`, `orders`, `revenue`.
    lapsed_after : Estimate
        The days without an order after which a customer has lapsed; nan where nobody came back,
        and then nobody has.
    stability : dict of str to float
        Of each group the mean Jaccard similarity, 0-1, of its customers with those it would have
        had customers been drawn anew (Hennig 2007, Comput. Stat. Data Anal. 52, 258-271).
    """

    customers: pd.DataFrame
    lapsed_after: Estimate
    stability: dict[str, float]


def behaviours(study: Study, last_us: int, *, confidence: float, seed: int = 2026) -> Behaviours:
    """Tell the customers of a study apart by their kept orders.

    New bought once, returning twice, loyal three times or more; lapsed is who last bought longer
    ago than it takes nine in ten of those who come back, by the Kaplan-Meier curve of the days
    from one order to the next.

    Parameters
    ----------
    study : Study
        A study with orders.
    last_us : int
        The moment at which the data end.
    confidence : float
        Coverage of the interval of the days.
    seed : int
        Of the customers drawn anew.
    """
    kept = of_known(study, "orders", order_rules.SALE, nw.col("ts_us") < last_us)
    found = kept.select("customer_id", "ts_us", "revenue").collect("pandas").to_native()
    found = found.sort_values(["customer_id", "ts_us"], kind="stable").reset_index(drop=True)
    following = found.groupby("customer_id")["ts_us"].shift(-1)
    reordered: Bools = following.notna().to_numpy()
    gaps: Floats = (following.fillna(last_us) - found["ts_us"]).to_numpy(float) / DAY_US
    of = found.groupby("customer_id")
    customers = of.agg(orders=("ts_us", "size"), last=("ts_us", "max"), revenue=("revenue", "sum"))
    since: Floats = (last_us - customers["last"].to_numpy(float)) / DAY_US
    count = customers["orders"].to_numpy()
    limit = lapsed_after(gaps, reordered, confidence=confidence)
    groups = assigned(count, since, limit.value)
    stability = _stability(
        found["customer_id"].to_numpy(), gaps, reordered, count, since, groups, seed
    )
    return Behaviours(
        customers=customers.assign(behaviour=groups)[["behaviour", "orders", "revenue"]],
        lapsed_after=limit,
        stability=stability,
    )


def lapsed_after(gaps: Floats, reordered: Bools, *, confidence: float = 0.95) -> Estimate:
    """Return by how many days nine in ten of those who come back have come back.

    It is the quantile 0.9 F of the Kaplan-Meier curve, F the share that has come back by its end
    (Maller & Zhou 1996, Survival Analysis with Long-Term Survivors): many never come back, and
    the curve itself need not reach 0.9.

    Parameters
    ----------
    gaps : array of float
        The days from each order to the next, or to the end of the data.
    reordered : array of bool
        Whether a next order was placed.
    confidence : float, default 0.95
        Coverage of the interval.

    Examples
    --------
    >>> import numpy as np
    >>> days = np.array([10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 200, 200])
    >>> lapsed_after(days, days < 200).value
    100.0
    """
    curve = stats.kaplan_meier(gaps, reordered, unit="days", confidence=confidence)
    back = 1 - float(curve.table["survival"].iloc[-1]) if len(curve.table) else 0.0
    # Where nobody came back there is no such day: the quantile of an end that nobody has seen.
    limit: Estimate = curve.quantile(BACK * back if back > 0 else BACK)
    return limit


def assigned(orders: NDArray[np.int64], since: Floats, limit: float) -> NDArray[np.object_]:
    """Return the group of each customer, by the number of orders and the days since the last.

    Examples
    --------
    >>> import numpy as np
    >>> assigned(np.array([1, 2, 3, 9]), np.array([5.0, 5, 5, 99]), 90.0).tolist()
    ['new', 'returning', 'loyal', 'lapsed']
    """
    group = np.where(orders >= LOYAL_ORDERS, "loyal", np.where(orders > 1, "returning", "new"))
    found: NDArray[np.object_] = np.where(since > limit, "lapsed", group).astype(object)
    return found


def _stability(
    who: NDArray[np.object_],
    gaps: Floats,
    reordered: Bools,
    count: NDArray[np.int64],
    since: Floats,
    groups: NDArray[np.object_],
    seed: int,
) -> dict[str, float]:
    """Return how alike each group is where other customers had decided who has lapsed."""
    rng = np.random.default_rng(seed)
    _, code = np.unique(who, return_inverse=True)
    alike: dict[str, list[float]] = {name: [] for name in BEHAVIOURS}
    for _ in range(_DRAWS):
        drawn = np.bincount(rng.integers(0, len(count), len(count)), minlength=len(count))
        times = drawn[code]
        limit = lapsed_after(np.repeat(gaps, times), np.repeat(reordered, times)).value
        again = assigned(count, since, limit)
        for name, found in alike.items():
            one, other = groups == name, again == name
            if (either := int((one | other).sum())) > 0:
                found.append(int((one & other).sum()) / either)
    return {name: float(np.mean(found)) if found else float("nan") for name, found in alike.items()}
