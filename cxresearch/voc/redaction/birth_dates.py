"""The day somebody was born, where the words before it say so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxresearch.voc.redaction.kinds import Span
from cxresearch.voc.redaction.number_words import DATE

_MONTH = (
    r"(?:gen(?:naio)?|feb(?:braio)?|mar(?:zo)?|apr(?:ile)?|mag(?:gio)?|giu(?:gno)?|lug(?:lio)?|"
    r"ago(?:sto)?|set(?:tembre)?|ott(?:obre)?|nov(?:embre)?|dic(?:embre)?|"
    r"jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|november|dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|°|º)?"
_YEAR = r"(?:(?:19|20)?\d\d|'\d\d)"
#: "3/4/1985", "21 marzo 1990", "3rd of April 1985", "April 3, 1985".
_DATE = (
    rf"(?:{DATE}|\d{{1,2}}[/. -]\d{{1,2}}[/. -]{_YEAR}|"
    rf"{_DAY}[ /.-](?:of )?{_MONTH}[ /.,-]{{1,2}}{_YEAR}|{_MONTH} {_DAY},? {_YEAR})(?!\d|[/.-]\d)"
)
_BETWEEN = r"[^\d\n.!?;]{0,25}?"
_BORN = re.compile(
    rf"(?i:(?<!\w)(?:(?P<born>nat[oa](?:/[oa])?\b{_BETWEEN}|born\b{_BETWEEN})|"
    rf"(?:data |giorno |luogo e data )?(?:di )?nascita\b{_BETWEEN}|"
    rf"(?:date of birth|birth ?date|d\.?o\.?b)\b\.?{_BETWEEN}|"
    r"compio (?:gli )?anni (?:il )?|(?:mio compleanno|my birthday) (?:è |e' |is )(?:il |on )?)"
    rf"(?<!\d)(?P<date>{_DATE}))"
)
#: "Il negozio è nato il 12/3/1998" is of no person.
_OF_A_SHOP = re.compile(
    r"(?i:\b(?:negozio|azienda|ditta|marchio|marca|brand|sito|società|bottega|app|"
    r"shop|store|company|firm|site|business)\b[^.!?\n]{0,20})$"
)
_LONGEST_BEFORE = 40


def birth_date_spans(text: str) -> Iterator[Span]:
    """Yield where days of birth begin and end.

    Examples
    --------
    >>> text = "Sono nata il 3/4/1985, ho ordinato il 12/03/2025"
    >>> [text[start:end] for start, end in birth_date_spans(text)]
    ['3/4/1985']
    """
    for found in _BORN.finditer(text):
        before = text[max(0, found.start() - _LONGEST_BEFORE) : found.start()]
        if not (found["born"] and _OF_A_SHOP.search(before)):
            yield found.span("date")
