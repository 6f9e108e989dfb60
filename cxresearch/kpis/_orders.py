"""Orders as every indicator of them needs them: what each counts as, and which are left out."""

from __future__ import annotations

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames, order_rules
from cxresearch.kpis.series import MONTH
from cxresearch.study import plain_frames

_NEEDED = ("order_id", "customer_id", "revenue", "currency", "status", "ts_us", "day")
#: A document that moves money either way.
WORTH = nw.col("revenue") != 0
PLACED, SALE = order_rules.PLACED, order_rules.SALE
IDENTIFIED = frames.KNOWN
#: What an order brought when it was placed.
GROSS = nw.when(PLACED).then(nw.col("revenue")).otherwise(0.0)
#: Said of orders that a voucher paid for, or that were given away.
_WORTHLESS = "orders worth nothing left out: {count}"
#: Said where an export has no column that the status could come from.
NO_END = "no order says how it ended"
_OTHER_CURRENCY = "orders in another currency left out: {count}"
_VALUELESS = "orders without a value left out: {count}"
_ANONYMOUS = "orders without a customer left out: {count}"
_OWN_CUSTOMER = (
    "every order has a customer of its own: check that the column names customers, not orders"
)
#: Fewer orders may well be of as many customers.
_TELLING = 20


def prepared(orders: frames.AnyFrame) -> frames.Frame:
    """Return the orders with what each of them counts as.

    The new columns are `cluster` (the independent unit), `gross`, `placed` and `sale`
    (0 or 1), and `month` (as :class:`cxresearch.kpis.series.Coverage` numbers it).
    """

    def made() -> frames.Frame:
        return plain_frames.lazy(orders, "orders", _NEEDED).with_columns(
            unit("order_id", "o").alias(frames.CLUSTER),
            gross=GROSS,
            placed=frames.indicator(PLACED),
            sale=frames.indicator(SALE),
            month=MONTH,
        )

    return frames.once(orders, "prepared", made)


def unit(own: str, letter: str) -> nw.Expr:
    """Return the independent unit of a row: its customer, or itself where it names none.

    The letters keep a customer apart from a row whose identifier `own` is the same.
    """
    return (
        nw.when(IDENTIFIED)
        .then(nw.concat_str(nw.lit("c"), nw.col("customer_id").cast(nw.String)))
        .otherwise(nw.concat_str(nw.lit(letter), nw.col(own).cast(nw.String)))
    )


def in_currency(
    orders: frames.Frame, currency: str, *, every: frames.Frame
) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the orders whose money can be added up, and a remark on those left out.

    They are some of `every` prepared order, of which it is asked once if any has to be left out.
    """
    in_another = order_rules.in_another(currency)
    asked = "another currency than", currency
    if not frames.once(every, asked, lambda: frames.count(every, in_another)):
        return orders, ()
    count = frames.count(orders, in_another)
    left_out = (Remark(_OTHER_CURRENCY, {"count": count}),) if count else ()
    return orders.filter(~in_another), left_out


def identified(orders: frames.Frame) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the orders of known customers, and remarks on the anonymous ones left out.

    Where every order has a customer of its own, that is said too: nobody can then be seen to come
    back, as where a shop knows its customers by order number only.
    """
    (seen,) = frames.rows(
        orders.select(
            nw.len().alias("rows"),
            anonymous=frames.indicator(~IDENTIFIED).sum(),
            units=nw.col("customer_id").n_unique(),  # to be without one is a unit too
        )
    )
    anonymous = int(seen["anonymous"] or 0)
    known = int(seen["rows"] or 0) - anonymous
    customers = int(seen["units"] or 0) - (anonymous > 0)
    remarks = [Remark(_ANONYMOUS, {"count": anonymous})] if anonymous else []
    if _TELLING <= known == customers:
        remarks.append(Remark(_OWN_CUSTOMER))
    return orders.filter(IDENTIFIED), tuple(remarks)


def worthless(orders: frames.Frame) -> tuple[Remark, ...]:
    """Return a remark on the orders that were undone and are worth nothing."""
    undone = (nw.col("revenue") == 0) & ~order_rules.COMPLETED
    count = frames.once(orders, "worthless", lambda: frames.count(orders, undone))
    return (Remark(_WORTHLESS, {"count": count}),) if count else ()


def valueless(orders: frames.Frame) -> tuple[Remark, ...]:
    """Return a remark on the orders of which nobody knows what they are worth."""
    unknown = nw.col("revenue").is_null()
    count = frames.once(orders, "valueless", lambda: frames.count(orders, unknown))
    return (Remark(_VALUELESS, {"count": count}),) if count else ()


@documented
def without_anonymous(orders: frames.AnyFrame) -> frames.Frame:
    """Return the orders of known customers.

    Parameters
    ----------
    %(orders)s

    Returns
    -------
    narwhals.LazyFrame
        The same columns, fewer rows.

    Raises
    ------
    SchemaError
        If there is no `customer_id`.

    Examples
    --------
    >>> from cxresearch.kpis import order_count
    >>> from cxresearch.kpis._example import ORDERS
    >>> order_count(without_anonymous(ORDERS)).value
    4.0
    """
    return plain_frames.lazy(orders, "orders", ["customer_id"]).filter(IDENTIFIED)


@documented
def without_largest(orders: frames.AnyFrame, *, share: float = 0.01) -> frames.Frame:
    """Return the orders without the largest ones.

    Parameters
    ----------
    %(orders)s
    share : float, default 0.01
        The share of the orders placed that are left out, largest first, strictly between 0 and 1;
        those exactly at the boundary stay.

    Returns
    -------
    narwhals.LazyFrame
        The same columns, fewer rows. Documents that take money back all stay, also those for an
        order left out, so it is not for net revenue where cancellations are documents.

    Raises
    ------
    SchemaError
        If there is no `revenue`.
    ValueError
        If `share` is not strictly between 0 and 1.

    Examples
    --------
    >>> from cxresearch.kpis import gross_revenue
    >>> from cxresearch.kpis._example import ORDERS
    >>> gross_revenue(without_largest(ORDERS, share=0.2), currency="EUR").value
    130.0
    """
    validate.share("share", share)
    found = plain_frames.lazy(orders, "orders", ["revenue"])
    boundary = nw.col("revenue").quantile(1 - share, interpolation="linear")
    placed = found.filter(PLACED)
    (row,) = frames.rows(placed.select(n=nw.len(), boundary=boundary))
    if not row["n"]:
        return found
    return found.filter(nw.col("revenue") <= row["boundary"])
