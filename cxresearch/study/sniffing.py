"""What a file says of itself: encoding, delimiter, headings, decimal mark, order of dates.

What a file does not decide is asked, never guessed: `01/02/2026` alone is no date, and `1.210`
alone no number.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any

from cxresearch.errors import SchemaError
from cxresearch.study import profiles
from cxresearch.study.loaders import (
    export_reading,
    json_records,
    plain,
    spss,
    time_texts,
    transcripts,
    workbooks,
)
from cxresearch.study.sources import Source

_DELIMITERS = (",", ";", "\t", "|")
#: How much of a file is looked at.
_LOOKED_AT = 20_000_000
_RECORDS = 50_000
#: So many of the records have as many fields as most.
_EVEN = 0.9
_TITLES = 20
#: What :func:`time_texts.plain` leaves of an offset.
_ZONE = r"Z|[+-]\d{2}:?(?:\d{2})?"
_DAY = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})"
    r"(?:(,? |T)(\d{1,2})([:.])(\d{2})(?:\7(\d{2}))?( ?[AaPp]\.?[Mm]\.?)?)?"
    rf"({_ZONE})?"
)
_YEAR_FIRST = re.compile(
    r"\d{4}([/-])(\d{1,2})\1(\d{1,2})"
    rf"(?:([ T])\d{{1,2}}:\d{{2}}(:\d{{2}})?( [AaPp][Mm])?)?({_ZONE})?"
)
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:([ T])(\d{1,2}:\d{2})(:\d{2}(\.\d+)?)?)?")
_NAMED = re.compile(
    r"(\d{1,2})([ -])([^\W\d]{3,})(\.?)\2(\d{4}|\d{2})"
    r"(?:(,? )(\d{1,2}):(\d{2})(:\d{2})?( [AaPp][Mm])?)?"
    rf"({_ZONE})?"
)
_MONTH_FIRST = re.compile(
    r"([^\W\d]{3,})(\.?) (\d{1,2})(,?) (\d{4})(?:(,? )(\d{1,2}):(\d{2})(:\d{2})?( [AaPp][Mm])?)?"
    rf"({_ZONE})?"
)
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})")
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)\.(\d{1,2}|\d{4,})")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_SIGNS = re.compile(r"[^\d.,+-]")
#: What else than a point or a comma may group thousands.
_PARTED = re.compile(r"(?<=\d)(['\u2019 \u00a0\u202f])(?=\d{3}(?!\d))")


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
    """

    name: str
    written: dict[str, Any]
    headings: tuple[str, ...]
    records: tuple[dict[str, str], ...]
    profiles: tuple[str, ...]
    lists: dict[str, list[list[dict[str, str]]]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def question(self, heading: str) -> str:
        """Return what a column is of: what the file says of it, else its heading."""
        return self.asked.get(heading.removesuffix(spss.LABEL), heading)

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
        return [value.strip() for value in given if value.strip()]


def sniff(path: Path) -> list[Sniffed]:
    """Look at a file: at each sheet of a workbook and at each kind of file in an archive.

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
            sheets = workbooks.sheets(place) if workbooks.kind(place) else []
            for sheet in sheets if len(sheets) > 1 else [None]:
                chosen = source.model_copy(update={"sheet": sheet})
                try:
                    found = _sniff(place, chosen, scratch)
                except ValueError as error:
                    faults.append(error)
                    found = Sniffed(path.name, _part(chosen), (), (), ())
                tables += bool(found.headings)
                yield found
    if not tables:
        raise faults[-1]


def _part(source: Source) -> dict[str, Any]:
    """Return which part of a file is meant, in the words of ``study.yaml``."""
    named = {key: getattr(source, key) for key in ("member", "sheet")}
    return {key: value for key, value in named.items() if value is not None}


def _alike(found: Sequence[Sniffed]) -> list[Sniffed]:
    """Return members of an archive that have the same columns as one, by a name for all of them.

    Records of JSON need not have the same keys.
    """
    kinds: dict[tuple[Any, ...], list[Sniffed]] = {}
    for one in found:
        nested = ".json" in one.written.get("member", "")
        kind = one.written.get("sheet"), "json" if nested else one.headings
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
        records = tuple(record for one in alike for record in one.records)[:_RECORDS]
        written = alike[0].written | {"member": of[0]}
        given.append(replace(alike[0], written=written, records=records))
    return given


def _sniff(path: Path, source: Source, scratch: Path) -> Sniffed:
    written = _part(source)
    form = export_reading.file_format(path)
    lists: dict[str, list[list[dict[str, str]]]] = {}
    asked: dict[str, str] = {}
    if form == "parquet":
        headings, records, lists = _parquet(path)
    elif form in {"json", "jsonl"}:
        headings, records, lists = _json(path, source, scratch, lines_of=form == "jsonl")
    else:
        sheet = scratch / "sheet.csv"
        typed = form in {"xlsx", "ods", "sav"}
        if form == "sav":
            text = spss.as_text(path, source, sheet).read_text("utf-8")
            asked = spss.questions(path)
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
        rows, delimiter, above = _table(text)
        if above:
            written["skip_rows"] = above
        if delimiter != "," and not typed:
            written["delimiter"] = delimiter
        below = 1 if form == "sav" else _header_rows(rows[0])
        headings = export_reading.told_apart([one.strip() for one in rows[0]], rows[1:below])
        records = [dict(zip(headings, row, strict=False)) for row in rows[below:]]
    known = profiles.recognised(headings)
    return Sniffed(
        source.file[0], written, tuple(headings), tuple(records), tuple(known), lists, asked
    )


def _parquet(path: Path) -> _Nested:
    import json

    import pyarrow.parquet as pq

    batch = next(pq.ParquetFile(path).iter_batches(_RECORDS), None)
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
        for _, line in zip(range(_RECORDS), file, strict=False):
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
    """Return the text of a file and its encoding: UTF-8 where it is, else Windows-1252."""
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
        return _shown(whole.decode("cp1252")), "cp1252"


def _shown(text: str) -> str:
    """Return a text as the loaders write it: the byte that no YAML has by its number."""
    return text.replace("\0", r"\x00")


def _table(text: str) -> tuple[list[list[str]], str, int]:
    """Return the records from the heading on, the delimiter, and how many lines are above it.

    Raises
    ------
    ValueError
        If no delimiter makes even records of more than one field.
    """
    best: tuple[tuple[bool, int], str, list[list[str]], int] | None = None
    for delimiter in _DELIMITERS:
        rows = _rows(text, delimiter)
        widths = Counter(len(row) for row in rows if row)
        if not widths:
            continue
        width, _ = max(widths.items(), key=lambda one: (one[1], one[0]))
        above = _above(rows, width)
        body = [row for row in rows[above:] if any(row)]
        even = sum(len(row) == width for row in body) / max(len(body), 1)
        # A heading has no numbers: 1;46027,5;10,50 has as many commas.
        named = not any(re.fullmatch(r"[\d.,;]*\d", cell) for cell in body[0]) if body else False
        found = ((named, width), delimiter, body, above)
        if width > 1 and even >= _EVEN and (best is None or found[0] > best[0]):
            best = found
    if best is None:
        raise ValueError("no delimiter splits it into a table; is it an export with headings?")
    return best[2], best[1], best[3]


def _header_rows(headings: Sequence[str]) -> int:
    """Return of how many rows the heading is, by the profile of its first."""
    known = profiles.recognised(headings)
    tables = profiles.profiles()[known[0]].tables.values() if known else ()
    return max((int(one.get("header_rows", 1)) for one in tables), default=1)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [row for _, row in zip(range(_RECORDS), reader, strict=False)]
    except csv.Error:
        return []


def _above(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return how many lines stand above the heading: shorter or mostly empty ones."""
    first = list(enumerate(rows[:_TITLES]))
    for number, row in first:
        if len(row) > 1 and profiles.recognised(row):
            return number
    wide = [n for n, row in first if len(row) == width]
    full = [n for n in wide if sum(map(bool, map(str.strip, rows[n]))) > width / 2]
    return next(iter([*full, *wide]), 0)


def time_formats(values: Sequence[str]) -> tuple[str | list[str] | None, str]:
    """Return how dates are written, where they are not all alike, and what has to be asked.

    A column of a spreadsheet has some as ISO 8601 where some cells are dates and others were
    typed, and days without a clock at midnight.

    Examples
    --------
    >>> time_formats(["25/09/2026 10:00", "2026-09-26 09:30:00"])
    (['%d/%m/%Y %H:%M', '%Y-%m-%d %H:%M:%S'], '')
    """
    iso = dict.fromkeys(filter(None, map(_iso_form, values)))
    others = [one for one in values if not _iso_form(one)]
    form, ask = time_format(others if iso else values)
    if not form or "%z" in form or "%" not in form:
        return form, ask
    days = filter(None, map(_DAY.fullmatch, map(time_texts.plain, others)))
    shapes = {_form(one, "dm" if form.startswith("%d") else "md"): None for one in days}
    forms = [*dict.fromkeys([form, *shapes, *iso])]
    return forms if len(forms) > 1 else form, ask


def _iso_form(value: str) -> str:
    """Return the format of a local time as ISO 8601 writes it; empty for any other text."""
    found = _ISO.fullmatch(value)
    if not found:
        return ""
    mark, clock, seconds, fraction = found.groups()
    hour = f"{mark}%H:%M{':%S' if seconds else ''}{'.%f' if fraction else ''}" if clock else ""
    return f"%Y-%m-%d{hour}"


def time_format(values: Sequence[str]) -> tuple[str | None, str]:
    """Return how dates are written, and what has to be asked; None where the kit reads them as is.

    Examples
    --------
    >>> time_format(["25/09/2026 10:00", "01/02/2026 9:30"])
    ('%d/%m/%Y %H:%M', '')
    >>> print(time_format(["01/02/2026"])[1])
    '01/02/2026' may have the day first or the month: time_format: '%d/%m/%Y' or '%m/%d/%Y'
    """
    values = [*map(time_texts.plain, values)]
    days = [found for value in values if (found := _DAY.fullmatch(value))]
    if days and len(days) >= _EVEN * len(values):
        first, second = (max(int(one[i]) for one in days) for i in (1, 3))
        forms = [_form(days[0], order) for order in ("dm", "md")]
        if first > 12 >= second:
            return forms[0], ""
        if second > 12 >= first:
            return forms[1], ""
        if first <= 12 and second <= 12:
            ask = f"{days[0][0]!r} may have the day first or the month: "
            return None, f"{ask}time_format: {forms[0]!r} or {forms[1]!r}"
        return None, f"dates such as {days[0][0]!r} have both orders; time_format: must be one"
    if values and all(re.fullmatch(r"(19|20)\d{6}", value) for value in values):
        return "%Y%m%d", ""
    for clock, form in ((6, "%H%M%S"), (4, "%H%M")):
        if values and all(re.fullmatch(rf"(19|20)\d{{6}}\d{{{clock}}}", one) for one in values):
            return f"%Y%m%d{form}", ""
    years = [found for value in values if (found := _YEAR_FIRST.fullmatch(value))]
    if years and len(years) >= _EVEN * len(values):
        return _year_form(years), ""
    for pattern, month in ((_NAMED, 3), (_MONTH_FIRST, 1)):
        named = [found for value in values if (found := pattern.fullmatch(value))]
        if named and len(named) >= _EVEN * len(values):
            return _named_form(named, month), ""
    if values and all(re.fullmatch(r"[34]\d{4}([.,]\d+)?", value) for value in values):
        return "excel_day", ""
    return None, ""


def reads(values: Sequence[str], formats: Sequence[str]) -> bool:
    """Return whether most of some texts are dates as the formats write them."""
    return sum(any(_is(value, form) for form in formats) for value in values) > len(values) / 2


def _is(value: str, form: str) -> bool:
    if "%" not in form:
        return bool(re.fullmatch(r"\d+(\.\d+)?", value))
    try:
        datetime.strptime(value, form)
    except ValueError:
        return value != (bare := time_texts.plain(value)) and _is(bare, form)
    return True


def days_of(found: Sniffed) -> list[str]:
    """Return all values of the columns of a file that hold dates in figures."""
    days = []
    for heading in found.headings:
        values = found.values([heading])
        if values and sum(bool(_DAY.fullmatch(one)) for one in values) >= _EVEN * len(values):
            days += values
    return days


def numbers_of(found: Sniffed) -> list[str]:
    """Return all values of the columns of a file that hold amounts or percentages."""
    numbers = []
    for heading in found.headings:
        values = found.values([heading])
        bare = [_SIGNS.sub("", one) for one in values if sum(map(str.isalpha, one)) <= 3]
        fitting = sum(bool(_COMMA.fullmatch(one) or _POINT.fullmatch(one)) for one in bare)
        if values and fitting >= _EVEN * len(values):
            numbers += values
    return numbers


def _year_form(years: Sequence[re.Match[str]]) -> str | None:
    """Return the format of dates that begin with the year; None where ISO 8601 reads them."""
    one = years[0]
    second, third = (max(int(found[i]) for found in years) for i in (2, 3))
    half = one[6] is not None
    if second <= 12 and not half:
        return None
    order = ("%Y", "%d", "%m") if second > 12 >= third else ("%Y", "%m", "%d")
    hour = f"{one[4]}{'%I' if half else '%H'}:%M{':%S' if one[5] else ''}" if one[4] else ""
    return f"{one[1].join(order)}{hour}{' %p' if half else ''}{'%z' if one[7] else ''}"


def _named_form(named: Sequence[re.Match[str]], month: int) -> str:
    """Return the format of dates that name their month, of which the first shows the marks."""
    one = named[0]
    name = "%b" if all(len(found[month]) <= 4 for found in named) else "%B"
    year = "%Y" if len(one[5]) == 4 else "%y"
    day = f"{name} %d{one[4]} {year}" if month == 1 else f"%d{one[2]}{name}{one[2]}{year}"
    if one[7] is None:
        return day
    half = one[10] is not None
    seconds = ":%S" if one[9] else ""
    clock = f"{one[6]}{'%I' if half else '%H'}:%M{seconds}{' %p' if half else ''}"
    return f"{day}{clock}{'%z' if one[11] else ''}"


def _form(found: re.Match[str], order: str) -> str:
    mark = found[2]
    year = "%Y" if len(found[4]) == 4 else "%y"
    form = mark.join([*(f"%{one}" for one in order), year])
    if found[6] is not None:
        half = found[10]
        form += found[5] + ("%I" if half else "%H") + found[7] + "%M"
        form += found[7] + "%S" if found[9] is not None else ""
        form += (" %p" if half.startswith(" ") else "%p") if half else ""
        form += "%z" if found[11] else ""
    return form


def decimal_mark(values: Sequence[str]) -> tuple[dict[str, str], str]:
    """Return the decimal mark of numbers and how thousands are grouped, and what has to be asked.

    Examples
    --------
    >>> decimal_mark(["1.210,50 €", "35,90"]), decimal_mark(["1.210"])[0]
    (({'decimal': ',', 'thousands': '.'}, ''), {})
    """
    parted = next((one for value in values if (one := _PARTED.search(value))), None)
    if parted is not None:
        mark = "'" if parted[1] in "'\u2019" else " "
        rest, ask = decimal_mark([_PARTED.sub("", value) for value in values])
        return {"decimal": rest.get("decimal", "."), "thousands": mark}, ask
    plain_values = [_SIGNS.sub("", value).removesuffix("-") for value in values]
    commas = [found for value in plain_values if (found := _COMMA.fullmatch(value))]
    points = [found for value in plain_values if (found := _POINT.fullmatch(value))]
    if commas and not points:
        grouped = any(found[2] for found in commas)
        grouped = grouped or any(_EITHER.fullmatch(v) and "." in v for v in plain_values)
        return {"decimal": ","} | ({"thousands": "."} if grouped else {}), ""
    if points and not commas:
        grouped = any(found[2] for found in points)
        grouped = grouped or any(_EITHER.fullmatch(v) and "," in v for v in plain_values)
        return {"thousands": ","} if grouped else {}, ""
    either = [value for value in plain_values if _EITHER.fullmatch(value)]
    if commas and points:
        return {}, f"{commas[0][0]!r} and {points[0][0]!r} have different decimal marks"
    if either:
        return {}, f'{either[0]!r} may be thousands or decimals: decimal: "." or decimal: ","'
    return {}, ""
