"""How a value is said in a sentence: an estimate with its doubt, a number, a date, a text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from numbers import Integral, Real
from string import Formatter
from typing import Any

from cxresearch.core.documented import documented
from cxresearch.core.languages import LANGUAGES, UNDEFINED, Language, Words, capital
from cxresearch.core.remarks import Month, Remark
from cxresearch.core.results import Result, value_of

_NOT_MEASURED = "Not measured ({why})."
#: How the note begins that says why a number is undefined; others say what was counted.
_UNDEFINED = "undefined: "
#: A value that begins a message.
_FIRST = re.compile(r"\{(\w+)[:}]")
_QUOTES = tuple(known.quotes[0] for known in LANGUAGES.values())
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
#: A worded number can hold no more markup than this; "1.5" and "(95%)" stay readable.
_MARKUP_IN_NUMBERS = re.compile(r"([\\`*_$<>&~|\[\]])")


def word(value: Any, language: Language) -> str:
    """Return a value as words, without any markup.

    Parameters
    ----------
    value : Result, Remark, tuple of (float, str), bool, int, float, date or str
        An estimate is said without its interval, which :func:`doubts` says; a tuple is a value
        with its unit; a text that the catalogue knows is translated, any other stays as it is.
    language : Language
        The language to say it in.

    Raises
    ------
    TypeError
        If the value is of another kind.

    Examples
    --------
    >>> from cxresearch.core.results import Estimate, Interval
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=1100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> word(half, Language("en"))
    '50.0%'
    >>> word((1234.5, "orders"), Language("en")), word(date(2026, 3, 1), Language("en"))
    ('1,234.5 orders', '1 Mar 2026')
    """
    if isinstance(value, Result):
        return _estimate(value, language)
    if hasattr(value, "words"):  # a remark, what is in words already, what is missing
        return str(value.words(language))
    if isinstance(value, tuple):
        amount, unit = value
        return language.quantity(float(amount), unit)
    if value is None or value != value:  # nan and NaT differ from themselves
        return UNDEFINED
    if isinstance(value, bool):
        return language.text("yes" if value else "no")
    if isinstance(value, Integral):
        return language.number(int(value))
    if isinstance(value, Real):
        return language.quantity(float(value), "")
    if isinstance(value, date):
        return language.day(value)
    if isinstance(value, Month):
        return language.month(value.first_day)
    if isinstance(value, str):
        return language.said(value)
    raise TypeError(
        "value must be an estimate, a remark, a (value, unit) pair, a number, a date or a text; "
        f"got {value!r}"
    )


@documented
def plain(message: str, values: Mapping[str, Any], language: Language) -> str:
    """Return a message in `language` with its values said in plain words.

    Raises
    ------
    %(message_values_error)s

    Examples
    --------
    >>> plain("{n} orders were read.", {"n": 31204}, Language("en"))
    '31,204 orders were read.'
    """
    return plain_all([message], values, language)[0]


def plain_all(messages: Sequence[str], values: Mapping[str, Any], language: Language) -> list[str]:
    """Return several messages that share one set of values, in plain words.

    Raises
    ------
    ValueError
        If the values are not the ones in the messages' braces.

    Examples
    --------
    >>> plain_all(["Orders", "{n} orders"], {"n": 2}, Language("en"))
    ['Orders', '2 orders']
    """
    _check_names(messages, values)
    said = {name: _inside(value, language) for name, value in values.items()}
    worded = [(language.text(message, **said), message) for message in messages]
    return [_begun(one, message, values, language) for one, message in worded]


@documented
def markdown(message: str, values: Mapping[str, Any], language: Language) -> str:
    r"""Return a message as Markdown; its values can never become markup.

    The value of an estimate is bold.

    Raises
    ------
    %(message_values_error)s

    Examples
    --------
    >>> markdown("One wrote: {text}", {"text": "<b>*slow*</b>"}, Language("en"))
    'One wrote: \\<b\\>\\*slow\\*\\<\\/b\\>'
    """
    _check_names([message], values)
    said = {name: _marked(value, language) for name, value in values.items()}
    return _begun(language.text(message, **said), message, values, language)


@documented
def or_why_not(
    message: str, values: Mapping[str, Any], language: Language
) -> tuple[str, Mapping[str, Any]]:
    """Return a message and its values; where all its estimates are undefined, one that says why.

    What else their notes say, such as how they were counted, is no reason.

    Raises
    ------
    %(message_values_error)s

    Examples
    --------
    >>> from cxresearch.stats.shares.proportions import proportion
    >>> message, values = or_why_not("{share} buy.", {"share": proportion(0, 0)}, Language("en"))
    >>> plain(message, values, Language("en"))
    'Not measured (undefined: there is nothing to count).'
    """
    _check_names([message], values)
    estimates = [value for value in values.values() if isinstance(value, Result)]
    if not estimates or not all(math.isnan(value_of(one)) for one in estimates):
        return message, values
    first = estimates[0]
    notes = list(zip(_notes(first, Language("en")), _notes(first, language), strict=False))
    why = [said for note, said in notes if note.startswith(_UNDEFINED)]
    return _NOT_MEASURED, {"why": "; ".join(why or [said for _, said in notes])}


def placeholders(message: str) -> set[str]:
    """Return the names in a message's braces; what is in words already has none.

    Examples
    --------
    >>> sorted(placeholders("{low} to {high}"))
    ['high', 'low']
    """
    if isinstance(message, Words):
        return set()
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


def _begun(said: str, message: str, values: Mapping[str, Any], language: Language) -> str:
    """Return a sentence with a capital where the words of a remark or a label begin it."""
    first = _FIRST.match(language.text(message))
    value = values.get(first[1]) if first else None
    while isinstance(value, Remark):
        inner = _FIRST.match(language.text(value.message))
        if inner is None or value.begins_with_label(language):
            return capital(said)
        value = value.values.get(inner[1])
    if not (isinstance(value, str) and value in language.labels):
        return said
    return said[0] + capital(said[1:]) if said.startswith(_QUOTES) else capital(said)


def _inside(value: Any, language: Language) -> str:
    """Return a value as a part of a sentence: a label is a name, and stands in quote marks there.

    One in a remark is a part of what the remark says, and stands as it is.
    """
    if isinstance(value, Remark):
        return value.inside(language)
    return word(value, language.in_sentences)


def _check_names(messages: Sequence[str], values: Mapping[str, Any]) -> None:
    wanted, given = set().union(*map(placeholders, messages)), set(values)
    if wanted != given:
        raise ValueError(
            f"values must be those in the message's braces, {sorted(wanted)}; got {sorted(given)}"
        )


def _marked(value: Any, language: Language) -> str:
    if isinstance(value, Result):
        return f"**{_escape_number(_estimate(value, language))}**"
    said = _inside(value, language)
    return _escape_text(said) if isinstance(value, str) else _escape_number(said)


def _escape_text(text: str) -> str:
    """Escape every mark, and join the lines: a new line could begin a heading or a list."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def escaped(words: str) -> str:
    r"""Return words in which no mark of Markdown is one.

    Examples
    --------
    >>> print(escaped("95% CI 1.0 to 2.0; *few*"))
    95% CI 1.0 to 2.0; \*few\*
    """
    return _escape_number(" ".join(words.split()))


def _escape_number(text: str) -> str:
    return _MARKUP_IN_NUMBERS.sub(r"\\\1", text)


def doubts(values: Mapping[str, Any], language: Language) -> str:
    """Return the interval and the n of each estimate that a sentence says: the small print.

    Parameters
    ----------
    values : mapping
        The sentence's values; what is no estimate is passed over.
    language : Language
        The language to say it in.

    Examples
    --------
    >>> from cxresearch.core.results import Estimate, Interval
    >>> half = Estimate(value=0.5, ci=Interval(0.4, 0.6), n=1100, unit="share",
    ...                 confidence=0.95, method="Wilson")
    >>> doubts({"share": half, "n": 3}, Language("en"))
    '95% CI 40.0 to 60.0, n = 1,100'
    """
    known = [one for one in values.values() if isinstance(one, Result)]
    if len(known) < 2:
        return "".join(_doubt(one, language, _notes(one, language)) for one in known)
    notes = [_notes(one, language) for one in known]
    shared = [note for note in notes[0] if all(note in other for other in notes)]
    said = [
        f"{_estimate(one, language)}: "
        + _doubt(one, language, [note for note in own if note not in shared])
        for one, own in zip(known, notes, strict=True)
    ]
    return " \N{MIDDLE DOT} ".join([*said, "; ".join(shared)] if shared else said)


def _estimate(result: Any, language: Language) -> str:
    return language.estimate(value_of(result), result.ci, result.unit)[0]


def _notes(result: Any, language: Language) -> list[str]:
    return [note for note in result.note_in(language).split("; ") if note]


def _doubt(result: Any, language: Language, notes: list[str]) -> str:
    _, interval = language.estimate(value_of(result), result.ci, result.unit)
    counted = result.confidence == 1  # a complete count, which has no doubt to show
    message = "{confidence} CI {interval}, n = {n}" if interval and not counted else "n = {n}"
    percent = 100 * result.confidence
    return language.text(
        message + ("; {note}" if notes else ""),
        confidence=language.number(percent, 0 if percent == round(percent) else 1)
        + language.percent,
        interval=interval,
        n=language.number(result.n),
        note="; ".join(notes),
    )
