"""Quotes of a theme: by chance, redacted, of different customers, none where few wrote."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch.voc.redaction.quotes import theme_quotes

TEXTS = [f"Il pacco numero {place} è in ritardo" for place in range(20)]
TAGS = pd.DataFrame(
    {"delivery": [True] * 12 + [False] * 8, "price": [False] * 17 + [True] * 3},
)


def test_only_texts_of_the_theme_are_quoted_and_as_many_as_asked():
    found = theme_quotes(TEXTS, TAGS, ["delivery"], count=4)
    assert found["theme"].tolist() == ["delivery"] * 4
    assert set(found["quote"]) < set(TEXTS[:12])
    assert len(set(found["quote"])) == 4


def test_too_few_customers_are_not_quoted():
    assert theme_quotes(TEXTS, TAGS, ["price"], min_cell=4).empty
    assert len(theme_quotes(TEXTS, TAGS, ["price"], min_cell=3)) == 3
    # Twelve texts of two customers are those of two.
    customers = ["A", "B"] * 10
    assert theme_quotes(TEXTS, TAGS, ["delivery"], clusters=customers, min_cell=3).empty
    assert len(theme_quotes(TEXTS, TAGS, ["delivery"], clusters=customers, min_cell=2)) == 2


def test_the_choice_is_that_of_the_seed_and_not_of_the_order():
    first = theme_quotes(TEXTS, TAGS, ["delivery"])
    back = theme_quotes(TEXTS[::-1], TAGS[::-1], ["delivery"])
    assert first.equals(back)
    drawn = {
        tuple(theme_quotes(TEXTS, TAGS, ["delivery"], seed=seed)["quote"]) for seed in range(9)
    }
    assert len(drawn) > 1


def test_quotes_are_redacted():
    texts = [f"Mi chiamo Anna Bianchi, cliente {place}@example.com" for place in range(5)]
    found = theme_quotes(texts, pd.DataFrame({"delivery": [True] * 5}), ["delivery"])
    assert set(found["quote"]) == {"Mi chiamo [name], cliente [email]"}


def test_the_themes_come_in_the_order_asked():
    found = theme_quotes(TEXTS, TAGS, ["price", "delivery"], count=1, min_cell=1)
    assert found["theme"].tolist() == ["price", "delivery"]
    assert theme_quotes(TEXTS, TAGS, []).columns.tolist() == ["theme", "quote"]


def test_the_words_of_errors():
    with pytest.raises(ValueError, match="themes must be one of 'delivery', 'price'; got 'fit'"):
        theme_quotes(TEXTS, TAGS, ["fit"])
    with pytest.raises(ValueError, match="the number of rows of tags must be one of 19; got 20"):
        theme_quotes(TEXTS[1:], TAGS, ["price"])
    with pytest.raises(ValueError, match="count must be"):
        theme_quotes(TEXTS, TAGS, ["price"], count=0)


def test_texts_that_were_redacted_before_are_quoted_so():
    redacted = [f"[name] {text}" for text in TEXTS]
    found = theme_quotes(TEXTS, TAGS, ["delivery"], redacted=redacted)
    plain = theme_quotes(TEXTS, TAGS, ["delivery"])
    assert found["quote"].tolist() == [f"[name] {text}" for text in plain["quote"]]
    with pytest.raises(ValueError, match="the length of redacted must be one of 20; got 1"):
        theme_quotes(TEXTS, TAGS, ["delivery"], redacted=redacted[:1])
