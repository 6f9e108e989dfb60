"""The article before a number, against the number written out in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.core.languages import Language
from cxresearch.core.message_values import ARTICLES, with_article

#: What is said first of a group of up to three digits that begins a number.
_FIRST = {"1": "u", "8": "o"}


def first_sound(number: int) -> str:
    """Return the first letter of a number as it is read aloud."""
    if number == 0:
        return "z"
    groups = f"{number:,}".split(",")
    first = groups[0]
    if first == "1":
        return {1: "u", 2: "m"}.get(len(groups), "u")  # uno, mille, un milione
    if first == "11" or first[0] == "8":
        return "u" if first == "11" else "o"
    return "c"


@given(st.integers(0, 10**9 - 1))
def test_it_is_that_of_the_number_read_aloud(number: int) -> None:
    written = Language("it").number(number)
    expected = {"z": "dello ", "u": "dell'", "o": "dell'"}.get(first_sound(number), "del ")
    assert with_article("del", written) == expected + written


@pytest.mark.parametrize(
    ("article", "number", "expected"),
    [
        ("del", "9,7%", "del 9,7%"),
        ("al", "11%", "all'11%"),
        ("dal", "0,8%", "dallo 0,8%"),
        ("al", "1,2%", "all'1,2%"),
        ("il", "1.200", "il 1.200"),
        ("Il", "44%", "Il 44%"),
        ("Il", "81%", "L'81%"),
        ("nel", "18%", "nel 18%"),
        ("sul", "**8,0%**", "sull'**8,0%**"),
        ("i", "8 clienti", "gli 8 clienti"),
        ("il", "−8%", "il −8%"),
        ("il", "–", "il –"),
    ],
)
def test_by_hand(article: str, number: str, expected: str) -> None:
    assert with_article(article, number) == expected


def test_a_message_asks_for_it() -> None:
    said = Language("it").text("{share:Il} dei clienti, {n}", share="8,1%", n="3")
    assert said == "L'8,1% dei clienti, 3"
    with pytest.raises(KeyError):
        Language("it").text("{share:del_} dei clienti", share="8,1%")
    assert all(len(forms) == 3 for forms in ARTICLES.values())
