"""What is watched of orders and parcels: value, cancellations, returns, categories, delays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine, survey
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames, order_rules
from cxresearch.engine.windows import DAY_US
from cxresearch.findings.measures import Measure
from cxresearch.findings.refund_measures import refund_units
from cxresearch.findings.traits import grouped
from cxresearch.findings.watched_series import MOST_VALUES, Units, Watched, units_of
from cxresearch.findings.weeks import Weeks

if TYPE_CHECKING:
    from cxresearch.study import Study

#: Returns come in for some weeks after an order: younger orders are not judged by them.
_RETURN_WEEKS = 5
#: Within how many days a second order counts as bought again.
_AGAIN_DAYS = 90
_AGAIN_WEEKS = _AGAIN_DAYS // 7 + 1
#: A peak in the days after makes more buy again: it is looked at where each season came twice.
_TWO_SEASONS = 104 + 2 * _AGAIN_WEEKS


def order_units(study: Study, weeks: Weeks) -> Iterator[Units]:
    """Yield what is measured of orders, of their categories and of their parcels.

    Parameters
    ----------
    study : Study
        The study.
    weeks : Weeks
        Its weeks; an order is in the week in which it was placed, a parcel in the one for which it
        was promised.
    """
    if study.has("orders"):
        yield _orders(study, weeks)
        yield _first_orders(study, weeks)
        if (refunds := refund_units(study, weeks)) is not None:
            yield refunds
        if study.has("order_lines", "category"):
            yield from _categories(study, weeks)
    if study.has("deliveries", "promised"):
        yield _parcels(study, weeks)


def _of_orders(study: Study, weeks: Weeks) -> frames.Frame:
    """Return the orders placed in the study's own currency, with their week and customer."""
    orders = frames.without_blanks(study.frame("orders"), frames.IDS)
    mine = orders.filter(order_rules.PLACED, ~order_rules.in_another(study.currency))
    return mine.with_columns(
        nw.coalesce(nw.col("customer_id"), nw.col("order_id")).alias(frames.CLUSTER),
        week=weeks.of_day(nw.col("day")),
    )


def _orders(study: Study, weeks: Weeks) -> Units:
    is_sale, groups = frames.indicator(order_rules.SALE), grouped(study, "orders")
    orders = _of_orders(study, weeks)
    # A few very large orders would look like a break of the mean: the largest 1 % are cut.
    (ends,) = frames.rows(
        engine.quantiles(orders.filter(order_rules.SALE), [], "revenue", {"largest": 0.99})
    )
    largest = nw.lit(float(ends["largest"] or 0))
    named: Any = {"kind": "order", "unit": study.currency, "better": "more", "stage": "purchase"}
    value, cut = (
        Measure(name="order_value", what=Remark("Order value"), is_scanned=False, **named),
        Measure(
            name="usual_order_value", what=Remark("Order value, without the largest 1%"), **named
        ),
    )
    watched = [
        (value, is_sale * nw.col("revenue"), is_sale),
        (cut, is_sale * nw.min_horizontal(nw.col("revenue"), largest), is_sale),
    ]
    if study.has("orders", "status"):
        one = nw.lit(1.0)
        is_old = frames.indicator(nw.col("week") < weeks.count - _RETURN_WEEKS)
        for status, what, base in (
            ("cancelled", Remark("Orders cancelled"), one),
            ("returned", Remark("Orders returned"), is_old),
        ):
            measure = Measure(
                name=status,
                kind="refund" if status == "returned" else "order",
                what=what,
                unit="share",
                better="less",
                stage="service" if status == "returned" else "purchase",
            )
            has = frames.indicator(nw.col("status").fill_null("") == status)
            watched.append((measure, has * base, base))
    return units_of(orders, watched, groups)


def _first_orders(study: Study, weeks: Weeks) -> Units:
    """Return how many of those who buy for the first time buy again within 90 days.

    In the first 90 days of a log nobody knows whose order is the first: these are left out.
    """
    kept = _of_orders(study, weeks).filter(frames.KNOWN, order_rules.SALE)
    first_us = nw.col("ts_us").min().over("customer_id")
    later = kept.with_columns(first_us=first_us).with_columns(
        is_later=frames.indicator(
            (nw.col("ts_us") > nw.col("first_us"))
            & (nw.col("ts_us") <= nw.col("first_us") + _AGAIN_DAYS * DAY_US)
        )
    )
    buyers = later.group_by("customer_id", "first_us").agg(again=nw.col("is_later").max())
    rows = buyers.with_columns(
        nw.col("customer_id").alias(frames.CLUSTER), week=weeks.of_moment(nw.col("first_us"))
    ).filter(nw.col("week") > _AGAIN_WEEKS, nw.col("week") < weeks.count - _AGAIN_WEEKS)
    measure = Measure(
        name="again",
        kind="order",
        what=Remark("First orders followed by a second in {days} days", {"days": _AGAIN_DAYS}),
        unit="share",
        better="more",
        stage="loyalty",
        is_scanned=weeks.count >= _TWO_SEASONS,
    )
    return units_of(rows, [(measure, nw.col("again"), nw.lit(1.0))], [], by_people=False)


def _categories(study: Study, weeks: Weeks) -> Iterator[Units]:
    """Yield the share of orders that hold something of each category: a gap in the stock shows."""
    lines = study.frame("order_lines").filter(~nw.col("category").is_null())
    sold = lines.group_by("category").agg(lines=nw.len())
    rows = sorted(frames.rows(sold), key=lambda row: (-row["lines"], row["category"]))
    names = [str(row["category"]) for row in rows[:MOST_VALUES]]
    if len(names) < 2:
        return
    money = (nw.col("quantity") * nw.col("price")).cast(nw.Float64)
    of = [frames.indicator(nw.col("category") == name) for name in names]
    spent = lines.with_columns(
        money=money, **{f"m{place}": is_it * money for place, is_it in enumerate(of)}
    )
    holds = spent.group_by("order_id").agg(
        nw.col("money").sum(),
        *[is_it.max().alias(f"of_{place}") for place, is_it in enumerate(of)],
        *[nw.col(f"m{place}").sum() for place in range(len(names))],
    )
    orders = _of_orders(study, weeks).join(holds, on="order_id", how="inner")
    watched: list[Watched] = []
    for place, name in enumerate(names):
        what = Remark("Orders with {category}", {"category": name})
        share = Measure(
            name=f"category:{name}",
            kind="order",
            what=what,
            unit="share",
            better="more",
            stage="purchase",
            outcome=f"spent:{name}",
        )
        # What is not sold is missing from all orders, too: it is held against what else is sold.
        against = replace(
            share, name=share.outcome, unit=study.currency, outcome="", is_scanned=False
        )
        own = nw.col(f"m{place}")
        watched += [
            (share, nw.col(f"of_{place}"), nw.lit(1.0)),
            (against, own, nw.col("money") - own),
        ]
    yield units_of(orders, watched, [], by_people=False)


def _parcels(study: Study, weeks: Weeks) -> Units:
    parcels: frames.Frame = study.frame("deliveries").filter(~nw.col("promised").is_null())
    groups = grouped(study, "deliveries")
    if study.has("orders"):
        parcels = survey.with_attribute(
            parcels, study.frame("orders"), "customer_id", on="order_id"
        )
    else:
        parcels = parcels.with_columns(customer_id=nw.lit(None, dtype=nw.String))
    is_due = nw.lit(1.0)
    rows = parcels.with_columns(
        nw.coalesce(nw.col("customer_id"), nw.col("order_id")).alias(frames.CLUSTER),
        week=weeks.of_moment(nw.col("promised_us")),
    )
    is_late = frames.indicator(order_rules.LATE)
    watched = [
        (
            Measure(
                name="late",
                kind="delivery",
                what=Remark("Late deliveries"),
                unit="share",
                better="less",
                stage="service",
                touchpoint="delivery",
            ),
            is_late,
            is_due,
        )
    ]
    return units_of(rows, watched, groups)
