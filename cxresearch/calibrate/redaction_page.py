"""The part of the page about redaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cxresearch.calibrate.coverage_page import row
from cxresearch.calibrate.redacted_texts import CHECK, CHECK_HARMLESS, FIRST, FIRST_HARMLESS
from cxresearch.calibrate.redaction import VALUES, Recall, false_alarms, recalls

_HEAD = """
## Redaction: identifiers taken out, and numbers left alone

{values} invented values of each kind in sentences of a list, Italian and English; half of them are
disguised: another space, hyphen or digit of Unicode, or a character that is not seen. A cell is the
share of values of which no letter or digit is left, plain and disguised. The rules were written
with the first list in view, the second list afterwards. When it was first read, the least recall of
a kind was 0.835, and 2 of 53 harmless texts were altered; those sentences are in the first list
now, the rules were mended, and new sentences took their places, for which no rule was changed.

"""
_ALARMS = """
Texts whose numbers identify nobody, and how many of them were altered.

"""
_READING = """
- The lists are the kit's own, so these are not the shares of a shop's texts. What customers write
  in a way that neither list has may stay: a person reads a quote before it is published.
- A name counts here after a cue. A first name alone, or a surname that nothing tells to be one,
  stays unless the study lists it under `redact_always`.
"""


def section(*, values: int = VALUES) -> str:
    """Return the part of the page about redaction."""
    return (
        _HEAD.format(values=values)
        + recall_table(recalls(FIRST, values=values), recalls(CHECK, values=values))
        + _ALARMS
        + alarm_table(false_alarms(FIRST_HARMLESS), false_alarms(CHECK_HARMLESS))
        + _READING
    )


def recall_table(first: Sequence[Recall], check: Sequence[Recall]) -> str:
    """Return one row per kind: its recall in both lists.

    Examples
    --------
    >>> print(recall_table([Recall("email", 20, 1.0, 0.9)], [Recall("email", 20, 0.95, 0.9)]))
    | kind | first list | second list |
    | --- | --- | --- |
    | email | 1.000 / 0.900 | 0.950 / 0.900 |
    <BLANKLINE>
    """
    lines = [row("kind", "first list", "second list"), row(*["---"] * 3)]
    lines += [
        row(one.kind, *(f"{found.plain:.3f} / {found.is_disguised:.3f}" for found in (one, other)))
        for one, other in zip(first, check, strict=True)
    ]
    return "".join(lines)


def alarm_table(
    first: Mapping[str, tuple[int, Sequence[str]]], check: Mapping[str, tuple[int, Sequence[str]]]
) -> str:
    """Return one row per kind of harmless number: how many texts were altered in each list.

    Examples
    --------
    >>> print(alarm_table({"year": (6, [])}, {"year": (4, ["ordine 2024"])}))
    | numbers | first list | second list |
    | --- | --- | --- |
    | year | 0 of 6 | 1 of 4 |
    <BLANKLINE>
    """
    lines = [row("numbers", "first list", "second list"), row(*["---"] * 3)]
    lines += [
        row(kind, *(f"{len(altered)} of {count}" for count, altered in (first[kind], check[kind])))
        for kind in first
    ]
    return "".join(lines)
