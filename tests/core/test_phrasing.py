"""Sentences whose numbers come from results."""

from __future__ import annotations

from cxresearch.core import phrasing
from cxresearch.core.languages import Language
from cxresearch.stats.shares.proportions import proportion

ENGLISH = Language("en")


def test_a_sentence_with_an_undefined_number_says_why_and_not_a_dash() -> None:
    first = {"a": proportion(0, 0), "b": proportion(3, 10)}
    for values in (first, dict(reversed(first.items()))):
        said = phrasing.or_why_not("{a} of new customers, {b} of all.", values, ENGLISH)
        assert phrasing.plain(*said, ENGLISH) == (
            "Not measured (undefined: there is nothing to count)."
        )
    known = {"a": proportion(2, 10), "b": proportion(3, 10)}
    assert phrasing.or_why_not("{a}, {b}", known, ENGLISH) == ("{a}, {b}", known)
