"""Number the rows of journeys in one stream over sorted rows, as only DuckDB can.

Once the rows lie by customer and time, the row before and the row after say everything, so no
window needs a partition: the sort is paid once. Measured in ``docs/benchmarks.md``; the reason is
told in ``docs/decisions/011-one-sort-for-all-journeys.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch import engine

if TYPE_CHECKING:
    from cxresearch.journeys._input import Rows

_BEFORE = "OVER (ROWS UNBOUNDED PRECEDING)"


def write(rows: Rows, table: Path) -> None:
    """Write the prepared table of rows whose sessions end by a gap."""
    gap_us = rows.how.gap_us
    names = ", ".join(map(engine.literal, rows.events)) or "''"
    carried = "".join(f", {engine.quoted(name)}" for name in rows.carried)
    # Narwhals' windows put a missing tie first; so does this.
    order = ", ".join(f"{name} NULLS FIRST" for name in ("customer_id", *rows.how.order))
    ordered = rows.frame.to_native().order(order)
    coded = f"customer_id, ts_us, enum_code(event::ENUM({names}))::INTEGER AS event{carried}"
    neighbours = f"""
        customer_id, ts_us, event, row_number() OVER () AS cx_place,
        lag(customer_id) OVER () IS DISTINCT FROM customer_id AS cx_first,
        lead(customer_id) OVER () IS DISTINCT FROM customer_id AS cx_last,
        ts_us - lag(ts_us) OVER () AS cx_since_us,
        lead(event) OVER () AS cx_next, lead(ts_us) OVER () - ts_us AS cx_to_next_us{carried}"""
    begins = f"""
        *, max(CASE WHEN cx_first THEN cx_place END) {_BEFORE} AS cx_journey,
        max(CASE WHEN cx_first OR cx_since_us > {gap_us} THEN cx_place END) {_BEFORE} AS session"""
    numbers = f"""
        customer_id, ts_us, event, session, (cx_place - session + 1)::INTEGER AS step,
        cx_last OR cx_to_next_us > {gap_us} AS last,
        (cx_place - cx_journey + 1)::INTEGER AS journey_step,
        CASE WHEN NOT cx_last THEN cx_next END AS journey_next,
        CASE WHEN NOT cx_last THEN cx_to_next_us END AS to_journey_next_us{carried}"""
    stream = ordered
    for step in (coded, neighbours, begins, numbers):
        stream = stream.project(step)
    engine.write(stream, table)
