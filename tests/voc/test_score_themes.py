"""What promoters and detractors write of, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import plots, voc
from cxresearch.core import phrasing
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing

MANIFEST = """
title: {en: Survey}
currency: EUR
time_zone: Europe/Rome
tables:
  surveys:
    file: answers.csv
    constants: {metric: nps, scale_min: 0, scale_max: 10}
  feedback:
    file: texts.csv
    constants: {source: survey, language: en}
"""


def study(project, scores: list[int], texts: list[str]):
    folder = project / "data" / "asked"
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(MANIFEST)
    ids = [f"r{i}" for i in range(len(scores))]
    pd.DataFrame({"response_id": ids, "ts": "2026-01-05", "score": scores}).to_csv(
        folder / "answers.csv", index=False
    )
    pd.DataFrame({"text_id": ids, "ts": "2026-01-05", "text": texts}).to_csv(
        folder / "texts.csv", index=False
    )
    return cx.open_study("asked")


def test_shares_are_of_the_texts_of_each_side(project):
    late, dear = "The courier delivered the parcel late", "The price is far too expensive"
    # Six detractors, four of whom write of delivery; eight promoters, two of whom do.
    scores = [2] * 6 + [10] * 8 + [7] * 5
    texts = [late] * 4 + [dear] * 2 + [late] * 2 + [dear] * 6 + [late] * 5
    rows = voc.themes_by_score(study(project, scores, texts)).frame.set_index("theme")
    found = rows.loc["delivery"]
    assert (found["detractors"], found["promoters"]) == pytest.approx((4 / 6, 2 / 8))
    assert found["difference"] == pytest.approx(4 / 6 - 2 / 8)
    assert found["difference_low"] < found["difference"] < found["difference_high"]
    assert found["people"] == 6  # passives are on neither side
    assert rows.index[0] == "delivery"
    assert (rows["p_adjusted"].dropna() >= rows["p_value"].dropna()).all()


def test_one_side_alone_says_nothing(project):
    shop = study(project, [10] * 6, ["The price is fine"] * 6)
    assert isinstance(voc.themes_by_score(shop), Missing)


def test_without_texts_it_says_what_it_takes(project):
    folder = project / "data" / "shop"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: S}, currency: EUR, time_zone: Europe/Rome, tables: {surveys: {file: s.csv}}}"
    )
    assert voc.themes_by_score(cx.open_study("shop")).why.startswith("it takes surveys")


def test_the_figure_names_the_theme_that_detractors_write_more_of(project):
    late, dear = "The courier delivered the parcel late", "The price is far too expensive"
    scores, texts = [2] * 40 + [10] * 40, [late] * 35 + [dear] * 45
    found = voc.themes_by_score(study(project, scores, texts))
    figure = plots.themes_by_score(found)
    assert figure.title.startswith("{theme} in the comments")
    assert figure.values["theme"] == "delivery"
    assert phrasing.word(figure.values["detractors"], Language()) == "88%"
    tones = dict(zip(figure.data["theme"], figure.data["tone"], strict=True))
    assert (tones["delivery"], tones["price"]) == ("worse", "better")
    # So sure can nobody be.
    unsure = plots.themes_by_score(found, confidence=1 - 1e-300)
    assert unsure.title == "No theme is more frequent among detractors than among promoters"
    assert plots.themes_by_score(Missing("no texts")).why == "no texts"


def test_the_sentiment_of_chats_is_by_month(project):
    folder = project / "data" / "chats"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: C}, currency: EUR, time_zone: Europe/Rome, "
        "tables: {feedback: {file: t.csv, constants: {language: en}}}}"
    )
    said = ["Great help, thank you so much", "Terrible, nobody helped me, very rude"]
    rows = [(f"t{i}", f"2026-0{1 + i % 2}-15", "chat", said[i % 2], f"c{i}") for i in range(8)]
    rows += [("u", "2026-01-15", "email", said[1], "c0"), ("v", "2026-01-16", "chat", "", "c0")]
    names = ["text_id", "ts", "source", "text", "customer_id"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "t.csv", index=False)
    shop = cx.open_study("chats")
    found = voc.sentiment_by_month(shop)
    assert found[["month", "n", "people"]].to_numpy().tolist() == [
        ["2026-01", 4, 4],
        ["2026-02", 4, 4],
    ]
    assert found["value"].tolist() == pytest.approx(voc.sentiment(said, "en"), abs=1e-5)
    assert voc.sentiment_by_month(shop, "call").why == "no text of the study is of a chat"
