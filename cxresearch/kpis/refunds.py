"""What of the orders was undone: cancelled, returned, paid back; what was undone counts once."""

from __future__ import annotations

from functools import partial
from typing import Literal, NamedTuple

import narwhals as nw

from cxresearch import engine
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames, order_rules
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, in_groups, over_all
from cxresearch.kpis.series import Coverage, Ratio
from cxresearch.stats.means.ratios import ratio_of_sums

_TWICE = "cancelled or returned orders that also have a refund of their own, counted once: {count}"
#: What an order brings in the end: a document that takes money back counts as it is; an order that
#: was flagged instead keeps its positive revenue in the export and brings nothing.
_NET = (
    nw.when(order_rules.COMPLETED | (nw.col("revenue") < 0) | (nw.col("settled") > 0))
    .then(nw.col("revenue"))
    .otherwise(0.0)
)
_KEY = ["order_id", frames.CLUSTER]
_FLAGGED = order_rules.PLACED & ~order_rules.COMPLETED
_DOCUMENT = nw.col("revenue") < 0
_CENTS = (nw.col("revenue").abs() * 100).round()
#: The number in an identifier, without what stands before or after it.
_NUMBER = nw.col("order_id").cast(nw.String).str.replace_all(r"^[^0-9]+|[^0-9]+$", "")
_FREE_DOCUMENT = (nw.col("document") > 0) & (nw.col("taken") == 0)
_KEPT = [*_KEY, "ts_us", "party", "number", "cents", "flagged", "document", "taken", "settled"]
#: Orders before the documents of the same moment: an export may know days only.
_IN_TIME = ["ts_us", "document", "order_id"]


@documented
def cancellation_rate(
    orders: frames.AnyFrame, *, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the number of cancellations per order placed.

    Parameters
    ----------
    orders : frame
        A study's orders. A cancellation is a row with the status cancelled, be it
        the order itself or a document that takes money back; an order that has both is one. An
        order worth nothing counts in neither number.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Cancellations per order, with `n` customers (an anonymous row counts as one). Where they
        are documents of their own it may exceed 1: some cancel an order older than the data.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> cancellation_rate(ORDERS).value
    0.4
    """
    rate = partial(
        _undone,
        status="cancelled",
        definition="Cancelled orders or cancellation documents per order placed.",
        confidence=confidence,
    )
    return rate(orders) if by is None else in_groups(rate, orders, "orders", by, among=Ends.of)


@documented
def return_rate(orders: frames.AnyFrame, *, by: str | None = None, confidence: float = 0.95) -> Kpi:
    """Return the number of returns per order placed.

    Parameters
    ----------
    orders : frame
        A study's orders. A return is a row with the status returned, counted as in
        :func:`cancellation_rate`.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Returns per order, with `n` customers (an anonymous row counts as one).

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> return_rate(ORDERS).value
    0.0
    """
    rate = partial(
        _undone,
        status="returned",
        definition="Returned orders or return documents per order placed.",
        confidence=confidence,
    )
    return rate(orders) if by is None else in_groups(rate, orders, "orders", by, among=Ends.of)


@documented
def refund_rate(
    orders: frames.AnyFrame, *, currency: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the share of gross revenue that was cancelled, returned or paid back.

    Parameters
    ----------
    orders : frame
        A study's orders. What was refunded is the value of an order with the status
        cancelled or returned, or the amount of a document that takes money back.
    %(currency)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of gross revenue, with `n` customers (an anonymous row counts as one). Where
        refunds are documents of their own it may exceed 1: some are for orders older than the
        data.

    Raises
    ------
    %(missing_column)s

    See Also
    --------
    return_rate : The same counted in orders, returns alone.

    Examples
    --------
    Of 180 placed, an order of 40 was cancelled and 20 were paid back.

    >>> from cxresearch.kpis._example import ORDERS
    >>> round(refund_rate(ORDERS, currency="EUR").value, 4)
    0.3333
    """
    rate = partial(_refunded, currency=currency, confidence=confidence)
    return rate(orders) if by is None else in_groups(rate, orders, "orders", by, among=Ends.of)


class Ends(NamedTuple):
    """What only all orders together say of how they ended.

    Parameters
    ----------
    marks : frame, optional
        The orders and documents that are settled, by their keys; none where none can be.
    status_unknown, refunds_unknown : tuple of Remark
        The remark where no order names a status, and where no document takes money back either:
        that nothing was undone is then not known, but merely not written down.
    """

    marks: frames.Frame | None
    status_unknown: tuple[Remark, ...]
    refunds_unknown: tuple[Remark, ...]

    @classmethod
    def of(cls, orders: frames.AnyFrame) -> Ends:
        """Return what some orders say, which are those of all groups.

        The document that takes an order back may be in another group, as one without a channel is.
        """
        return frames.once(orders, "ends", lambda: cls._of(_orders.prepared(orders)))

    @classmethod
    def _of(cls, prepared: frames.Frame) -> Ends:
        forms = frames.counts(
            prepared,
            flagged=_FLAGGED,
            documents=_DOCUMENT,
            named=~nw.col("status").is_null(),
        )
        silent = () if forms["named"] else (Remark(_orders.NO_END),)
        marks = None
        if forms["flagged"] and forms["documents"]:
            linked = _linked(_candidates(engine.lazy(prepared.to_native())))
            marks = linked.filter(nw.col("settled") > 0).select(*_KEY, "settled").unique(_KEY)
        return cls(marks, silent, () if forms["documents"] else silent)


def _refunded(
    orders: frames.AnyFrame, ends: Ends | None = None, *, currency: str, confidence: float
) -> Kpi:
    prepared = _orders.prepared(orders)
    ends = ends or Ends.of(orders)
    unknown = ends.refunds_unknown
    settled, twice = settle(prepared, ends)
    refunds = settled.with_columns(refunded=nw.col("gross") - nw.col("net"))
    known = refunds.head(0) if unknown else refunds
    priced, remarks = _orders.in_currency(known.filter(_orders.WORTH), currency, every=prepared)
    rate = Ratio(
        rows=priced,
        x="refunded",
        y="gross",
        unit="share",
        estimate=partial(ratio_of_sums, unit="share", low=0.0),
        reach=partial(Coverage.of, prepared),
    )
    definition = "The value cancelled, returned or refunded, as a share of gross revenue."
    told = (*unknown, *twice, *remarks, *_orders.valueless(prepared))
    return over_all(rate, definition, *told, confidence=confidence)


def _undone(
    orders: frames.AnyFrame,
    ends: Ends | None = None,
    *,
    status: Literal["cancelled", "returned"],
    definition: str,
    confidence: float,
) -> Kpi:
    prepared = _orders.prepared(orders)
    ends = ends or Ends.of(orders)
    unknown = ends.status_unknown
    settled, twice = settle(prepared, ends)
    # A refund of an order that is flagged itself is no second one.
    document = (nw.col("revenue") < 0) & (nw.col("settled") == 0)
    undone = (nw.col("status") == status) & (_orders.PLACED | document)
    marked = settled.with_columns(undone=frames.indicator(undone))
    known = marked.head(0) if unknown else marked
    rate = Ratio(
        rows=known.filter((nw.col("placed") > 0) | (nw.col("undone") > 0)),
        x="undone",
        y="placed",
        unit="share",
        estimate=partial(ratio_of_sums, unit="share", low=0.0),
        reach=partial(Coverage.of, prepared),
    )
    remarks = (*unknown, *twice, *_orders.worthless(prepared), *_orders.valueless(prepared))
    return over_all(rate, definition, *remarks, confidence=confidence)


def settle(prepared: frames.Frame, ends: Ends) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return prepared orders with what each brings in the end, and a remark on what counts once.

    The new columns are `net` and `settled`: 1.0 for a flagged order that has documents of its own,
    and for these documents; else 0.0. They may be those of a group, and `ends` of all.

    Notes
    -----
    An export may say twice that an order was undone: the order has the status cancelled or
    returned, and a document of its own takes money back. Nothing names the order that a document
    is for, so it is the first of these, placed before it, that there is:

    1. an order of the same customer whose number is in the document's (``R5`` is for ``5``);
    2. a flagged order of theirs of exactly its value, each for one document;
    3. an order of theirs that was kept, of exactly its value;
    4. the last flagged order of theirs, where that is worth more: a partial refund.

    An order without a customer has only the first. Of a flagged order with documents these say
    what was paid back; the flag does not say it again.
    """
    if ends.marks is None:
        return prepared.with_columns(settled=nw.lit(0.0)).with_columns(net=_NET), ()
    prepared = engine.lazy(prepared.to_native())  # Arrow alone has no windows
    marked = prepared.drop("settled", strict=False).join(ends.marks, on=_KEY, how="left")
    marked = marked.with_columns(nw.col("settled").fill_null(0.0)).with_columns(net=_NET)
    count = frames.count(marked, (nw.col("settled") > 0) & ~_DOCUMENT)
    return marked, (Remark(_TWICE, {"count": count}),) if count else ()


def _candidates(prepared: frames.Frame) -> frames.Frame:
    """Return the orders and documents of the parties that have a flagged order and a document.

    A party is a customer, or the number of an order that names none.
    """
    anonymous = nw.col("customer_id").is_null()
    rows = prepared.filter(nw.col("revenue") != 0).select(
        *_KEY,
        "ts_us",
        party=nw.when(anonymous)
        .then(nw.concat_str(nw.lit("#"), _NUMBER))
        .otherwise(frames.CLUSTER),
        number=_NUMBER,
        cents=_CENTS,
        flagged=frames.indicator(_FLAGGED),
        document=frames.indicator(_DOCUMENT),
    )
    for form in ("flagged", "document"):
        having = frames.distinct(rows.filter(nw.col(form) > 0), "party")
        rows = rows.join(having, on="party", how="semi")
    return rows


def _linked(rows: frames.Frame) -> frames.Frame:
    """Return the candidates with `settled`, by the four rules in turn.

    What a rule has matched is `taken` for the next ones.
    """
    order, flagged = nw.col("document") == 0, nw.col("flagged") > 0
    free = nw.col("taken") == 0
    found = engine.materialised(rows.with_columns(taken=nw.lit(0.0), settled=nw.lit(0.0)))
    found = _last_before(found, ["party", "number"], order & (nw.col("number") != ""))
    found = _one_for_one(found, ["party", "cents"], order & flagged & free)
    found = _last_before(found, ["party", "cents"], order & ~flagged)
    return _last_before(found, ["party"], order & flagged & free)


def _last_before(rows: frames.Frame, group: list[str], orders: nw.Expr) -> frames.Frame:
    """Match each free document with the last of the orders before it, where that is worth it."""
    slot = [*group, "slot"]
    offered = rows.with_columns(offered=frames.indicator(orders))
    dated = offered.with_columns(
        slot=nw.col("offered").cum_sum().over(*group, order_by=_IN_TIME)
    ).with_columns(
        worth=(nw.col("offered") * nw.col("cents")).max().over(*slot),
        of_flagged=(nw.col("offered") * nw.col("flagged")).max().over(*slot),
    )
    takes = _FREE_DOCUMENT & (nw.col("slot") > 0) & (nw.col("cents") <= nw.col("worth"))
    matched = dated.with_columns(takes=frames.indicator(takes)).with_columns(
        given=nw.col("offered") * nw.col("takes").max().over(*slot)
    )
    return _marked(matched)


def _one_for_one(rows: frames.Frame, group: list[str], orders: nw.Expr) -> frames.Frame:
    """Match the first free document with the first of the orders, the second with the second."""
    in_turn = rows.with_columns(offered=frames.indicator(orders), of_flagged=nw.lit(1.0))
    dated = in_turn.with_columns(
        turn=nw.col("offered").cum_sum().over(*group, order_by=_IN_TIME)
    ).with_columns(after=frames.indicator(_FREE_DOCUMENT & (nw.col("turn") > 0)))
    asked = nw.col("after").cum_sum().over(*group, order_by=_IN_TIME)
    takes = (nw.col("after") > 0) & (nw.col("asked") <= nw.col("turn"))
    matched = dated.with_columns(asked=asked).with_columns(takes=frames.indicator(takes))
    given = nw.col("turn") <= nw.col("takes").sum().over(*group)
    return _marked(matched.with_columns(given=nw.col("offered") * frames.indicator(given)))


def _marked(matched: frames.Frame) -> frames.Frame:
    """Return the candidates with what this rule took and what it settled."""
    of_flagged = nw.col("takes") * nw.col("of_flagged") + nw.col("given") * nw.col("flagged")
    marked = matched.with_columns(
        taken=nw.max_horizontal("taken", "takes", "given"),
        settled=nw.max_horizontal(nw.col("settled"), of_flagged),
    )
    return engine.materialised(marked.select(*_KEPT))
