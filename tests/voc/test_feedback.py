"""The texts of a study: what is left out, the language, the stage, and the period of each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cxresearch import study
from cxresearch.errors import MissingTableError
from cxresearch.voc.feedback import Feedback, read_feedback
from cxresearch.voc.redaction.redact import redaction_counts

MANIFEST = """
title: {en: Shop}
currency: EUR
time_zone: Europe/Rome
tables: {TABLES}
touchpoints:
  reviews_read: {touchpoint: reviews, stage: consideration}
  review_written: {touchpoint: reviews, stage: advocacy}
  pay: {touchpoint: checkout, stage: purchase}
"""
FEEDBACK = """text_id,ts,source,text,customer_id,language,touchpoint
T3,2026-01-31T23:30:00Z,review,The parcel came two days late,C1,,reviews
T1,2026-01-02T10:00:00Z,survey,Il pacco non arriva mai,C2,it,checkout
T2,2026-01-15T10:00:00Z,email,&nbsp;,C2,it,checkout
T4,2026-02-28T10:00:00Z,email,top,,,
T5,2026-02-10T10:00:00Z,email,Quel dommage,C3,fr,unheard of
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> study.Study:
    folder = tmp_path / "data" / "shop"
    folder.mkdir(parents=True)
    text = MANIFEST.replace("{TABLES}", "{feedback: {file: feedback.csv, time_zone: UTC}}")
    (folder / "study.yaml").write_text(text, "utf-8")
    (folder / "feedback.csv").write_text(FEEDBACK, "utf-8")
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    return study.open_study("shop")


def test_texts_are_in_order_without_the_ones_with_nothing_in_them(shop):
    read = read_feedback(shop)
    assert read.texts.index.tolist() == ["T1", "T3", "T4", "T5"]
    assert read.empty == 1
    assert read.texts["customer_id"].isna().tolist() == [False, False, True, False]


def test_a_language_is_as_given_and_else_detected(shop):
    assert read_feedback(shop).texts["language"].tolist() == ["it", "en", "unknown", "fr"]


def test_a_stage_is_the_last_at_which_the_touchpoint_is_met(shop):
    stages = read_feedback(shop).texts["stage"]
    assert stages.dropna().to_dict() == {"T1": "purchase", "T3": "advocacy"}


def test_a_month_is_of_the_days_of_the_study(shop):
    # Half past eleven of the 31st in London is the 1st in Rome.
    read = read_feedback(shop)
    assert read.texts["month"].tolist() == ["2026-01", "2026-02", "2026-02", "2026-02"]
    assert read.whole_months == ("2026-02",)


def test_texts_are_counted_by_source_and_language(shop):
    table = read_feedback(shop).counts()
    assert table.columns.tolist() == [
        *("source", "texts", "customers", "en", "it", "other", "unknown")
    ]
    assert table.iloc[0].tolist() == ["email", 2, 1, 0, 0, 1, 1]
    assert table["texts"].sum() == 4
    assert table[["en", "it", "other", "unknown"]].to_numpy().sum() == 4


def test_the_texts_of_one_source_are_read_as_among_all(shop):
    every = read_feedback(shop).texts
    for source, texts in every.groupby("source"):
        pd.testing.assert_frame_equal(read_feedback(shop, source).texts, texts)
    assert read_feedback(shop, "none").texts.empty


def test_a_study_without_feedback_is_an_error(tmp_path, monkeypatch):
    folder = tmp_path / "data" / "shop"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(MANIFEST.replace("{TABLES}", "{}"), "utf-8")
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    with pytest.raises(MissingTableError, match="no table 'feedback'"):
        read_feedback(study.open_study("shop"))


def feedback(months: list[str], whole: list[str]) -> Feedback:
    texts = pd.DataFrame({"month": months}, index=[f"T{place}" for place in range(len(months))])
    return Feedback(texts, 0, tuple(whole))


def test_periods_are_counted_back_from_the_last_whole_month():
    months = [f"2025-{month:02d}" for month in (9, 10, 11, 12)] + ["2026-01", "2026-02"]
    read = feedback(months, months[:-1])
    # Five whole months are two periods of two; September is too short, February not whole.
    assert read.periods(2).tolist() == [None, *["2025-10"] * 2, *["2025-12"] * 2, None]
    assert read.periods(1).tolist() == [*months[:-1], None]
    assert read.periods(5).tolist() == [*["2025-09"] * 5, None]
    assert read.periods(6).isna().all()
    assert feedback(months, []).periods(1).isna().all()


def test_the_words_of_an_error():
    with pytest.raises(ValueError, match="length must be at least 1; got 0"):
        feedback(["2026-01"], ["2026-01"]).periods(0)


def test_personal_data_are_counted_by_kind():
    found = redaction_counts(
        ["scrivetemi a anna@example.com o a b@example.com", None, "Mi chiamo Anna", "c@example.com"]
    )
    assert found.to_dict("list") == {
        "placeholder": ["[email]", "[name]"],
        "found": [3, 1],
        "texts": [2, 1],
    }
    assert redaction_counts([]).empty
