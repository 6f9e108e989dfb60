"""What a row of an export without ids is called, and what counts of the first of some records."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cxresearch.core.remarks import Remark
from cxresearch.report.study_check import check
from cxresearch.study import open_study, quality, starting

HEADING = "Timestamp,Email Address,Would you recommend us?,How satisfied are you?,Comments\n"
FIRST = (
    "25/02/2026 10.00.00,a@example.com,9,5,All was very good indeed\n"
    "25/02/2026 11.00.00,b@example.com,,4,\n"
    "26/02/2026 10.00.00,a@example.com,3,1,The parcel came far too late\n"
)
SECOND = "25/03/2026 10.00.00,c@example.com,7,2,It was not what I ordered\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    return tmp_path


def begin(project: Path, *texts: str) -> None:
    paths = [project / f"wave{number}.csv" for number, _ in enumerate(texts, 1)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(HEADING + text, "utf-8")
    starting.start("shop", paths)


def test_the_answers_of_one_record_have_its_number(project: Path):
    begin(project, FIRST)
    shop = open_study("shop")
    answers, texts = (shop.frame(one).to_pandas() for one in ("surveys", "feedback"))
    records = list(csv.reader(io.StringIO(FIRST)))
    asked = [
        (str(number), float(score))
        for number, record in enumerate(records, 1)
        for score in record[2:4]
        if score
    ]
    assert [*zip(answers["response_id"], answers["score"], strict=True)] == asked
    assert [*zip(texts["text_id"], texts["text"], strict=True)] == [
        (str(number), record[4]) for number, record in enumerate(records, 1) if record[4]
    ]


def test_files_without_ids_share_none(project: Path):
    begin(project, FIRST, SECOND)
    shop = open_study("shop")
    assert len(shop.frame("surveys").to_pandas()) == 7
    assert shop.frame("feedback").to_pandas()["text_id"].tolist() == ["1", "3", "wave2.csv 1"]
    assert shop.counts()["rows_rejected"].sum() == 0


def test_rows_without_ids_that_two_files_have_are_flagged(project: Path):
    begin(project, FIRST, FIRST + SECOND)
    found = open_study("shop").loaded("surveys").findings
    assert [(one.rule, one.rows) for one in found] == [("row_in_two_files", 5)]


@pytest.mark.parametrize(("by", "kept"), [("Email Address", 3), ("Timestamp", 5)])
def test_of_the_first_of_some_records_all_answers_count(project: Path, by: str, kept: int):
    begin(project, FIRST)
    path = project / "data/shop/study.yaml"
    text = path.read_text("utf-8").replace("      melt:", f"      first_by: {by}\n      melt:")
    path.write_text(text, "utf-8")
    answers = open_study("shop").frame("surveys").to_pandas()
    records = list(csv.reader(io.StringIO(FIRST)))
    first: dict[str, list[str]] = {}
    for record in records:
        first.setdefault(record[1 if by == "Email Address" else 0], record)
    scores = [float(score) for record in first.values() for score in record[2:4] if score]
    assert answers["score"].tolist() == scores
    assert len(scores) == kept


@pytest.mark.parametrize("steps", ["", "    where: [{column: order_id, not: gone}]\n"])
def test_rows_below_an_empty_one_have_their_own_faults(project: Path, steps: str):
    folder = project / "data" / "shop"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(
        "title: {en: S}\ncurrency: EUR\ntime_zone: UTC\ntables:\n  orders:\n"
        "    file: [a.csv, b.csv]\n" + steps,
        "utf-8",
    )
    heading = "order_id,ts,revenue,items\n"
    rows = ["A1,2026-01-05,1,1", ",,,", "A2,2026-01-05,2,2", ",,,", "A3,2026-01-05,3,two"]
    (folder / "a.csv").write_text(heading + "\n".join(rows) + "\n", "utf-8")
    (folder / "b.csv").write_text(heading + "B1,2026-01-05,4,4\nB2,31/31,5,5\n", "utf-8")
    shop = open_study("shop")
    orders = shop.frame("orders").to_pandas()
    assert orders["order_id"].tolist() == ["A1", "A2", "B1"]
    assert shop.counts()[
        ["rows_in", "rows_accepted", "rows_rejected", "rows_left_out"]
    ].to_numpy().tolist() == [
        [5, 2, 1, 2],
        [2, 1, 1, 0],
    ]
    rejected = shop.quarantine("orders")
    assert rejected[["file", "line", "row", "column"]].to_numpy().tolist() == [
        ["a.csv", 6, 3, "items"],
        ["b.csv", 3, 2, "ts"],
    ]


def test_a_key_that_came_before_is_shown_whole(project: Path):
    folder = project / "data" / "shop"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(
        "title: {en: S}\ncurrency: EUR\ntime_zone: UTC\ntables:\n  surveys: {file: s.csv}\n",
        "utf-8",
    )
    text = "response_id,ts,metric,touchpoint,score,scale_min,scale_max\n"
    text += "r1,2026-01-06,nps,store,9,0,10\nr1,2026-01-05,nps,store,8,0,10\n"
    (folder / "s.csv").write_text(text, "utf-8")
    shop = open_study("shop")
    (detail,) = shop.quarantine("surveys")["detail"]
    assert detail == "response_id must be of one row; this key came before; got r1, nps, store"
    # The first one written is kept.
    assert shop.frame("surveys").to_pandas()["score"].tolist() == [9]


def test_a_later_exposure_is_left_out_and_is_no_fault(project: Path):
    folder = project / "data" / "shop"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(
        "title: {en: S}\ncurrency: EUR\ntime_zone: UTC\ntables:\n  exposures: {file: e.csv}\n",
        "utf-8",
    )
    text = "experiment,variant,customer_id,ts\nbuy,a,u1,2026-01-06\nbuy,a,u1,2026-01-05\n"
    text += "buy,a,u1,2026-01-07\nbuy,b,u1,2026-01-08\nbuy,b,u2,never\n"
    (folder / "e.csv").write_text(text, "utf-8")
    shop = open_study("shop")
    (counts,) = shop.counts("exposures").to_dict("records")
    fates = ("rows_in", "rows_accepted", "rows_left_out", "rows_rejected")
    assert [counts[fate] for fate in fates] == [5, 2, 2, 1]
    # The earliest is kept, wherever it stands.
    days = [str(one)[:10] for one in shop.frame("exposures").to_pandas()["ts"]]
    assert sorted(days) == ["2026-01-05", "2026-01-08"]
    assert shop.quarantine("exposures")["rule"].tolist() == ["not_a_time"]
    said = "2 rows of exposures are left out, as an earlier row says the same."
    assert [str(Remark(*one)) for one in quality.left_out(shop)] == [said]
    lines = list(check("shop", threshold=0.5).lines())
    assert said in lines
