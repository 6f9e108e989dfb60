"""What is watched of money paid back by documents of its own: credit notes, refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames, order_rules
from cxresearch.findings.measures import Measure
from cxresearch.findings.traits import grouped
from cxresearch.findings.watched_series import Units, units_of
from cxresearch.findings.weeks import Weeks

if TYPE_CHECKING:
    from cxresearch.study import Study

#: Money comes back some weeks after its order: an order counts in its week and in the three after
#: it, a quarter in each, so that the weeks after a peak of orders are no peak of refunds.
_SPREAD_WEEKS = 4
#: Of what a customer gets back in a week more than this quantile is cut: in logs whose breaks were
#: destroyed (docs/validity.md) 6 of 16 alarmed with the largest 1 % cut, 0 of 24 with this.
_KEPT = 0.9


def refund_units(study: Study, weeks: Weeks) -> Units | None:
    """Return the money paid back per order placed, by the week in which it was paid back.

    Parameters
    ----------
    study : Study
        The study.
    weeks : Weeks
        Its weeks. The first three are left out: nobody knows how many ordered before them.

    Returns
    -------
    Units or None
        None where no document takes money back: a row of orders with revenue below 0.

    Notes
    -----
    Nothing names the order that a document is for, so none is asked for: an order placed is a
    quarter in each of four weeks. A few very large refunds would look like a break, so breaks are
    looked for with the largest tenth cut, of what a customer gets back in a week; the worth is that
    of the whole amounts.
    """
    kept = frames.without_blanks(study.frame("orders"), frames.IDS).filter(
        ~order_rules.in_another(study.currency)
    )
    documents = kept.filter(nw.col("revenue") < 0).with_columns(paid=-nw.col("revenue"))
    columns = grouped(study, "orders")
    known = {name: frames.one(~nw.col(name).is_null()).sum() for name in columns}
    (said,) = frames.rows(documents.select(every=nw.len(), **known))
    if not said["every"]:
        return None
    # Where no document names its channel, refunds cannot be told apart by it.
    groups = [name for name in columns if said[name]]
    own = [frames.CLUSTER, "customer_id", "week", *groups]
    orders, each = (
        rows.with_columns(
            nw.coalesce(nw.col("customer_id"), nw.col("order_id")).alias(frames.CLUSTER),
            week=weeks.of_day(nw.col("day")),
            paid=paid,
            placed=nw.lit(placed),
        ).select(*own, "paid", "placed")
        for rows, paid, placed in (
            (kept.filter(order_rules.PLACED), nw.lit(0.0), 1 / _SPREAD_WEEKS),
            (documents, nw.col("paid"), 0.0),
        )
    )
    refunds = each.group_by(own).agg(nw.col("paid").sum(), nw.col("placed").sum())
    (ends,) = frames.rows(engine.quantiles(refunds, [], "paid", {"largest": _KEPT}))
    later = [orders.with_columns(week=nw.col("week") + one) for one in range(_SPREAD_WEEKS)]
    rows = nw.concat([refunds, *later]).filter(nw.col("week") >= _SPREAD_WEEKS - 1)
    named: Any = {"kind": "refund", "unit": study.currency, "better": "less", "stage": "service"}
    what = Remark("Refunds per order placed")
    usual = Remark("Refunds per order placed, without the largest tenth")
    full = Measure(name="paid_back", what=what, is_scanned=False, **named)
    cut = Measure(name="usual_paid_back", what=usual, outcome="paid_back", **named)
    paid, placed = nw.col("paid"), nw.col("placed")
    largest = nw.min_horizontal(paid, nw.lit(float(ends["largest"] or 0)))
    return units_of(rows, [(full, paid, placed), (cut, largest, placed)], groups)
