"""How many identifiers redaction takes out of texts, and how many texts without any it alters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from cxresearch.calibrate.invented_identifiers import KINDS, disguised
from cxresearch.calibrate.redacted_texts import Sentences
from cxresearch.voc import personal_data

#: Values of each kind, as people write them and disguised.
VALUES = 400
_GIVEN = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Recall:
    """How many values of a kind were taken out whole.

    Parameters
    ----------
    kind : str
        The kind.
    values : int
        How many there were, as often plain as disguised.
    plain, is_disguised : float
        The share of those that was taken out to the last letter and digit.
    """

    kind: str
    values: int
    plain: float
    is_disguised: float


def recalls(sentences: Sentences, *, values: int = VALUES, seed: int = 0) -> list[Recall]:
    """Return the recall of each kind: the share of values of which nothing is left.

    Parameters
    ----------
    sentences : mapping of str to sequence of str
        The sentences of each kind.
    values : int, default 400
        The values of each kind; half of them are disguised.
    seed : int, default 0
        Of the values.

    Examples
    --------
    >>> recalls({"email": ("Scrivetemi a <>",)}, values=20)
    [Recall(kind='email', values=20, plain=1.0, is_disguised=1.0)]
    """
    found = []
    for kind, templates in sentences.items():
        rng = np.random.default_rng([seed, *kind.encode()])
        gone: tuple[list[bool], list[bool]] = ([], [])
        for place in range(values):
            is_disguised = place % 2 == 1
            template = templates[place // 2 % len(templates)]
            before, *values_between = _GIVEN.split(template)
            parts = [before]
            for given, after in zip(values_between[::2], values_between[1::2], strict=True):
                value = given or KINDS[kind](rng)
                parts += [disguised(rng, value) if is_disguised else value, after]
            gone[is_disguised].append(not left_of(parts))
        found.append(Recall(kind, values, *(float(np.mean(one)) for one in gone)))
    return found


def left_of(parts: Sequence[str]) -> str:
    """Return the letters and digits that redaction leaves of the values in a text.

    Parameters
    ----------
    parts : sequence of str
        The text: what stands before a value, the value, what stands after it, and so on.

    Examples
    --------
    >>> left_of(["tel. ", "347 123 4567", ""]), left_of(["", "347", " pezzi"])
    ('', '347')
    """
    ends = [0, *accumulate(map(len, parts))]
    covered = {
        place for one in personal_data("".join(parts)) for place in range(one.start, one.end)
    }
    return "".join(
        sign
        for number in range(1, len(parts), 2)
        for place, sign in enumerate(parts[number], start=ends[number])
        if sign.isalnum() and place not in covered
    )


def false_alarms(harmless: Sentences) -> dict[str, tuple[int, Sequence[str]]]:
    """Return, by what the numbers are, how many texts there are and those that are altered."""
    return {
        kind: (len(texts), [text for text in texts if personal_data(text)])
        for kind, texts in harmless.items()
    }
