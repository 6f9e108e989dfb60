"""Sentiment by theme: by clause only where a text points both ways."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch.voc.texts.scores import sentiment
from cxresearch.voc.texts.theme_sentiment import _clauses, aspects


def spans(texts, *found):
    """Return the places of words in texts as themes: (text, theme, word)."""
    rows = [
        (place, theme, texts[place].index(word), texts[place].index(word) + len(word))
        for place, theme, word in found
    ]
    return pd.DataFrame(rows, columns=["text", "theme", "start", "end"])


MIXED = "Il vestito è bellissimo, ma la consegna è stata un disastro"


def test_a_text_that_points_both_ways_is_judged_by_clause():
    texts = [MIXED]
    found = aspects(
        texts, spans(texts, (0, "product", "vestito"), (0, "delivery", "consegna")), "it"
    )
    assert found["theme"].tolist() == ["delivery", "product"]
    delivery, product = found["sentiment"]
    assert delivery < -0.2 < 0.2 < product
    assert found["basis"].tolist() == ["clause", "clause"]
    assert found["low_confidence"].all()
    assert product == pytest.approx(sentiment(["Il vestito è bellissimo"], "it")[0])


def test_a_text_that_points_one_way_is_judged_whole():
    texts = ["Il vestito è bellissimo, e la consegna rapida"]
    found = aspects(texts, spans(texts, (0, "delivery", "consegna")), "it")
    assert found["basis"].tolist() == ["text"]
    assert not found["low_confidence"].any()
    assert found["sentiment"][0] == sentiment(texts, "it")[0]


def test_a_theme_in_two_clauses_gets_their_mean():
    texts = ["Consegna ottima la prima volta. Consegna pessima la seconda."]
    both = spans(texts, (0, "delivery", "Consegna ottima"), (0, "delivery", "Consegna pessima"))
    (value,) = aspects(texts, both, "it")["sentiment"]
    halves = sentiment(["Consegna ottima la prima volta", "Consegna pessima la seconda"], "it")
    assert value == pytest.approx(halves.mean(), abs=0.01)


def test_each_text_keeps_its_own_place():
    texts = ["non so", MIXED, "Ottima taglia"]
    found = aspects(texts, spans(texts, (2, "size", "taglia"), (1, "delivery", "consegna")), "it")
    assert found["text"].tolist() == [1, 2]
    assert np.sign(found["sentiment"]).tolist() == [-1, 1]


def test_a_text_that_cannot_be_judged_has_no_aspects_that_can():
    texts = ["Die Lieferung war leider sehr langsam"]
    found = aspects(texts, spans(texts, (0, "delivery", "Lieferung")))
    assert np.isnan(found["sentiment"][0])
    assert found["basis"].tolist() == ["text"]


def test_no_spans_have_no_aspects():
    none = spans([])
    assert aspects(["bello"], none, "it").empty
    assert list(aspects([], none).columns) == [
        "text",
        "theme",
        "sentiment",
        "basis",
        "low_confidence",
        "clause",
    ]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", []),
        ("one", ["one"]),
        ("one, two", ["one", " two"]),
        ("1,5 euro", ["1,5 euro"]),
        ("bello ma caro", ["bello", "ma caro"]),
        ("!!! ok ...", [" ok "]),
        ("la mamma", ["la mamma"]),
    ],
)
def test_where_clauses_end(text, clauses):
    assert [text[start:end] for start, end in _clauses(text)] == clauses
