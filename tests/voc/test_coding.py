"""Sheets out, codes in, disagreements settled, agreement measured."""

from __future__ import annotations

import csv
import math

import openpyxl
import pandas as pd
import pytest

from cxresearch.errors import SchemaError
from cxresearch.stats.agreement.coefficients import krippendorff_alpha
from cxresearch.voc import (
    Codebook,
    adjudication_sheet,
    coder_agreement,
    coding_sheet,
    disagreements,
    gold_codes,
    read_codes,
)

BOOK = Codebook.parse("""
name: Test
languages: [it]
themes:
  delivery: {label: {it: C}, definition: {it: C}, terms: {it: [pacco]}}
  price: {label: {it: P}, definition: {it: P}, terms: {it: [prezzo]}}
""")
SAMPLE = pd.DataFrame(
    {
        "text_id": ["T1", "T2", "-3", "T4"],
        "text": ["=1+1", "Perché? «ok», [name]", "riga\nsotto", "x" * 40_000],
        "language": ["it", None, "it", "it"],
        "probability": [0.5, 0.5, 0.25, math.nan],
        "drawn": ["random", "random", "random", "suggested"],
    }
)
COLUMNS = ["text_id", "text", "language", "delivery", "price", "comment"]


def fill(path, answers):
    """Fill in a CSV sheet: the codes of each row, in order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, (delivery, price) in zip(rows, answers, strict=True):
        row["delivery"], row["price"] = delivery, price
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def coded(folder, coder, answers):
    return fill(coding_sheet(SAMPLE, BOOK, folder / f"{coder}.csv", coder=coder), answers)


@pytest.fixture
def codes(tmp_path):
    """Two coders: alike on T1, not on T2's price nor -3's delivery; one coded half of T4."""
    anna = coded(tmp_path, "anna", [("1", "0"), ("0", "1"), ("1", "0"), ("1", "1")])
    bruno = coded(tmp_path, "bruno", [("1", "0"), ("0", "0"), ("0", "0"), ("1", "")])
    return read_codes([anna, bruno], BOOK)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_sheet_comes_back_as_it_went_out(tmp_path, suffix):
    path = coding_sheet(SAMPLE, BOOK, tmp_path / f"anna.{suffix}", coder="anna")
    found = read_codes([path], BOOK)
    assert found["text_id"].tolist() == SAMPLE["text_id"].tolist()
    assert found["coder"].tolist() == ["anna"] * 4
    assert found["drawn"].tolist() == SAMPLE["drawn"].tolist()
    assert found["probability"].tolist() == pytest.approx(
        SAMPLE["probability"].tolist(), nan_ok=True
    )
    # Nobody coded anything yet, which is not 0.
    assert found[["delivery", "price"]].isna().all(axis=None)


def test_a_csv_opens_as_text_and_not_as_formulas(tmp_path):
    path = coding_sheet(SAMPLE, BOOK, tmp_path / "a.csv", coder="anna")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [*COLUMNS, "coder", "probability", "drawn"]
    assert [row[1] for row in rows[1:4]] == ["'=1+1", "Perché? «ok», [name]", "riga\nsotto"]
    assert rows[3][0] == "'-3"
    assert len(rows[4][1]) < 32_767


def test_an_xlsx_offers_the_codes(tmp_path):
    path = coding_sheet(SAMPLE, BOOK, tmp_path / "a.xlsx", coder="anna")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [cell.value for cell in sheet[1]][:6] == COLUMNS
    assert sheet["B2"].data_type == "s"
    (codes,) = sheet.data_validations.dataValidation
    assert (codes.formula1, str(codes.sqref)) == ('"0,1"', "D2:D5 E2:E5")
    assert sheet.freeze_panes == "C2"


def test_a_sheet_that_is_there_is_never_overwritten(tmp_path):
    path = coding_sheet(SAMPLE, BOOK, tmp_path / "a.csv", coder="anna")
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="is there already, and may be filled in"):
        coding_sheet(SAMPLE[:1], BOOK, path, coder="anna")
    assert path.read_bytes() == before


def test_other_files_and_frames_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"the suffix of path must be one of '.csv', '.xlsx'"):
        coding_sheet(SAMPLE, BOOK, tmp_path / "a.ods", coder="anna")
    with pytest.raises(SchemaError, match="drawn: no such column; it has text_id"):
        coding_sheet(SAMPLE.drop(columns="drawn"), BOOK, tmp_path / "a.csv", coder="anna")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *((cell, 1) for cell in ("1", "1.0", "x", "X", " sì ", "Yes", "vero")),
        *((cell, 0) for cell in ("0", "0.0", "no", "N", "FALSE")),
    ],
)
def test_what_coders_write(tmp_path, cell, code):
    found = read_codes([coded(tmp_path, "a", [(cell, "")] * 4)], BOOK)
    assert found["delivery"].tolist() == [code] * 4
    assert found["price"].isna().all()


def test_what_an_italian_spreadsheet_saves_is_read(tmp_path):
    path = tmp_path / "a.csv"
    header = ";".join([*COLUMNS, "coder", "probability", "drawn"])
    row = "T1;Perché, però;it;1;0;;anna;0.5;random"
    path.write_bytes(f"{header}\r\n{row}\r\n;;;;;;;;\r\n".encode("cp1252"))
    found = read_codes([path], BOOK)
    assert found[["text_id", "delivery", "price"]].to_numpy().tolist() == [["T1", 1.0, 0.0]]


def test_all_faults_are_told_at_once(tmp_path):
    good = coded(tmp_path, "anna", [("1", "0")] * 4)
    again = tmp_path / "again.csv"
    again.write_text(
        ",".join([*COLUMNS, "coder", "probability", "drawn"])
        + "\nT1,x,it,2,forse,,anna,0.5,random\nT9,x,it,1,1,,,0,random\n,x,it,1,1,,carla,,chosen\n"
    )
    short, empty = tmp_path / "short.csv", tmp_path / "empty.csv"
    short.write_text("text_id,delivery\nT1,1\n")
    empty.write_text("")
    with pytest.raises(SchemaError) as raised:
        read_codes([good, again, short, empty], BOOK)
    assert raised.value.faults == (
        "again.csv, row 2, delivery: must be 1, 0 or empty; got '2'",
        "again.csv, row 2, price: must be 1, 0 or empty; got 'forse'",
        "again.csv, row 2, text_id: T1 of anna is also in anna.csv, row 2",
        "again.csv, row 3, coder: missing",
        "again.csv, row 3, probability: must be above 0 and at most 1; got '0'",
        "again.csv, row 4, text_id: missing",
        "again.csv, row 4, drawn: must be 'random' or 'suggested'; got 'chosen'",
        "short.csv: no such column: price, coder, probability, drawn",
        "empty.csv: nothing in it",
    )


def test_disagreements_are_listed(codes):
    found = disagreements(codes, BOOK)
    assert found.columns.tolist() == ["text_id", "theme", "anna", "bruno"]
    assert found.to_numpy().tolist() == [["-3", "delivery", 1.0, 0.0], ["T2", "price", 1.0, 0.0]]


def test_what_was_not_settled_has_no_code(codes):
    gold = gold_codes(codes, BOOK).set_index("text_id")
    assert gold.loc["T1", ["delivery", "price"]].tolist() == [1.0, 0.0]
    assert math.isnan(gold.loc["-3", "delivery"])
    assert math.isnan(gold.loc["T2", "price"])
    # One coder alone is believed; a suggested text stays marked.
    assert gold.loc["T4", "price"] == 1
    assert gold.loc["T4", "drawn"] == "suggested"
    assert math.isnan(gold.loc["T4", "probability"])


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_disagreements_are_settled_on_a_sheet(tmp_path, codes, suffix):
    path = adjudication_sheet(codes, SAMPLE, BOOK, tmp_path / f"decide.{suffix}")
    if suffix == "xlsx":
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        assert [cell.value for cell in sheet[1]] == [
            "text_id",
            "text",
            "theme",
            "anna",
            "bruno",
            "decision",
        ]
        assert sheet["B2"].value == "riga\nsotto"
        sheet["F2"] = 1
        book.save(path)
    else:
        path.write_text(
            path.read_text("utf-8-sig").replace("delivery,1.0,0.0,", "delivery,1.0,0.0,1")
        )
    gold = gold_codes(codes, BOOK, path).set_index("text_id")
    assert gold.loc["-3", "delivery"] == 1
    assert math.isnan(gold.loc["T2", "price"])


def test_decisions_that_are_none_are_told(tmp_path, codes):
    path = tmp_path / "decide.csv"
    path.write_text("text_id,theme,decision\nT2,price,maybe\n")
    with pytest.raises(
        SchemaError, match=r"decide.csv, row 2, decision: must be 1, 0 or empty; got 'maybe'"
    ):
        gold_codes(codes, BOOK, path)
    path.write_text("text_id,theme\nT2,price\n")
    with pytest.raises(SchemaError, match=r"decide.csv: no such column: decision"):
        gold_codes(codes, BOOK, path)


def test_agreement_is_measured_on_random_texts_only(codes):
    found = coder_agreement(codes, BOOK).set_index(["theme", "measure"])
    assert found.index.get_level_values("measure").unique().tolist() == [
        "percent",
        "alpha",
        "ac1",
        "kappa",
    ]
    assert set(found["n"]) == {3}
    assert found.loc[("delivery", "percent"), "value"] == pytest.approx(2 / 3)
    table = [[1, 1], [0, 0], [1, 0]]
    assert found.loc[("delivery", "alpha"), "value"] == pytest.approx(
        krippendorff_alpha(table).value
    )


def test_one_coder_agrees_with_nobody(tmp_path):
    found = coder_agreement(read_codes([coded(tmp_path, "a", [("1", "0")] * 4)], BOOK), BOOK)
    assert found["value"].isna().all()
    assert (found["note"] == "undefined: no unit has two codes").all()
    assert disagreements(read_codes([tmp_path / "a.csv"], BOOK), BOOK).empty
