"""Number the rows of journeys in one stream over sorted rows, as only DuckDB can.

Once the rows lie by customer and time, the row before and the row after say everything, so no
window needs a partition: the sort is paid once. Measured in ``docs/benchmarks.md``; the reason is
told in ``docs/decisions/009-one-sort-for-all-journeys.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch import engine

if TYPE_CHECKING:
    from cxresearch.journeys._input import Rows

_BEFORE = "OVER (ROWS UNBOUNDED PRECEDING)"


def write(rows: Rows, gap_us: int, table: Path) -> None:
    """Write the prepared table of rows whose sessions end by a gap."""
    names = ", ".join(map(engine.literal, rows.events)) or "''"
    carried = "".join(f", {engine.quoted(name)}" for name in rows.carried)
    ordered = rows.frame.to_native().order(", ".join(["customer_id", *rows.order]))
    coded = f"customer_id, ts_us, enum_code(event::ENUM({names}))::INTEGER AS event{carried}"
    neighbours = f"""
        customer_id, ts_us, event, row_number() OVER () AS place,
        lag(customer_id) OVER () IS DISTINCT FROM customer_id AS new_customer,
        lead(customer_id) OVER () IS DISTINCT FROM customer_id AS last_of_customer,
        ts_us - lag(ts_us) OVER () AS since_us,
        lead(event) OVER () AS after, lead(ts_us) OVER () - ts_us AS to_after_us{carried}"""
    begins = f"""
        *, max(CASE WHEN new_customer THEN place END) {_BEFORE} AS first_place,
        max(CASE WHEN new_customer OR since_us > {gap_us} THEN place END) {_BEFORE} AS session"""
    numbers = f"""
        customer_id, ts_us, event, session, (place - session + 1)::INTEGER AS step,
        last_of_customer OR to_after_us > {gap_us} AS last,
        (place - first_place + 1)::INTEGER AS journey_step,
        CASE WHEN NOT last_of_customer THEN after END AS journey_next,
        CASE WHEN NOT last_of_customer THEN to_after_us END AS to_journey_next_us{carried}"""
    stream = ordered
    for step in (coded, neighbours, begins, numbers):
        stream = stream.project(step)
    engine.write(stream, table)
