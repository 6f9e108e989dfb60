"""What promoters and detractors write of, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import voc
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
