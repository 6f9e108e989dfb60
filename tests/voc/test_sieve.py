"""Patterns held back by the words they need: none that holds may be."""

from __future__ import annotations

import re

import pytest

from cxresearch.voc import Codebook
from cxresearch.voc.texts.raw_text import fold
from cxresearch.voc.texts.scores import _rules
from cxresearch.voc.texts.term_patterns import Sieve, clauses_of


def _own_patterns(language: str) -> list[re.Pattern[str]]:
    book = [
        re.compile(one)
        for theme in Codebook.load().themes.values()
        for one in theme.regexes.get(language, [])
    ]
    return book + [rule.said for rule in _rules(language).rules]


@pytest.mark.parametrize("language", ["en", "it"])
def test_no_pattern_that_holds_in_an_example_is_held_back(language: str) -> None:
    patterns = _own_patterns(language)
    sieve = Sieve(patterns)
    held = 0
    for theme in Codebook.load().themes.values():
        for example in (*theme.examples[language], *theme.counter_examples.get(language, [])):
            folded = fold(example)
            holding = {place for place, one in enumerate(patterns) if one.search(folded)}
            assert holding <= set(sieve.candidates(folded))
            held += len(holding)
    assert held > 20


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"a?b", "b"),
        (r"(?:come )*qui", "qui"),
        (r"(?i)MAI", "mai"),
        (r"(?i:MAI) piu", "mai piu"),
        (r"(?s)no.+si", "no\nsi"),
        (r"(non|mai) \1", "mai mai"),
        (r"(?<!non )bello", "bello"),
        (r"(?<=non )bello", "non bello"),
        (r"ben(?= fatto)", "ben fatto"),
        (r"e-?mail", "email"),
        (r"\bx_y\b", "x_y"),
        (r"po'?co", "poco"),
        (r"[^a]bc", "zbc"),
        (r"[a-z]+issimo", "buonissimo"),
        (r"a{2,3}", "aaa"),
        (r"piu\Bme", "piume"),
        (r"^\W*no\b", "- no"),
        (r"(a)?(?(1)b|c)d", "cd"),
        (r"(?>ab|a)c", "abc"),
        (r"no\s*grazie", "nograzie"),
    ],
)
def test_every_construct_lets_through_a_text_where_it_holds(pattern: str, text: str) -> None:
    found = re.compile(pattern)
    assert found.search(text)
    assert Sieve([found]).candidates(text) == [0]


def test_a_pattern_needs_each_of_its_words_whole_where_it_says_so() -> None:
    sieve = Sieve([re.compile(r"\bnon (?:mi|ci) piac\w+"), re.compile(r"\btutt[oi]\b.{0,9}bene")])
    assert sieve.candidates("non mi piaceva") == [0]
    assert sieve.candidates("canon mi piaceva") == []
    assert sieve.candidates("tutta bene") == []
    assert sieve.candidates("bene, tutto") == [1]  # in another order: for the pattern to judge
    assert clauses_of(re.compile(r"\d+.")) == []
