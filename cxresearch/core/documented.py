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
    "by": """\
by : str, optional
    A column of the rows by which the indicator is also given in groups
    (:attr:`cxresearch.kpis.Kpi.groups`), to be compared by :meth:`cxresearch.kpis.Kpi.compare`.""",
    "confidence_error": """\
ValueError
    If `confidence` is not strictly between 0 and 1.""",
    "successes_error": """\
ValueError
    If a count is negative, or a group has more successes than units.""",
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
    "labels": """\
labels : mapping of str to str, optional
    What to count instead of events, the touchpoint or stage of each, for instance.""",
    "journey_errors": """\
ValueError
    If an argument is none of what is allowed, or `labels` leaves an event out.
SchemaError
    If orders are asked for and the events carry no `order_id`.""",
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
    "texts": """\
texts : iterable of str, length n
    The texts; a missing one is empty.""",
    "clusters": """\
clusters : iterable of length n, optional
    The customer of each text; a text without one is a customer of its own.""",
    "encoder": """\
encoder : Encoder, optional
    The kit's encoder with a memory, ``voc.encoder(shop.cache("feedback"))``.""",
    "words": """\
words : Words, optional
    The words that are always redacted and those that never are, from
    :func:`cxresearch.voc.words_of`.""",
    "days_not_positive": """\
ValueError
    If `days` is not above 0.""",
    "not_texts": """\
TypeError
    If `texts` holds what is neither text nor missing.""",
    "voice_files_missing": """\
ManifestError
    If files that the study names under ``voice`` are not there: all of them.""",
    "known_orders": """\
orders : frame
    A study's orders; those without a customer are left out and counted in the note.""",
    "answer_weights": """\
weights : Weights or array_like of float, shape (n,), optional
    The weight of each answer; only their proportions matter. From
    :func:`cxresearch.survey.post_stratify` or :func:`cxresearch.survey.rake` the interval also
    learns what agreeing with the targets took out of the variance.""",
    "answered": """\
answered : array of bool, shape (n,)
    Who of the invited answered.
behaviour : mapping of str to array of float, shape (n,), or frame
    What is known of everybody invited, like orders and visits before the invitation. Take the
    logarithm of what is very skewed.""",
    "answered_error": """\
ValueError
    If the arrays differ in length, a behaviour is not finite, or `answered` is not 0 or 1.""",
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
