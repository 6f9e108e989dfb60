"""Which refunds are of an order that is flagged as undone too, so that each counts once.

An export may say twice that an order was undone: the order has the status cancelled or returned,
and a document of its own takes money back. Nothing names the order that a document is for, so it
is found by a rule. A document is for the first of these, placed before it, that there is:

1. an order of the same customer whose number is in the document's (``R5`` is for ``5``);
2. a flagged order of theirs of exactly its value, each for one document;
3. an order of theirs that was kept, of exactly its value;
4. the last flagged order of theirs, where that is worth more: a partial refund.

An order without a customer has only the first. Of a flagged order with documents these say what
was paid back; the flag does not say it again.
"""

from __future__ import annotations

import narwhals as nw

from cxresearch import engine
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames, order_rules

_TWICE = "orders flagged as undone that have a refund of their own, counted once: {count}"

_KEY = ["order_id", frames.CLUSTER]
_FLAGGED = order_rules.PLACED & ~order_rules.COMPLETED
_DOCUMENT = nw.col("revenue") < 0
_CENTS = (nw.col("revenue").abs() * 100).round().cast(nw.Int64)
#: The number in an identifier, without what stands before or after it.
_NUMBER = nw.col("order_id").cast(nw.String).str.replace_all(r"^[^0-9]+|[^0-9]+$", "")
_FREE_DOCUMENT = (nw.col("document") > 0) & (nw.col("taken") == 0)
_KEPT = [*_KEY, "ts_us", "party", "number", "cents", "flagged", "document", "taken", "settled"]
#: Orders before the documents of the same moment: an export may know days only.
_IN_TIME = ["ts_us", "document", "order_id"]


def settle(prepared: frames.Frame) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return prepared orders with `settled`, and a remark on the flagged orders it is about.

    It is 1.0 for a flagged order that has documents of its own, and for these documents; else 0.0.
    """
    (forms,) = frames.rows(
        prepared.select(
            flagged=frames.indicator(_FLAGGED).sum(), documents=frames.indicator(_DOCUMENT).sum()
        )
    )
    if not forms["flagged"] or not forms["documents"]:
        return prepared.with_columns(settled=nw.lit(0.0)), ()
    prepared = engine.lazy(prepared.to_native())  # Arrow alone has no windows
    linked = _linked(_candidates(prepared)).filter(nw.col("settled") > 0)
    count = frames.count(linked, nw.col("document") == 0)
    marks = linked.select(*_KEY, "settled").unique(_KEY)
    marked = prepared.join(marks, on=_KEY, how="left")
    remarks = (Remark(_TWICE, {"count": count}),) if count else ()
    return marked.with_columns(nw.col("settled").fill_null(0.0)), remarks


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
        having = rows.filter(nw.col(form) > 0).select("party").unique()
        rows = rows.join(having, on="party", how="semi")
    return rows


def _linked(rows: frames.Frame) -> frames.Frame:
    """Return the candidates with `settled`, by the four rules in turn.

    What a rule has matched is `taken` for the next ones.
    """
    order, flagged = nw.col("document") == 0, nw.col("flagged") > 0
    free = nw.col("taken") == 0
    found = rows.with_columns(taken=nw.lit(0.0), settled=nw.lit(0.0))
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
    return matched.with_columns(
        taken=nw.max_horizontal("taken", "takes", "given"),
        settled=nw.max_horizontal(nw.col("settled"), of_flagged),
    ).select(*_KEPT)
