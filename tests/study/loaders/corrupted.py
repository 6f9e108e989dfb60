"""Inputs that were damaged at random, by seed, and how each of them ended."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from cxresearch import engine
from cxresearch.errors import CxError
from cxresearch.study import manifest, starting
from cxresearch.study.loaders.loading import load
from cxresearch.study.loaders.rules import Setting
from cxresearch.study.sources import Source
from tests.study.loaders import made_files

KINDS = (
    *("csv", "gzip", "parquet", "yaml", "xlsx", "ods", "sav"),
    *("json", "jsonl", "zip", "chat", "new"),
)
#: A message says what is wrong; it does not repeat what it was given.
LONGEST_MESSAGE = 4_000
SETTING = Setting(currency="EUR", time_zone="Europe/Rome", as_of="2026-10-31")
HEADER = "order_id,customer_id,ts,revenue,currency,items,discount,status,note"
#: What may go wrong within a cell or between two.
_PIECES = [
    *(b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xef\xbb\xbf", b" ", b"'"),
    *(b"\xe0", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc2\xa0", b"\x1a"),
    *("\u202e\u2028\u0085".encode(), b"1.210", b"1,5", b"9" * 400, b"-0", b"nan", b"1e999"),
    *(b"10000-01-01", b"2026-02-30", b"1771234567000", b"\\", b"$", b"{}", b"x" * 9_000, b"%"),
]


def run(kind: str, seed: int, folder: Path) -> str:
    """Read one damaged input, and return how it ended: "loaded", or the name of the kit's error.

    Raises
    ------
    AssertionError
        If rows in are not rows accepted plus rows rejected, or an error says too much.
    Exception
        Whatever else ended it, which is a fault of the kit.
    """
    chance = random.Random(f"{kind} {seed}")
    try:
        _ATTEMPTS[kind](chance, folder)
    except CxError as error:
        said, ending = str(error), type(error).__name__
    else:
        said, ending = "", "loaded"
    assert len(said) < LONGEST_MESSAGE, said[:LONGEST_MESSAGE]
    return ending


def tally(endings: Iterable[tuple[str, str]]) -> str:
    """Return a table of how many inputs of each kind ended in each way."""
    counted = Counter(endings)
    ways = sorted({way for _, way in counted})
    rows = [["", *ways], *([kind, *(str(counted[kind, way]) for way in ways)] for kind in KINDS)]
    return "\n".join("".join(f"{cell:>16}" for cell in row) for row in rows)


def _load_csv(chance: random.Random, folder: Path) -> None:
    _load(folder / "o.csv", _damaged(_csv(chance), chance), _written(chance), folder)


def _load_gzip(chance: random.Random, folder: Path) -> None:
    whole = gzip.compress(_csv(chance))
    if chance.random() < 0.5:
        data = _damaged(whole, chance)
    else:
        data = gzip.compress(_damaged(_csv(chance), chance)) + chance.choice([b"", b"\0", whole])
    _load(folder / "o.csv.gz", data, _written(chance), folder)


def _load_parquet(chance: random.Random, folder: Path) -> None:
    sink = pa.BufferOutputStream()
    packing = chance.choice(["none", "snappy", "zstd", "gzip"])
    pq.write_table(_typed(chance), sink, compression=packing)
    data = sink.getvalue().to_pybytes()
    if chance.random() < 0.6:
        data = _damaged(data, chance)
    _load(folder / "o.parquet", data, _written(chance), folder)


def _read_manifest(chance: random.Random, _: Path) -> None:
    content = yaml.safe_load(_STUDY)
    for _ in range(chance.randint(1, 2)):
        _spoil(content, chance)
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()
    if chance.random() < 0.5:
        text = _damaged(text, chance, [*_PIECES, *_YAML])
    manifest.parse(text.decode("utf-8", "replace"))


def _load_xlsx(chance: random.Random, folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in csv.reader(io.StringIO(_csv(chance).decode())):
        sheet.append(row)
    if chance.random() < 0.2:
        book.create_sheet("Other")
    out = io.BytesIO()
    book.save(out)
    data = out.getvalue()
    if chance.random() < 0.7:
        data = _damaged(data, chance)
    _load(folder / "o.xlsx", data, _written(chance), folder)


def _load_ods(chance: random.Random, folder: Path) -> None:
    rows = [[one or None for one in row] for row in csv.reader(io.StringIO(_csv(chance).decode()))]
    data = made_files.ods(*rows, sheets=chance.choice([1, 1, 1, 2]))
    if chance.random() < 0.7:
        data = _damaged(data, chance)
    _load(folder / "o.ods", data, _written(chance), folder)


def _load_sav(chance: random.Random, folder: Path) -> None:
    frame = pd.read_csv(io.BytesIO(_csv(chance)), dtype=str, keep_default_na=False)
    typed = frame.assign(
        ts=pd.to_datetime(frame["ts"]), revenue=frame["revenue"].astype(float), discount=1.0
    )
    said = {"missing_ranges": {"revenue": [-3]}, "variable_value_labels": {"revenue": {10: "Ten"}}}
    data = made_files.sav(typed if chance.random() < 0.7 else frame, folder)
    if chance.random() < 0.5:
        data = made_files.sav(typed, folder, **said)
    _load(folder / "o.sav", _damaged(data, chance), _written(chance), folder)


def _load_json(chance: random.Random, folder: Path) -> None:
    records = _records(chance)
    content: Any = chance.choice([records, {"data": records}, {"data": {"rows": records}}, 7, []])
    data = _damaged(json.dumps(content).encode(), chance)
    _load(folder / "o.json", data, _written(chance), folder)


def _load_jsonl(chance: random.Random, folder: Path) -> None:
    lines = [json.dumps(one) for one in _records(chance)]
    lines += chance.choice([[], ["[1, 2]"], ["null"], ["{"], ['{"ts": {"a": [1]}}'], [""]])
    _load(folder / "o.jsonl", _damaged("\n".join(lines).encode(), chance), _written(chance), folder)


def _load_zip(chance: random.Random, folder: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(chance.choice([0, 1, 1, 1, 2])):
            archive.writestr(f"o{number}.csv", _damaged(_csv(chance), chance))
    data = out.getvalue()
    if chance.random() < 0.5:
        data = _damaged(data, chance)
    own = {"member": chance.choice([None, "*.csv", "o0.csv", "none"])}
    _load(folder / "o.zip", data, _written(chance) | own, folder)


def _load_chat(chance: random.Random, folder: Path) -> None:
    _load(
        folder / "chat.txt",
        _damaged(_chat(chance), chance, [*_PIECES, *_TURNS]),
        {
            "columns": {"text_id": "conversation", "ts": "time", "speaker": "author"}
            | {"text": "message"},
            "constants": {"source": "chat"},
            "where": [{"column": "author", "filled": True}],
            "values": {"speaker": {"Shop": "agent", "*": "customer"}},
            "add_up": True,
            "time_format": "%d/%m/%y %H:%M",
            "encoding": chance.choice(["utf-8"] * 4 + ["cp1252", "utf-16"]),
        },
        folder,
        "feedback",
    )


def _start(chance: random.Random, folder: Path) -> None:
    """Look at a damaged file as `cxresearch new` does, and load what it found."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    what = chance.choice(["csv", "chat", "semicolons", "survey"])
    text = _chat(chance) if what == "chat" else _csv(chance)
    if what == "semicolons":
        text = (
            text.replace(b",", b";").replace(b"order_id", b"Numero ordine").replace(b"ts", b"Data")
        )
    if what == "survey":
        text = b"Data risposta;Voto (0-10);Motivo\n" + b"13/01/2026;9;tutto bene qui\n" * 5
    path = folder / f"export.{'txt' if what == 'chat' else 'csv'}"
    path.write_bytes(_damaged(text, chance, [*_PIECES, *_TURNS]))
    with mock.patch.dict(os.environ, {"CX_ROOT": str(folder)}):
        started = starting.start("shop", [path])
    for table, sources in manifest.parse(started.text).tables.items():
        own = sources[0].model_dump(exclude_unset=True, by_alias=True)
        own.pop("profile", None)
        own.pop("file")
        _load(path, path.read_bytes(), own, folder, table)


_TURNS = [
    b"13/01/26, 09:17 - ",
    b"[13/01/26, 09:17:00] X: y\n",
    b": ",
    b" - ",
    b"<v A>",
    b"WEBVTT\n",
]


def _chat(chance: random.Random) -> bytes:
    lines = ["13/01/26, 09:16 - Messages are encrypted."]
    for number in range(chance.randint(0, 30)):
        who = chance.choice(["Shop", "Anna", "Anna Bianchi", ""])
        said = chance.choice(["ok", "Il pacco\nè rotto", "a: b", "<Media omessi>", ""])
        lines.append(f"13/01/26, 10:{number:02d} - {who}{': ' if who else ''}{said}")
    return ("\n".join(lines) + "\n").encode()


def _records(chance: random.Random) -> list[dict[str, Any]]:
    found = list(csv.DictReader(io.StringIO(_csv(chance).decode())))
    odd = [None, 7, 1.5, True, [], {}, {"a": {"b": 1}}, [{"a": 1}], "€", 2**70, "\ud800"]
    records: list[dict[str, Any]] = [dict(one) for one in found]
    for one in records:
        if chance.random() < 0.1:
            one[chance.choice([*one, "more", ""])] = chance.choice(odd)
    return records


_ATTEMPTS: dict[str, Callable[[random.Random, Path], None]] = {
    "csv": _load_csv,
    "gzip": _load_gzip,
    "parquet": _load_parquet,
    "yaml": _read_manifest,
    "xlsx": _load_xlsx,
    "ods": _load_ods,
    "sav": _load_sav,
    "json": _load_json,
    "jsonl": _load_jsonl,
    "zip": _load_zip,
    "chat": _load_chat,
    "new": _start,
}


def _load(
    path: Path, data: bytes, written: dict[str, Any], folder: Path, table: str = "orders"
) -> None:
    """Load one file as a table, and hold the counts against what was written."""
    path.write_bytes(data)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    for left in scratch.iterdir():
        left.unlink()
    accepted, rejected = folder / "accepted.parquet", folder / "rejected.csv"
    with engine.connect() as connection:
        loaded = load(
            connection,
            table,
            [Source.model_validate({"file": path.name, **written})],
            {path.name: path},
            setting=SETTING,
            accepted=accepted,
            rejected=rejected,
            scratch=scratch,
        )
    for count in loaded.files:
        assert count.rows_in == count.rows_accepted + count.rows_rejected + count.rows_left_out
    kept = sum(one.rows_accepted for one in loaded.files)
    assert len(pd.read_parquet(accepted)) == loaded.rows
    assert loaded.rows <= kept if written.get("add_up") else loaded.rows == kept
    refused = pd.read_csv(rejected, dtype=str).drop_duplicates(["file", "line", "row"])
    assert len(refused) == sum(one.rows_rejected for one in loaded.files)
    assert not list(scratch.iterdir())


def _csv(chance: random.Random) -> bytes:
    lines = [HEADER]
    for number in range(chance.randint(0, 40)):
        note = chance.choice(["", "gift", '"two\nlines"', '"a ""b"", c"', 'a 5" screen', "perché"])
        day = f"2026-0{chance.randint(1, 9)}-{chance.randint(10, 28)} 10:{number:02d}:00"
        money, status = chance.choice(["10", "12.50", "-3"]), chance.choice(["", "completed"])
        lines.append(f"A{number},C{number % 7},{day},{money},EUR,{number % 4},0,{status},{note}")
    return (chance.choice(["\n", "\r\n"]).join(lines) + "\n").encode()


def _written(chance: random.Random) -> dict[str, Any]:
    choices: dict[str, list[Any]] = {
        "encoding": ["utf-8"] * 8 + ["cp1252", "latin-1", "utf-16"],
        "delimiter": [None] * 8 + [";", "\t", "§", "|"],
        "time_format": [None] * 8 + ["%Y-%m-%d %H:%M:%S", "%-d/%-m/%y", "epoch_ms", "excel_day"],
        "time_zone": [None] * 3 + ["UTC", "America/New_York"],
        "columns": [{}] * 8 + [{"revenue": "note"}, {"ts": "revenue"}, {"customer_id": "Città"}],
        "values": [{}] * 4 + [{"status": {"completed": "returned"}}],
    }
    found = {key: chance.choice(values) for key, values in choices.items()}
    marks = chance.choice([("", None)] * 6 + [(".", ","), (",", "."), (" ", ","), ("'", None)])
    return found | {"thousands": marks[0], "decimal": marks[1]}


def _typed(chance: random.Random) -> pa.Table:
    many = chance.randint(0, 30)
    columns = [name for name in HEADER.split(",") if chance.random() < 0.97]
    good: dict[str, pa.Array] = {
        "order_id": pa.array([f"A{i}" for i in range(many)]),
        "ts": pa.array([datetime(2026, 1, 5, tzinfo=UTC)] * many),
        "revenue": pa.array([1.5] * many),
    }
    odd: list[Callable[[], pa.Array]] = [
        lambda: pa.array([None] * many),
        lambda: pa.array([chance.randint(-(2**63), 2**63 - 1) for _ in range(many)]),
        lambda: pa.array([chance.randint(0, 2**64 - 1) for _ in range(many)], pa.uint64()),
        lambda: pa.array([chance.choice([1e300, float("nan"), -0.0, 3]) for _ in range(many)]),
        lambda: pa.array([chance.randint(-(2**31), 2**31 - 1) for _ in range(many)], pa.int32()),
        lambda: pa.array([2_932_897 + i for i in range(many)], pa.int32()).cast(pa.date32()),
        lambda: pa.array([253_402_300_799 + i for i in range(many)], pa.timestamp("s")),
        lambda: pa.array([2**62 + i for i in range(many)], pa.timestamp("us", "UTC")),
        lambda: pa.array([-(2**62) + i for i in range(many)], pa.timestamp("ns")),
        lambda: pa.array([b"\xff\0"] * many),
        lambda: pa.array([[1, None]] * many),
        lambda: pa.array([{"a": "x"}] * many),
        lambda: pa.array([Decimal("1.23")] * many),
        lambda: pa.array([True] * many),
        lambda: pa.array([date(1, 1, 1)] * many),
        lambda: pa.array([3_600_000_000] * many, pa.time64("us")),
        lambda: pa.array(["\0", "x", "1.210", ""] * many)[:many],
        lambda: pa.array(["€" * 5_000] * many),
        lambda: pa.array(["a", "b"] * many)[:many].dictionary_encode(),
    ]
    arrays = {
        name: good[name] if name in good and chance.random() < 0.7 else chance.choice(odd)()
        for name in columns
    }
    return pa.table(arrays) if arrays else pa.table({"x": pa.array([None] * many)})


def _damaged(data: bytes, chance: random.Random, pieces: list[bytes] = _PIECES) -> bytes:
    """Return bytes of which a few were changed, lost, repeated, or brought in."""
    spoilt = bytearray(data)
    for _ in range(chance.choice([0, 1, 1, 2, 3, 8])):
        at = chance.randint(0, len(spoilt))
        until = at + chance.choice([1, 1, 4, 50])
        match chance.choice(["flip", "flip", "piece", "piece", "drop", "repeat", "zero", "cut"]):
            case "flip" if spoilt:
                spoilt[at % len(spoilt)] ^= 1 << chance.randrange(8)
            case "piece":
                spoilt[at:at] = chance.choice(pieces)
            case "drop":
                del spoilt[at:until]
            case "repeat":
                spoilt[at:at] = spoilt[at:until] * chance.choice([1, 3])
            case "zero":
                spoilt[at:until] = bytes(len(spoilt[at:until]))
            case "cut" if chance.random() < 0.3:
                del spoilt[at:]
    return bytes(spoilt)


_STUDY = """
title: {en: Shop, it: Negozio}
currency: EUR
time_zone: Europe/Rome
min_cell: 5
as_of: 2026-10-31
tables:
  events: {file: events.parquet, time_zone: UTC, columns: {channel: source}}
  orders:
    file: [a.csv, b.csv]
    decimal: ","
    time_format: "%d/%m/%Y"
    constants: {currency: EUR, items: 2}
    values: {status: {Annullato: cancelled}}
touchpoints:
  home: {touchpoint: home page, stage: consideration}
  buy: {touchpoint: order confirmation, stage: purchase, channel: owned}
funnel: [home, buy]
cart: {add: home, checkout: home, purchase: buy}
surveys: [{name: nps, metric: nps, scale: [0, 10], touchpoint: home page}]
voice: {codes: [first.csv]}
reports: {data: {notebook: 01_data_quality, parameters: {confidence: 0.9}, reads: []}}
"""
_YAML = [
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!python/object ",
    b": ",
    b"- ",
    b"? ",
    b"[" * 60,
    b"{",
    b"}",
    b"#",
]
#: What stands where something else was meant.
_ODD: list[Any] = [
    *(
        None,
        True,
        -1,
        0,
        2**63,
        10**40,
        1.5,
        float("nan"),
        float("inf"),
        "",
        " ",
        "\0",
        "x" * 5_000,
    ),
    *([], {}, [[]], {"a": "b"}, {1: 2}, {None: 1}, ["x", 1], date(2026, 1, 1), "../../etc/passwd"),
    *("%-%Y", "%Q", "10000-01-01", "{x}", "\ud800", "Europe/Nowhere", "€", ["orders.csv"] * 3),
]


def _spoil(content: Any, chance: random.Random) -> None:
    """Put something odd somewhere in a tree of mappings and lists."""
    while isinstance(content, dict | list) and content:
        keys = list(content) if isinstance(content, dict) else range(len(content))
        key = chance.choice(list(keys))
        if not isinstance(content[key], dict | list) or chance.random() < 0.25:
            match chance.choice(["value", "value", "value", "name", "gone"]):
                case "value":
                    content[key] = chance.choice(_ODD)
                case "name" if isinstance(content, dict):
                    name = chance.choice([1, None, True, "", "x" * 5_000, date(2026, 1, 1)])
                    content[name] = content.pop(key)
                case _:
                    del content[key]
            return
        content = content[key]
