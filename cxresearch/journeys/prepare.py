"""Make the one table that every view of a journey reads: sorted once, numbered once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import narwhals as nw

from cxresearch import engine
from cxresearch.core import cached, disk, validate
from cxresearch.core.documented import documented
from cxresearch.engine import frames
from cxresearch.engine.backends import literal, quoted
from cxresearch.journeys import _input
from cxresearch.journeys._input import COLUMNS, GIVEN_COLUMNS, ROW, How, Sessions
from cxresearch.journeys.prepared import Prepared
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

    from cxresearch.journeys._input import Rows
    from cxresearch.study import Study

#: The files that decide what a prepared table holds.
_CODE = (
    *("_input.py", "prepared.py", "prepare.py"),
    *(f"../engine/{name}.py" for name in ("backends", "dialects", "frames", "row_order")),
)
_BEFORE = "OVER (ROWS UNBOUNDED PRECEDING)"
#: A carried text is sorted as a code where it has no more values than this.
_FEW = 256


@documented
def prepare(
    events: IntoFrame,
    *,
    sessions: Sessions = "gap",
    gap_minutes: float = 30.0,
    tie_break: str | None = None,
    carry: Sequence[str] | None = None,
    cache: disk.Cache | None = None,
) -> Prepared:
    """Sort events into journeys, cut them into sessions, and number their steps.

    Parameters
    ----------
    events : frame
        Any frame Narwhals knows (pandas, Polars, Arrow, DuckDB, Spark), in any order, with
        `customer_id`, `event`, and the time as `ts_us` (microseconds since 1970, UTC) or as `ts`
        (a timestamp; one without a zone is UTC). An `event_id` that comes again is a copy.
    sessions : {"gap", "given"}, default "gap"
        Whether a session ends by a long gap, or is what has one `session_id` of a customer.
    gap_minutes : float, default 30
        A session ends where the next event of the customer comes more than this later; exactly
        this much later is the same session. Midnight and the change of clocks end none.
    tie_break : str, optional
        A column by which events of one customer at the same moment are ordered. What is still
        tied, or all ties without it, is in the order in which the rows came; from the last row to
        the first where the table runs from the newest event to the oldest
        (:func:`cxresearch.engine.row_order.row_order`). The tally says how many pairs that decides.
    carry : sequence of str, optional
        Further columns the table keeps; by default `channel`, `device`, `page`, `order_id` and
        `revenue`, those of them that the events have.
    cache : Cache, optional
        Where the table is kept and what decides its content, as in ``shop.cache("events")``; a
        temporary file that goes with the result otherwise.

    Returns
    -------
    Prepared
        The table and the count of what became of every row.

    Raises
    ------
    SchemaError
        If columns are missing, the time is no timestamp, or a column to carry has a name that
        journeys use, such as `source` or `count`; all faults are listed.
    %(not_allowed)s

    Examples
    --------
    Two visits of one customer, forty minutes apart.

    >>> import pandas as pd
    >>> times = pd.to_datetime(["2026-05-01 10:00", "2026-05-01 10:10", "2026-05-01 10:50"])
    >>> events = pd.DataFrame({"customer_id": "A", "ts": times, "event": ["home", "cart", "home"]})
    >>> prepare(events).tally.sessions
    2
    """
    validate.one_of("sessions", sessions, get_args(Sessions))
    gap_us = round(validate.positive("gap_minutes", gap_minutes) * 60_000_000)
    how = How(
        sessions=sessions,
        gap_us=gap_us,
        tie_break=tie_break,
        carry=None if carry is None else validate.listed("carry", carry),
    )
    if cache is None:
        home = disk.OwnFolder("cxresearch-journeys-")
        read = plain_frames.with_times(events, "events")
        return _made(read, how, home.path / "journeys.parquet", home)
    of_events, of_options = _digests(cache.key, how)
    table = cache.folder / f"journeys-{of_events}-{of_options}.parquet"
    record = table.with_suffix(".json")
    found = cached.read(record, [table])
    if found is None:
        found = _keep(plain_frames.with_times(events, "events"), how, table, record)
        disk.prune(cache.folder, "journeys-*", keep=f"journeys-{of_events}-")
    return Prepared.from_dict(table, found)


def prepare_study(shop: Study) -> Prepared:
    """Prepare the events of a study: sessions are those it has, else end by a gap.

    Parameters
    ----------
    shop : Study
        The study, which keeps the table.
    """
    return prepare(
        shop.frame("events").to_native(),
        sessions="given" if shop.has("events", "session_id") else "gap",
        cache=shop.cache("events"),
    )


def order_events(shop: Study) -> list[str]:
    """Return the events on the way to an order: the funnel's, and those of its last step's stage.

    Whoever orders has met them: they tell nothing of who orders.

    Parameters
    ----------
    shop : Study
        The study.
    """
    steps, touchpoints = shop.manifest.funnel, shop.manifest.touchpoints
    stages = {touchpoints[step].stage for step in steps[-1:] if step in touchpoints}
    near = [event for event, touchpoint in touchpoints.items() if touchpoint.stage in stages]
    return list(dict.fromkeys([*steps, *near]))


def _keep(events: IntoFrame, how: How, table: Path, record: Path) -> dict[str, Any]:
    """Make the table beside its place, move it there, and return its record."""
    cached.make_room(table.parent)
    with disk.scratch(table.parent, ".journeys-") as scratch:
        made = _made(events, how, scratch / table.name)
        cached.write(record, made.to_dict(), {table: made.table})
    return made.to_dict()


def _made(events: IntoFrame, how: How, table: Path, home: disk.OwnFolder | None = None) -> Prepared:
    rows = _input.read(events, how)
    if how.sessions == "gap" and rows.in_duckdb:
        write_sorted(rows, table)
    else:
        write_partitioned(rows, table)
    return Prepared.read(table, rows, home)


def _digests(key: str, how: How) -> tuple[str, str]:
    """Return what names a cached table: its events and the code that reads them, and the rest."""
    code = [disk.sha256(Path(__file__).parent / name) for name in _CODE]
    return _digest([key, code]), _digest([engine.name(), asdict(how)])


def _digest(decides: object) -> str:
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]


def write_sorted(rows: Rows, table: Path) -> None:
    """Write the table in one stream over sorted rows, as only DuckDB can; sessions end by a gap.

    Once the rows lie by customer and time, the row before and the row after say everything: the
    sort is paid once (docs/decisions/011-one-sort-for-all-journeys.md).
    """
    gap_us = rows.how.gap_us
    # What is sorted is held in memory, where a code takes a sixteenth of a text; and what is
    # written of codes is their dictionary, which Parquet reads back as texts.
    levels = {"event": rows.events, **_levels(rows)}
    ties = [name for name in rows.how.order if name != "ts_us"]
    columns = ["customer_id", "ts_us", "event", *ties, *rows.carried]
    coded = ", ".join(
        _as_code(name, levels[name]) if name in levels else quoted(name) for name in columns
    )
    carried = "".join(f", {quoted(name)}" for name in rows.carried)
    # Narwhals' windows put a missing tie first; so does this.
    order = ", ".join(f"{name} NULLS FIRST" for name in ("customer_id", *rows.how.order))
    neighbours = f"""
        customer_id, ts_us, enum_code(event)::INTEGER AS event, row_number() OVER () AS cx_place,
        lag(customer_id) OVER () IS DISTINCT FROM customer_id AS cx_first,
        lead(customer_id) OVER () IS DISTINCT FROM customer_id AS cx_last,
        ts_us - lag(ts_us) OVER () AS cx_since_us,
        enum_code(lead(event) OVER ())::INTEGER AS cx_next,
        lead(ts_us) OVER () - ts_us AS cx_to_next_us{carried}"""
    begins = f"""
        *, max(CASE WHEN cx_first THEN cx_place END) {_BEFORE} AS cx_journey,
        max(CASE WHEN cx_first OR cx_since_us > {gap_us} THEN cx_place END) {_BEFORE} AS session"""
    numbers = f"""
        customer_id, ts_us, event, session, (cx_place - session + 1)::INTEGER AS step,
        cx_last OR cx_to_next_us > {gap_us} AS last,
        (cx_place - cx_journey + 1)::INTEGER AS journey_step,
        CASE WHEN NOT cx_last THEN cx_next END AS journey_next,
        CASE WHEN NOT cx_last THEN cx_to_next_us END AS to_journey_next_us{carried}"""
    stream = rows.frame.to_native().project(coded).order(order)
    for step in (neighbours, begins, numbers):
        stream = stream.project(step)
    engine.write(stream, table)


def _levels(rows: Rows) -> dict[str, tuple[str, ...]]:
    """Return the values of each carried column of text that has few."""
    schema = rows.raw.collect_schema()
    texts = [name for name in rows.carried if schema[name] == nw.String]
    # Asked in DuckDB's own words, for it stops at the first value too many.
    found = {
        name: rows.raw.to_native().project(quoted(name)).distinct().limit(_FEW + 1)
        for name in texts
    }
    values = {name: [value for (value,) in one.fetchall()] for name, one in found.items()}
    return {
        name: tuple(sorted(value for value in own if value is not None))
        for name, own in values.items()
        if len(own) <= _FEW
    }


def _as_code(name: str, values: tuple[str, ...]) -> str:
    """Return a column of texts as codes that are read as texts.

    DuckDB looks each text of a dictionary up once this way; a cast looks up those of all rows.
    """
    texts = ", ".join(map(literal, values)) or "''"
    column = quoted(name)
    return f"([{texts}]::ENUM({texts})[])[list_position([{texts}], {column})] AS {column}"


def write_partitioned(rows: Rows, table: Path) -> None:
    """Write the table by windows over each customer: twice the work, in any engine.

    It is the only way on Spark, and for given sessions, which may overlap in time.
    """
    ordered = _number_rows(rows).sort("customer_id", "journey_step")
    engine.write(ordered.to_native(), table)


def _number_rows(rows: Rows) -> frames.Frame:
    """Return the rows with their sessions and steps, in no order."""
    journeys = _in_journeys(_encode_events(rows.frame), rows.how.order)
    stepped = _in_sessions(journeys, rows.how)
    own_next = GIVEN_COLUMNS if rows.how.sessions == "given" else ()
    return stepped.select(*COLUMNS, *own_next, *rows.carried)


def _encode_events(frame: frames.Frame) -> frames.Frame:
    """Replace the name of each event by its place among the names."""
    names = frames.distinct(frame, "event")
    codes = names.with_columns(cx_code=(nw.col("event").rank("dense") - 1).cast(nw.Int32))
    coded = frame.join(codes, on="event")
    return coded.drop("event").rename({"cx_code": "event"})


def _in_journeys(frame: frames.Frame, order: tuple[str, ...]) -> frames.Frame:
    """Return each customer's steps numbered, with the event after and the time since the last."""

    def along(expression: nw.Expr) -> nw.Expr:
        return expression.over("customer_id", order_by=order)

    return frame.with_columns(
        journey_step=along(nw.col(ROW).cum_count()).cast(nw.Int32),
        journey_next=along(nw.col("event").shift(-1)),
        to_journey_next_us=along(nw.col("ts_us").shift(-1)) - nw.col("ts_us"),
        cx_since_us=nw.col("ts_us") - along(nw.col("ts_us").shift(1)),
    )


def _in_sessions(frame: frames.Frame, how: How) -> frames.Frame:
    """Return each session of a customer numbered, and each step of a session."""
    if how.sessions == "gap":
        begins = nw.col("cx_since_us").is_null() | (nw.col("cx_since_us") > how.gap_us)
        ones = frame.with_columns(cx_label=frames.one(begins))
        count = nw.col("cx_label").cum_sum().over("customer_id", order_by="journey_step")
        labelled = ones.with_columns(cx_label=count)
    else:
        labelled = frame.with_columns(cx_label=nw.col("session_id"))
    key = ("customer_id", "cx_label")

    def along(expression: nw.Expr) -> nw.Expr:
        return expression.over(*key, order_by="journey_step")

    stepped = labelled.with_columns(
        session=nw.col(ROW).min().over(*key),
        step=along(nw.col(ROW).cum_count()).cast(nw.Int32),
        session_next=along(nw.col("event").shift(-1)),
        to_session_next_us=along(nw.col("ts_us").shift(-1)) - nw.col("ts_us"),
    ).with_columns(last=nw.col("session_next").is_null())
    there = ~nw.col("cx_label").is_null()
    names = ("session", "step", "last", *GIVEN_COLUMNS)
    return stepped.with_columns(**{name: nw.when(there).then(nw.col(name)) for name in names})
