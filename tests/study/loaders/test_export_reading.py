"""Files of every kind and in every state of disrepair: each row is read, or said not to be."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cxresearch import engine
from cxresearch.errors import ReconciliationError, SchemaError
from cxresearch.study.loaders import csv_records, export_reading
from cxresearch.study.loaders.export_reading import FileRead
from cxresearch.study.sources import Source

PLAIN = "order_id,ts,revenue\nA1,2026-01-05 10:00:00,10\nB2,2026-01-06 11:00:00,20\n"


def parquet(**columns: object) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PLAIN.encode(), id="plain"),
        pytest.param(PLAIN.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(PLAIN.replace("\n", "\r\n").encode(), id="windows line ends"),
        pytest.param(PLAIN.replace("\n", "\r").encode(), id="old mac line ends"),
        pytest.param(PLAIN.replace("\n", "\r\n", 1).encode(), id="mixed line ends"),
        pytest.param(PLAIN.rstrip().encode(), id="no last line end"),
        pytest.param(PLAIN.replace("\n", "\n\n").encode(), id="empty lines"),
        pytest.param(PLAIN.replace(",", ";").encode(), id="semicolons"),
        pytest.param(PLAIN.replace(",", "\t").encode(), id="tabs"),
        pytest.param(PLAIN.replace(",", "|").encode(), id="bars"),
        pytest.param(PLAIN.replace(",", ", ").encode(), id="blanks after commas"),
        pytest.param(PLAIN.replace("A1", ' "A1" ').encode(), id="quotes with blanks around"),
    ],
)
def test_one_table_however_it_is_written(orders, data: bytes):
    outcome = orders(data)
    assert outcome.rows["order_id"].tolist() == ["A1", "B2"]
    assert outcome.rows["revenue"].tolist() == [10.0, 20.0]
    assert outcome.counts() == [(2, 2, 0)]
    assert outcome.rejected.empty


@pytest.mark.parametrize("codec", ["cp1252", "latin-1", "utf-16", "utf-16-be", "utf-16-le"])
def test_declared_encodings(orders, codec: str):
    mark = "\ufeff" if codec in {"utf-16-be", "utf-16-le"} else ""
    text = mark + PLAIN.replace("A1", "caffè")
    outcome = orders(text.encode(codec), encoding="utf-16" if "16" in codec else codec)
    assert outcome.rows["order_id"].tolist() == ["caffè", "B2"]


@pytest.mark.parametrize("said", [{}, {"encoding": "utf-16"}])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_is_found_by_its_zeros(orders, codec: str, said: dict[str, str]):
    data = PLAIN.replace("A1", "caffè €").replace("B2", "чай").encode(codec)
    assert orders(data, **said).rows["order_id"].tolist() == ["caffè €", "чай"]
    zipped = orders(gzip.compress(data), name="o.csv.gz", **said)
    assert zipped.rows["order_id"].tolist() == ["caffè €", "чай"]


def test_zeros_here_and_there_make_no_wide_text(orders):
    data = PLAIN.replace("A1", "A\0\0\0").encode()
    assert len(orders(data).rows) == 2
    with pytest.raises(SchemaError, match="UTF-16"):
        orders(PLAIN.encode(), encoding="utf-16")


TYPESET = "Qualit\u00e0 \u2013 10\u20ac, \u201cottima\u201d\u2026 l\u2019ho detto"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_windows_writes_is_read_with_its_own_signs(orders, encoding: str, end: str):
    rows = [f'A{i};2026-01-05;1;"{TYPESET} {i}"' for i in range(2_000)]
    data = end.join(["order_id;ts;revenue;channel", *rows]).encode("cp1252")
    outcome = orders(data, encoding=encoding)
    assert outcome.rows["channel"].tolist() == [f"{TYPESET} {i}" for i in range(2_000)]
    assert outcome.found() == {("anonymous", "customer_id"): 2_000}
    zipped = orders(gzip.compress(data), encoding=encoding, name="o.csv.gz")
    assert zipped.rows.equals(outcome.rows)


def test_a_byte_that_windows_does_not_define_stops_no_file(orders):
    data = PLAIN.encode() + b"caff\x8d,2026-01-07 10:00:00,30\n"
    outcome = orders(data, encoding="cp1252")
    assert outcome.rows["order_id"].tolist() == ["A1", "B2", "caff\x8d"]
    assert outcome.found()["broken_encoding", "order_id"] == 1


def test_text_cut_off_in_the_middle_of_a_character(orders):
    with pytest.raises(SchemaError, match=r"orders\.csv has 1 fault:\n  the file cannot be read"):
        orders(PLAIN.encode("utf-16")[:-1], encoding="utf-16")


def test_a_gzipped_file(orders):
    assert orders(gzip.compress(PLAIN.encode()), name="orders.csv.gz").counts() == [(2, 2, 0)]


@pytest.mark.parametrize("damage", ["cut off", "changed", "not gzip"])
def test_a_damaged_archive_is_never_read_in_part(orders, damage: str):
    rows = "".join(f"A{i},2026-01-05 10:00:00,{i * 7919 % 10007}\n" for i in range(50_000))
    whole = gzip.compress((PLAIN + rows).encode())
    data = {
        "cut off": whole[: len(whole) // 2],
        "changed": whole[:20_000] + b"xxxx" + whole[20_004:],
        "not gzip": PLAIN.encode(),
    }[damage]
    with pytest.raises(SchemaError, match="the file cannot be read"):
        orders(data, name="orders.csv.gz")


@pytest.mark.parametrize("data", [b"", b"PAR1", b"order_id,ts\n"])
def test_a_parquet_file_that_is_none(orders, data: bytes):
    with pytest.raises(SchemaError, match=r"orders\.parquet has 1 fault:\n  the file cannot"):
        orders(data, name="orders.parquet")


@pytest.mark.parametrize("data", [b"", b"\n", b"   \n1,2\n", "\ufeff".encode()])
def test_a_text_file_without_header(orders, data: bytes):
    with pytest.raises(SchemaError, match="the file has no header line"):
        orders(data)


@pytest.mark.parametrize("data", [PLAIN.split("\n")[0], PLAIN.split("\n")[0] + "\n\n\n"])
def test_a_file_of_nothing_but_its_header_is_an_empty_table(orders, data: str):
    outcome = orders(data)
    assert outcome.counts() == [(0, 0, 0)]
    assert outcome.rows.empty
    assert {"order_id", "customer_id", "ts_us", "day"} <= set(outcome.rows)
    assert (outcome.loaded.rows, outcome.loaded.findings) == (0, ())


def test_a_header_that_names_columns_twice_stops_only_who_needs_one_of_them(orders):
    text = "order_id,ts,revenue,Note,Note\nA1,2026-01-05 10:00,5,x,y\n"
    assert orders(text).counts() == [(1, 1, 0)]
    with pytest.raises(SchemaError) as caught:
        orders(text, columns={"channel": "Note"})
    fault = "the header names 'Note' twice for channel: say 'Note (1)' or 'Note (2)'"
    assert caught.value.faults == (fault,)
    found = orders(text, columns={"channel": "Note (2)"})
    assert found.rows["channel"].tolist() == ["y"]


def test_a_header_may_have_columns_without_a_name(orders):
    outcome = orders(",order_id,ts,revenue,,\n0,A1,2026-01-05 10:00,5,,\n")
    assert outcome.counts() == [(1, 1, 0)]


def test_a_header_in_quotes_with_a_line_end_and_delimiters(orders):
    text = '"order\n id";"a,b,c,d";ts;revenue\nA1;x;2026-01-05 10:00;5\n'
    outcome = orders(text, columns={"order_id": "order\n id"})
    assert outcome.rows["order_id"].tolist() == ["A1"]


def test_a_header_that_never_ends(orders):
    with pytest.raises(SchemaError, match="the header has a quote that is not closed"):
        orders('order_id,"ts\n' + "x" * 200_000)


def test_rows_with_too_few_or_too_many_fields_are_rejected_with_their_line(orders):
    lines = ["order_id,ts,revenue", "A1,2026-01-05,1", "A2,2026-01-05"]
    lines += ["", "A3,2026-01-05,3,4", 'A4,2026-01-05,"5\n6"', "A5,2026-01-05,5"]
    outcome = orders("\n".join(lines))
    rejected = outcome.rejected.set_index("line")
    assert rejected.loc[3, ["rule", "detail"]].tolist() == ["unreadable_row", "missing columns"]
    assert rejected.loc[5, ["rule", "detail"]].tolist() == ["unreadable_row", "too many columns"]
    assert rejected.loc[5, "record"] == "A3,2026-01-05,3,4"
    assert rejected.loc[6, "rule"] == "not_a_number"
    assert outcome.rows["order_id"].tolist() == ["A1", "A5"]
    assert outcome.counts() == [(5, 2, 3)]


def test_bytes_that_are_not_utf8_spoil_their_row_only(orders):
    data = PLAIN.encode() + "caffè,2026-01-05,1\n".encode("latin-1") + b"C3,2026-01-07,1\n"
    outcome = orders(data)
    assert outcome.counts() == [(4, 3, 1)]
    assert outcome.rejected["detail"].tolist() == ["invalid encoding"]
    assert outcome.rejected["line"].tolist() == [4]


def test_a_row_with_two_faults_of_reading_is_one_row(orders):
    outcome = orders(PLAIN.encode() + b"\xe8,2026-01-05,1,9\n")
    assert outcome.counts() == [(3, 2, 1)]
    assert outcome.rejected["detail"].tolist() == ["invalid encoding, too many columns"]


def test_bytes_that_are_no_text_can_be_part_of_an_unclosed_quote(orders):
    outcome = orders(PLAIN.encode() + b'"\xe8\n')
    assert outcome.rejected["detail"].tolist() == ["unclosed quote"]


def test_a_stray_quote_loses_no_other_row(orders):
    rows = [f"A{i},2026-01-05 10:00,{i}" for i in range(20_000)]
    rows.insert(3, 'B,2026-01-05 10:00,"7')
    outcome = orders("order_id,ts,revenue\n" + "\n".join(rows))
    assert outcome.counts() == [(20_001, 20_000, 1)]
    assert outcome.rejected[["line", "detail"]].to_numpy().tolist() == [[5, "unclosed quote"]]


def test_thousands_of_unreadable_lines(orders):
    text = "order_id,ts,revenue\n" + "x\n" * 5_000 + '"y\n' * 2_000 + "A1,2026-01-05,1\n"
    assert orders(text).counts() == [(7_001, 1, 7_000)]


def test_what_one_file_rejects_is_not_charged_to_the_next(bench):
    files = {"a.csv": PLAIN + "x\n", "b.csv": PLAIN.replace("A1", "C3").replace("B2", "D4")}
    outcome = bench("orders", files)
    assert outcome.counts() == [(3, 2, 1), (2, 2, 0)]


def test_a_very_long_field(orders):
    outcome = orders(f"order_id,ts,revenue\n{'x' * 400_000},2026-01-05,1\nA2,2026-01-05,2\n")
    assert outcome.counts() == [(2, 2, 0)]
    assert outcome.rows["order_id"].str.len().tolist() == [400_000, 2]
    outcome = orders(f"order_id,ts,revenue\n{'x' * 3_000_000},2026-01-05,1\nA2,2026-01-05,2\n")
    assert outcome.counts() == [(2, 1, 1)]
    assert outcome.rejected["detail"].tolist() == ["too long"]


def test_a_name_that_stands_for_many_files_is_one_file(orders, tmp_path: Path):
    (tmp_path / "orders1.csv").write_text(PLAIN.replace("A1", "wrong"))
    outcome = orders(PLAIN, name="orders[1].csv")
    assert outcome.rows["order_id"].tolist() == ["A1", "B2"]
    data = parquet(order_id=["P"], ts=["2026-01-05"], revenue=[1.0])
    (tmp_path / "x.parquet").write_bytes(b"not read")
    assert orders(data, name="*.parquet").rows["order_id"].tolist() == ["P"]


HOSTILE = "'; DROP TABLE faults; --"


def test_names_and_values_cannot_become_sql(orders):
    header = f'"{HOSTILE}","""quoted""",ts,revenue'
    text = f"{header}\n{HOSTILE},x,2026-01-05,1\n{HOSTILE},x,2026-01-05,none\n"
    outcome = orders(text, name=f"{HOSTILE}.csv", columns={"order_id": HOSTILE})
    assert outcome.rows["order_id"].tolist() == [HOSTILE]
    assert outcome.counts() == [(2, 1, 1)]
    assert HOSTILE in outcome.rejected["record"][0]


OURS = ["_id", "_row", "_line", "rule", "action", "col", "raw", "c0", "line", "text", "Revenue"]


def test_columns_called_like_our_own(orders):
    text = ",".join([*OURS, "order_id", "ts", "revenue"])
    text += "\n" + ",".join([*OURS, "A1", "2026-01-05", "1"])
    text += "\n" + ",".join([*OURS, "A2", "2026-01-05", "bad"])
    outcome = orders(text)
    assert outcome.rows["revenue"].tolist() == [1.0]
    assert outcome.rejected["rule"].tolist() == ["not_a_number"]
    data = {name: [name, name] for name in OURS}
    typed = parquet(**data, order_id=["A", "A"], ts=["2026-01-05"] * 2)
    outcome = orders(typed, name="o.parquet", constants={"revenue": 3})
    assert outcome.counts() == [(2, 1, 1)]
    assert outcome.rows["revenue"].tolist() == [3.0]


def test_a_file_of_one_column(bench):
    outcome = bench(
        "orders", {"a.csv": "order_id\nA1\n\nA2\n"}, constants={"ts": "2026-01-05", "revenue": 1}
    )
    assert outcome.counts() == [(2, 2, 0)]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], FileRead]:
    def run(data: bytes) -> FileRead:
        path = tmp_path / "x.csv"
        path.write_bytes(data)
        with engine.connect() as connection:
            return export_reading.read(
                connection, path, Source(file="x.csv"), name="x.csv", table="raw", scratch=tmp_path
            )

    return run


def forgetting_a_row(
    write: Callable[..., csv_records.Cut | None],
) -> Callable[..., csv_records.Cut | None]:
    """Count a record more than is written, as if a reader had lost it."""

    def forgetful(blocks, out, **options):
        lines = b"".join(blocks).splitlines(keepends=True)
        found = write(lines[:-1], out, **options)
        found.records += 1
        return found

    return forgetful


def test_a_reader_that_loses_a_row_is_caught(read, monkeypatch: pytest.MonkeyPatch):
    data = PLAIN.replace("\n", "\n\n", 1).encode()  # an empty line: the file has to be cut
    assert read(data).rows == 2
    monkeypatch.setattr(csv_records, "cut", forgetting_a_row(csv_records.cut))
    with pytest.raises(ReconciliationError) as caught:
        read(data)
    assert str(caught.value) == "x.csv: the file has 2 records, but 1 rows were read and 0 refused"


def test_a_file_that_is_copied_and_read_short_is_cut_instead(read, monkeypatch):
    monkeypatch.setattr(csv_records, "copy", forgetting_a_row(csv_records.copy))
    assert read(PLAIN.encode()).rows == 2
    # Where that loses a row as well, nothing is loaded.
    monkeypatch.setattr(csv_records, "cut", forgetting_a_row(csv_records.cut))
    with pytest.raises(ReconciliationError, match="has 2 records, but 1 rows were read"):
        read(PLAIN.encode())


@pytest.mark.parametrize(
    "rows",
    [
        "A1,2026-01-05,1,web\nA2,2026-01-06,2,app\n",
        '"A1","2026-01-05","1","web"\n"A2","2026-01-06","2","a ""b"", c"\n',
        "A1,2026-01-05,1,\nA2,2026-01-06,2, app \n",
        '"A1",2026-01-05,1,"\t"\nA2,2026-01-06,2,"app\N{NO-BREAK SPACE}"\n',
        "A1,2026-01-05,1,citt\u00e0\nA2,2026-01-06,2,\N{NO-BREAK SPACE}app\n",
        ' A1,2026-01-05 ,1,""\nA2,2026-01-06,2 ,app',
        "A1,2026-01-05,1\nA2,2026-01-06,2,app\nA3,2026-01-07,3,web,x\nA4,2026-01-08,x,web\n",
        "A1,2026-01-05,1,web\r\nA2,2026-01-06,2,app\r\n",
        "A1,2026-01-05,1,web\nA2,never,2,app\nA3,2026-01-07,x,app\n",
    ],
)
def test_a_file_that_is_copied_loads_as_if_it_were_cut(orders, monkeypatch, rows: str):
    data = f"order_id,ts,revenue,channel\n{rows}".encode()
    copied = orders(data)
    monkeypatch.setattr(csv_records, "copy", lambda *_, **__: None)
    cut = orders(data)
    assert copied.counts() == cut.counts()
    assert copied.loaded.findings == cut.loaded.findings
    pd.testing.assert_frame_equal(copied.rejected, cut.rejected)
    pd.testing.assert_frame_equal(copied.rows, cut.rows)


def test_columns_are_found_by_the_first_name_that_is_there(read):
    file = read(PLAIN.encode())
    assert file.first(["none", "ts", "order_id"]).name == "ts"
    assert file.first(["none"]) is None


@pytest.mark.parametrize("byte", [b"\x00", b"\x80", b"\xe0", b"\xff", b"\xed\xa0\x80", b"\xc3"])
def test_no_byte_of_a_header_stops_a_file(orders, byte: bytes):
    head = b"order_id,ts,revenue,Citt" + byte
    outcome = orders(head + b"\nA1,2026-01-05,1,Roma\nA2,never,1,Roma\n")
    assert outcome.counts() == [(2, 1, 1)]
    assert f"Citt\\\\x{byte[0]:02x}" in outcome.rejected["record"][0]
    # Named in the manifest, it is asked for by the name that the message shows.
    # A name is proposed where it is near enough; three escaped bytes are not.
    near = r" \(did you mean 'Citt.*'\?\)" if len(byte) == 1 else ""
    meant = rf"lacks 'Citt\u00e0' for channel{near}; it has: order_id, ts"
    with pytest.raises(SchemaError, match=meant):
        orders(head + b"\nA1,2026-01-05,1,Roma\n", columns={"channel": "Citt\u00e0"})


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_no_byte_of_a_value_stops_a_file(orders, place: int):
    for byte in [0, 9, 10, 13, 26, 34, 39, 44, 92, 127, 128, 160, 192, 224, 237, 245, 255]:
        cells = [b"A1", b"2026-01-05", b"1", b"x"]
        cells[place] += bytes([byte])
        outcome = orders(
            b"order_id,ts,revenue,channel\n" + b",".join(cells) + b"\nB,2026-01-05,1,\n"
        )
        (count,) = outcome.counts()
        assert count[0] == count[1] + count[2]
        assert "B" in set(outcome.rows["order_id"])
        assert count[0] in {2, 3}


def test_a_line_that_is_no_row_of_a_table_ends_soon_and_small(orders, monkeypatch):
    from cxresearch.study.loaders import plain

    monkeypatch.setattr(plain, "_NO_LINE", 20_000_000)
    bomb = gzip.compress(PLAIN.encode() + bytes(60_000_000))
    with pytest.raises(SchemaError, match="a line has more than 20,000,000 bytes"):
        orders(bomb, name="o.csv.gz")
    with pytest.raises(SchemaError, match=r"(line|header) has more than"):
        orders(gzip.compress(b"x" * 60_000_000), name="o.csv.gz")


def test_of_a_very_long_line_only_the_beginning_is_kept(orders):
    outcome = orders(PLAIN.encode() + b"x" * 9_000_000 + b"\nC3,2026-01-07,1\n")
    assert outcome.counts() == [(4, 3, 1)]
    assert outcome.rejected[["line", "detail"]].to_numpy().tolist() == [[4, "too long"]]
    assert len(outcome.rejected["record"][0]) == 10_000


def test_a_message_shows_no_whole_name_and_not_every_name(orders):
    long = "x" * 5_000
    with pytest.raises(SchemaError) as caught:
        orders(",".join([long, long]) + "\n")
    assert len(str(caught.value)) < 300
    with pytest.raises(SchemaError) as caught:
        orders(",".join(f"{'y' * 900}{i}" for i in range(100)) + "\n")
    assert len(str(caught.value)) < 8_000
    assert "and 70 more" in str(caught.value)


@pytest.mark.parametrize("at", [0.3, 0.6, 0.98])
def test_a_parquet_file_damaged_inside_is_named(bench, at: float):
    data = bytearray(parquet(order_id=[f"A{i}" for i in range(3_000)], ts=["2026-01-05"] * 3_000))
    start = int(len(data) * at)
    data[start : start + 30] = bytes(30)
    whole = parquet(order_id=["B"], ts=["2026-01-05"])
    with pytest.raises(SchemaError, match=r"^bad\.parquet has 1 fault:\n  the file cannot be read"):
        bench(
            "orders",
            {"good.parquet": whole, "bad.parquet": bytes(data)},
            constants={"revenue": 1},
        )


def test_the_error_of_a_damaged_file_names_no_folder(orders, tmp_path: Path):
    with pytest.raises(SchemaError) as caught:
        orders(b"PAR1", name="o.parquet")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_blocks_may_end_anywhere(orders, monkeypatch, block: int):
    from cxresearch.study.loaders import plain

    monkeypatch.setattr(plain, "BLOCK", block)
    text = 'order_id,ts,revenue,channel\r\nà,2026-01-05,1,"a\r\nb"\r\n\rB,2026-01-05,2,è'
    for encoding in ("utf-8", "cp1252", "utf-16"):
        outcome = orders(text.encode(encoding), encoding=encoding)
        assert outcome.rows["order_id"].tolist() == ["à", "B"]
        assert outcome.rows["channel"].tolist() == ["a\nb", "è"]


def test_delimiters_at_the_end_of_the_header_alone(orders):
    outcome = orders("order_id;ts;revenue;;\nA;2026-01-05;1\nB;2026-01-06;2;;\n")
    assert outcome.rows["revenue"].tolist() == [1.0, 2.0]
    assert outcome.counts() == [(2, 2, 0)]
    # Where rows have something there, it is a column that nobody has named.
    outcome = orders("order_id;ts;revenue;\nA;2026-01-05;1;x\nB;2026-01-06;2;\n")
    assert outcome.counts() == [(2, 2, 0)]


def test_a_row_that_ends_too_soon_is_told(orders):
    outcome = orders("order_id;ts;revenue;channel\nA;2026-01-05;1\nB;2026-01-06;2;web\n")
    assert outcome.counts() == [(2, 1, 1)]
    assert outcome.rejected["detail"].tolist() == ["missing columns"]
