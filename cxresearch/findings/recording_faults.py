"""What is wrong with the recording, as findings: gaps, doubles, programs, links and groups missing.

None of them tells how customers fare; each bends an answer that rests on the rows it is about.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from cxresearch import engine, journeys
from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.results import Estimate, Interval
from cxresearch.engine import frames, order_rules
from cxresearch.findings import worth
from cxresearch.findings.finding import Finding
from cxresearch.findings.fires import Fire, Key
from cxresearch.findings.traits import grouped
from cxresearch.findings.volumes import BEHIND, TICKETS
from cxresearch.findings.watched_series import WHOLE, Floats, Series
from cxresearch.findings.weeks import Weeks

if TYPE_CHECKING:
    from cxresearch.study import Study

#: From which share of the rows on a fault bends the answers that rest on them.
_UNLINKED, _UNGROUPED, _OF_PROGRAMS, _FOREIGN = 0.2, 0.2, 0.05, 0.05
#: Events are doubled by a page that sends twice, orders by an export that was joined.
_DOUBLED = {"events": 0.05, "orders": 0.01}
#: A visit of so many events is a program's.
_PROGRAM = 200
#: A gap is where so many units were to be expected, by the weeks before it, and none came.
_EXPECTED, _USUAL_WEEKS = 30, 8
#: The columns that every row can have; others come and go as a matter of course.
_GROUPS = ("device", "channel", "segment")
_NO_LINK = Remark("not known: it distorts numbers, not sales")
#: By table, what its rows are called, how the names of its measures begin, and the count of them.
_TABLES: dict[str, tuple[Remark, tuple[str, ...], str]] = {
    "events": (Remark("visits"), ("step:", "visits:"), "count:visits"),
    "orders": (Remark("orders"), ("order_value",), "count:orders"),
    "tickets": (Remark("tickets"), ("ticket:",), "count:tickets"),
    "deliveries": (Remark("parcels"), ("late",), ""),
    "feedback": (Remark("texts"), ("theme:",), ""),
    "surveys": (Remark("answers"), ("score:",), ""),
}
_EXPORT = "Fix: export {rows} again, with what is missing."
METHOD = "complete count"


@dataclass(frozen=True, slots=True)
class Gap:
    """Weeks in which nothing of a table was recorded, while another went on.

    Parameters
    ----------
    table : str
        The table.
    start, end : int
        The first week, and the first after them.
    lacks : float
        How many units of it were to be expected.
    """

    table: str
    start: int
    end: int
    lacks: float


def gaps(series: Mapping[Key, Series]) -> list[Gap]:
    """Return the weeks in which nothing of a table was recorded, while another went on.

    Where all stop, a shop may have been closed: that is no fault. Answers come in waves, and so do
    texts where no answer comes either; a table that ends for good is a fall of its count.

    Parameters
    ----------
    series : mapping of (measure, group) to Series
        Every series; the units of the largest measure of each table are counted.
    """
    counts: dict[str, Floats] = {}
    for table, (_, beginnings, _) in _TABLES.items():
        own = [
            one.y
            for (name, group), one in series.items()
            if group == WHOLE and name.startswith(beginnings)
        ]
        if own:
            counts[table] = max(own, key=lambda units: float(units.sum()))
    answers = counts.pop("surveys", None)
    return [
        gap
        for table, units in counts.items()
        for gap in _gaps(table, units)
        if any(
            _went_on(other, gap)
            for name, other in counts.items()
            if name not in (table, "feedback")
        )
        and not (table == "feedback" and answers is not None and _is_none(answers, gap))
    ]


def _gaps(table: str, units: Floats) -> Iterator[Gap]:
    seen = np.flatnonzero(units)
    for last, following in pairwise(seen):
        start, end = int(last) + 1, int(following)
        usual = units[max(0, start - _USUAL_WEEKS) : start]
        lacks = float(np.median(usual)) * (end - start)
        if end > start and len(usual) == _USUAL_WEEKS and lacks >= _EXPECTED:
            yield Gap(table, start, end, lacks)


def _went_on(units: Floats, gap: Gap) -> bool:
    """Whether half of the usual came, in all and in each week: of few, as far as chance allows."""
    usual = float(units[max(0, gap.start - _USUAL_WEEKS) : gap.start].mean())
    came = units[gap.start : gap.end]
    least = usual / 2 - 2 * math.sqrt(usual)
    return bool(usual > 0 and came.mean() >= usual / 2 and (came >= least).all())


def _is_none(units: Floats, gap: Gap) -> bool:
    return not units[gap.start : gap.end].any()


def is_gap(fire: Fire, found: Sequence[Gap], weeks: int) -> bool:
    """Return whether the fall of a count is one of some gaps, or a rise beside what lacks there.

    A fall is where most of its weeks are the gap's. Tickets are counted beside the orders of some
    weeks.
    """
    leader = fire.leader
    end = weeks if leader.end is None else leader.end
    name = leader.series.measure.name
    for one in found:
        last = one.end + (BEHIND if name == TICKETS else 0)
        both = min(end, last) - max(leader.start, one.start)
        is_own = name == _TABLES[one.table][2]
        is_beside = name == TICKETS and one.table in ("orders", "events")
        if (is_own or is_beside) and 2 * both > end - leader.start:
            return True
    return False


def recording_faults(
    study: Study, found: Sequence[Gap], weeks: Weeks, confidence: float
) -> list[Finding]:
    """Return what is wrong with the recording and bends an answer.

    Parameters
    ----------
    study : Study
        The study.
    found : sequence of Gap
        From :func:`gaps`.
    weeks : Weeks
        The weeks.
    confidence : float
        Coverage of the interval of a worth that is not known.
    """
    makes = _Maker(study, confidence)
    return [
        *(makes.gap(gap, weeks) for gap in found),
        *_of_events(study, makes),
        *_doubled_orders(study, makes),
        *_foreign_orders(study, makes),
        *_unlinked(study, makes),
        *_ungrouped(study, makes),
    ]


@dataclass(frozen=True, slots=True)
class _Maker:
    study: Study
    confidence: float

    def gap(self, gap: Gap, weeks: Weeks) -> Finding:
        """Return a gap as a finding, from the day after the last row to that of the next."""
        since, until = _ends(self.study, gap, weeks)
        values: dict[str, Value] = {
            "rows": _TABLES[gap.table][0],
            "since": since,
            "until": until,
        }
        return self.fault(
            f"gap:{gap.table}",
            Remark(
                "No {rows} from {since} to {until}, while the shop went on: not recorded.",
                values,
            ),
            Remark("Fix: export the {rows} of these weeks again.", values),
            share=1.0,
            n=round(gap.lacks),
            days=(since, until),
        )

    def fault(
        self,
        name: str,
        what: Remark,
        step: Remark,
        *,
        share: float,
        n: int,
        days: tuple[date | None, date | None] = (None, None),
    ) -> Finding:
        """Return a fault as a finding: a share of n rows, counted."""
        counted = Estimate(
            value=share,
            ci=Interval(share, share),
            n=n,
            unit="share",
            confidence=self.confidence,
            method=METHOD,
        )
        return Finding(
            what=what,
            measure=name,
            change=counted,
            before=counted,
            during=counted,
            now=counted,
            state="standing",
            since=days[0],
            until=days[1],
            is_bad=None,
            worth=worth.unknown(self.study.currency, self.confidence, _NO_LINK),
            grade="C",
            step=step,
            proof="data_quality",
        )


def _ends(study: Study, gap: Gap, weeks: Weeks) -> tuple[date, date]:
    """Return the day after the last row before a gap, and that of the first one after it."""
    known = {"events", "orders", "tickets", "feedback"}
    since, until = weeks.start(gap.start), weeks.start(gap.end)
    if gap.table not in known:
        return since, until
    day = nw.col("day")
    rows = study.frame(gap.table)
    (last,) = frames.rows(rows.filter(day < since).select(day=day.max()))
    (following,) = frames.rows(rows.filter(day >= since).select(day=day.min()))
    return last["day"] + timedelta(days=1), following["day"]


def _of_events(study: Study, makes: _Maker) -> Iterator[Finding]:
    """Yield events that are there twice, and those of programs."""
    if not study.has("events"):
        return
    prepared = journeys.prepare_study(study).frame
    is_long = nw.col("last") & (nw.col("step") >= _PROGRAM)
    is_twice = (nw.col("journey_next") == nw.col("event")) & (nw.col("to_journey_next_us") == 0)
    is_fine = nw.col("ts_us") % 60_000_000 != 0
    (found,) = frames.rows(
        prepared.select(
            n=nw.len(),
            twice=frames.one(is_twice).sum(),
            fine=frames.one(is_fine).sum(),
            long=(frames.one(is_long) * nw.col("step")).sum(),
        )
    )
    n = int(found["n"])
    # Of days or minutes many events have the same: they are no doubles.
    is_known = n and found["fine"] > n / 2
    if is_known and (share := found["twice"] / n) >= _DOUBLED["events"]:
        yield makes.fault(
            "doubled:events",
            Remark(
                "{share} of events appear twice, at the same moment: their counts are too high.",
                {"share": Amount(share, "share")},
            ),
            Remark("Fix: see which page sends its events twice."),
            share=share,
            n=n,
        )
    if n and (share := found["long"] / n) >= _OF_PROGRAMS:
        values: dict[str, Value] = {"share": Amount(share, "share"), "count": _PROGRAM}
        yield makes.fault(
            "programs:events",
            Remark(
                "{share} of events come from visits with {count} events or more: most likely bots.",
                values,
            ),
            Remark("Fix: leave out the visits of bots when events are exported."),
            share=share,
            n=n,
        )


def _doubled_orders(study: Study, makes: _Maker) -> Iterator[Finding]:
    """Yield orders of one customer with the same moment and value and another number."""
    if not study.has("orders", "customer_id"):
        return
    orders = study.frame("orders").filter(~nw.col("customer_id").is_null(), nw.col("revenue") > 0)
    alike = orders.group_by("customer_id", "ts_us", "revenue").agg(rows=nw.len())
    (found,) = frames.rows(
        alike.select(
            n=nw.col("rows").sum(),
            distinct=nw.len(),
            fine=(frames.one(nw.col("ts_us") % 60_000_000 != 0) * nw.col("rows")).sum(),
        )
    )
    n = int(found["n"] or 0)
    if n and found["fine"] > n / 2 and (share := 1 - found["distinct"] / n) >= _DOUBLED["orders"]:
        yield makes.fault(
            "doubled:orders",
            Remark(
                "{share} of orders appear twice, with another number: sales are too high.",
                {"share": Amount(share, "share")},
            ),
            Remark("Fix: export {rows} again, each once.", {"rows": _TABLES["orders"][0]}),
            share=share,
            n=n,
        )


def _foreign_orders(study: Study, makes: _Maker) -> Iterator[Finding]:
    """Yield orders in another currency than the study's, which no value counts."""
    if not study.has("orders", "currency"):
        return
    is_foreign = frames.one(order_rules.in_another(study.currency))
    (found,) = frames.rows(study.frame("orders").select(n=nw.len(), foreign=is_foreign.sum()))
    n = int(found["n"])
    if n >= _EXPECTED and (share := found["foreign"] / n) >= _FOREIGN:
        yield makes.fault(
            "currency:orders",
            Remark(
                "{share} of orders are in another currency: no value counts them.",
                {"share": Amount(share, "share")},
            ),
            Remark("Fix: export {rows} in one currency.", {"rows": _TABLES["orders"][0]}),
            share=share,
            n=n,
        )


def _unlinked(study: Study, makes: _Maker) -> Iterator[Finding]:
    """Yield the tables of which many rows name no customer that another table knows.

    Employees answer without a name. Where only orders tell who the customers are, the others may
    not have bought: a name counts as known, unless nobody is.
    """
    # Who the other tables know is asked for once; it is one short row for each customer.
    known = {
        other: engine.materialised(
            frames.distinct(study.frame(other), "customer_id").with_columns(nw.lit(1).alias(other))
        )
        for other in ("customers", "orders", "events")
        if study.has(other, "customer_id")
    }
    for table in ("orders", "surveys", "feedback", "tickets"):
        if not study.has(table, "customer_id"):
            continue
        own = study.frame(table)
        if table == "surveys":
            own = own.filter(nw.col("metric") != "enps")
        rows = frames.without_blanks(own.select("customer_id"), ["customer_id"])
        flags = [other for other in known if other != table]
        for other in flags:
            rows = rows.join(known[other], on="customer_id", how="left")
        if not flags:
            continue
        is_known = nw.max_horizontal(*[nw.col(name).fill_null(0) for name in flags])
        filled = nw.col("customer_id").count()
        (found,) = frames.rows(rows.select(n=nw.len(), known=is_known.sum(), named=filled))
        n = int(found["n"])
        known_rows = found["named"] if flags == ["orders"] and found["known"] else found["known"]
        if n >= _EXPECTED and (share := 1 - known_rows / n) >= _UNLINKED:
            named: dict[str, Value] = {"rows": _TABLES[table][0], "share": Amount(share, "share")}
            yield makes.fault(
                f"unlinked:{table}",
                Remark(
                    "{share} of {rows} have no known customer: what follows them is known only "
                    "for the others.",
                    named,
                ),
                Remark("Fix: export {rows} with the number of the customer.", named),
                share=share,
                n=n,
            )


def _ungrouped(study: Study, makes: _Maker) -> Iterator[Finding]:
    """Yield the columns that tell customers apart and are empty in many rows."""
    for table in ("events", "orders"):
        columns = (
            [one for one in grouped(study, table) if one in _GROUPS] if study.has(table) else []
        )
        if not columns:
            continue
        missing = {one: frames.one(nw.col(one).is_null()).sum() for one in columns}
        (found,) = frames.rows(study.frame(table).select(cx_n=nw.len(), **missing))
        n = int(found["cx_n"])
        for column in columns:
            if n >= _EXPECTED and (share := found[column] / n) >= _UNGROUPED:
                values: dict[str, Value] = {
                    "share": Amount(share, "share"),
                    "column": Remark(column),
                    "rows": Remark("events") if table == "events" else _TABLES[table][0],
                }
                yield makes.fault(
                    f"ungrouped:{table}:{column}",
                    Remark(
                        "{share} of {rows} have no {column}: a fault of one may hide there.",
                        values,
                    ),
                    Remark(_EXPORT, values),
                    share=share,
                    n=n,
                )
