"""Whose words a text holds: of a chat or a call, those of the customer alone are the customer's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from cxresearch.study import naming
from cxresearch.voc.texts.raw_text import as_list

#: A time of the recording or of the day, as it stands before who speaks or after.
_CLOCK = r"[\[(]?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AaPp][Mm])?[\])]?(?: -)?"
_NAME = r"[^\W\d_][\w .'-]{0,40}?"
_TURN = re.compile(rf"\s*(?:{_CLOCK} )?({_NAME})(?: ?{_CLOCK})?\s?:(?:\s+|$)(.*)")
#: Turns that follow each other on one line stand after the end of a sentence or a bar.
_WITHIN = r"(?:(?<=[.!?\u2026|/] )|(?<=\|))"


def customer_words(texts: Iterable[Any], agents: Sequence[str] = ()) -> list[str]:
    r"""Return what the customer says in each text; a text that is no conversation as it is.

    A conversation begins with who speaks (``Agent: ``, ``Cliente: ``), known by the words that
    chat and call tools write in English and Italian. Where only one of the two is known by them,
    any other name is of the other.

    Parameters
    ----------
    texts : iterable of str
        What was written, with the turns of a conversation on lines of their own or in one.
    agents : sequence of str
        Names under which the shop answers: people, a bot, the shop itself.

    Returns
    -------
    list of str
        Empty where no customer says anything.

    Examples
    --------
    >>> customer_words(["Agent: Was it late?\nCustomer: No, it was broken.\nTwice.", "Fine: ok"])
    ['No, it was broken.\nTwice.', 'Fine: ok']
    >>> customer_words(["Marta: Buongiorno\nAnna R.: Il pacco?"], agents=["Marta"])
    ['Il pacco?']
    """
    ours = _labels("agent") | {one.casefold().strip() for one in agents}
    return [_of_customer(text, ours) for text in as_list(texts)]


@cache
def _labels(who: str) -> frozenset[str]:
    return frozenset(naming.names()["speakers"][who])


def _of_customer(text: str, ours: frozenset[str]) -> str:
    theirs = _labels("customer")
    turns: list[list[str]] = []
    lines = _split(text, ours | theirs).splitlines()
    for line in lines:
        found = _TURN.match(line)
        if found and _is_speaker(found[1].strip(), ours | theirs):
            turns.append([found[1].strip(), found[2]])
        elif turns:
            turns[-1].append(line)
        elif line.strip():
            return text  # a conversation begins with who speaks
    said = {who.casefold() for who, *_ in turns}
    known_agents, known_customers = said & ours, said & theirs
    if not known_agents and not known_customers:
        return text
    words: list[str] = []
    is_customer = False
    for who, *what in turns:
        if (label := who.casefold()) in ours | theirs:
            is_customer = label in theirs - ours
        elif not (known_agents and known_customers):
            is_customer = not known_customers
        else:  # a word with a colon in what somebody says
            what[0] = f"{who}: {what[0]}"
        words += what if is_customer else []
    return "\n".join(words).strip(" |\n")


def _is_speaker(who: str, labels: frozenset[str]) -> bool:
    """Return whether what stands before a colon is known to speak, or written as a name is."""
    parts = who.split()
    return who.casefold() in labels or (len(parts) <= 3 and all(map(str.istitle, parts)))


def _split(text: str, labels: frozenset[str]) -> str:
    """Return a text with each turn of a known speaker on a line of its own."""
    if not _TURN.match(text):
        return text
    return _within(labels).sub(r"\n\1", text)


@cache
def _within(labels: frozenset[str]) -> re.Pattern[str]:
    named = "|".join(re.escape(one) for one in sorted(labels, key=lambda one: (-len(one), one)))
    return re.compile(rf"{_WITHIN}((?:{named})\s?: )", re.IGNORECASE)
