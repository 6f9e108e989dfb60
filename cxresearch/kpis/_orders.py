"""Orders as every indicator of them needs them: what each counts as, and which are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core.remarks import Remark
from cxresearch.engine import frames, order_rules
from cxresearch.kpis import _calendar, _refund_matching

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

_NEEDED = ("order_id", "customer_id", "revenue", "currency", "status", "ts_us", "day")

#: A document that moves money either way.
WORTH = nw.col("revenue") != 0
PLACED, SALE = order_rules.PLACED, order_rules.SALE
IDENTIFIED = frames.KNOWN

#: What an order brought when it was placed.
GROSS = nw.when(PLACED).then(nw.col("revenue")).otherwise(0.0)
#: What an order brings in the end: a document that takes money back counts as it is; an order that
#: was flagged instead keeps its positive revenue in the export and brings nothing.
NET = (
    nw.when(order_rules.COMPLETED | (nw.col("revenue") < 0) | (nw.col("settled") > 0))
    .then(nw.col("revenue"))
    .otherwise(0.0)
)

#: Said of orders that a voucher paid for, or that were given away.
_WORTHLESS = "orders worth nothing left out: {count}"
#: Said where an export has no column that the status could come from.
NO_END = "no order says what became of it"
_OTHER_CURRENCY = "orders in another currency left out: {count}"
_ANONYMOUS = "orders without a customer left out: {count}"
_OWN_CUSTOMER = (
    "every order has a customer of its own: check that the column names customers, not orders"
)
#: Fewer orders may well be of as many customers.
_TELLING = 20


def prepared(orders: IntoFrame) -> frames.Frame:
    """Return the orders with what each of them counts as.

    The new columns are `cluster` (the independent unit), `gross`, `placed` and `sale`
    (0 or 1), and `month` (as :class:`cxresearch.kpis._calendar.Coverage` numbers it).
    """
    return frames.lazy(orders, "orders", _NEEDED).with_columns(
        unit("order_id", "o").alias(frames.CLUSTER),
        gross=GROSS,
        placed=frames.indicator(PLACED),
        sale=frames.indicator(SALE),
        month=_calendar.MONTH,
    )


def settled(prepared_orders: frames.Frame) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return prepared orders with what each brings in the end (`net`), and a remark.

    What was undone counts once (:mod:`cxresearch.kpis._refund_matching`): `settled` is 1 for an
    order that is flagged as undone and has refunds of its own, and for these refunds.
    """
    marked, remarks = _refund_matching.settle(prepared_orders)
    return marked.with_columns(net=NET), remarks


def unit(own: str, letter: str) -> nw.Expr:
    """Return the independent unit of a row: its customer, or itself where it names none.

    The letters keep a customer apart from a row whose identifier `own` is the same.
    """
    return (
        nw.when(IDENTIFIED)
        .then(nw.concat_str(nw.lit("c"), nw.col("customer_id").cast(nw.String)))
        .otherwise(nw.concat_str(nw.lit(letter), nw.col(own).cast(nw.String)))
    )


def in_currency(orders: frames.Frame, currency: str) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the orders whose money can be added up, and a remark on those left out."""
    return _without(orders, order_rules.in_another(currency), _OTHER_CURRENCY)


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
    count = frames.count(orders, (nw.col("revenue") == 0) & ~order_rules.COMPLETED)
    return (Remark(_WORTHLESS, {"count": count}),) if count else ()


def unknown_end(orders: frames.Frame) -> tuple[Remark, ...]:
    """Return a remark where no order says what became of it and no document takes money back.

    That nothing was undone is then not known, but merely not written down.
    """
    ended = ~nw.col("status").is_null() | (nw.col("revenue") < 0)
    return () if frames.count(orders, ended) else (Remark(NO_END),)


def _without(
    orders: frames.Frame, condition: nw.Expr, message: str
) -> tuple[frames.Frame, tuple[Remark, ...]]:
    count = frames.count(orders, condition)
    return orders.filter(~condition), (Remark(message, {"count": count}),) if count else ()
