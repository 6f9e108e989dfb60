"""What a text means where its words say another thing: "could not be happier", "if only"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import simplemma

from cxresearch.voc.matching.term_patterns import Sieve
from cxresearch.voc.resources import content
from cxresearch.voc.sentiment.lexicon import word_score
from cxresearch.voc.text.raw_text import fold

_PART = re.compile(r"<(\w+)>")
#: The plain form of comparatives that no dictionary has so, by language.
_PLAIN = {
    "en": {"better": "good", "worse": "bad", "easier": "easy"},
    "it": {
        "meglio": "ottimo",
        "migliore": "ottimo",
        "migliori": "ottimi",
        "peggio": "pessimo",
        "peggiore": "pessimo",
        "peggiori": "pessimi",
    },
}
#: What is neither of a good word and of a bad one, by language.
_OPPOSITE = {"en": ("bad", "good"), "it": ("pessimo", "ottimo")}


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is said, as a pattern over a folded text, and what it means."""

    group: int
    said: re.Pattern[str]
    meant: str


@dataclass(frozen=True, slots=True)
class _Rules:
    """Rules in their order, by groups that hold only in a text with one of some letters."""

    cues: tuple[tuple[str, ...], ...]
    rules: tuple[_Rule, ...]
    sieve: Sieve


def plain_meaning(text: str, language: str) -> str:
    """Return a text with what is said by negation, wish or answer put in plain words.

    A text in a language that is not known is read by the rules of both.

    Examples
    --------
    >>> plain_meaning("Honestly, it could not be easier!", "en")
    'Honestly, it is very easy!'
    >>> plain_meaning("Sarebbe stato perfetto", "it")
    'purtroppo non e perfetto'
    """
    for one in (language,) if language in _PLAIN else tuple(_PLAIN):
        text = _apply_rules(text, one)
    return text


def _apply_rules(text: str, language: str) -> str:
    own = _rules(language)
    folded = fold(text)
    cued: dict[int, bool] = {}
    waiting = own.sieve.candidates(folded)
    while waiting:
        place = waiting.pop(0)
        rule = own.rules[place]
        if rule.group not in cued:
            cued[rule.group] = any(cue in folded for cue in own.cues[rule.group])
        if cued[rule.group] and (read := _replace(text, folded, rule, language)):
            text, folded = read, fold(read)
            waiting = [later for later in own.sieve.candidates(folded) if later > place]
    return text


def _replace(text: str, folded: str, rule: _Rule, language: str) -> str:
    """Return a text in which a rule was followed; empty where it holds nowhere."""
    pieces: list[str] = []
    end = 0
    for match in rule.said.finditer(folded):
        words = {"word": "", "more": ""} | {
            name: found for name, found in match.groupdict().items() if found
        }
        if words["more"]:
            words["more"] = _plain(words["more"], language)
            if not words["more"]:
                continue
        if "{opposite}" in rule.meant:
            words["opposite"] = _opposite(words["word"], language)
            if not words["opposite"]:
                continue
        pieces += [text[end : match.start()], rule.meant.format(**words)]
        end = match.end()
    return "".join([*pieces, text[end:]]) if end else ""


def _opposite(word: str, language: str) -> str:
    """Return "bad" of a good word, "good" of a bad one; empty of one that is neither."""
    value = word_score(word, language)
    bad, good = _OPPOSITE[language]
    return (bad if value > 0 else good) if value else ""


def _plain(comparative: str, language: str) -> str:
    """Return what a comparative is of, such as "happy" of "happier"; empty where it is none."""
    if known := _PLAIN[language].get(comparative):
        return known
    lemma = simplemma.lemmatize(comparative, language)
    if lemma != comparative:
        return lemma
    bare = comparative[:-1]  # no list has "nicer", but one has "nice"
    return bare if bare.endswith("e") and simplemma.is_known(bare, language) else ""


@cache
def _rules(language: str) -> _Rules:
    own: dict[str, Any] = content("lexicons", "meant.yaml")[language]
    rules = tuple(
        _Rule(place, _compile(said, own["parts"]), meant)
        for place, group in enumerate(own["rules"])
        for said, meant in group["said"]
    )
    cues = tuple(tuple(group["cues"]) for group in own["rules"])
    return _Rules(cues, rules, Sieve([rule.said for rule in rules]))


def _compile(said: str, parts: dict[str, str]) -> re.Pattern[str]:
    """Return a pattern with its parts in their places."""
    return re.compile(_PART.sub(lambda part: parts.get(part[1], part[0]), said))
