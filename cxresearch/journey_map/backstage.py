"""What the shop does behind the scenes of a stage: who answers, who carries (a service blueprint).

Shostack 1984, Harvard Business Review 62(1), 133-139.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import kpis, stats
from cxresearch.core.remarks import Amount, Range, Remark, Value
from cxresearch.engine import frames
from cxresearch.engine.windows import DAY_US
from cxresearch.journey_map.map_cells import Cell

if TYPE_CHECKING:
    from cxresearch.study import Study

_MOST_CARRIERS = 4
#: The percentile of the waits that is shown beside the median.
_LONG = 0.9


def backstage(study: Study, stage: str, *, proof: str, confidence: float) -> Cell:
    """Return how fast tickets are answered and solved, and which carriers come late.

    Parameters
    ----------
    study : Study
        The study.
    stage : str
        The stage of the map that service falls in.
    proof : str
        The report that has the numbers.
    confidence : float
        Coverage of the intervals.
    """
    said, counted = [], 0
    for message, n in (*_tickets(study, confidence), *_carriers(study, confidence)):
        said.append(message)
        counted = max(counted, n)
    if not said:
        return Cell(stage=stage, lane="behind", why=Remark("no tickets and no deliveries"))
    return Cell(stage=stage, lane="behind", says=tuple(said), n=counted, proof=proof)


def _tickets(study: Study, confidence: float) -> Iterator[tuple[Remark, int]]:
    if not study.has("tickets"):
        return
    tickets = study.frame("tickets")
    for wait, message in (
        (kpis.first_response_time, "First answer: half within {half}, nine in ten within {long}"),
        (kpis.resolution_time, "Solved: half within {half}, nine in ten within {long}"),
    ):
        half, long = (wait(tickets, q=q, confidence=confidence) for q in (0.5, _LONG))
        if half.value < 1:
            half = wait(tickets, q=0.5, unit="minutes", confidence=confidence)
        if half.n < study.manifest.min_cell or not half.value >= 0:
            continue
        values: dict[str, Value] = {
            "half": Amount(half.value, half.unit),
            "long": Amount(long.value, long.unit),
        }
        yield Remark(message, values), half.n


def _carriers(study: Study, confidence: float) -> Iterator[tuple[Remark, int]]:
    """Yield the share of parcels that each carrier brings late, the largest carriers first."""
    needed = ("carrier", "promised", "delivered")
    if not all(study.has("deliveries", column) for column in needed):
        return
    parcels = study.frame("deliveries").filter(
        ~nw.col("carrier").is_null(), ~nw.col("promised_us").is_null()
    )
    late_us = nw.col("delivered_us") - nw.col("promised_us")
    marked = parcels.filter(~nw.col("delivered_us").is_null()).with_columns(
        late=frames.indicator(late_us >= DAY_US)
    )
    counts = marked.group_by("carrier").agg(n=nw.len(), late=nw.col("late").sum())
    rows = sorted(frames.rows(counts), key=lambda one: (-one["n"], str(one["carrier"])))
    for row in rows[:_MOST_CARRIERS]:
        n = int(row["n"])
        if n < study.manifest.min_cell:
            continue
        late = stats.proportion(int(row["late"]), n, confidence=confidence)
        values: dict[str, Value] = {
            "carrier": str(row["carrier"]),
            "late": Amount(late.value, "share"),
            "range": Range(late.ci.low, late.ci.high, "share"),
            "n": n,
        }
        yield Remark("{carrier}: {late} of parcels late ({range}, n {n})", values), n
