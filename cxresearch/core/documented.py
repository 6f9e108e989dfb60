"""Texts of docstrings that many functions share, each written once."""

from __future__ import annotations

import re
from typing import TypeVar

_Documented = TypeVar("_Documented")

#: What ``%(name)s`` stands for, alone on its line of a docstring.
SHARED = {
    "confidence": """\
confidence : float, default 0.95
    Coverage of the intervals, strictly between 0 and 1.""",
    "confidence_error": """\
ValueError
    If `confidence` is not strictly between 0 and 1.""",
    "missing_column": """\
SchemaError
    If a column is missing.""",
    "not_allowed": """\
ValueError
    If an argument is none of what is allowed.""",
    "orders": """\
orders : frame
    A study's orders, of any kind of frame.""",
    "currency": """\
currency : str
    The study's currency; orders in another are left out and counted in the note.""",
    "prepared": """\
prepared : Prepared
    The prepared events, from :func:`cxresearch.journeys.prepare`.""",
    "journey_unit": """\
unit : {"customer", "session", "order"}, default "session"
    What a journey is.""",
    "voice": """\
voice : Voice
    The texts as read, from :func:`cxresearch.voc.voice_of`.""",
    "message_values_error": """\
ValueError
    If the values are not the ones in the message's braces.""",
    "load_errors": """\
MissingTableError
    If the study does not have the table.
SchemaError
    If a file is missing or lacks columns.""",
    "study": """\
study : Study
    The study, from :func:`cxresearch.open_study`.""",
}

_PLACE = re.compile(r"^( *)%\((\w+)\)s$", flags=re.MULTILINE)


def documented(thing: _Documented) -> _Documented:
    """Fill in the shared texts that a function's or class's docstring names.

    Parameters
    ----------
    thing : function or class
        What is documented; a line ``%(name)s`` of its docstring becomes that text of `SHARED`.

    Returns
    -------
    function or class
        The same one, with its docstring whole.

    Raises
    ------
    KeyError
        If the docstring names a text that is not shared.

    Examples
    --------
    >>> @documented
    ... def mean(values, confidence=0.95):
    ...     '''Return the mean.
    ...
    ...     Parameters
    ...     ----------
    ...     %(confidence)s
    ...     '''
    >>> print(mean.__doc__.splitlines()[-3].strip())
    confidence : float, default 0.95
    """
    if thing.__doc__:  # there is none where Python runs with -OO
        thing.__doc__ = _PLACE.sub(_filled, thing.__doc__)
    return thing


def _filled(place: re.Match[str]) -> str:
    indent, name = place.groups()
    return "\n".join(indent + line for line in SHARED[name].splitlines())
