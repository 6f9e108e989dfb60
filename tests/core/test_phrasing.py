"""Sentences whose numbers come from results."""

from __future__ import annotations

from dataclasses import replace

from cxresearch.core import phrasing
from cxresearch.core.languages import Language
from cxresearch.stats.shares.proportions import proportion

ENGLISH = Language("en")


def test_why_a_number_is_undefined_is_said_and_not_how_it_was_counted() -> None:
    nothing = proportion(0, 0)
    note = f"orders of a week; {nothing.note}; within 90 days"
    for language, why in (
        (ENGLISH, "Not measured (undefined: there is nothing to count)."),
        (Language("it"), "Non misurato (non definito: non c'è nulla da contare)."),
    ):
        values = {"a": replace(nothing, note=note)}
        said = phrasing.or_why_not("{a} of new customers.", values, language)
        assert phrasing.plain(*said, language) == why
