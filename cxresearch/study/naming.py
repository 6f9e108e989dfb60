"""Which table a file of no known vendor holds, by what its columns are called and what is in them.

The names are data: ``column_names.yaml``. What stands in a column must be what the canonical one
holds: a shop's "Cliente" may be a number, an address or a person's name, and a name is no key.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cxresearch.study import column_names, schema
from cxresearch.study.absent_values import is_nothing, worded
from cxresearch.study.loaders.casting import FLAGS
from cxresearch.study.sniffing import Sniffed

#: So many of the values of a column must be what it holds.
_MOST = 0.9
#: The tables that one file of order lines may give.
_TOGETHER = ("orders", "order_lines")
#: What the elements of a list belong to, which their record names: they may have ids of their own.
_OF_RECORD = ("order_id", "text_id")
#: Columns that may be the file's column of another one, too.
_ALSO = {("orders", "items"), ("customers", "customer_id")}
_NUMBER = re.compile(
    r"[A-Za-z$€£ \u00a0\u202f]*[+-]?[\d.,' \u00a0\u202f]*\d[\d.,]*[A-Za-z$€£ \u00a0\u202f]*"
)
_AMOUNT = re.compile(r"\d+([.,]\d+)*")
_WHOLE = re.compile(r"[+-]?\d+([.,]0+)?|[+-]?\d{1,3}([., ]\d{3})+")
_TIME = re.compile(
    r"\D*\d{1,4}\D{1,4}(\d{1,2}|[^\W\d]{3,})\D{1,4}\d{1,4}.*|\d{5}([.,]\d+)?|\d{8,16}"
)
_PERSON = re.compile(r"[^\W\d_]+\.?( [^\W\d_]+['.]?)+")
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}([:.]\d{2})?( ?[AaPp][Mm])?")
_TOTAL = re.compile(r"(?i)((grand|gran|sub)[ -]?)?tot(al|als|ale|ali)\b.*")


def tables_of(found: Sniffed) -> dict[str, dict[str, Any]]:
    """Return the tables whose columns a file has, each with what ``study.yaml`` says of its source.

    Of several that it may be, the one that takes most of its columns; orders and their lines may
    be in one file.
    """
    scored = []
    for table in column_names.names()["tables"]:
        columns, signs = _columns(table, found)
        if not _lacks(table, columns):
            scored.append((len(columns) + signs, table, columns))
    most = max((score for score, *_ in scored), default=0)
    best = next((one for one in scored if one[0] == most), None)
    chosen = [] if best is None else [best]
    if best and best[1] in _TOGETHER:
        chosen = [one for one in scored if one[1] in _TOGETHER]
    given = {table: _entry(table, columns, found) for _, table, columns in chosen}
    return given or _of_lists(found) if "orders" not in given else given | _of_lists(found, given)


def _of_lists(
    found: Sniffed, beside: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, dict[str, Any]]:
    """Return the table that a list within each record gives: an order's lines, a call's turns."""
    for name, lists in found.lists.items():
        outer = [
            {k: v for k, v in one.items() if not k.startswith(f"{name}.")} for one in found.records
        ]
        rows = tuple(
            {**one, **each} for one, all_ in zip(outer, lists, strict=True) for each in all_
        )
        own = dict.fromkeys(key for all_ in lists for each in all_ for key in each)
        headings = tuple({**dict.fromkeys(key for one in rows for key in one)})
        unnested = replace(found, headings=headings, records=rows, lists={})
        for table in ["order_lines"] if beside else ["feedback", "events", "order_lines"]:
            columns, _ = _columns(table, unnested)
            if beside:  # beside the order's id a line may have its own
                columns["order_id"] = beside["orders"]["columns"]["order_id"]
            of_record = {one for one in _OF_RECORD if columns.get(one) in found.headings}
            if _lacks(table, columns) or not {*columns.values()} & {*own}:
                continue
            entry = _entry(table, columns, unnested)
            several = entry["columns"].get("sku")
            entry["columns"] = {
                key: f"{name}.{one}" if one in own and key not in of_record else one
                for key, one in columns.items()
            } | {key: "#row" for key, one in entry["columns"].items() if one == "#row"}
            if isinstance(several, dict):
                codes = [f"{name}.{one}" if one in own else one for one in several["first_of"]]
                entry["columns"]["sku"] = {"first_of": codes}
            for one in entry.get("where", []):
                one["column"] = f"{name}.{one['column']}" if one["column"] in own else one["column"]
            return {table: entry | {"unnest": name}}
    return {}


def nearest(found: Sniffed) -> str:
    """Return the table that a file comes nearest to, and what it lacks; empty where to none."""
    variants = found.values(_called("exposures", "variant", found)[:1])
    is_total = 1 < len(variants) == len({*variants}) and len(found.records) <= len(variants) + 1
    if is_total and not _called("exposures", "customer_id", found):
        return "a row for each variant; exposures have one for each customer"
    near = []
    for table in column_names.names()["tables"]:
        columns, signs = _columns(table, found)
        lacks = _lacks(table, columns)
        if len(columns) > 1 and len(lacks) <= 2:
            near.append((len(columns) + signs - len(lacks), table, lacks))
    if not near:
        return ""
    _, table, lacks = max(near)
    return f"nearest to {table}, without {', '.join(lacks)}"


def _columns(table: str, found: Sniffed) -> tuple[dict[str, str], int]:
    """Return the file's column for each canonical one, and how many other signs the file gives."""
    known = column_names.names()["tables"][table]
    contract = {one.name: one for one in schema.table(table).columns}
    signs = column_names.known_as(known.get("signs", []), found.headings)
    columns: dict[str, str] = {}
    required = schema.table(table).required
    for name in known["columns"]:
        there = [
            one
            for one in _called(table, name, found)
            if one not in columns.values() or (table, name) in _ALSO
        ]
        # A heading may be repeated among its values.
        said = {one: [value for value in found.values([one]) if value != one] for one in there}
        fitting = [one for one in there if _fits(contract[name], said[one])]
        if fitting:
            columns[name] = fitting[0]
        elif there and name in required:
            columns[name] = there[0]
    for name, column in contract.items():
        own = name not in columns and name in found.headings and name not in columns.values()
        if own and _is_of(column, found.values([name])):
            columns[name] = name
    return columns, len(set(signs) - set(columns.values()))


def _is_of(column: schema.Column, values: Sequence[str]) -> bool:
    """Return whether what stands below a canonical name is what the contract allows there."""
    return {*values} <= {*column.allowed} if column.allowed else _fits(column, values)


def _called(table: str, name: str, found: Sniffed) -> list[str]:
    """Return the headings that are called what exports call a canonical column."""
    known = column_names.names()["tables"][table]
    signs = column_names.known_as(known.get("signs", []), found.headings)
    maybe = known.get("maybe", {}).get(name, []) if signs else []
    shared = column_names.names()["shared"].get(name, [])
    called = known["columns"].get(name, [])
    return column_names.known_as([name.replace("_", " "), *called, *shared, *maybe], found.headings)


def passed_over(
    table: str, columns: Mapping[str, Sequence[str]], found: Sniffed
) -> Iterator[tuple[str, str, str]]:
    """Yield each canonical column that a heading is called by without what it must hold.

    With the heading and the first value below it that is no number, no time or no flag.
    """
    taken = {one for headings in columns.values() for one in headings}
    for column in schema.table(table).columns:
        if column.kind == "text" or column.name in columns:
            continue
        for heading in _called(table, column.name, found):
            values = found.values([heading])
            if heading not in taken and not _fits(column, values):
                odd = (one for one in values if not _fits(column, [one]))
                yield column.name, heading, next(odd, values[0])


def _lacks(table: str, columns: Mapping[str, str]) -> list[str]:
    """Return the columns without which a file does not give a table, and that it does not have."""
    known = column_names.names()["tables"][table]
    there = {*columns, *known.get("constants", {})}
    # A row that nothing names is named by its number, a channel by its file.
    there |= {"text_id"} if table == "feedback" else {"channel"} if table == "marketing" else set()
    lacks = [name for name in schema.table(table).required if name not in there]
    needs = known.get("needs", [])
    return lacks + ([" or ".join(needs)] if needs and not set(needs) & set(columns) else [])


def _fits(column: schema.Column, values: Sequence[str]) -> bool:
    """Return whether most of what stands in a column is what a canonical one holds."""
    words = worded(column, values)
    values = [one for one in values if not is_nothing(column, one) and one not in words]
    if column.kind in {"number", "count"}:
        values = [one.strip("()") for one in values]

    def most(pattern: re.Pattern[str]) -> bool:
        return sum(bool(pattern.fullmatch(one)) for one in values) >= _MOST * len(values)

    if not values:
        return True
    if column.kind == "number":
        low = column.low is not None and any(one.strip("€$£ ").startswith("-") for one in values)
        return most(_NUMBER) and not low
    if column.kind == "count":
        return most(_WHOLE)
    if column.kind in {"time", "date"}:
        return most(_TIME)
    if column.kind == "flag":
        return sum(one.casefold() in FLAGS for one in values) >= _MOST * len(values)
    return column.name not in {"customer_id", "order_id"} or not most(_PERSON)


def _entry(table: str, columns: dict[str, str], found: Sniffed) -> dict[str, Any]:
    """Return what ``study.yaml`` says of a source."""
    known = column_names.names()["tables"][table]
    made: dict[str, Any] = dict(columns)
    entry: dict[str, Any] = {**found.written, "columns": made}
    if constants := {k: v for k, v in known.get("constants", {}).items() if k not in columns}:
        entry["constants"] = dict(constants)
    if table == "feedback":
        made.setdefault("text_id", "#row")
        if "speaker" in columns:
            called = column_names.words(" ".join([*columns.values(), found.name]))
            is_call = called & {"call", "calls", "chiamata", "chiamate", "parlante", "utterance"}
            if "source" not in columns:
                entry["constants"] = {"source": "call" if is_call else "chat"}
            if "text_id" in columns:
                entry["add_up"] = True
    if table == "marketing":
        entry["add_up"] = True
        if "channel" not in columns:
            entry["constants"] = {"channel": re.sub(r"\W+", "_", found.name.partition(".")[0])}
    if table == "customers" and (
        last := column_names.known_as(["last name", "surname", "cognome"], found.headings)
    ):
        first = column_names.known_as(["first name", "nome", "name"], found.headings)
        made["name"] = {"join": [*first[:1], last[0]]}
    if "customer_id" in columns and (person := _person(table, columns, found)):
        made["customer_id"] = person
    if "sku" in columns and (product := _product(table, columns, found)):
        made["sku"] = product
    for name in schema.table(table).times:
        if (day := columns.get(name)) and (clock := _clock_of(day, found)):
            made[name] = {"join": [day, clock]}
    for name, wait in waits_of(table, made, found).items():
        if unit := column_names.unit_of(wait):
            made[name] = {"plus": wait, "unit": unit, "to": columns["opened"]}
    if where := _where(table, columns, found):
        entry["where"] = where
    if table == "orders" and _repeats(columns, found):
        entry.update(_one_row_per_order(columns, found))
    return entry


def _person(table: str, columns: Mapping[str, str], found: Sniffed) -> dict[str, Any]:
    """Return how the customer is made where that is not one column as it stands.

    Who logs in has a user's number, and any visitor one of the browser: where each row must name
    somebody, the first that is filled counts. E-mails are compared in lower case.
    """
    column = next(one for one in schema.table(table).columns if one.name == "customer_id")
    first_of = [columns["customer_id"]]
    values = found.values(first_of)
    filled = [value for value in values if not is_nothing(column, value)]
    if column.required and not found.lists and len(filled) < len(found.records):
        own, shared = (
            column_names.names()["tables"][table]["columns"],
            column_names.names()["shared"],
        )
        there = column_names.known_as([*own["customer_id"], *shared["customer_id"]], found.headings)
        others = [one for one in there if one not in columns.values()]
        first_of += [one for one in others if _fits(column, found.values([one]))]
    lower = {"lower": True} if any("@" in one for one in values) else {}
    return {"first_of": first_of} | lower if lower or len(first_of) > 1 else {}


def _product(table: str, columns: Mapping[str, str], found: Sniffed) -> dict[str, Any]:
    """Return how what was bought is named where some have no code: by its id, else its name."""
    if len(found.values([columns["sku"]])) == len(found.records):
        return {}
    taken = {one for name, one in columns.items() if name != "sku"}
    called = [one for one in _called(table, "sku", found) if one not in taken]
    return {"first_of": called} if len(called) > 1 else {}


def clocks_of(day: str, found: Sniffed) -> list[str]:
    """Return the headings that are called the time of day of a column of days."""
    rest = column_names.words(day) - {"data", "date", "day", "giorno"}
    called = [{clock, *rest} for clock in ("ora", "orario", "time", "hour")]
    return [one for one in found.headings if column_names.words(one) in called and one != day]


def _clock_of(day: str, found: Sniffed) -> str | None:
    """Return the column that has the time of day of a column of days, if there is one."""
    for heading in clocks_of(day, found):
        values = found.values([heading])
        if values and all(_CLOCK.fullmatch(one) for one in values):
            return heading
    return None


def waits_of(table: str, columns: Mapping[str, Any], found: Sniffed) -> dict[str, str]:
    """Return the headings that are called how long a time was waited for, by the time's name."""
    known = column_names.names()["waits"] if table == "tickets" and "opened" in columns else {}
    waits = {}
    for name in (one for one in known if one not in columns):
        called = [column_names.words(one) for one in known[name]]
        named = (one for one in found.headings if column_names.without_unit(one) in called)
        if amounts := [one for one in named if _are_amounts(found.values([one]))]:
            waits[name] = amounts[0]
    return waits


def _are_amounts(values: Sequence[str]) -> bool:
    return bool(values) and all(_AMOUNT.fullmatch(one) for one in values)


def _where(table: str, columns: Mapping[str, str], found: Sniffed) -> list[dict[str, Any]]:
    """Return which rows count: not the totals, no text that is empty."""
    where: list[dict[str, Any]] = []
    if table == "feedback":
        where.append({"column": columns["text"], "filled": True})
    total = next(filter(None, (_total_of(table, columns, one) for one in found.records[-3:])), None)
    left_out: dict[str, list[str]] = {}
    if total is not None:
        of_totals = (one for one in found.records if _total_of(table, columns, one) == total)
        left_out[total] = sorted({one[total].strip() for one in of_totals})
    # Files that were pasted together repeat their heading.
    if any(all(value.strip() == name for name, value in one.items()) for one in found.records):
        first = total or next(iter(columns.values()))
        left_out[first] = [*dict.fromkeys([*left_out.get(first, ()), first])]
    return where + [{"column": column, "not": said} for column, said in left_out.items()]


def _total_of(table: str, columns: Mapping[str, str], record: Mapping[str, str]) -> str | None:
    """Return the heading below which a record calls itself a total; None where it is none.

    A word such as "Totale" may begin a text or a product's name: it makes a total of a record that
    lacks what each row has, or that it stands for the key or the day of.
    """
    contract = schema.table(table)
    naming = {columns.get(name) for name in (*contract.key, *contract.times, "order_id")}
    needed = [columns[name] for name in contract.required if name in columns]
    lacks = any(not record.get(one, "").strip() for one in needed)
    said = (heading for heading, value in record.items() if _TOTAL.fullmatch(value.strip()))
    return next((one for one in said if lacks or one in naming), None)


def _repeats(columns: Mapping[str, str], found: Sniffed) -> bool:
    seen = Counter(one.get(columns["order_id"], "") for one in found.records)
    return bool(seen) and max(seen.values()) > 1


def _one_row_per_order(columns: Mapping[str, str], found: Sniffed) -> dict[str, Any]:
    """Return how the lines of an order become one: its total is on each, or is their sum."""
    totals = defaultdict(set)
    for one in found.records:
        if value := one.get(columns["revenue"], "").strip():
            totals[one.get(columns["order_id"], "")].add(value)
    if not column_names.is_of_line(columns["revenue"]) and all(
        len(each) == 1 for each in totals.values()
    ):
        return {"first_by": columns["order_id"]}
    return {"add_up": True}
