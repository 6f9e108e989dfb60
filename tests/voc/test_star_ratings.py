"""Marks in a text: stars, fractions and votes are read, dates, quantities and hotels are not."""

from __future__ import annotations

import pytest

from cxresearch.voc.texts.lexicon import without_marks
from cxresearch.voc.texts.scores import sentiment, sentiment_table


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        # Of five, 1 is -1 and 5 is 1; of ten, 0 is -1 and 10 is 1.
        ("★★☆☆☆", -0.5),
        ("★★★★★ perfect", 1.0),
        ("★☆☆☆☆", -1.0),
        ("⭐️⭐️⭐️", 0.0),
        ("10/10", 1.0),
        ("1/5", -1.0),
        ("4,5/5", 0.75),
        ("voto 9", 0.8),
        ("Voto: 3", -0.4),
        ("voto dieci", 1.0),
        ("9 su 10", 0.8),
        ("2 out of 10.", -0.6),
        ("Five stars for the courier", 1.0),
        ("una stella", -1.0),
        ("zero stars", -1.0),
        ("Do un 8 alla consegna", 0.6),
        ("10 e lode", 1.0),
        ("speed 1/5, quality 5/5", 0.0),
    ],
)
def test_a_mark_has_its_value(text, mark):
    assert without_marks(text).mark == pytest.approx(mark)


@pytest.mark.parametrize(
    "text",
    [
        "arriva in 4/5 giorni",
        "24/48 ore",
        "ordinato il 10/10",
        "dal 1/5 al 3/5",
        "10/10/2026",
        "1/5 of the parcels",
        "3 su 5 prodotti",
        "9 out of 10 questions",
        "per un 4 stelle",
        "hotel 4 stelle",
        "tolgo una stella",
        "dropped one star for that",
        "★",
        "☆☆☆☆☆",
        "the order 5/10 came",
        "do 5 euro",
        "non ho voto",
    ],
)
def test_what_only_looks_like_a_mark_is_none(text):
    assert without_marks(text) == (text, None)


def test_a_mark_counts_as_much_as_the_words():
    words = sentiment(["arrivato in ritardo"], "it")[0]
    both = sentiment(["arrivato in ritardo 5/5"], "it")[0]
    assert both == pytest.approx((words + 1) / 2, abs=0.02)


def test_emoji_and_marks_alone_are_judged():
    table = sentiment_table(["👍", "😡😡", "10/10", "★★☆☆☆", "📦"])
    assert table["reason"].tolist() == ["", "", "", "", "there are no words"]
    # 👍 is worth 2, and 2 / sqrt(2**2 + 15) is what is said of it.
    assert table["sentiment"].tolist()[0] == pytest.approx(2 / 19**0.5)
    assert table["sentiment"].tolist()[1:4] == pytest.approx([-4 / 31**0.5, 1.0, -0.5])


def test_an_emoji_weighs_on_the_words_of_either_language():
    glad, plain, cross = sentiment(["parcel 🎉", "parcel", "parcel 😡"], "en")
    assert cross < plain < glad
    glad, plain, cross = sentiment(["pacco 🎉", "pacco", "pacco 😡"], "it")
    assert cross < plain < glad
