"""How good or bad the words of a text are by themselves, without its meaning as a whole."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from cxresearch.voc.matching.negation import is_negated
from cxresearch.voc.resources import content
from cxresearch.voc.text.raw_text import fold, words

#: What a negation leaves of a word's value, turned round; measured for VADER, English.
_NEGATED = -0.74
#: What "poco chiaro" leaves of "chiaro", and what "molto" adds to it.
_WEAKER, _STRONGER = -0.5, 1.25
#: The sum of values at which a text is 0.71 of the way to the end of the scale, squared.
_HALF_WAY = 15.0
_SHORTEST_STEM = 3


def word_score(text: str, language: str) -> float:
    """Return the value of the words of a readable text, -1 to 1; 0 where none has one.

    English is scored by VADER, Italian by the kit's own list of words in the same manner: the sum
    of the words' values, turned round where they are denied, s / sqrt(s**2 + 15). A text in
    neither language, or in one that is not known, is scored by both lists.

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
    if language == "it":
        return _italian(text)
    both = word_score(text, "en") + word_score(text, "it")
    return max(-1.0, min(1.0, both))


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


def _italian(text: str) -> float:
    lexicon = _lexicon("it")
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
            total += value * lexicon.factor(before, folded, start)
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

    def factor(self, before: str, folded: str, start: int) -> float:
        """Return what the words before a place make of the value of the word there."""
        if before in self.weaker:
            return _WEAKER
        stress = _STRONGER if before in self.stronger else 1.0
        return stress * (_NEGATED if is_negated(folded, start, "it") else 1.0)


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
