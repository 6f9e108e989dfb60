"""What a file says of itself: its parts, encoding, delimiter, headings, and records as texts."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any

from cxresearch.errors import SchemaError
from cxresearch.study import profiles, text_tables
from cxresearch.study.loaders import (
    export_reading,
    header_records,
    json_records,
    mails,
    plain,
    spss,
    transcripts,
    workbooks,
)
from cxresearch.study.loaders.amount_texts import TYPED
from cxresearch.study.loaders.csv_records import BLANK
from cxresearch.study.sources import Source

#: How much of a file is looked at.
_LOOKED_AT = 20_000_000
#: Headings, records by them, and the lists of objects of each column that has them.
_Nested = tuple[list[str], list[dict[str, str]], dict[str, list[list[dict[str, str]]]]]


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file says of itself.

    Parameters
    ----------
    name : str
        Its name.
    written : dict of str to Any
        How it is written, in the words of ``study.yaml``; only what is not what the kit takes
        for granted.
    headings : tuple of str
        The names of its columns, nested ones with their outer name before.
    records : tuple of dict of str to str
        Its first records.
    profiles : tuple of str
        The known exports that it may be.
    lists : dict of str to list of list of dict
        Of each column that holds lists of objects, that of each record.
    asked : dict of str to str
        What a column is of, where the file says it beside the heading: the question of a survey.
    cells : bool
        Whether its texts were cells, of which some may have been dates.
    mark : str
        What follows an amount that was typed as a text, where others may have been numbers.
    hidden : bool
        Whether it is a sheet that its reader does not see.
    """

    name: str
    written: dict[str, Any]
    headings: tuple[str, ...]
    records: tuple[dict[str, str], ...]
    profiles: tuple[str, ...]
    lists: dict[str, list[list[dict[str, str]]]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    cells: bool = False
    mark: str = ""
    hidden: bool = False

    def question(self, heading: str) -> str:
        """Return what a column is of: what the file says of it, else its heading."""
        return self.asked.get(heading.removesuffix(spss.LABEL), heading)

    def typed(self) -> Sniffed:
        """Return the file with those amounts alone that were typed as texts."""

        def kept(one: Mapping[str, str]) -> dict[str, str]:
            return {name: value for name, value in one.items() if value.endswith(self.mark)}

        lists = {name: [[*map(kept, all_)] for all_ in of] for name, of in self.lists.items()}
        return replace(self, records=tuple(map(kept, self.records)), lists=lists)

    def values(self, names: Iterable[str]) -> list[str]:
        """Return what stands in some columns, without what is empty."""
        wanted = set(names)
        listed = {name for name in wanted if name.partition(".")[0] in self.lists}
        given = [
            value
            for record in self.records
            for name, value in record.items()
            if name in wanted - listed
        ]
        for name in sorted(listed):  # a record shows the first of a list, and a row is made of each
            outer, _, key = name.partition(".")
            given += [one.get(key, "") for all_ in self.lists[outer] for one in all_]
        plain_texts = (unicodedata.normalize("NFC", value.strip().strip(BLANK)) for value in given)
        return [value for value in plain_texts if value]

    def columns(self) -> Iterator[list[str]]:
        """Yield what stands in each column, without what is empty."""
        return (self.values([heading]) for heading in self.headings)


def sniff(path: Path) -> list[Sniffed]:
    """Look at a file: at each sheet of a workbook, list of JSON, and kind of file in an archive.

    Raises
    ------
    SchemaError
        If it cannot be read, or nothing in it looks like a table.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="cxresearch-look-") as folder:
            return _alike(list(_each(path, Path(folder))))
    except (ValueError, OSError, EOFError) as error:
        raise SchemaError(path.name, [f"the file cannot be read: {error}"]) from error


def _each(path: Path, scratch: Path) -> Iterator[Sniffed]:
    """Yield what each sheet or member says; one that is no table has no headings.

    Raises
    ------
    ValueError
        If none is a table.
    """
    faults, tables = [ValueError("it is empty")], 0
    inside = workbooks.inside(path)
    for member in inside if len(inside) > 1 else [None]:
        source = Source(file=[path.name], member=member)
        for _, place in workbooks.members(path, source, path.name, scratch):
            key, parts = _parts(place, source)
            hidden = workbooks.hidden(place) if key == "sheet" and len(parts) > 1 else set()
            for part in parts if len(parts) > 1 else [None]:
                chosen = source.model_copy(update={key: part})
                try:
                    found = _sniff(place, chosen, scratch)
                except ValueError as error:
                    faults.append(error)
                    found = Sniffed(path.name, _part(chosen), (), (), ())
                tables += bool(found.headings)
                yield replace(found, hidden=part in hidden)
    if not tables:
        raise faults[-1]


def _parts(path: Path, source: Source) -> tuple[str, list[str]]:
    """Return the parts of a file and their key in ``study.yaml``: its sheets, or its lists."""
    if workbooks.kind(path):
        return "sheet", workbooks.sheets(path)
    if export_reading.file_format(path) == "json":
        return "records", json_records.paths(path, source)
    return "sheet", []


def _part(source: Source) -> dict[str, Any]:
    """Return which part of a file is meant, in the words of ``study.yaml``."""
    named = {key: getattr(source, key) for key in ("member", "sheet", "records")}
    return {key: value for key, value in named.items() if value is not None}


def _alike(found: Sequence[Sniffed]) -> list[Sniffed]:
    """Return members of an archive that have the same columns as one, by a name for all of them.

    Records of JSON need not have the same keys.
    """
    kinds: dict[tuple[Any, ...], list[Sniffed]] = {}
    for one in found:
        nested = ".json" in one.written.get("member", "")
        part = one.written.get("sheet"), one.written.get("records")
        kind = *part, "json" if nested else one.headings
        kinds.setdefault(kind, []).append(one)
    members = {str(one.written.get("member")) for one in found}
    given = []
    for alike in kinds.values():
        names = [str(one.written.get("member")) for one in alike]
        every = f"*{''.join(PurePath(names[0]).suffixes[-2:])}"
        patterns = [every, re.sub(r"\d+", "*", names[0])]
        of = [one for one in patterns if {m for m in members if fnmatchcase(m, one)} == {*names}]
        if len(alike) < 2 or not of:
            given += alike
            continue
        records = tuple(record for one in alike for record in one.records)[
            : text_tables.MOST_RECORDS
        ]
        written = alike[0].written | {"member": of[0]}
        given.append(replace(alike[0], written=written, records=records))
    return given


def _sniff(path: Path, source: Source, scratch: Path) -> Sniffed:
    written = _part(source)
    form = export_reading.file_format(path)
    lists: dict[str, list[list[dict[str, str]]]] = {}
    asked: dict[str, str] = {}
    typed = form in {"xlsx", "ods", "sav"}
    if form == "parquet":
        headings, records, lists = _parquet(path)
    elif form in {"json", "jsonl"}:
        headings, records, lists = _json(path, source, scratch, lines_of=form == "jsonl")
    else:
        sheet = scratch / "sheet.csv"
        if form == "sav":
            text = spss.as_text(path, source, sheet).read_text("utf-8")
            asked = spss.questions(path)
        elif form == "mail":
            text = mails.as_text(path, sheet).read_text("utf-8")
        elif typed:
            text = workbooks.as_text(path, source, sheet).read_text("utf-8")
        else:
            text, encoding = _text(path)
            if encoding != "utf-8":
                written["encoding"] = encoding
            if form in {"whatsapp", "transcript"}:
                source = source.model_copy(update=written)
                sheet = transcripts.as_text(path, source, source.file[0], sheet, form=form)
                text = sheet.read_text("utf-8")
        rows, delimiter, above = text_tables.table(
            text, "," if typed or form == "mail" else text_tables.DELIMITERS
        )
        if above:
            written["skip_rows"] = above
        if delimiter != ",":
            written["delimiter"] = delimiter
        below = 1 if form == "sav" else _header_rows(rows[0])
        headings = header_records.told_apart([one.strip() for one in rows[0]], rows[1:below])
        if below > 2:  # codes, their questions in full, and what the tool says of them
            asked = dict(zip(headings, map(str.strip, rows[1]), strict=False))
        records = [dict(zip(headings, row, strict=False)) for row in rows[below:]]
    known = tuple(profiles.recognised(headings))
    mark = TYPED if typed or form in {"json", "jsonl"} else ""
    whole = tuple(headings), tuple(records), known, lists, asked
    return Sniffed(source.file[0], written, *whole, cells=typed, mark=mark)


def _parquet(path: Path) -> _Nested:
    import json

    import pyarrow.parquet as pq

    batch = next(pq.ParquetFile(path).iter_batches(text_tables.MOST_RECORDS), None)
    records = batch.to_pylist() if batch is not None else []
    text = json.loads(json.dumps(records, default=str))
    headings = pq.read_schema(path).names
    return _nested(text, headings)


def _json(path: Path, source: Source, scratch: Path, *, lines_of: bool) -> _Nested:
    import json

    out = scratch / "records.jsonl"
    json_records.write(path, source, path.name, out, lines_of=lines_of)
    records = []
    with out.open("rb") as file:
        for _, line in zip(range(text_tables.MOST_RECORDS), file, strict=False):
            records.append(json.loads(line.decode().split("\x1f", 2)[2]))
    return _nested(records, [])


def _nested(records: Sequence[dict[str, Any]], first: Sequence[str]) -> _Nested:
    """Return the names of all columns, nested ones too, the records by these, and their lists.

    Of a list the record has what its first object has.
    """
    names = dict.fromkeys(first)
    flat = [_flat(record) for record in records]
    names |= dict.fromkeys(name for one in flat for name in one)
    listed = dict.fromkeys(key for one in records for key, value in one.items() if _is_list(value))
    lists = {
        key: [
            [_flat(each) for each in (one.get(key) or []) if isinstance(each, dict)]
            for one in records
        ]
        for key in sorted(listed)
    }
    return list(names), flat, lists


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _flat(record: Mapping[str, Any], depth: int = 3) -> dict[str, str]:
    one = {}
    for key, value in record.items():
        one[key] = "" if value is None else _shown(str(value))
        inner = value[0] if _is_list(value) else value
        if isinstance(inner, dict) and depth:
            one |= {f"{key}.{name}": text for name, text in _flat(inner, depth - 1).items()}
    return one


def _text(path: Path) -> tuple[str, str]:
    """Return the text of a file and its encoding: UTF-8 where it is."""
    data, size = [], 0
    for block in plain.lines(path, "utf-8", done=lambda _: None):
        data.append(block)
        size += len(block)
        if size > _LOOKED_AT:
            break
    whole = b"".join(data)
    try:
        return _shown(whole.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        encoding = plain.encoding_of(whole)
        return _shown(whole.decode(encoding, "replace")), encoding


def _shown(text: str) -> str:
    """Return a text as the loaders write it: the byte that no YAML has by its number."""
    return text.replace("\0", r"\x00")


def _header_rows(headings: Sequence[str]) -> int:
    """Return of how many rows the heading is, by the profile of its first."""
    known = profiles.recognised(headings)
    tables = profiles.profiles()[known[0]].tables.values() if known else ()
    return max((int(one.get("header_rows", 1)) for one in tables), default=1)
