"""How the times, numbers and amounts of a new source are written: said in it, or asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cxresearch.study import absent_values, column_names, profiles, schema, value_formats
from cxresearch.study.loaders import headings
from cxresearch.study.loaders.rules import SHORTENED
from cxresearch.study.sniffing import Sniffed
from cxresearch.study.sources import Made, Source

#: How many words a question shows.
_SHOWN = 10
#: The tables whose amounts are added up, and what a column of their currencies is called.
_PAID = {"orders", "marketing"}
_CURRENCY = [
    column_names.words(one) for one in ("currency", "currency code", "valuta", "codice valuta")
]


def nothing(table: str, entry: dict[str, Any], found: Sniffed) -> list[str]:
    """Say in a source what stands for nothing; return what has to be asked of ids.

    "NULL" as a customer would be one person with the orders of all that have none.
    """
    all_ = whole(table, entry)
    asks = []
    for column in schema.table(table).columns:
        name, written = column.name, values(column.name, all_, found)
        how = made_of(all_).get(name)
        known = {*all_.get("values", {}).get(name, {}), *(how.names if how else ())}
        words = absent_values.worded(column, [one for one in written if one not in known])
        if words:
            some = ", ".join(f"{one!r} ({rows:,} rows)" for one, rows in words.most_common(_SHOWN))
            asks.append(f"{name}: {some}: taken for none, by values:")
        marks = sorted(
            {one for one in written if one in words or absent_values.is_nothing(column, one)}
        )
        if how is not None and how.lower:  # it is looked for before and after
            marks = list(dict.fromkeys([*marks, *map(str.lower, marks)]))
        if marks:
            said = {**entry.get("values", {}).get(name, {}), **dict.fromkeys(marks, "")}
            entry["values"] = {**entry.get("values", {}), name: said}
        if not column.is_code:
            continue
        if short := [one for one in written if re.fullmatch(SHORTENED, one)]:
            some = f"{short[0]!r} ({len(short):,} of {len(written):,})"
            asks.append(
                f"{name}: a spreadsheet has shortened {some}, so that different ones "
                "look the same: export them again as text"
            )
    return asks


def times(table: str, entry: dict[str, Any], found: Sniffed) -> list[str]:
    """Say in a source how its dates are written; return what has to be asked.

    Dates that may have the day first or the month are as the other columns of days write them.
    Where its columns of times are not written alike, each has its own way.
    """
    all_ = whole(table, entry)
    offered = all_.get("time_format") or []
    offered = [offered] if isinstance(offered, str) else offered
    left_out = {said for one in entry.get("where", ()) for said in one.get("not", ())}
    forms: dict[str, Any] = {}
    asks: dict[str, str] = {}
    for name in schema.table(table).times:
        written = [one for one in values(name, all_, found) if one not in left_out]
        if not written:
            continue
        if found.cells and value_formats.turned(written):
            asks[name] = (
                f"{name}: each cell that is a date has a day up to 12 and each text one above: "
                "a spreadsheet has read days as months; export it again, and import it as text"
            )
        if offered and value_formats.reads(written, offered):
            forms[name] = None
            continue
        form, ask = value_formats.time_formats(written)
        if ask and (others := value_formats.days_among(found.columns())):
            form, ask = value_formats.time_formats([*written, *others])
        forms[name] = form
        if ask:  # of two columns that are written alike one question is enough
            asks.setdefault(ask.partition(": ")[2], ask)
    known = {name: form for name, form in forms.items() if form}
    if known and all(form == next(iter(known.values())) for form in forms.values()):
        entry["time_format"] = next(iter(known.values()))
    else:
        _add(entry, {name: {"time_format": form} for name, form in known.items()})
    return [*asks.values()]


def numbers(table: str, entry: dict[str, Any], found: Sniffed) -> list[str]:
    """Say in a source how its numbers are written; return what has to be asked."""
    all_ = whole(table, entry)
    if "decimal" in all_:
        return []
    found = found.typed()
    kinds = {"number", "count"}
    names = [one.name for one in schema.table(table).columns if one.kind in kinds]
    by_name = {name: given for name in names if (given := values(name, all_, found))}
    for name, how in made_of(all_).items():
        if how.plus and (given := found.values(headings_of(how.plus, found))):
            by_name[name] = given
    for part in all_.get("melt", ()):
        for name, heading in part["columns"].items():
            by_name[name] = [*by_name.get(name, ()), *found.values([heading])]
    given = [one for written in by_name.values() for one in written]
    marks, ask = value_formats.decimal_mark(given)
    if ask and not marks:
        # What these leave open, another column of the same file may show.
        beside = value_formats.numbers_among(found.columns())
        marks, open_too = value_formats.decimal_mark([*given, *beside])
        ask = ask if open_too else ""
    alone = {name: value_formats.decimal_mark(written) for name, written in by_name.items()}
    if ask and any(shown for shown, _ in alone.values()):
        # Each column is of one mark, and they are of two.
        _add(entry, {name: shown for name, (shown, _) in alone.items() if shown})
        return [f"{name}: {open_}" for name, (_, open_) in alone.items() if open_]
    entry.update(marks)
    if "thousands" in all_ and "thousands" not in marks and marks.get("decimal"):
        entry["thousands"] = ""
    return [ask] if ask and "thousands" not in all_ else []


def _add(entry: dict[str, Any], ways: Mapping[str, Mapping[str, Any]]) -> None:
    """Say of some columns how they are written, beside what is said of them."""
    own = entry.get("own_way", {})
    if both := {name: {**own.get(name, {}), **ways.get(name, {})} for name in {**own, **ways}}:
        entry["own_way"] = both


def units(table: str, entry: dict[str, Any], found: Sniffed, currency: str) -> list[str]:
    """Say in a source which amounts are in cents; return what has to be asked of currencies."""
    own, odd = headings.written(currency), Counter[str]()
    made = made_of(whole(table, entry))
    for name in (one.name for one in schema.table(table).columns if one.kind == "number"):
        for heading in headings_of(made[name].names if name in made else (), found):
            if (said := headings.currency(heading)) not in {"", *own}:
                odd[said] += len(found.values([heading]))
            if (by := headings.divisor(heading)) > 1 and made[name].divided_by is None:
                given = {"first_of": [heading], "divided_by": by}
                entry["columns"] = {**entry.get("columns", {}), name: given}
    codes = [one for one in found.headings if column_names.words(one) in _CURRENCY]
    if table in _PAID and "currency" not in made:
        odd.update(one for one in found.values(codes) if one.upper() not in own and one.isalpha())
    return [
        f"amounts in {said}, the study in {currency} ({rows:,} rows): leave them out by where:, "
        f"or set currency: {said}"
        for said, rows in odd.items()
    ]


def values(name: str, all_: Mapping[str, Any], found: Sniffed) -> list[str]:
    """Return what a source makes of a canonical column; its own names of values are not given."""
    how = made_of(all_).get(name)
    if how is None and (name not in found.headings or all_.get("profile")):
        return []
    how = how or Made(first_of=[name])  # what nobody names is looked up under its own name
    if how.join is not None:
        there = [[record.get(one, "").strip() for one in how.join] for record in found.records]
        given = [how.by.join(filter(None, parts)) for parts in there if any(parts)]
    else:
        given = found.values(headings_of(how.otherwise or how.names, found))
    emptied = {text for text, to in all_.get("values", {}).get(name, {}).items() if to == ""}
    return [one for one in given if one not in emptied]


def headings_of(names: Sequence[str], found: Sniffed) -> list[str]:
    """Return the headings that names stand for: one that ends with ``*`` for the first like it."""
    given = []
    for name in names:
        begun = [one for one in found.headings if one.startswith(name[:-1])]
        given += begun[:1] if name.endswith("*") else [name]
    return given


def made_of(all_: Mapping[str, Any]) -> dict[str, Made]:
    """Return how each canonical column is made, the profile's too."""
    read = Source.model_validate({key: value for key, value in all_.items() if key != "profile"})
    return {**read.offered, **read.columns}


def whole(table: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a source says together with what its profile says."""
    return profiles.with_profile(table, {"file": "x", **entry})
