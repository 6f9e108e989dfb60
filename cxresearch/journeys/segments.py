"""Who customers were when an event happened: by what they had done, when, or whom they belong to.

Each function gives prepared events one more carried column, by which every view can be split and
compared. A label never knows what happened after the moment it stands for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk, validate
from cxresearch.core.documented import documented
from cxresearch.engine import frames
from cxresearch.engine.windows import microseconds
from cxresearch.errors import SchemaError
from cxresearch.journeys._input import RESERVED
from cxresearch.journeys.prepared import Prepared, require

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

#: What customers are by what they have done.
FIRST_VISIT, RETURNING, LOYAL = "first visit", "returning", "loyal"
#: Where in time an event lies.
BEFORE, AFTER = "before", "after"

AsOf = Literal["event", "session"]


@documented
def with_behaviour(
    prepared: Prepared,
    *,
    purchase: str = "purchase",
    loyal_orders: int = 2,
    as_of: AsOf | datetime = "event",
) -> Prepared:
    """Add what the customer was, by her own past, as the column `behaviour`.

    Parameters
    ----------
    %(prepared)s
    purchase : str, default "purchase"
        The event that is an order.
    loyal_orders : int, default 2
        How many orders make a customer loyal.
    as_of : {"event", "session"} or datetime, default "event"
        As of which moment. ``"event"``: each event has the label of its own moment. ``"session"``:
        all events of a session have that of its first; events in no session their own. A moment
        (one without a zone is UTC): every event from then on has the label of that moment, and
        those before have none.

    Returns
    -------
    Prepared
        The events with `behaviour`: ``"loyal"`` after that many orders, else ``"first visit"``
        before a second session has begun (as of a moment: before a first), else ``"returning"``.

    Raises
    ------
    ValueError
        If `purchase` never happened, `loyal_orders` is below 1, or `as_of` is none of what is
        allowed.

    Notes
    -----
    An order counts from the event after it, in the order of the prepared table. The first visit
    is the first in the data: who came before the data begin is taken for new, so leave the first
    weeks out of a comparison, or begin the data well before.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> labelled = with_behaviour(PREPARED, purchase="buy", loyal_orders=1)
    >>> labelled.carried
    ('behaviour',)
    """
    require("purchase", [purchase], prepared.events)
    validate.whole("loyal_orders", loyal_orders, low=1)
    if isinstance(as_of, datetime):
        labelled = _as_of_moment(prepared, purchase, loyal_orders, as_of)
    else:
        validate.one_of("as_of", as_of, get_args(AsOf))
        labelled = _as_of_event(prepared, purchase, loyal_orders)
        if as_of == "session":
            labelled = _as_of_session(labelled)
    return _carrying(prepared, labelled, "behaviour")


@documented
def with_period(prepared: Prepared, change: datetime) -> Prepared:
    """Add whether an event lies ``"before"`` a moment or ``"after"``, as the column `period`.

    Parameters
    ----------
    %(prepared)s
    change : datetime
        The moment (one without a zone is UTC); an event at that very moment lies after.

    Raises
    ------
    TypeError
        If `change` is no datetime.

    Examples
    --------
    >>> from datetime import datetime
    >>> from cxresearch.journeys._example import PREPARED
    >>> from cxresearch.journeys import entries
    >>> halves = with_period(PREPARED, datetime(2026, 5, 2))
    >>> entries(halves, by="period").frame[["period", "event", "count"]]
       period event  count
    0   after  view      2
    1  before  view      1
    """
    before = nw.col("ts_us") < microseconds("change", change)
    period = nw.when(before).then(nw.lit(BEFORE)).otherwise(nw.lit(AFTER))
    return _carrying(prepared, prepared.frame.with_columns(period=period), "period")


@documented
def with_groups(
    prepared: Prepared, customers: IntoFrame, column: str, *, since_us: str | None = None
) -> Prepared:
    """Add a column of a table of customers, such as the variant of an experiment.

    Parameters
    ----------
    %(prepared)s
    customers : frame
        Any frame Narwhals knows, with one row per `customer_id`, and the column.
    column : str
        The column; one of that name that the events carry is replaced.
    since_us : str, optional
        A column of `customers` with the moment, in microseconds since 1970, from which on the
        customer is in the group; her events before it have none.

    Raises
    ------
    SchemaError
        If a column is missing, or a customer comes twice.
    ValueError
        If the column has a name that journeys use themselves.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxresearch.journeys._example import PREPARED
    >>> from cxresearch.journeys import entries
    >>> variants = pd.DataFrame({"customer_id": ["A", "B"], "variant": ["control", "new"]})
    >>> grouped = with_groups(PREPARED, variants, "variant")
    >>> entries(grouped, by="variant").frame[["variant", "event", "count"]]
       variant event  count
    0   (none)  view      1
    1  control  view      1
    2      new  view      1
    """
    if column.lower() in RESERVED:
        raise validate.refused("column", "no name that journeys use", column)
    groups = _one_row_each(customers, ["customer_id", column, *([since_us] if since_us else [])])
    own = prepared.frame.drop(column, strict=False)
    kinds = [one.collect_schema()["customer_id"] for one in (own, groups)]
    if len({kind.is_numeric() for kind in kinds}) > 1:
        fault = f"must be of the kind that the events have, {kinds[0]}; it is {kinds[1]}"
        raise SchemaError("customers", [f"customer_id: {fault}"])
    if since_us is None:
        joined = own.join(groups, on="customer_id", how="left")
    else:
        joined = own.join(groups.rename({since_us: "since_us"}), on="customer_id", how="left")
        reached = nw.col("ts_us") >= nw.col("since_us")
        joined = joined.with_columns(nw.when(reached).then(nw.col(column)).alias(column))
    return _carrying(prepared, joined, column)


def _one_row_each(customers: IntoFrame, needed: list[str]) -> frames.Frame:
    """Return the needed columns of a table of customers."""
    # The column is what the caller names, so that even an optional one must be there.
    known = frames.lazy(customers, "customers", needed).filter(frames.KNOWN).select(*needed)
    if known.implementation.is_duckdb():  # of another connection, it joins with nothing of the kit
        known = known.collect("pyarrow").lazy()
    groups = engine.lazy(known.to_native())
    several = groups.group_by("customer_id").agg(rows=nw.len()).filter(nw.col("rows") > 1)
    found = frames.rows(several.sort("customer_id").head(1))
    if found:
        raise SchemaError(
            "customers", [f"customer_id: must come once each; {found[0]['customer_id']!r} does not"]
        )
    return groups


def _as_of_event(prepared: Prepared, purchase: str, loyal_orders: int) -> frames.Frame:
    def so_far(flag: str) -> nw.Expr:
        return nw.col(flag).cum_sum().over("customer_id", order_by="journey_step")

    flagged = prepared.frame.with_columns(
        order=frames.one(nw.col("event") == prepared.code(purchase)),
        begins=frames.one(nw.col("step") == 1),
    )
    counted = flagged.with_columns(
        orders=so_far("order") - nw.col("order"), visits=so_far("begins")
    )
    return counted.with_columns(behaviour=_label(loyal_orders, nw.col("visits") <= 1))


def _as_of_session(labelled: frames.Frame) -> frames.Frame:
    begun = labelled.filter(nw.col("step") == 1).select("session", at_start="behaviour")
    joined = labelled.join(begun, on="session", how="left")
    return joined.with_columns(behaviour=nw.coalesce(nw.col("at_start"), nw.col("behaviour")))


def _as_of_moment(
    prepared: Prepared, purchase: str, loyal_orders: int, moment: datetime
) -> frames.Frame:
    earlier = nw.col("ts_us") < microseconds("as_of", moment)
    ones = {
        "orders": frames.one(earlier & (nw.col("event") == prepared.code(purchase))),
        "visits": frames.one(earlier & (nw.col("step") == 1)),
    }
    past = prepared.frame.with_columns(**ones).group_by("customer_id").agg(nw.col(*ones).sum())
    joined = prepared.frame.join(past, on="customer_id")
    label = _label(loyal_orders, nw.col("visits") == 0)
    return joined.with_columns(behaviour=nw.when(~earlier).then(label))


def _label(loyal_orders: int, first: nw.Expr) -> nw.Expr:
    new = nw.when(first).then(nw.lit(FIRST_VISIT)).otherwise(nw.lit(RETURNING))
    return nw.when(nw.col("orders") >= loyal_orders).then(nw.lit(LOYAL)).otherwise(new)


def _carrying(prepared: Prepared, labelled: frames.Frame, column: str) -> Prepared:
    """Return prepared events that carry a new column, written as theirs are."""
    home = disk.OwnFolder("cxresearch-journeys-")
    table = home.path / "journeys.parquet"
    kept = [name for name in prepared.frame.collect_schema().names() if name != column]
    ordered = labelled.select(*kept, column).sort("customer_id", "journey_step")
    engine.write(ordered.to_native(), table)
    carried = (*(name for name in prepared.carried if name != column), column)
    return replace(prepared, table=table, carried=carried, _home=home)
