"""A text as it is searched, and the way back to the text as it is."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from cxresearch.voc.texts.raw_text import FOUND, PlainText


def test_every_space_hyphen_and_digit_is_the_plain_one():
    for code in range(0x80, 0x20000):
        sign = chr(code)
        kind = unicodedata.category(sign)
        if kind == "Zs":
            assert PlainText.of(sign).text == " "
        elif kind == "Pd":
            assert PlainText.of(sign).text == "-"
        elif kind == "Nd":
            assert PlainText.of(sign).text == str(unicodedata.decimal(sign))
        elif kind == "Cf":
            assert PlainText.of(sign).text == ""


def test_letters_stay_as_they_are():
    text = "Perché è così? ÀÉÎÕÜ ñ ß Łódź Ελλάδα Москва 北京"
    assert PlainText.of(text) == (text, range(len(text) + 1))


@given(st.text(alphabet=st.sampled_from("a1 -\u00a0\u200b\u00ad\uff11\u0301\u20e3é@"), max_size=40))
def test_each_sign_is_found_where_it_stands(text):
    seen = PlainText.of(text)
    assert len(seen.places) == len(seen.text) + 1
    assert list(seen.places) == sorted(seen.places)
    assert seen.places[-1] == len(text)
    for place, sign in zip(seen.places, seen.text, strict=False):
        assert PlainText.of(text[place]).text == sign


@given(st.text(alphabet="ab1\u200b", max_size=30), st.integers(0, 10), st.integers(1, 10))
def test_what_was_found_is_one_sign_and_the_rest_stays_in_its_place(text, start, length):
    seen = PlainText.of(text)
    end = min(start + length, len(seen.text))
    if start >= end:
        return
    left = seen.without([(start, end)])
    assert left.text == seen.text[:start] + FOUND + seen.text[end:]
    assert [left.places[start], left.places[start + 1]] == [seen.places[start], seen.places[end]]
    assert left.places[-1] == len(text)
