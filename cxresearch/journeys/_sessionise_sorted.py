"""Number the rows of journeys in one stream over sorted rows, as only DuckDB can.

Once the rows lie by customer and time, the row before and the row after say everything, so no
window needs a partition: the sort is paid once. Measured in ``docs/benchmarks.md``; the reason is
told in ``docs/decisions/011-one-sort-for-all-journeys.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.engine.backends import literal, quoted

if TYPE_CHECKING:
    from cxresearch.journeys._input import Rows

_BEFORE = "OVER (ROWS UNBOUNDED PRECEDING)"
#: A carried text is sorted as a code where it has no more values than this.
_FEW = 256


def write(rows: Rows, table: Path) -> None:
    """Write the prepared table of rows whose sessions end by a gap."""
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
