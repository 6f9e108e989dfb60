"""Write the ``study.yaml`` of a new study from its files, with what the files do not say asked."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxresearch.core import disk, validate
from cxresearch.errors import CxError, ManifestError
from cxresearch.study import manifest, profiles, schema, sniffing
from cxresearch.study.sniffing import Sniffed
from cxresearch.study.sources import Source

#: What shops and tools call the columns of a table, in English and Italian, in lower case.
_CALLED: dict[str, dict[str, tuple[str, ...]]] = {
    "orders": {
        "order_id": ("order id", "order number", "numero ordine", "id ordine", "n. ordine"),
        "customer_id": ("customer id", "customer email", "email", "id cliente", "cliente"),
        "ts": ("order date", "date", "created at", "data ordine", "data"),
        "revenue": ("total", "revenue", "amount", "totale", "totale ordine", "importo"),
        "status": ("status", "order status", "stato", "stato ordine"),
        "channel": ("channel", "canale"),
    },
    "order_lines": {
        "order_id": ("order id", "order number", "numero ordine", "id ordine"),
        "sku": ("sku", "product id", "codice prodotto", "codice articolo"),
        "quantity": ("quantity", "qty", "quantità", "qtà"),
        "price": ("price", "unit price", "prezzo", "prezzo unitario"),
        "category": ("category", "categoria"),
    },
    "events": {
        "customer_id": ("user id", "visitor id", "customer id", "id utente"),
        "ts": ("timestamp", "event time", "time", "data", "data evento"),
        "event": ("event", "event name", "event type", "evento"),
        "session_id": ("session id", "user session", "id sessione"),
    },
    "tickets": {
        "ticket_id": ("ticket id", "ticket", "id ticket", "numero ticket"),
        "opened": ("created at", "created time", "opened", "data apertura", "creato il"),
        "resolved": ("resolved at", "resolved time", "closed", "data chiusura", "chiuso il"),
        "customer_id": ("customer id", "email", "id cliente"),
        "channel": ("channel", "source", "canale"),
    },
    "feedback": {
        "text_id": ("review id", "text id", "id recensione"),
        "ts": ("date", "review date", "created at", "data", "data recensione"),
        "text": ("text", "comment", "review", "commento", "testo", "recensione"),
        "rating": ("rating", "stars", "voto", "stelle"),
    },
    "surveys": {
        "response_id": ("response id", "respondent id", "id risposta"),
        "ts": ("date", "submitted at", "data", "data risposta"),
        "score": ("score", "punteggio", "voto"),
        "metric": ("metric",),
        "customer_id": ("customer id", "email", "id cliente"),
    },
    "marketing": {
        "date": ("date", "day", "data", "giorno"),
        "channel": ("channel", "canale"),
        "cost": ("cost", "spend", "costo", "spesa"),
        "clicks": ("clicks", "clic"),
        "impressions": ("impressions", "impressioni", "impression"),
    },
    "customers": {
        "record_id": ("customer id", "id cliente", "record id"),
        "email": ("email", "e-mail"),
        "name": ("name", "nome"),
        "city": ("city", "città"),
        "postcode": ("postcode", "zip", "cap"),
    },
}
#: The stage that an event's name suggests; the first that is part of it counts.
_STAGES = (
    ("refund", "service"),
    ("return", "service"),
    ("support", "service"),
    ("review", "advocacy"),
    ("share", "advocacy"),
    ("purchase", "purchase"),
    ("order completed", "purchase"),
    ("checkout", "purchase"),
    ("payment", "purchase"),
    ("shipping", "purchase"),
    ("cart", "purchase"),
    ("first_visit", "awareness"),
    ("campaign", "awareness"),
    ("session_start", "awareness"),
)
_MOST_EVENTS = 60
#: Answers of more words on average are texts.
_FEWEST_WORDS = 2.5


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
    events: Counter[str] = Counter()
    for file in files:
        try:
            found = sniffing.sniff(file)
        except CxError as error:
            started.placed[file.name] = []
            started.asks.append(str(error).replace("\n ", ""))
            continue
        _place(found, tables, events, started)
    started.text = _text(study, tables, events, started, currency, time_zone)
    manifest.parse(started.text, name=f"data/{study}/{manifest.FILE_NAME}")
    path.parent.mkdir(parents=True, exist_ok=True)
    for file in files:
        if file.resolve().parent != path.parent.resolve():
            shutil.copyfile(file, path.parent / file.name)
    with disk.replacing(path) as out:
        out.write_text(started.text, "utf-8")
    return started


def _place(
    found: Sniffed, tables: dict[str, list[str]], events: Counter[str], started: Started
) -> None:
    """Add a file's sources to the tables it gives, and what it does not say to what is asked."""
    given = _by_profile(found) if found.profiles else _by_names(found)
    started.placed[found.name] = list(given)
    if len(found.profiles) > 1 and not given:
        some = " or ".join(found.profiles)
        started.asks.append(f"{found.name}: may be {some}")
    if not given:
        some = ", ".join(map(validate.clipped, found.headings[:30]))
        started.asks.append(f"{found.name}: no table was found for its columns: {some}")
    for table, entry in given.items():
        columns = _columns_of(table, entry)
        times = [c.name for c in schema.table(table).columns if c.kind in {"time", "date"}]
        numbers = [c.name for c in schema.table(table).columns if c.kind == "number"]
        comments = []
        formats = _listed(_whole(table, entry).get("time_format"))
        for time in times:
            values = found.values(columns.get(time, ()))
            if values and not (formats and sniffing.reads(values, formats)):
                form, ask = sniffing.time_format(values)
                if form:
                    entry["time_format"] = form
                    break
                if ask:
                    comments.append(ask)
        if "decimal" not in _whole(table, entry):
            values = [v for name in numbers for v in found.values(columns.get(name, ()))]
            marks, ask = sniffing.decimal_mark(values)
            entry.update(marks)
            comments += [ask] if ask else []
        if found.profiles and table == next(iter(given)):
            comments += profiles.profiles()[found.profiles[0]].ask
        comments += _lacking(table, columns, entry, found)
        if table == "orders" and "values" not in entry:
            comments += _statuses(table, columns, entry, found)
        started.asks += [f"{found.name}: {table}: {ask}" for ask in comments]
        tables.setdefault(table, []).append(_source_text(found.name, entry, comments))
        if table == "events":
            events.update(found.values(columns.get("event", ())))


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
        if all(any(_there(one, there) for one in columns[name]) for name in needed):
            if table in {"surveys", "feedback"} and not _asked(found, table, columns, entry):
                continue
            given[table] = entry
    return given


def _asked(
    found: Sniffed, table: str, columns: Mapping[str, Sequence[str]], entry: dict[str, Any]
) -> bool:
    """Add the questions of a survey to a source; return whether it has any that its table takes."""
    if {"score", "text"} & set(columns):
        return True
    taken = {name for names in columns.values() for name in names}
    others = [one for one in found.headings if one and one not in taken]
    if table == "surveys":
        scales = {one: said for one in others if (said := sniffing.scale(found.values([one])))}
        metrics = Counter(said["metric"] for said in scales.values())
        entry["melt"] = [
            {
                "columns": {"score": one},
                "constants": said
                | ({"touchpoint": validate.clipped(one)} if metrics[said["metric"]] > 1 else {}),
            }
            for one, said in scales.items()
        ]
        return bool(scales)
    open_ones = {one: _mean_words(found.values([one])) for one in others}
    text = max(open_ones, key=lambda one: open_ones[one], default="")
    if not text or open_ones[text] < _FEWEST_WORDS:
        return False
    entry["columns"] = {"text": text}
    where = _whole(table, entry).get("where", [])
    entry["where"] = [*where, {"column": text, "filled": True}]
    return True


def _mean_words(values: Sequence[str]) -> float:
    return sum(len(value.split()) for value in values) / max(len(values), 1)


def _brought(join: Mapping[str, Any]) -> list[str]:
    return [one for key in ("sum", "take") for one in _listed(join.get(key))]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _there(name: str, headings: Iterable[str]) -> bool:
    own = {" ".join(one.split()) for one in headings}
    if name.endswith("*"):
        return any(one.startswith(name[:-1]) for one in own)
    return name == "#row" or name in own or name.partition(".")[0] in own


def _whole(table: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return profiles.with_profile(table, {"file": "x", **entry})


def _columns_of(table: str, entry: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the file's columns that each canonical column is made of."""
    whole = _whole(table, entry)
    read = Source.model_validate({key: value for key, value in whole.items() if key != "profile"})
    made = {**read.offered, **read.columns}
    return {name: how.otherwise or how.names for name, how in made.items()}


def _by_names(found: Sniffed) -> dict[str, dict[str, Any]]:
    """Return the table whose required columns a file has, by what they are usually called."""
    own = {" ".join(one.replace("_", " ").casefold().split()): one for one in found.headings}
    best: tuple[int, str, dict[str, str]] = (0, "", {})
    for table, called in _CALLED.items():
        columns = {}
        for name, words in called.items():
            names = [name.replace("_", " "), *words]
            if heading := next((own[one] for one in names if one in own), None):
                columns[name] = heading
        required = [one for one in schema.table(table).required if one in called]
        if all(one in columns for one in required) and len(columns) > best[0]:
            best = (len(columns), table, columns)
    _, table, columns = best
    return {table: {**found.written, "columns": columns}} if table else {}


def _lacking(
    table: str, columns: Mapping[str, Sequence[str]], entry: Mapping[str, Any], found: Sniffed
) -> list[str]:
    whole = _whole(table, entry)
    if "loader" in whole:
        return []
    melted = {name for part in whole.get("melt", []) for key in part for name in part[key]}
    given = {*columns, *melted, *whole.get("constants", {}), *found.headings}
    absent = [one for one in schema.table(table).names if one not in given]
    needed = {*schema.table(table).required, "score"} & set(absent)
    return [f"columns: or constants: must give {', '.join(sorted(needed))}"] if needed else []


def _statuses(
    table: str, columns: Mapping[str, Sequence[str]], entry: Mapping[str, Any], found: Sniffed
) -> list[str]:
    known = {*schema.ORDER_STATUSES, *_whole(table, entry).get("values", {}).get("status", {})}
    seen = Counter(found.values(columns.get("status", ())))
    odd = [f"{value!r} ({rows})" for value, rows in seen.most_common(10) if value not in known]
    if not odd:
        return []
    return [
        f"values: {{status: ...}} must make of {', '.join(odd)} one of "
        f"{', '.join(schema.ORDER_STATUSES)}"
    ]


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
    events: Counter[str],
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
    lines += _touchpoints(events)
    lines += [f"# not placed: {file}" for file, given in started.placed.items() if not given]
    return "\n".join([*lines, ""])


def _touchpoints(events: Counter[str]) -> list[str]:
    """Return the vocabulary of the events, each with its rows and the stage its name suggests."""
    if not events:
        return []
    import json

    lines = ["touchpoints: # of the events; what each stands for is yours to say"]
    for name, rows in events.most_common(_MOST_EVENTS):
        folded = name.casefold()
        stage = next((stage for part, stage in _STAGES if part in folded), "consideration")
        key = json.dumps(name, ensure_ascii=False)
        lines.append(f"  {key}: {{touchpoint: {key}, stage: {stage}}} # {rows:,} rows")
    if len(events) > _MOST_EVENTS:
        lines.append(f"  # and {len(events) - _MOST_EVENTS:,} more names")
    return lines
