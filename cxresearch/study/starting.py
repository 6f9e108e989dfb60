"""Write the ``study.yaml`` of a new study from its files, with what the files do not say asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxresearch.core import disk, validate
from cxresearch.errors import CxError, ManifestError
from cxresearch.study import (
    absent_values,
    column_names,
    drafts,
    manifest,
    naming,
    own_ways,
    profiles,
    questions,
    schema,
    sniffing,
)
from cxresearch.study.sniffing import Sniffed

#: The columns of a table whose values are looked up, and in which vocabulary.
_CODED = {
    "orders": {"status": "statuses"},
    "feedback": {"speaker": "speakers"},
    "messages": {"kind": "kinds"},
    "surveys": {"metric": "metrics"},
}


@dataclass(slots=True)
class Started:
    """A new study.

    Parameters
    ----------
    path : Path
        Its ``study.yaml``.
    text : str
        What was written.
    placed : dict of str to list of str
        The tables that each file gives.
    asks : list of str
        What the files do not say.
    """

    path: Path
    text: str
    placed: dict[str, list[str]] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)


def start(
    study: str, files: Sequence[Path], *, currency: str = "EUR", time_zone: str = "Europe/Rome"
) -> Started:
    """Copy files to a new study and write its ``study.yaml``.

    Parameters
    ----------
    study : str
        The folder below ``data/`` that is made.
    files : sequence of Path
        The exports.
    currency, time_zone : str
        The shop's.

    Raises
    ------
    ManifestError
        If the study has a ``study.yaml`` already, or its name is no name of a folder.
    SchemaError
        If a file is not there.
    """
    if not study or Path(study).name != study or study.startswith("."):
        raise ManifestError(validate.short(study), ["a study is named by its folder below data/"])
    path = manifest.path_of(study)
    if path.exists():
        raise ManifestError(f"data/{study}", [f"{manifest.FILE_NAME} is there already"])
    if absent := [file.name for file in files if not file.is_file()]:
        raise ManifestError(f"data/{study}", [f"{name}: no such file" for name in absent])
    started = Started(path, "")
    tables: dict[str, list[str]] = {}
    values = drafts.Values()
    looked: list[Sniffed] = []
    for file in files:
        started.placed[file.name] = []
        try:
            looked += sniffing.sniff(file)
        except CxError as error:
            started.asks.append(str(error).replace("\n ", ""))
    joined = {
        join["file"]
        for found in looked
        for name in found.profiles[:1]
        for below in profiles.profiles()[name].tables.values()
        for join in below.get("join", ())
    }
    for found in looked:
        given = _tables(found)
        if given or found.name not in joined:
            _place(found, given, tables, values, started, currency)
        else:
            started.placed[found.name] = ["joined"]
    started.text = _text(study, tables, values, started, currency, time_zone)
    manifest.parse(started.text, name=f"data/{study}/{manifest.FILE_NAME}")
    path.parent.mkdir(parents=True, exist_ok=True)
    for file in files:
        if file.resolve().parent != path.parent.resolve():
            shutil.copyfile(file, path.parent / file.name)
    with disk.replacing(path) as out:
        out.write_text(started.text, "utf-8")
    return started


def _tables(found: Sniffed) -> dict[str, dict[str, Any]]:
    """Return what each table that a file gives says of its source."""
    given = _by_profile(found) if found.profiles else {}
    return given or questions.survey_of(found) or naming.tables_of(found)


def _place(
    found: Sniffed,
    given: Mapping[str, dict[str, Any]],
    tables: dict[str, list[str]],
    values: drafts.Values,
    started: Started,
    currency: str,
) -> None:
    """Add a file's sources to the tables it gives, and what it does not say to what is asked."""
    started.placed[found.name] += [one for one in given if one not in started.placed[found.name]]
    parts = (found.written.get(key) for key in ("member", "sheet", "records"))
    called = next(filter(None, parts), None)
    called = f"{found.name}/{called}" if called else found.name
    if len(found.profiles) > 1 and not given:
        some = " or ".join(found.profiles)
        started.asks.append(f"{called}: may be {some}")
    if not given:
        some = ", ".join(map(validate.clipped, found.headings[:30]))
        near = naming.nearest(found)
        near = f" ({near})" if near else ""
        what = f"no table was found for its columns: {some}{near}" if found.headings else "no table"
        started.asks += [f"{called}: {ask}" for ask in (what, *questions.unread(found))]
    for table, entry in given.items():
        columns = _columns_of(table, entry)
        comments = own_ways.nothing(table, entry, found)
        comments += [*own_ways.times(table, entry, found), *own_ways.numbers(table, entry, found)]
        comments += own_ways.units(table, entry, found, currency)
        if found.profiles and table == next(iter(given)):
            comments += profiles.profiles()[found.profiles[0]].ask
        comments += _doubtful(table, columns, entry, found)
        comments += _lacking(table, columns, entry, found)
        comments += _meant(table, columns, entry, found)
        if table == "exposures":
            comments.append(f"experiments: must have the plan of {_named(found, columns)}")
        started.asks += [f"{called}: {table}: {ask}" for ask in comments]
        tables.setdefault(table, []).append(_source_text(found.name, entry, comments))
        constants = own_ways.whole(table, entry).get("constants", {})
        values.add(table, columns, constants, found)


def _named(found: Sniffed, columns: Mapping[str, Sequence[str]]) -> str:
    """Return the experiments of a file of exposures, and their variants."""
    tests, variants = (
        ", ".join(map(repr, dict.fromkeys(found.values(columns.get(name, ())))))
        for name in ("experiment", "variant")
    )
    return f"{tests}, with the variants {variants}"


def _by_profile(found: Sniffed) -> dict[str, dict[str, Any]]:
    """Return what each table takes of a known export: those of which the file has the columns."""
    name = found.profiles[0]
    given = {}
    written = {key: value for key, value in found.written.items() if key != "delimiter"}
    for table, below in profiles.profiles()[name].tables.items():
        entry = {"profile": name, **written}
        if "header_has" in below:
            entry.pop("skip_rows", None)
        columns = _columns_of(table, entry)
        needed = [one for one in schema.table(table).required if one in columns]
        joined = {one for join in below.get("join", ()) for one in _brought(join)}
        there = {*found.headings, *joined}
        has = [name for name, names in columns.items() if any(_there(one, there) for one in names)]
        if {*needed} <= {*has} and (len(has) > 1 or len(columns) < 2):
            if table in {"surveys", "feedback"} and not {"score", "text"} & set(columns):
                where = own_ways.whole(table, entry).get("where", [])
                if not (said := questions.asked(found, table, columns, where)):
                    continue
                entry |= said
            given[table] = entry
    return given


def _brought(join: Mapping[str, Any]) -> list[str]:
    return [one for key in ("sum", "take") for one in _listed(join.get(key))]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _there(name: str, headings: Iterable[str]) -> bool:
    own = {" ".join(one.split()) for one in headings}
    if name.endswith("*"):
        return any(one.startswith(name[:-1]) for one in own)
    return name == "#row" or name in own or name.partition(".")[0] in own


def _columns_of(table: str, entry: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the file's columns that each canonical column is made of."""
    made = own_ways.made_of(own_ways.whole(table, entry))
    return {name: how.otherwise or how.names for name, how in made.items()}


def _doubtful(
    table: str, columns: Mapping[str, Sequence[str]], entry: Mapping[str, Any], found: Sniffed
) -> list[str]:
    """Return what has to be asked of what was chosen among several ways to read a file."""
    asks = ["the sheet is hidden: take this out if its rows do not count"] if found.hidden else []
    for name in schema.table(table).times:
        day = columns.get(name, ())
        clocks = naming.clocks_of(day[0], found) if len(day) == 1 else []
        asks += [
            f"{name}: {clock!r} is not read: {values[0]!r} is no time of day"
            for clock in clocks
            if (values := found.values([clock]))
        ]
    if table == "surveys":
        asks += [*questions.guessed(entry, found), *questions.unread(found)]
    asks += [
        f"{name}: {heading!r} is not read: it names no unit of time"
        for name, heading in naming.waits_of(table, columns, found).items()
    ]
    who = columns.get("customer_id", ())
    if table == "events" and len(who) > 1 and not found.profiles and _log_in(who[0], who[1], found):
        asks.append(
            f"who logs in midway is two customers: {who[1]!r} before it, {who[0]!r} after it"
        )
    kinds = {one.name: one.kind for one in schema.table(table).columns}
    asks += [
        f"{name}: {heading!r} is not read: {value!r} is no {kinds[name]} that it may have"
        for name, heading, value in naming.passed_over(table, columns, found)
        if not found.profiles and name not in entry.get("constants", {})
    ]
    for name, headings in columns.items():
        for one in headings:
            again = f"{one.removesuffix(' (1)')} (2)"
            if one.endswith(" (1)") and found.values([one]) != found.values([again]):
                asks.append(f"{name}: the heading comes twice: {one!r} or {again!r}")
    if (
        table == "orders"
        and entry.get("add_up")
        and not column_names.is_of_line(columns["revenue"][0])
    ):
        total, key = columns["revenue"][0], columns["order_id"][0]
        asks.append(
            f"rows of one order are added up: where {total!r} is the whole order's, "
            f"say first_by: {key} in place of add_up"
        )
    return asks


def _log_in(user: str, browser: str, found: Sniffed) -> bool:
    """Return whether a browser is there both with a user and without."""
    column = next(one for one in schema.table("events").columns if one.name == "customer_id")
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for record in found.records:
        value = record.get(user, "").strip()
        known = bool(value) and not absent_values.is_nothing(column, value)
        seen[known].add(record.get(browser, "").strip())
    return bool((seen[True] & seen[False]) - {""})


def _lacking(
    table: str, columns: Mapping[str, Sequence[str]], entry: Mapping[str, Any], found: Sniffed
) -> list[str]:
    whole = own_ways.whole(table, entry)
    if "loader" in whole:
        return []
    melted = {name for part in whole.get("melt", []) for key in part for name in part[key]}
    given = {*columns, *melted, *whole.get("constants", {}), *found.headings}
    joined = {one for join in whole.get("join", ()) for one in _brought(join)}
    absent = [one for one in schema.table(table).names if one not in given]
    required = schema.table(table).required
    needed = {*required, "score"} & set(absent)
    asks = [f"columns: or constants: must give {', '.join(sorted(needed))}"] if needed else []
    return asks + [
        f"no row gives {name}: name another column, or constants: {{{name}: ...}}"
        for name in required
        if found.records
        and columns.get(name)
        and "#row" not in columns[name]
        and not joined & {*columns[name]}
        and not own_ways.values(name, whole, found)
    ]


def _meant(
    table: str, columns: Mapping[str, Sequence[str]], entry: dict[str, Any], found: Sniffed
) -> list[str]:
    """Add what coded values mean to a source; return what has to be asked of the rest."""
    asks = []
    for column, vocabulary in _CODED.get(table, {}).items():
        allowed = next(one.allowed for one in schema.table(table).columns if one.name == column)
        known = {*allowed, *own_ways.whole(table, entry).get("values", {}).get(column, {})}
        values = found.values(own_ways.headings_of(columns.get(column, ()), found))
        meant, odd = column_names.meant([one for one in values if one not in known], vocabulary)
        if meant:
            own = entry.get("values", {})
            entry["values"] = {**own, column: {**own.get(column, {}), **meant}}
        if odd:
            some = ", ".join(f"{value!r} ({rows})" for value, rows in odd.most_common(10))
            any_other = ' ("*" is any other)' if len(odd) > 1 else ""
            asks.append(
                f"values: {{{column}: ...}} must make of {some} one of {', '.join(allowed)}"
                + any_other
            )
    return asks


def _source_text(name: str, entry: Mapping[str, Any], comments: Sequence[str]) -> str:
    import yaml

    content = {"file": name, **entry}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=96)
    asked = [f"# ask: {one}" for one in comments]
    first, *rest = [*text.splitlines(), *asked]
    return "\n".join([f"    - {first}", *(f"      {line}" for line in rest)])


def _text(
    study: str,
    tables: Mapping[str, Sequence[str]],
    values: drafts.Values,
    started: Started,
    currency: str,
    time_zone: str,
) -> str:
    import yaml

    lines = [
        "# What the files say. Lines with `ask` are for you; then: cxresearch check " + study,
        *yaml.safe_dump({"title": {"en": study, "it": study}}, width=96).splitlines(),
        f"currency: {currency} # the shop's; an amount in another is flagged",
        f"time_zone: {time_zone} # in which its days begin",
        "languages: [en, it]",
        "tables:" if tables else "tables: {}",
    ]
    for table in (one for one in schema.TABLES if one in tables):
        lines += [f"  {table}:", *tables[table]]
    lines += values.lines()
    lines += [f"# not placed: {file}" for file, given in started.placed.items() if not given]
    return "\n".join([*lines, ""])
