"""What a study names under ``voice``: its own codebook and sheets, else the kit's and none."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
import yaml

import cxresearch as cx
from cxresearch import voc
from cxresearch.core import disk
from cxresearch.errors import CodebookError, ManifestError, SchemaError
from cxresearch.voc import (
    Codebook,
    codebook_of,
    codes_of,
    coding_sheet,
    gold_codes,
    gold_of,
    prevalence,
    read_codes,
    tag,
)

MANIFEST = {"title": {"en": "Shop"}, "currency": "EUR", "time_zone": "Europe/Rome", "tables": {}}
BOOK = """
name: Own
languages: [it]
themes:
  delivery: {label: {it: C}, definition: {it: C}, terms: {it: [pacco]}}
  price: {label: {it: P}, definition: {it: P}, terms: {it: [prezzo]}}
"""
VOICE = {
    "codebook": "own.yaml",
    "codes": ["first.csv", "second.csv"],
    "decisions": "decisions.csv",
}
SAMPLE = pd.DataFrame(
    {"text_id": ["T1", "T2", "T3"], "text": ["pacco", "prezzo", "boh"], "language": "it"}
).assign(probability=0.5, drawn="random")
#: What each coder says of the three texts: delivery, price.
CODES = {"first": ((1, 0), (0, 1), (1, 0)), "second": ((1, 0), (0, 0), (0, 0))}


def opened(project: Path, **voice: object) -> cx.Study:
    """Return a study that says this of its voice."""
    folder = project / "data" / "shop"
    folder.mkdir(exist_ok=True)
    text = yaml.safe_dump(MANIFEST | ({"voice": voice} if voice else {}))
    (folder / "study.yaml").write_text(text, "utf-8")
    return cx.open_study("shop")


def fill(folder: Path) -> None:
    """Write the files that VOICE names, filled in."""
    (folder / "own.yaml").write_text(BOOK, "utf-8")
    for coder, codes in CODES.items():
        path = coding_sheet(SAMPLE, Codebook.parse(BOOK), folder / f"{coder}.csv", coder=coder)
        sheet = pd.read_csv(path)
        sheet[["delivery", "price"]] = codes
        sheet.to_csv(path, index=False)
    decisions = "text_id,text,theme,first,second,decision\nT2,prezzo,price,1,0,1\n"
    (folder / "decisions.csv").write_text(decisions, "utf-8")


@pytest.fixture
def study(project: Path) -> cx.Study:
    study = opened(project, **VOICE)
    fill(project / "data" / "shop")
    return study


def test_the_codebook_and_the_sheets_a_study_names(project: Path, study: cx.Study):
    folder = project / "data" / "shop"
    book = codebook_of(study)
    assert book == Codebook.load(folder / "own.yaml")
    sheets = [folder / "first.csv", folder / "second.csv"]
    codes = codes_of(study, book)
    pd.testing.assert_frame_equal(codes, read_codes(sheets, book))
    assert list(codes["coder"]) == ["first"] * 3 + ["second"] * 3
    gold = gold_of(study, book)
    pd.testing.assert_frame_equal(gold, gold_codes(codes, book, folder / "decisions.csv"))


def test_gold_is_what_coders_agree_on_and_what_was_decided(study: cx.Study):
    gold = gold_of(study, codebook_of(study)).set_index("text_id")
    assert gold.loc["T1", ["delivery", "price"]].tolist() == [1, 0]
    assert gold.loc["T2", "price"] == 1  # decided
    assert math.isnan(gold.loc["T3", "delivery"])  # left open


def test_without_decisions_a_disagreement_is_left_open(project: Path):
    study = opened(project, codebook="own.yaml", codes=VOICE["codes"])
    fill(project / "data" / "shop")
    gold = gold_of(study, codebook_of(study)).set_index("text_id")
    assert math.isnan(gold.loc["T2", "price"])


def test_every_file_is_noted_when_it_is_read(project: Path, study: cx.Study):
    book = codebook_of(study)
    noted = disk.noted_reads()
    folder = (project / "data" / "shop").resolve()
    assert folder / "own.yaml" in noted
    assert folder / "first.csv" not in noted
    gold_of(study, book)
    assert {"first.csv", "second.csv", "decisions.csv"} <= {
        path.name for path in disk.noted_reads() if path.parent == folder
    }


def test_a_study_that_names_none_has_the_kits_codebook_and_no_codes(project: Path):
    study = opened(project)
    book = codebook_of(study)
    assert book == Codebook.load()
    codes, gold = codes_of(study, book), gold_of(study, book)
    assert list(codes) == ["text_id", "coder", "drawn", "probability", *book.themes]
    assert list(gold) == ["text_id", "drawn", "probability", *book.themes]
    assert len(codes) == len(gold) == 0
    assert {str(kind) for kind in gold.dtypes[2:]} == {"float64"}


@pytest.mark.parametrize("method", ["ppi", "rogan_gladen", "gold"])
def test_without_codes_every_share_is_undefined_and_says_so(project: Path, method):
    study = opened(project)
    book = codebook_of(study)
    tags = tag(["Il pacco è arrivato tardi", "ok"], book)
    found = list(prevalence(tags, gold_of(study, book), method=method))
    assert len(found) == len(book.themes)
    for one in found:
        assert math.isnan(one.value)
        assert one.n == 0
        assert one.note.startswith("undefined: ")


def test_all_files_that_are_not_there_are_told_with_their_keys(project: Path):
    study = opened(project, **VOICE)
    fill(project / "data" / "shop")
    for name in ("own.yaml", "second.csv", "decisions.csv"):
        (project / "data" / "shop" / name).unlink()
    for asked in (
        lambda: codebook_of(study),
        lambda: codes_of(study, Codebook.parse(BOOK)),
        lambda: gold_of(study, Codebook.parse(BOOK)),
    ):
        with pytest.raises(ManifestError) as caught:
            asked()
        assert caught.value.what == "data/shop/study.yaml"
        nowhere = "is neither in data/shop/ nor in the folder named in CX_RAW"
        assert caught.value.faults == (
            f"voice.codebook: file own.yaml {nowhere}",
            f"voice.codes.1: file second.csv {nowhere}",
            f"voice.decisions: file decisions.csv {nowhere}",
        )


def test_files_are_found_in_cx_raw(project: Path, study: cx.Study, monkeypatch):
    (project / "raw").mkdir()
    (project / "data" / "shop" / "own.yaml").rename(project / "raw" / "own.yaml")
    monkeypatch.setenv("CX_RAW", str(project / "raw"))
    assert codebook_of(study).name == "Own"


def test_faults_in_the_files_are_those_of_their_readers(project: Path, study: cx.Study):
    folder = project / "data" / "shop"
    (folder / "first.csv").write_text("text_id\nT1\n", "utf-8")
    with pytest.raises(SchemaError, match=r"first\.csv: no such column: delivery, price, coder"):
        codes_of(study, codebook_of(study))
    (folder / "own.yaml").write_text("{}", "utf-8")
    with pytest.raises(CodebookError, match="name: missing"):
        codebook_of(study)


def test_a_study_lists_words_to_redact_and_words_to_leave(project):
    folder = project / "data" / "shop"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = "{title: {en: Shop}, currency: EUR, time_zone: Europe/Rome, tables: {}, voice: %s}"
    (folder / "study.yaml").write_text(
        manifest % "{redact_always: [Rho], redact_never: [Anna Sui]}"
    )
    words = voc.words_of(cx.open_study("shop"))
    assert words == voc.Words(always=("Rho",), never=("Anna Sui",))
    assert voc.redact(["Anna Sui, Rho"], words=words) == ["Anna Sui, [redacted]"]
    (folder / "study.yaml").write_text(manifest % "{}")
    assert voc.words_of(cx.open_study("shop")) == voc.Words()
