"""How a file writes numbers and amounts: decimal marks, thousands, signs, what is round them."""

from __future__ import annotations

import re

from cxresearch.engine.backends import literal
from cxresearch.study.sources import Written

#: The signs that group thousands where a manifest says " ".
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
#: The sign or the code of a currency, and an amount that has it before or after.
CURRENCY = r"[A-Z]{0,3}\p{Sc}|[A-Z]{3}|kr|zł|Kč|[Ee]uro"
_GAP = f"[{_SPACES}]*"
_AMOUNT = rf"[+-]?[0-9.,'{_SPACES}]*[0-9][.,]?"
#: What a spreadsheet or a bookkeeper writes round an amount, and what is read for it.
_ROUND_AMOUNTS = (
    (r'^="(.*)"$', r"\1"),
    (r"^'", ""),
    (r"[.,]-$", ""),
    (r"^(.*\d)-$", r"-\1"),
    (r"^\((.*)\)$", r"-\1"),
)
#: What follows an amount that was typed as a text, in a file that has numbers as well: of these
#: two only the text shows a decimal mark. It is a blank, so that no value has it.
TYPED = "\t"
_IS_TYPED = re.compile(r"[^\d.,]{0,6}\d[\d.,' ]*[.,]\d+[^\d.,]{0,6}")
#: The same within JSON. What begins a text stands before no comma, colon or bracket.
_BEGUN, _ENDED = (rb"(?:[^\d.,\"\\%b]|\\u[0-9a-fA-F]{4}){0,6}" % no for no in (rb"\s:}\]", b""))
_IN_JSON = re.compile(rb"""(?<!\\)"(%b[ \xa0]?\d[\d.,' ]*[.,]\d+%b)"(?!\s*:)""" % (_BEGUN, _ENDED))
#: Signs that word processors make of an apostrophe and a minus.
_TYPESET = "\N{RIGHT SINGLE QUOTATION MARK}\N{MINUS SIGN}"
_BEFORE = rf"([+-]?)(?:{CURRENCY}){_GAP}({_AMOUNT})"
_AFTER = rf"()({_AMOUNT}?){_GAP}(?:{CURRENCY})"


def as_typed(text: str) -> str:
    r"""Return a text of a file that has numbers as well, with :data:`TYPED` after an amount.

    Examples
    --------
    >>> as_typed("1.210"), as_typed("Lucca")
    ('1.210\t', 'Lucca')
    """
    return text + TYPED if _IS_TYPED.fullmatch(text) else text


def as_typed_in_json(text: bytes) -> bytes:
    r"""Return JSON with :data:`TYPED` after each amount that is a text.

    Examples
    --------
    >>> as_typed_in_json(b'{"a": "1.210", "b": 1.210, "1.5": "x"}')
    b'{"a": "1.210\\t", "b": 1.210, "1.5": "x"}'
    """
    return _IN_JSON.sub(rb'"\1\\t"', text)


def matches(text: str, pattern: str) -> str:
    """Return SQL for whether all of a text matches a pattern."""
    return f"regexp_full_match({text}, {literal(pattern)})"


def number(raw: str, source: Written) -> str:
    """Read a number; a grouping that is not by thousands ("12.5" where "." groups) is none."""
    marks = _SPACES if source.thousands == " " else source.thousands
    digits = r"\d+"
    if marks:
        digits = rf"(\d{{1,3}}([{re.escape(marks)}]\d{{3}})+|\d+)"
    mark = source.decimal or "."
    decimal = re.escape(mark)
    pattern = rf"[+-]?({digits}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?"
    signs = literal(mark + marks)
    pointed = raw if signs == "'.'" else f"translate({raw}, {signs}, '.')"
    return f"CASE WHEN {matches(raw, pattern)} THEN try_cast({pointed} AS DOUBLE) END"


def bare_amount(raw: str) -> str:
    """Return SQL for an amount without what is round it; what it makes of others is as it was.

    Bookkeepers write what is below 0 as "(12.50)" or "12.50-", and no cents as "12,-".
    """
    typed = literal("'-")
    bare = f"translate({raw}, {literal(_TYPESET)}, {typed})"
    for pattern, by in _ROUND_AMOUNTS:
        bare = f"regexp_replace({bare}, {literal(pattern)}, {literal(by)})"
    some = literal(f"^[=(']|-$|[{_TYPESET}]")
    return f"CASE WHEN regexp_matches({raw}, {some}) THEN {bare} ELSE {raw} END"


def is_signed(raw: str) -> str:
    """Return SQL for whether an amount has the sign or code of a currency."""
    return f"({matches(raw, _BEFORE)} OR {matches(raw, _AFTER)})"


def unsigned(raw: str) -> str:
    """Return SQL for an amount without the sign or code of its currency; others are as they are."""
    before, after = (
        f"WHEN {matches(raw, form)} THEN regexp_replace({raw}, {literal(f'^{form}$')}, '\\1\\2')"
        for form in (_BEFORE, _AFTER)
    )
    return f"CASE {before} {after} ELSE {raw} END"


def finite(value: str) -> str:
    """Return SQL for a number or a time, null where it is not finite."""
    return f"CASE WHEN isfinite({value}) THEN {value} END"
