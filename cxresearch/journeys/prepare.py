"""Make the one table that every view of a journey reads: sorted once, numbered once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch import engine
from cxresearch.core import cached, disk, validate
from cxresearch.journeys import _input, _sessionise_partitioned, _sessionise_sorted
from cxresearch.journeys._input import How
from cxresearch.journeys.prepared import Prepared

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

    from cxresearch.journeys._input import Sessions
    from cxresearch.study import Study


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
    ValueError
        If an argument is none of what is allowed.

    Examples
    --------
    Two visits of one customer, forty minutes apart.

    >>> import pandas as pd
    >>> times = pd.to_datetime(["2026-05-01 10:00", "2026-05-01 10:10", "2026-05-01 10:50"])
    >>> events = pd.DataFrame({"customer_id": "A", "ts": times, "event": ["home", "cart", "home"]})
    >>> prepare(events).tally.sessions
    2
    """
    validate.one_of("sessions", sessions, _input.SESSIONS)
    gap_us = round(validate.positive("gap_minutes", gap_minutes) * 60_000_000)
    how = How(
        sessions=sessions,
        gap_us=gap_us,
        tie_break=tie_break,
        carry=None if carry is None else validate.listed("carry", carry),
    )
    if cache is None:
        home = disk.OwnFolder("cxresearch-journeys-")
        return _made(events, how, home.path / "journeys.parquet", home)
    of_events, of_options = _digests(cache.key, how)
    table = cache.folder / f"journeys-{of_events}-{of_options}.parquet"
    record = table.with_suffix(".json")
    found = cached.read(record, [table])
    if found is None:
        found = _keep(events, how, table, record)
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


def _keep(events: IntoFrame, how: How, table: Path, record: Path) -> dict[str, Any]:
    """Make the table beside its place, move it there, and return its record."""
    cached.make_room(table.parent)
    with disk.scratch(table.parent, ".journeys-") as scratch:
        made = _made(events, how, scratch / table.name)
        cached.write(record, made.to_dict(), {table: made.table})
    return made.to_dict()


def _made(events: IntoFrame, how: How, table: Path, home: disk.OwnFolder | None = None) -> Prepared:
    rows = _input.read(events, how)
    # Windows without partitions over sorted rows cost half, but only DuckDB streams them, and
    # the sessions of an export may overlap in time.
    if how.sessions == "gap" and rows.in_duckdb:
        _sessionise_sorted.write(rows, table)
    else:
        _sessionise_partitioned.write(rows, table)
    return Prepared.read(table, rows, home)


def _digests(key: str, how: How) -> tuple[str, str]:
    """Return what names a cached table: its events and the code that reads them, and the rest."""
    code = [disk.sha256(Path(__file__).parent / name) for name in _CODE]
    return _digest([key, code]), _digest([engine.name(), asdict(how)])


def _digest(decides: object) -> str:
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]


_CODE = (
    *("_input.py", "_sessionise_sorted.py", "_sessionise_partitioned.py"),
    *("prepared.py", "prepare.py"),
    *(f"../engine/{name}.py" for name in ("backends", "dialects", "frames", "row_order")),
)
