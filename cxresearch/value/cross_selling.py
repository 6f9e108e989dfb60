"""The plan of a test of a cross-selling offer, from two products that go together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.results import Estimate, Result
from cxresearch.engine import frames, order_rules
from cxresearch.stats.power.designs import Design, PlannedMetric
from cxresearch.stats.power.sample_sizes import detectable_effect, sample_size
from cxresearch.stats.shares.proportions import proportion
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

_NOBODY = "nobody bought the first product without the second long enough before the last day"
_ALL_ALIKE = "undefined: of those who bought the first, all or none bought the second: no spread"
_QUARTER = 90
_FEWEST = 2
_NO_ROOM = "no number of customers is enough for this effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSellTest(Result):
    """The plan of a test in which half of the buyers of one product are offered another.

    Parameters
    ----------
    first, second : str
        The product that was bought, and the one that is offered after it.
    baseline : Estimate
        The share of buyers of the first who buy the second in the days after, without any offer.
    effect : float
        The rise of that share that is planned for.
    n : int
        The customers that it needs, half of them without the offer; 0 with a note where no number
        is enough.
    per_day : float
        How many customers a day buy the first and do not have the second.
    days : float
        How long the test takes: until there are so many, and each was followed.
    detectable : float
        The smallest rise that the customers of 90 days show; nan where there is none.
    within : int
        How many days each customer is followed.
    confidence, power : float
        As asked.
    note : str
        What a reader must know before using it.
    """

    first: str
    second: str
    baseline: Estimate
    effect: float
    n: int
    per_day: float
    days: float
    detectable: float
    within: int
    confidence: float
    power: float
    note: str = ""


@documented
def cross_sell_test(
    lines: IntoFrame,
    orders: IntoFrame,
    first: str,
    second: str,
    *,
    effect: float = 0.02,
    within: int = 30,
    column: str = "sku",
    confidence: float = 0.95,
    power: float = 0.8,
) -> CrossSellTest | Missing:
    """Plan a test of offering one product to those who bought another.

    Parameters
    ----------
    lines : frame
        The lines of orders: `order_id` and the column of the product.
    %(orders)s
    first, second : str
        The product that was bought, and the one to offer, such as a pair of
        :func:`cxresearch.value.baskets`.
    effect : float, default 0.02
        The rise of the share who buy the second that is to be found, in (0, 1).
    within : int, default 30
        In how many days after the first, at least 1.
    column : str, default "sku"
        What a product is.
    %(confidence)s
    power : float, default 0.8
        The chance to find the effect where it is.

    Returns
    -------
    CrossSellTest or Missing
        Missing where nobody bought the first and was followed so long.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `effect` is not in (0, 1), `within` is below 1, or both products are one.

    Notes
    -----
    Those who have the second by the day they buy the first are not asked: that they go together in
    one basket says nothing of an offer after it. Half of the customers, by chance, get the offer.
    """
    validate.share("effect", effect)
    validate.whole("within", within, low=1)
    if first == second:
        raise validate.refused("second", "another product than first", second)
    bought, last, opened = _days(lines, orders, first, second, column)
    asked = bought[bought["first"].notna() & ~(bought["second"] <= bought["first"])]
    followed = asked[(last - asked["first"]).dt.days >= within] if len(asked) else asked
    if followed.empty:
        return Missing(_NOBODY)
    soon = (followed["second"] - followed["first"]).dt.days <= within
    baseline = proportion(int(soon.sum()), len(followed), confidence=confidence)
    design = Design(confidence=confidence, power=power)
    per_day = len(asked) / ((last - opened).days + 1)
    quarter = per_day * _QUARTER / 2
    needed, detectable = 0, math.nan
    if 0 < baseline.value < 1:
        metric = PlannedMetric.proportion(baseline.value)
        if baseline.value + effect < 1:
            needed = sample_size(metric, effect, design).n
        if quarter >= _FEWEST:
            detectable = detectable_effect(metric, quarter, design)
    return CrossSellTest(
        first=first,
        second=second,
        baseline=baseline,
        effect=effect,
        n=needed,
        per_day=per_day,
        days=math.ceil(needed / per_day) + within if needed else math.nan,
        detectable=detectable,
        within=within,
        confidence=confidence,
        power=power,
        note="" if needed else _NO_ROOM if 0 < baseline.value < 1 else _ALL_ALIKE,
    )


def _days(
    lines: IntoFrame, orders: IntoFrame, first: str, second: str, column: str
) -> tuple[pd.DataFrame, pd.Timestamp, pd.Timestamp]:
    """Return when each customer first bought each product, and the ends of the kept orders."""
    import pandas as pd

    needed = ("order_id", "customer_id", "status", "revenue", "day")
    kept = engine.lazy(plain_frames.lazy(orders, "orders", needed).to_native())
    kept = kept.filter(order_rules.SALE & frames.KNOWN).with_columns(
        day=nw.col("day").cast(nw.Date)
    )
    given = plain_frames.lazy(lines, "order_lines", ("order_id", column), named=[column])
    product = nw.col(column).cast(nw.String)
    own = engine.lazy(given.to_native()).select("order_id", product=product)
    own = own.filter(nw.col("product").is_in([first, second]))
    own, whose = engine.alike(own, kept.select("order_id", "customer_id", "day"))
    found = own.join(whose, on="order_id", how="inner")
    each = found.group_by("customer_id", "product").agg(day=nw.col("day").min())
    table = each.collect("pandas").to_native()
    table["day"] = pd.to_datetime(table["day"])
    wide = table.pivot(index="customer_id", columns="product", values="day")
    wide = wide.reindex(columns=[first, second]).set_axis(["first", "second"], axis=1)
    (ends,) = frames.rows(kept.select(last=nw.col("day").max(), opened=nw.col("day").min()))
    return (
        wide.apply(pd.to_datetime),
        pd.Timestamp(ends["last"]),
        pd.Timestamp(ends["opened"]),
    )
