"""A pattern reads as it is written, or says at which character it is none."""

from __future__ import annotations

import re

import pytest

from cxresearch.journeys.patterns import ANY, Events, Pattern, read_pattern

A, B = Events(("a",)), Events(("b",))


@pytest.mark.parametrize(
    ("text", "parts", "gaps"),
    [
        ("a", (A,), (ANY, ANY)),
        ("a->b", (A, B), (ANY, None, ANY)),
        (" a  -> b ", (A, B), (ANY, None, ANY)),
        ("^a->b$", (A, B), (None, None, None)),
        ("^->a->b->$", (A, B), (None, None, None)),
        ("a->.*->b", (A, B), (ANY, ANY, ANY)),
        ("a->[^b]*->b", (A, B), (ANY, Events(("b",), all_but=True), ANY)),
        ("a->(b|c)*->b", (A, B), (ANY, Events(("b", "c")), ANY)),
        ("a->(b|c)", (A, Events(("b", "c"))), (ANY, None, ANY)),
        ("a->.->[^a|b]", (A, ANY, Events(("a", "b"), all_but=True)), (ANY, None, None, ANY)),
        ("^[^b]*->a", (A,), (Events(("b",), all_but=True), ANY)),
        ("a->b*$", (A,), (ANY, B)),
        ("a->b*->$", (A,), (ANY, B)),
        ("view product", (Events(("view product",)),), (ANY, ANY)),
        ("pre-order -> a.b", (Events(("pre-order",)), Events(("a.b",))), (ANY, None, ANY)),
        (
            '"a->b" -> "." -> "$"',
            tuple(Events((x,)) for x in ("a->b", ".", "$")),
            (ANY, None, None, ANY),
        ),
    ],
)
def test_a_pattern_reads_as_it_is_written(
    text: str, parts: tuple[Events, ...], gaps: tuple[Events | None, ...]
):
    assert read_pattern(text) == Pattern(parts=parts, gaps=gaps)


def test_a_pattern_knows_the_events_it_names():
    assert read_pattern("c->[^b|a]*->(c|d)").names == ("a", "b", "c", "d")
    assert read_pattern(".").names == ()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "an event is missing at character 1"),
        ("   ", "an event is missing at character 4"),
        ("a->", "an event is missing at character 4"),
        ("->a", "an event is missing at character 1"),
        ("a->->b", "an event is missing at character 4"),
        ("a->[b]", "an event is missing at character 4"),
        ("a->()", "an event is missing at character 5"),
        ("(a|)", "an event is missing at character 4"),
        ("a->*", "an event is missing at character 4"),
        ('a->"b', "an event is missing at character 4"),
        ("(a", ") is missing at character 3"),
        ("(a->b)", ") is missing at character 3"),
        ("[^a->b", "] is missing at character 4"),
        ("a b->c^", "-> is missing at character 7"),
        ("a(b)", "-> is missing at character 2"),
        ("a$b", "-> is missing at character 3"),
        ("a**", "^ or a part without * is missing at character 1"),
        ("a*->b", "^ or a part without * is missing at character 1"),
        ("a->.*->b*->c", "^ or a part without * is missing at character 8"),
        ("a->.*", "$ or a part without * is missing at character 6"),
        ("^.*$", "a part without * is missing at character 5"),
    ],
)
def test_what_is_no_pattern_says_where(text: str, missing: str):
    words = f"pattern must be a path ({missing}); got {text!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        read_pattern(text)
