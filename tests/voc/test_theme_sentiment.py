"""Who complains of what, and how customers feel about each theme: held to plain sums."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from cxresearch.stats.shares.proportions import proportion
from cxresearch.voc.texts.theme_sentiment import complaints, theme_sentiment

FELT = pd.DataFrame(
    {
        "text": [0, 0, 1, 2, 3, 4],
        "theme": ["delivery", "price", "delivery", "delivery", "delivery", "price"],
        "sentiment": [-0.6, 0.4, -0.05, -0.3, 0.2, math.nan],
        "basis": ["clause", "clause", "text", "text", "text", "text"],
        "low_confidence": [True, True, False, False, False, False],
    }
)
TAGS = pd.DataFrame(
    {"delivery": [True, True, True, True, False], "price": [True, False, False, False, True]},
    index=["a", "b", "c", "d", "e"],
)


def test_a_complaint_is_a_theme_that_a_text_is_clearly_unhappy_with():
    found = complaints(TAGS, FELT)
    assert found["delivery"].tolist() == [True, False, True, False, False]
    assert not found["price"].any()
    assert found.index.equals(TAGS.index)
    assert TAGS["price"].tolist() == [True, False, False, False, True]


def test_what_is_not_tagged_is_no_complaint():
    tags = TAGS.assign(delivery=False)
    assert not complaints(tags, FELT).to_numpy().any()


def test_each_theme_has_its_mean_and_its_share_of_complaints():
    table = theme_sentiment(FELT, [1, 2, 3, 4, 5]).set_index("theme")
    assert table.index.tolist() == ["delivery", "price"]
    delivery = table.loc["delivery"]
    assert delivery["sentiment"] == pytest.approx((-0.6 - 0.05 - 0.3 + 0.2) / 4)
    assert delivery["sentiment_low"] < delivery["sentiment"] < delivery["sentiment_high"]
    assert delivery["negative"] == 0.5
    # Wilson's interval with t of three degrees of freedom is longer than the plain one.
    plain = proportion(2, 4).ci
    assert delivery["negative_low"] < plain.low < plain.high < delivery["negative_high"]
    assert delivery["low_confidence"] == 0.25
    assert delivery["texts"] == delivery["customers"] == 4


def test_a_text_that_cannot_be_judged_is_of_no_feeling():
    table = theme_sentiment(FELT, [1, 2, 3, 4, 5]).set_index("theme")
    assert table.loc["price", "texts"] == 1
    assert math.isnan(table.loc["price", "sentiment_low"])


def test_customers_are_counted_once_and_one_without_a_name_is_one_of_its_own():
    table = theme_sentiment(FELT, ["A", "A", None, None, "B"]).set_index("theme")
    assert table.loc["delivery", "customers"] == 3
    loose = theme_sentiment(FELT, [None] * 5).set_index("theme")
    assert loose.loc["delivery", "sentiment"] == table.loc["delivery", "sentiment"]
    assert loose.loc["delivery", "sentiment_low"] != table.loc["delivery", "sentiment_low"]


def test_texts_of_no_theme_make_an_empty_table():
    table = theme_sentiment(FELT.head(0), [1, 2])
    assert table.empty
    assert {"theme", "sentiment", "negative", "low_confidence"} <= set(table.columns)


def test_the_words_of_an_error():
    with pytest.raises(ValueError, match="confidence must be"):
        theme_sentiment(FELT, [1, 2, 3, 4, 5], confidence=1.0)
