"""One call that simulates a whole linked study, and the dirt of real exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cxresearch.core import validate
from cxresearch.simulate import identity, messages, truth
from cxresearch.simulate.clock import STUDY_DAYS, Clock
from cxresearch.simulate.customer_feedback import coding_sheets, draw_occasions, write_texts
from cxresearch.simulate.draws import Draws, Ints, numbered
from cxresearch.simulate.events import events_table, exposures_table
from cxresearch.simulate.order_history import deliveries_table, lines_table, orders_table
from cxresearch.simulate.planted import Planted, Switch
from cxresearch.simulate.surveys import draw_answers, employees_table, surveys_table
from cxresearch.simulate.tickets import tickets_table
from cxresearch.simulate.visit_paths import marketing_table, visits_per_day
from cxresearch.simulate.world import World, draw_world
from cxresearch.study import schema

#: How many people are drawn at once: what fits in memory with ease.
BLOCK = 50_000

#: Table, then rule, then the places of the rows that are copied and broken.
Plan = dict[str, dict[str, Ints]]


@dataclass(frozen=True, slots=True)
class Shop:
    """A simulated study.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        The canonical tables, clean, times in UTC.
    answer_keys : dict of str to pandas.DataFrame
        ``people``: each true person; ``identities``: which person each customer record is;
        ``themes``: what each text is about.
    sheets : dict of str to pandas.DataFrame
        What two people coded of a sample of the texts, and what was decided where they differ.
    truth : dict
        Every planted value, and what came of it.
    faults : dict of str to dict
        The rows that :func:`cxresearch.simulate.write` copies and breaks, by table and rule.
    """

    tables: dict[str, pd.DataFrame]
    answer_keys: dict[str, pd.DataFrame]
    sheets: dict[str, pd.DataFrame]
    truth: dict[str, Any]
    faults: Plan


@dataclass(frozen=True, slots=True)
class Block:
    """What a study has of one block of people.

    Parameters
    ----------
    events : pyarrow.Table
        The canonical events, by time.
    tables, answer_keys : dict of str to pandas.DataFrame
        The other tables but ``marketing``, and the answers.
    per_day : array of int
        Visits by channel and day, of which marketing is made.
    realised : dict
        What happened, counted.
    """

    events: pa.Table
    tables: dict[str, pd.DataFrame]
    answer_keys: dict[str, pd.DataFrame]
    per_day: Ints
    realised: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Study:
    """What is to be simulated: the seed, how many people, the days, what is planted."""

    seed: int
    customers: int
    clock: Clock
    planted: Planted
    faults: bool

    def blocks(self) -> Iterator[Block]:
        """Yield the study, one block of people after the other."""
        for number, first in enumerate(range(0, self.customers, BLOCK)):
            key = np.arange(first, min(first + BLOCK, self.customers))
            yield _block(draw_world(self.seed, self.clock, self.planted, key, number))

    def marketing(self, per_day: Ints) -> pd.DataFrame:
        """Return the marketing table."""
        return marketing_table(Draws(self.seed, "marketing"), per_day, self.clock)

    def sheets(self, feedback: pd.DataFrame, themes: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Return the coding sheets of the whole study."""
        rng = Draws(self.seed, "coders").stream("sheets", 0)
        return coding_sheets(rng, feedback, themes, self.planted.coders)

    def plan_faults(self, first: Block) -> Plan:
        """Return the rows that are copied and broken, all of the first block."""
        if not self.faults:
            return {}
        tables = {**first.tables, "events": first.events}
        return plan_faults(Draws(self.seed, "faults").stream("rows", 0), tables)

    def truth(self, realised: Mapping[str, Any], faults: Plan) -> dict[str, Any]:
        """Return the whole truth."""
        return truth.build(
            self.seed, self.customers, self.clock, self.planted, realised, counted(faults)
        )


def plan(
    *,
    seed: int = 2026,
    customers: int = 20_000,
    days: int = STUDY_DAYS,
    start: str = "2023-11-01",
    faults: bool = True,
    effects: Mapping[str, Switch] | None = None,
) -> Study:
    """Return what is to be simulated; the arguments are those of :func:`shop`."""
    planted = Planted().with_effects(effects or {})
    return Study(
        seed=validate.whole("seed", seed),
        customers=validate.whole("customers", customers, low=1),
        clock=Clock(
            validate.day("start", start), validate.whole("days", days, low=7), planted.season
        ),
        planted=planted,
        faults=faults,
    )


def shop(
    *,
    seed: int = 2026,
    customers: int = 20_000,
    days: int = STUDY_DAYS,
    start: str = "2023-11-01",
    faults: bool = True,
    effects: Mapping[str, Switch] | None = None,
) -> Shop:
    """Simulate an invented Italian online shop whose truth is known.

    Parameters
    ----------
    seed : int
        The same seed, with the same other arguments, gives the same shop.
    customers : int
        How many true persons come to the shop in these days; some never make an account.
    days : int
        How many days, at least 7. What is planted for a part of the usual three years keeps its
        part.
    start : str
        The first day, ISO 8601, in the shop's time zone (Europe/Rome).
    faults : bool
        Whether the exports get broken rows; the tables returned here are always clean.
    effects : mapping of str to bool or mapping, optional
        Effects of :class:`Planted` by name: False is off, a mapping gives other values, such as
        ``{"payment_error": {"after": 0.1}, "social": False}``. Nothing else moves but what follows
        from it: who comes, and every draw that has no part in it, stay as they are.

    Returns
    -------
    Shop
        The tables, linked by ``customer_id``, ``order_id`` and ``session_id``, and their truth.

    Raises
    ------
    TypeError
        If `seed`, `customers` or `days` is not a whole number.
    ValueError
        If one of them is too small, `start` is not a day, or an effect does not exist.

    Examples
    --------
    >>> small = shop(seed=1, customers=50, days=30)
    >>> small.truth["realised"]["rows"]["orders"] == len(small.tables["orders"])
    True
    """
    study = plan(
        seed=seed, customers=customers, days=days, start=start, faults=faults, effects=effects
    )
    blocks = list(study.blocks())
    tables: dict[str, pd.DataFrame] = {
        "events": pa.concat_tables([one.events for one in blocks]).to_pandas()
    }
    for name in blocks[0].tables:
        tables[name] = pd.concat([one.tables[name] for one in blocks], ignore_index=True)
    tables["marketing"] = study.marketing(np.sum([one.per_day for one in blocks], axis=0))
    keys = {
        name: pd.concat([one.answer_keys[name] for one in blocks], ignore_index=True)
        for name in blocks[0].answer_keys
    }
    broken = study.plan_faults(blocks[0])
    realised = truth.added([one.realised for one in blocks])
    return Shop(
        tables=tables,
        answer_keys=keys,
        sheets=study.sheets(tables["feedback"], keys["themes"]),
        truth=study.truth(realised, broken),
        faults=broken,
    )


def _block(world: World) -> Block:
    """Return the canonical tables of a block of people, and the answers to them."""
    draws = world.draws
    orders = orders_table(world.people, world.visits, world.orders, world.lines)
    customers, identities = identity.customers_tables(
        draws("customers"), world.people, world.consent, world.clock, world.planted.records
    )
    answers = draw_answers(world)
    surveys = surveys_table(world, answers)
    if world.block == 0:
        staff = employees_table(draws("employees"), world.clock, world.planted.employees)
        surveys = pd.concat([surveys, staff]).sort_values("ts", kind="stable", ignore_index=True)
    occasions = draw_occasions(world, answers)
    feedback, themes = write_texts(world, occasions)
    reviews = occasions[occasions["source"] == "review"]
    opened = world.visible_ids(world.tickets.person, world.tickets.order, world.tickets.opened)
    tables = {
        "orders": orders,
        "order_lines": lines_table(world.orders, world.lines),
        "deliveries": deliveries_table(world.orders),
        "surveys": surveys,
        "feedback": feedback,
        "tickets": tickets_table(
            draws("ticket_details"), opened, world.tickets, world.planted, world.block
        ),
        "exposures": exposures_table(world),
        "messages": messages.messages_table(world.messages, world.people, world.block),
        "customers": customers,
    }
    events = events_table(world, answers, reviews, orders["revenue"].to_numpy())
    keys = {"people": truth.people(world), "identities": identities, "themes": themes}
    rows = {name: len(table) for name, table in tables.items()} | {"events": events.num_rows}
    return Block(
        events=events,
        tables=tables,
        answer_keys=keys,
        per_day=visits_per_day(world.visits, world.clock),
        realised=truth.realised(world, orders, rows),
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of broken row.

    Parameters
    ----------
    table, rule : str
        The table, and the rule that finds the row.
    rows : int
        How many such rows are added, where the table has so many to copy.
    column : str, optional
        The column that is broken; without it the row is an exact copy of another.
    value : str, optional
        What the column holds instead; None is nothing.
    """

    table: str
    rule: str
    rows: int
    column: str | None = None
    value: str | None = None


FAULTS = (
    Fault("events", "duplicate_key", 20),
    Fault("events", "missing_value", 15, "customer_id"),
    Fault("events", "unknown_event", 25, "event", "legacy_banner_v1"),
    Fault("orders", "duplicate_key", 12),
    Fault("orders", "not_a_number", 9, "revenue", "n/d"),
    Fault("orders", "future_date", 7, "ts", "2031-03-14T10:00:00Z"),
    Fault("orders", "missing_value", 6, "order_id"),
    Fault("surveys", "score_outside_scale", 14, "score", "99,0"),
    Fault("surveys", "not_a_time", 8, "ts", "31/02/2026 10:00:00"),
    # A lone Latin-1 byte (e with an acute, then a grave accent) in a file that is UTF-8.
    Fault("feedback", "unreadable_row", 8, "text", "Perch\udce9 il pacco non \udce8 arrivato?"),
    Fault("tickets", "times_out_of_order", 5, "first_response", "2020-01-01T09:00:00Z"),
)


def plan_faults(rng: np.random.Generator, tables: Mapping[str, pd.DataFrame]) -> Plan:
    """Return which rows are copied and broken; no row is used twice."""
    plan: Plan = {}
    unused = {
        name: rng.permutation(len(tables[name])) for name in sorted({one.table for one in FAULTS})
    }
    for fault in FAULTS:
        chosen, unused[fault.table] = np.split(
            unused[fault.table], [min(fault.rows, len(unused[fault.table]))]
        )
        if len(chosen):
            plan.setdefault(fault.table, {})[fault.rule] = np.sort(chosen)
    return plan


def counted(plan: Plan) -> dict[str, dict[str, int]]:
    """Return how many rows break each rule, by table."""
    return {
        table: {rule: len(places) for rule, places in rules.items()}
        for table, rules in plan.items()
    }


def spoiled(table: pd.DataFrame, name: str, plan: Plan) -> pd.DataFrame:
    """Return a table with its broken rows, each after the row it was copied from.

    A broken row has a key of its own, unless it is broken by having none or another's.
    """
    table = table.reset_index(drop=True)
    parts, fresh = [table], len(table) + 1
    for fault in FAULTS:
        places = plan.get(name, {}).get(fault.rule)
        if fault.table != name or places is None:
            continue
        rows = table.loc[places].astype(object)
        if fault.column is not None:
            key = schema.table(name).key[0]
            rows[key] = _ids_after(table[key], len(rows), fresh)
            # As objects: pandas' own texts cannot hold the lone bytes of a broken encoding.
            rows[fault.column] = pd.Series([fault.value] * len(rows), rows.index, dtype=object)
            fresh += len(rows)
        parts.append(rows.astype(table.dtypes.to_dict()))
    return pd.concat(parts).sort_index(kind="stable")


def _ids_after(ids: pd.Series[str], n: int, first: int) -> list[str]:
    """Return `n` ids like these, numbered from `first`."""
    like = str(ids.iloc[0])
    return [str(name) for name in numbered(like[0], n, len(like) - 1, first)]
