"""Make the one table that every view of a journey reads: sorted once, numbered once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch import _checks, _files, engine
from cxresearch.journeys import _input, _streaming, _windows
from cxresearch.journeys.prepared import Prepared

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

    from cxresearch.journeys._input import Rows, Sessions

#: Columns of the events that are carried along where the events have them.
CARRIED = ("channel", "device", "page", "order_id", "revenue")


def prepare(
    events: IntoFrame,
    *,
    sessions: Sessions = "gap",
    gap_minutes: float = 30.0,
    tie_break: str | None = None,
    carry: Sequence[str] | None = None,
    cache: _files.Cache | None = None,
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
        tied, or all ties without it, stays in the order in which the rows came.
    carry : sequence of str, optional
        Further columns the table keeps; by default those of `CARRIED` that the events have.
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
        If columns are missing; all are listed.
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
    _checks.one_of("sessions", sessions, _input.SESSIONS)
    gap_us = round(_checks.positive("gap_minutes", gap_minutes) * 60_000_000)
    rows = _input.read(events, sessions=sessions, tie_break=tie_break, carry=carry, carried=CARRIED)
    if cache is None:
        home = _files.OwnFolder("cxresearch-journeys-")
        return _made(rows, gap_us, home.path / "journeys", home)
    options = {"sessions": sessions, "gap_us": gap_us, "tie": tie_break, "carry": rows.carried}
    target = cache.folder / f"journeys-{_digest(cache.key, options)}"
    kept = Path(f"{target}.json")
    if kept.exists() and _table(target).exists():
        return Prepared.from_dict(_table(target), json.loads(kept.read_text("utf-8")))
    return _kept(rows, gap_us, target, kept)


def _kept(rows: Rows, gap_us: int, target: Path, kept: Path) -> Prepared:
    """Make the table beside its place; its JSON is written last and says that it is whole."""
    with _files.scratch(target.parent, ".journeys-") as scratch:
        made = _made(rows, gap_us, scratch / "journeys")
        _files.move(_table(scratch / "journeys"), _table(target))
    with _files.replacing(kept) as beside:
        beside.write_text(json.dumps(made.to_dict(), indent=1), "utf-8")
    return Prepared.from_dict(_table(target), made.to_dict())


def _made(rows: Rows, gap_us: int, target: Path, home: _files.OwnFolder | None = None) -> Prepared:
    table = _table(target)
    # Windows without partitions over sorted rows cost half, but only DuckDB streams them, and
    # the sessions of an export may overlap in time.
    if rows.sessions == "gap" and rows.in_duckdb:
        _streaming.write(rows, gap_us, table)
    else:
        _windows.write(rows, gap_us, table)
    return Prepared.read(table, rows, gap_us, home)


def _table(target: Path) -> Path:
    return target.with_name(f"{target.name}.parquet")


def _digest(key: str, options: dict[str, Any]) -> str:
    """Return what names a cached table: its events, how they are prepared, and by what code."""
    code = [_files.sha256(Path(__file__).with_name(name)) for name in _CODE]
    decides = json.dumps([key, options, engine.name(), code], sort_keys=True)
    return hashlib.sha256(decides.encode()).hexdigest()[:16]


_CODE = ("_input.py", "_streaming.py", "_windows.py", "prepared.py", "prepare.py")
