"""Words that tell the names of people from other words, and those that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from cxresearch.voc.resources import content

#: What a surname may begin with; in small letters only what no sentence goes on with.
PARTICLES = (
    r"(?:De|Di|Da|Del|Della|Dello|Dei|Dal|Dalla|Lo|La|Li|Mc|St\.?|"
    r"[Vv]an(?: de[nr]?)?|[Vv]on(?: der)?|de(?: la| los)?|dos|bin) "
)
_PARTICLE = re.compile(rf"{PARTICLES}(?=[A-ZÀ-Ý])")


def is_first_name(word: str) -> bool:
    """Return whether a word is a common first name."""
    return any(word.lower() in _words(f"first_names_{language}") for language in ("it", "en"))


def is_often_first_name(word: str) -> bool:
    """Return whether a word is a common first name, if it may be another word too."""
    return is_first_name(word) or word.lower() in _words("first_names_and_words")


def end_of_name(words: str) -> int:
    """Return where the name in the words after a sure cue ends; 0 where there is none."""
    end = 0
    for word in re.finditer(r"\S+", words):
        if word[0].lower() in _words("ends"):
            break
        end = word.end()
        # A third word is a surname's only where it is written as one.
        if end < len(words) and not _is_capital(words[end:].split()[0]) and _is_capital(word[0]):
            break
    return end


def before_no_name(words: str) -> int:
    """Return where capitals that begin with a first name go on as a sentence: "Anna Grazie"."""
    return next((start for start in _no_names(words) if start), len(words))


def may_be_name(words: str) -> bool:
    """Return whether capitals after a cue may be a name: "Grazie Mille" is none."""
    return not any(True for _ in _no_names(words))


def _no_names(words: str) -> Iterator[int]:
    """Yield where words begin that are of no name, if they do not begin a surname: "Lo Presti"."""
    lists = (_words("ends"), _words("no_names"))
    for word in re.finditer(r"\S+", words):
        is_particle = _PARTICLE.match(words, word.start())
        if not is_particle and any(word[0].lower() in one for one in lists):
            yield word.start()


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


@cache
def _words(part: str) -> frozenset[str]:
    """Return a list of ``names.yaml``."""
    return frozenset(content("names.yaml")[part])


@cache
def no_people() -> re.Pattern[str]:
    """Return what finds brands and goods that are called as people are."""
    parts = (re.escape(one).replace(r"\ ", r"\s") for one in content("names.yaml")["no_people"])
    return re.compile(rf"(?i:(?<!\w)(?:{'|'.join(parts)})(?!\w))")
