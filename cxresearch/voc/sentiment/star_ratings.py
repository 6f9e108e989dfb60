"""Marks that customers give in a text: stars, "10/10", "voto 9"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cxresearch.voc.text.raw_text import distinct_words, fold

_FULL, _EMPTY = "★⭐🌟✭✮", "☆✩"
_WORDS = {
    "zero": 0, "no": 0, "nessuna": 0,
    "one": 1, "un": 1, "una": 1, "uno": 1, "two": 2, "due": 2, "three": 3, "tre": 3,
    "four": 4, "quattro": 4, "five": 5, "cinque": 5, "six": 6, "sei": 6, "seven": 7, "sette": 7,
    "eight": 8, "otto": 8, "nine": 9, "nove": 9, "ten": 10, "dieci": 10,
}  # fmt: skip
_NUMBER = r"\d{1,2}(?:[.,]\d)?|" + "|".join(_WORDS)
#: What is no mark: "in 4/5 days", "10/10" as a date, a hotel of four stars, a star taken away.
_OF_ANOTHER = (
    r"(?!\s*-?\s*(?:giorn|days?\b|or[ae]\b|hours?\b|hrs?\b|h\b|gg\b|settiman|weeks?\b|"
    r"mes[ei]\b|months?\b|"
    r"minut|min\b|ann[oi]\b|years?\b|volt[ae]\b|times\b|person|people|pezz|pieces|items?\b|"
    r"euro|€|eur\b|"
    r"cm\b|mm\b|kg\b|gr?\b|ml\b|lit|%|di\b|del|dei\b|degli\b|dal|al\b|alle\b|of\b|parcels|"
    r"orders|ordin[ie]|"
    r"articol|prodott|products|bottigli|bottles|punti vendita|uova|sedie|on the|ottobre|october))"
)
#: "9 out of 10 questions" is none either: a mark is followed by nothing that it could count.
_OF_NOTHING = (
    r"(?:(?<=/10)|(?<=/5)|(?<=/ 10)|(?=\s*(?:$|[^\w\s]|(?:for|from|and|but|to|would|will|i|"
    r"on|as|per|e|ma|al|"
    r"alla|allo|ai|alle|all|stars?|points?|stelle|punti|con|in|this|great|good|very|so|"
    r"because|perche)\b)))"
)
_BEFORE_DATE = (
    r"(?<!\bil )(?<!\bdal )(?<!\bal )(?<!\bdel )(?<!\bentro )(?<!\bon )(?<!\bsince )(?<!\bfrom )"
    r"(?<!\buntil )(?<!\bby )(?<!\btra )(?<!\bfra )(?<!\bin )(?<!\bof )(?<!\bda )"
    r"(?<!\bto )(?<!\bi )"
    r"(?<!ordinato )(?<!arrivato )(?<!spedito )(?<!consegnato )(?<!ordered )(?<!delivered )"
    r"(?<!dated )(?<!\bgiorno )(?<!\bdata )(?<!\bdate )(?<!\bcirca )(?<!\babout )"
    r"(?<!\bonly )(?<!\bsolo )"
    r"(?<!order )(?<!ordine )(?<!numero )(?<!number )(?<!size )(?<!taglia )(?<!misura )(?<!ogni )"
)
#: What every mark has one of.
_CUE = re.compile(
    rf"\d|[{_FULL}]|\b(?i:stars?|stell|vot[oa]|punteggio|valutazione)|\b(?i:out of|su|do|"
    rf"darei|metto) \w"
)
#: The words that it begins with, a digit anywhere in them.
_CUE_WORD = re.compile(
    r"\w*\d|stars?|stell|vot[oa]|punteggio|valutazione|(?:out|su|do|darei|metto)$"
)
_STARS = re.compile(f"[{_FULL}{_EMPTY}](?:\\s?\ufe0f?[{_FULL}{_EMPTY}])*\ufe0f?")
_FRACTION = re.compile(
    rf"(?<![\w/.,:-])(?=(?:[a-z]+\W{{0,3}})?(?:{_NUMBER})\s?(?:/|su|out))"
    + _BEFORE_DATE
    + r"(?:(?:voto|rating|score|punteggio|valutazione)\W{0,3})?"
    rf"(?P<value>{_NUMBER})\s?(?:/|su|out of)\s?(?P<most>5|10|cinque|dieci|five|"
    rf"ten)(?![\w/]|[.,:]\d)"
    + _OF_NOTHING
    + r"(?:\s(?:stars?|stelle|punti|points)\b)?"
    + _OF_ANOTHER
)
_STAR_WORDS = re.compile(
    rf"(?<![\w/.,:-])(?=(?:{_NUMBER})[ -]?st)"
    r"(?<!\bun )(?<!\bhotel )(?<!\balbergo )(?<!\ba )(?<!\bmeno )(?<!\bminus )"
    r"(?<!\btolgo )(?<!\btolto )"
    r"(?<!\boff )(?<!\blost )(?<!dropped )(?<!docked )(?<!knocked )(?<!took )"
    r"(?<!taking )(?<!dropping )(?<!losing )(?<!perde )(?<!perso )(?<!tolta )"
    r"(?<!\bdeducted )(?<!\bai )(?<!\bof )(?<!\bremoved )(?<!\bthe )(?<!\ble )"
    rf"(?P<value>{_NUMBER})[ -]?(?:stars?|stell[ae]|stelline)\b"
    r"(?! ?(?:hotel|albergo|lusso|superior|in meno|less|off|rating system|review|"
    r"restaurant|resort))"
)
_VOTE = re.compile(
    r"\b(?:voto|votazione|valutazione|punteggio)(?: (?:finale|complessivo|totale|generale|"
    r"e))?\s?[:=-]?\s?"
    rf"(?P<value>{_NUMBER})\b(?![/,.]?\d)"
    + _OF_ANOTHER
    + r"|\b(?:do|diamo|darei|metto|merita|assegno)(?: (?:un|uno|loro|come voto|voto))?\s"
    r"(?P<given>\d{1,2}|zero|dieci|nove|otto|sette)\b(?![/,.:]?\d)(?: e lode\b)?"
    + _OF_ANOTHER
    + r"|(?P<praise>\b10 e lode\b)"
)

#: The patterns in their order, each with letters of which a text with such a mark has one.
_PATTERNS = (
    (_STARS, tuple(_FULL)),
    (_FRACTION, ("/", "su", "out of")),
    (_STAR_WORDS, ("star", "stell")),
    (
        _VOTE,
        (
            *("vot", "valutazione", "punteggio", "lode"),
            *("do", "diamo", "darei", "metto", "merita", "assegno"),
        ),
    ),
)


class MarkedText(NamedTuple):
    """A text without its marks, and the mean of those, -1 to 1; None where there are none."""

    text: str
    mark: float | None


def without_marks(text: str) -> MarkedText:
    """Return a text without the marks its writer gives, and their mean.

    Of five, 1 is -1, 3 is 0 and 5 is 1; of ten, 0 is -1 and 10 is 1, and a mark of no known scale
    is of ten. "In 4/5 days", "on 10/10" and a hotel of four stars are none.

    Examples
    --------
    >>> without_marks("★★☆☆☆ slow")
    MarkedText(text=' slow', mark=-0.5)
    >>> without_marks("Voto 9").mark, without_marks("arriva in 4/5 giorni").mark
    (0.8, None)
    """
    if not (_has_star(text) or any(map(_may_cue, distinct_words(fold(text))))) or not _CUE.search(
        text
    ):
        return MarkedText(text, None)
    values: list[float] = []
    for pattern, cues in _PATTERNS:
        folded = fold(text)
        if not any(cue in folded for cue in cues):
            continue
        pieces, end = [], 0
        for match in pattern.finditer(folded):
            value = _value(match)
            if value is None:
                continue
            values.append(value)
            pieces += [text[end : match.start()]]
            end = match.end()
        text = "".join([*pieces, text[end:]])
    return MarkedText(text, sum(values) / len(values) if values else None)


def _has_star(text: str) -> bool:
    return not text.isascii() and any(star in text for star in _FULL)


@lru_cache(maxsize=1 << 16)
def _may_cue(word: str) -> bool:
    """Return whether a folded word may be of what every mark has, which costs more to look for."""
    return bool(_CUE_WORD.match(word))


def _value(match: re.Match[str]) -> float | None:
    """Return a mark from -1 to 1; None where it is none."""
    found = match.groupdict()
    if "value" not in found:
        return _of_stars(match[0])
    if found.get("praise"):
        return 1.0
    value = _number(found["value"] or found.get("given") or "")
    if match.re is _STAR_WORDS:
        return _of_five(value)
    most = _number(found.get("most") or "10")
    if value > most:
        return None
    return _of_five(value) if most == 5 else value / 5 - 1


def _of_stars(run: str) -> float | None:
    full = sum(run.count(star) for star in _FULL)
    empty = sum(run.count(star) for star in _EMPTY)
    # One star alone is an ornament; five empty ones may stand for five.
    if not full or full + empty == 1 or full + empty > 5:
        return None
    return _of_five(full)


def _of_five(value: float) -> float:
    return max(-1.0, min(1.0, (value - 3) / 2))


def _number(written: str) -> float:
    return float(_WORDS[written]) if written in _WORDS else float(written.replace(",", "."))
