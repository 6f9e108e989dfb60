"""Write the records of a JSON file one a line, as DuckDB reads them, and say what is no record."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from cxresearch.core.validate import clipped
from cxresearch.engine.backends import literal, one_file
from cxresearch.study.loaders.amount_texts import as_typed_in_json
from cxresearch.study.loaders.csv_records import LONGEST_RECORD, Unreadable
from cxresearch.study.loaders.plain import lines, reading

if TYPE_CHECKING:
    from cxresearch.study.sources import Written

#: No JSON text has this sign: it stands between a line's number and its record.
_MARK = "\x1f"
#: A JSON file that is one value is held in memory whole.
_LARGEST = 1_000_000_000
_SHOWN = 10_000
_BLANKS = re.compile(r"\s*")


def scan(plain: Path) -> str:
    """Return SQL for the records that :func:`write` wrote, each with its number and its line."""
    kinds = "{'nth': 'BIGINT', 'line': 'BIGINT', 'record': 'JSON'}"
    return (
        f"read_csv({literal(one_file(plain))}, columns={kinds}, auto_detect=false, header=false, "
        f"delim={literal(_MARK)}, quote='', escape='', max_line_size={8 * LONGEST_RECORD})"
    )


def write(
    path: Path, source: Written, name: str, plain: Path, *, lines_of: bool
) -> list[Unreadable]:
    """Write the objects of a file to `plain`, one a line, and return what is no object.

    Parameters
    ----------
    path : Path
        The file.
    source : Written
        How it is written; `records` is the path to the list of records in a file that is one value.
    name : str
        The file's name.
    plain : Path
        Where the records are written.
    lines_of : bool
        Whether each line of the file is a record.

    Raises
    ------
    ValueError
        If the file is one value and no list of records is in it.
    """
    bad: list[Unreadable] = []
    with reading(name, path.stat().st_size) as done, plain.open("wb") as out:
        nth = 0
        if not lines_of:
            whole = _whole(path, source.encoding, done)
            records = whole if whole is None else _records(whole, source.records)
            if records is not None:
                for nth, record in enumerate(records, 1):
                    _write(record, out, nth, None, bad)
                return bad
        number = 0
        for block in lines(path, source.encoding, done=done):
            given, typed = (one.split(b"\n")[:-1] for one in (block, as_typed_in_json(block)))
            for line, marked in zip(given, typed, strict=True):
                number += 1
                if line.strip():
                    nth += 1
                    _write(_parsed(marked), out, nth, number, bad, line)
    return bad


@dataclass(frozen=True, slots=True)
class _NoJson:
    """A line that is not JSON."""

    reason: str = "not JSON"


class _TwiceError(ValueError):
    """A key that an object gives twice, with two values: of which one would be lost."""


#: What databases of documents write for values that JSON has no type for, and what is read.
_TYPED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("$oid", "$date", "$symbol"), lambda one: one),
    **dict.fromkeys(("$numberInt", "$numberLong"), int),
    **dict.fromkeys(("$numberDouble", "$numberDecimal"), float),
}


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) < len(pairs):
        for key, value in pairs:
            if found[key] != value:
                raise _TwiceError(f"key given twice: {clipped(key)}")
    if len(found) == 1:
        key, value = pairs[0]
        return _TYPED[key](value) if key in _TYPED else found
    return found


#: What is called NaN is no number; infinity is kept as it is written, and is none either.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=lambda said: None if said == "NaN" else said
)


def _parsed(line: bytes) -> Any:
    try:
        return _DECODER.decode(line.decode("utf-8", "surrogatepass"))
    except _TwiceError as error:
        return _NoJson(str(error))
    except (ValueError, RecursionError):
        return _NoJson()


def _whole(path: Path, encoding: str, done: Any) -> Any:
    """Return the one value of a file, of several the list; None where each line is a value.

    Raises
    ------
    ValueError
        If it is neither; the message says where it is not JSON.
    """
    parts, size = [], 0
    for block in lines(path, encoding, done=done):
        parts.append(block)
        size += len(block)
        if size > _LARGEST:
            raise ValueError(f"a JSON file of more than {_LARGEST:,} bytes needs format: jsonl")
    text = as_typed_in_json(b"".join(parts)).decode("utf-8", "surrogatepass")
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except _TwiceError:
        raise
    except ValueError:
        first = text.lstrip().partition("\n")[0]
        return None if isinstance(_parsed(first.encode()), dict) else _values(text)


def _values(text: str) -> list[Any]:
    """Return the values that follow each other in a text."""
    found, at = [], 0
    try:
        while (at := _BLANKS.match(text, at).end()) < len(text):  # type: ignore[union-attr]
            value, at = _DECODER.raw_decode(text, at)
            found.append(value)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        cut = "; it ends within a record" if error.pos >= len(text.rstrip()) else ""
        raise ValueError(f"it is not JSON at {place}{cut}") from None
    return found


def paths(path: Path, source: Written) -> list[str]:
    """Return where in a JSON file that is one object its lists of records are.

    Raises
    ------
    ValueError
        If it is not JSON.
    """
    whole = _whole(path, source.encoding, lambda _: None)
    return [*_lists(whole)] if isinstance(whole, dict) else []


def _records(whole: Any, path: str | None) -> list[Any]:
    for step in path.split(".") if path else ():
        whole = whole.get(step) if isinstance(whole, dict) else None
    if isinstance(whole, dict) and path is None:
        lists = _lists(whole)
        if not lists:
            return [whole]
        if len(lists) > 1:
            some = ", ".join(lists)
            raise ValueError(f"records: must name the list of records; its lists are: {some}")
        (whole,) = lists.values()
    if not isinstance(whole, list):
        raise ValueError(f"records: must lead to a list of records; got {path!r}")
    return whole


def _lists(whole: dict[str, Any], above: str = "") -> dict[str, list[Any]]:
    """Return the lists of objects that are in an object or in those within it, by their path."""
    found = {}
    for key, value in whole.items():
        if _is_of_objects(value):
            found[f"{above}{key}"] = value
        elif isinstance(value, dict):
            found |= _lists(value, f"{above}{key}.")
    return found


def _is_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _write(
    record: Any,
    out: BinaryIO,
    nth: int,
    line: int | None,
    bad: list[Unreadable],
    text: bytes | None = None,
) -> None:
    """Write one record, or note why it is none."""
    shown = text if text is not None else repr(record)[:_SHOWN].encode("utf-8", "replace")
    if not isinstance(record, dict):
        reason = record.reason if isinstance(record, _NoJson) else "not an object"
        bad.append(Unreadable(line or nth, reason, shown[:_SHOWN].decode("utf-8", "replace")))
        return
    written = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")
    if len(written) > LONGEST_RECORD * 4:
        bad.append(Unreadable(line or nth, "too long", shown[:_SHOWN].decode("utf-8", "replace")))
        return
    at = "" if line is None else str(line)
    out.write(f"{nth}{_MARK}{at}{_MARK}".encode() + written + b"\n")
