"""Whether something is denied: "no delay in the delivery", "senza problemi con il reso"."""

from __future__ import annotations

import re

from cxresearch.voc.text.raw_text import words

#: How many words a negation reaches over, and how many letters those have at most.
_REACH, _WINDOW = 6, 80
_NEGATIONS = {
    "it": re.compile(
        r"\b(?:non(?! solo\b)|nessun[oa]?|senza|niente|nulla|mai|ne|nemmeno|neanche|neppure)\b"
    ),
    "en": re.compile(
        r"\b(?:no|not(?! only\b)|never|without|none|nothing|neither|nor|cannot|"
        r"(?:ai|are|ca|could|did|does|do|had|has|have|is|must|need|should|was|were|wo|would)n'?t)\b"
    ),
}
#: What ends a clause, and with it the reach of a negation.
_ENDS = {
    "it": re.compile(r"[.,;:!?()\n]|\b(?:ma|pero|anche se|invece|mentre|solo che|anzi)\b"),
    "en": re.compile(r"[.,;:!?()\n]|\b(?:but|however|although|though|yet|while)\b"),
}


def is_negated(folded: str, start: int, language: str) -> bool:
    """Return whether what begins at a place of a folded text is denied.

    It is where a negation stands in the same clause, at most six words before it. In a language
    whose negations are not known nothing is.

    Examples
    --------
    >>> text = "nessun problema con la consegna, ma il prezzo"
    >>> is_negated(text, text.index("consegna"), "it"), is_negated(text, text.index("prezzo"), "it")
    (True, False)
    """
    if language not in _NEGATIONS:
        return False
    before = folded[max(0, start - _WINDOW) : start]
    clause = max((end.end() for end in _ENDS[language].finditer(before)), default=0)
    reach = [word.start() for word in words(before[clause:])][-_REACH:]
    return bool(reach) and bool(_NEGATIONS[language].search(before, clause + reach[0]))
