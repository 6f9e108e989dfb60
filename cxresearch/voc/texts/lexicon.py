"""How good or bad the words, emoji and marks of a text are, each by itself."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from cxresearch.voc.resources import LANGUAGES, content
from cxresearch.voc.texts.matcher import is_negated
from cxresearch.voc.texts.raw_text import distinct_words, fold, words

#: What a negation leaves of a word's value, turned round; measured for VADER, English.
_NEGATED = -0.74
#: What "poco chiaro" leaves of "chiaro", and what "molto" adds to it.
_WEAKER, _STRONGER = -0.5, 1.25
#: The sum of values at which a text is 0.71 of the way to the end of the scale, squared.
_HALF_WAY = 15.0
_SHORTEST_STEM = 3
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


def word_score(text: str, language: str) -> float:
    """Return the value of the words of a readable text, -1 to 1; 0 where none has one.

    English is scored by VADER, Italian by the kit's own list of words in the same manner: the sum
    of the words' values, turned round where they are denied, s / sqrt(s**2 + 15). A text in
    none of these languages, or in one that is not known, is scored by all lists.

    References
    ----------
    Hutto & Gilbert (2014), VADER, ICWSM.

    Examples
    --------
    >>> word_score("Ottimo servizio", "it") > 0 > word_score("Servizio pessimo", "it")
    True
    >>> word_score("Nessun errore nel pagamento", "it") > 0
    True
    """
    if language == "en":
        return _english(text)
    if language in LANGUAGES:
        return _by_list(text, language)
    every = sum(word_score(text, one) for one in LANGUAGES)
    return max(-1.0, min(1.0, every))


def emoji_score(text: str) -> float:
    """Return the value of the emoji of a text, -1 to 1; 0 where none of them has one.

    Examples
    --------
    >>> emoji_score("👍") > 0 > emoji_score("parcel 😡"), emoji_score("📦")
    (True, 0.0)
    """
    return _damp(_without_emoji(text)[1])


def _without_emoji(text: str) -> tuple[str, float]:
    """Return a text without the emoji that have a value, and the sum of those."""
    if text.isascii():
        return text, 0.0
    values = _emoji()
    return _emoji_pattern().sub(" ", text), sum(
        values[one] for one in _emoji_pattern().findall(text)
    )


def _damp(total: float) -> float:
    return total / math.sqrt(total**2 + _HALF_WAY)


def _english(text: str) -> float:
    words_only, pictures = _without_emoji(text)
    value = float(_vader().polarity_scores(words_only)["compound"])
    if not pictures:
        return value
    return _damp(value * math.sqrt(_HALF_WAY / max(1 - value**2, 1e-4)) + pictures)


def _by_list(text: str, language: str) -> float:
    lexicon = _lexicon(language)
    text, total = _without_emoji(text)
    folded = fold(text)
    total += sum(value * text.count(mark) for mark, value in lexicon.marks.items())
    taken = 0
    placed = [(word.start(), word[0]) for word in words(folded)]
    for place, (start, word) in enumerate(placed):
        if start < taken:
            continue
        if phrase := lexicon.phrases.match(folded, start):
            total += lexicon.values[phrase[0]]
            taken = phrase.end()
        elif value := lexicon.value(word):
            before = placed[place - 1][1] if place else ""
            total += value * lexicon.factor(before, folded, start, language)
    return _damp(total)


class _Lexicon:
    """The values of words, phrases and marks of one language."""

    def __init__(self, lists: Mapping[str, Any]) -> None:
        by_word = _by_entry(lists["words"])
        self.whole = {word: value for word, value in by_word.items() if not word.endswith("*")}
        self.stems = {word[:-1]: value for word, value in by_word.items() if word.endswith("*")}
        self.values = _by_entry(lists["phrases"])
        longest_first = sorted(self.values, key=len, reverse=True)
        self.phrases = re.compile("(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
        self.marks = _by_entry(lists["marks"])
        self.stronger = {fold(word) for word in lists["stronger"]}
        self.weaker = {fold(word) for word in lists["weaker"]}
        self._met: dict[str, float] = {}

    def value(self, word: str) -> float:
        """Return the value of a folded word; the longest stem counts."""
        if word not in self._met:
            stems = (word[:end] for end in range(len(word), _SHORTEST_STEM - 1, -1))
            stem = next((self.stems[one] for one in stems if one in self.stems), 0.0)
            self._met[word] = self.whole.get(word, stem)
        return self._met[word]

    def factor(self, before: str, folded: str, start: int, language: str) -> float:
        """Return what the words before a place make of the value of the word there."""
        if before in self.weaker:
            return _WEAKER
        stress = _STRONGER if before in self.stronger else 1.0
        return stress * (_NEGATED if is_negated(folded, start, language) else 1.0)


def _by_entry(by_value: Mapping[int, list[str]]) -> dict[str, float]:
    return {fold(entry): float(value) for value, entries in by_value.items() for entry in entries}


@cache
def _emoji() -> dict[str, float]:
    by_value = content("lexicons", "emoji.yaml")
    return {one: float(value) for value, entries in by_value.items() for one in entries}


@cache
def _emoji_pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _emoji())))


@cache
def _lexicon(language: str) -> _Lexicon:
    return _Lexicon(content("lexicons", f"{language}.yaml"))


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    own = content("lexicons", "en.yaml")
    # Its values stand, for ten people gave each of them, but where they are those of manners.
    analyzer.lexicon = (
        _by_entry(own["words"]) | analyzer.lexicon | dict.fromkeys(own["polite"], 0.0)
    )
    return analyzer


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
