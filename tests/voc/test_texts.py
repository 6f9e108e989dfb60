"""Texts from any container, and what is left of them to read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.voc.texts.raw_text import as_list, is_missing, per_text, readable


@pytest.mark.parametrize(
    "texts",
    [
        ["ok", None],
        ("ok", float("nan")),
        pd.Series(["ok", None]),
        pd.Series(["ok", pd.NA], dtype="string"),
        pl.Series(["ok", None]),
        np.array(["ok", None], dtype=object),
    ],
    ids=lambda texts: type(texts).__name__,
)
def test_any_container_of_texts_will_do(texts):
    assert as_list(texts) == ["ok", ""]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("ok", "texts must be a sequence of texts; got one text, 'ok'"),
        (["ok", 3, 4], r"texts must be texts \(2 of 3 are not\); got 3"),
        ([["ok"]], r"texts must be texts \(1 of 1 are not\); got \['ok'\]"),
    ],
)
def test_what_is_no_text_is_refused(texts, message):
    with pytest.raises(TypeError, match=message):
        as_list(texts)


def test_a_value_for_all_or_for_each():
    assert list(per_text("it", 2, "language")) == ["it", "it"]
    assert list(per_text(None, 2, "language")) == [None, None]
    assert per_text(["it", None], 2, "language") == ["it", None]
    with pytest.raises(ValueError, match="the length of language must be one of 3; got 2"):
        per_text(["it", "en"], 3, "language")


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("<p>Ciao <b>a</b> tutti</p>", " Ciao  a  tutti "),
        ("<style>p {color: red}</style>ok<!-- no -->", " ok "),
        ("caff&egrave; &amp; t&#232; &#xe8;", "caffè & tè è"),
        ("I <3 you, 2 < 3 > 1", "I <3 you, 2 < 3 > 1"),
        ("AT&T; R&D", "AT&T; R&D"),
        ("nu\x00ll", "null"),
        ("\u202eabc\u202c \ufeffok", "abc ok"),
        ("perche\u0301", "perché"),
        ("riga\nsotto\tla", "riga\nsotto\tla"),
        ("", ""),
        ("😡😡", "😡😡"),
    ],
)
def test_what_cannot_be_seen_is_gone(raw, plain):
    assert readable(raw) == plain


@given(st.text(alphabet=st.characters(exclude_characters="<&")))
def test_what_is_read_twice_stays(text):
    assert readable(readable(text)) == readable(text)


def test_missing_values():
    assert [is_missing(one) for one in (None, float("nan"), pd.NA, pd.NaT)] == [True] * 4
    assert [is_missing(one) for one in ("", 0, [], "nan")] == [False] * 4
