"""Names of people, where the words around them say that they are names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from cxresearch.core import yaml_files
from cxresearch.voc._shipped import shipped

#: A capital and small letters, with what names may hold: "D'Ambrisco", "De Luca", "O'Neil".
_CAPITAL = r"(?:[A-ZÀ-Ý]')?[A-ZÀ-Ý][a-zà-ÿ]+(?:[-'][A-ZÀ-Ý][a-zà-ÿ]+)*"
_PARTICLE = r"(?:(?:De|Di|Da|Del|Della|Dello|Dei|Dal|Dalla|Lo|La|Li|Van|Von|Mc|St\.?) )?"
_SURNAME = f"{_PARTICLE}{_CAPITAL}"
#: Two or three of them.
_FULL = f"{_CAPITAL}(?: {_SURNAME}){{1,2}}"
_ONE_OR_MORE = f"{_CAPITAL}(?: {_SURNAME}){{0,2}}"
#: The same typed without capitals, or in capitals only.
_ANY_WORD = r"[^\W\d_]+(?:'[^\W\d_]+)?"

#: Where a cue leaves no doubt, a name may be typed in any way.
_SURE_CUES = re.compile(
    r"\b(?:mi chiamo|il mio nome (?:e cognome )?(?:è|e'|e(?! cognome))?|"
    r"my (?:full )?name is|my name's)"
    rf"[:\s]\s*(?P<name>{_ANY_WORD}(?:\s{_ANY_WORD}){{0,2}})",
    re.IGNORECASE,
)
#: Where it leaves some, what follows must be written as a name is; the cue may be in any case.
_CUES = re.compile(
    r"(?i:\b(?:intestat[oaie] a|a nome(?: di)?|firmato|in fede|nome e cognome:?|"
    r"nome:|cognome:|nominativo:?|(?:l')?operat(?:ore|rice) (?:di nome )?|di nome|"
    r"sig\.?(?:ra|na)?\.?|signor[ae]?|signorina|dott\.?(?:ssa)?\.?|dottor(?:e|essa)?|"
    r"in the name of|under the name(?: of)?|signed,?|full name:?|name:|"
    r"mr\.?|mrs\.?|ms\.?|miss|dr\.?|"
    r"(?:agent|advisor|representative|rep|lady|woman|man|guy|girl|someone|somebody) "
    r"(?:called|named)))"
    rf"[,:]?\s+(?P<name>{_ONE_OR_MORE})"
)
_GREETINGS = re.compile(
    r"(?i:\b(?:(?:cordiali |distinti |cari |tanti )?saluti|cordialmente|a presto|grazie|"
    r"(?:kind |best |warm )?regards|yours sincerely|sincerely|yours|"
    r"many thanks|thanks|cheers))"
    rf"[,.!]?\s+(?P<name>{_ONE_OR_MORE})\s*[.!]?\s*$"
)
#: "sono Marco Rossi", "I am Anna White"; "sono Molto Contenta" has no first name.
_I_AM = re.compile(
    rf"(?:\b[Ss]ono|\bI am|\bI'm|\b[Tt]his is|\b[Qq]ui(?: è)?) (?P<name>{_ONE_OR_MORE})"
)
#: "Anna Bianchi, ordine n. 123".
_BEFORE_ORDER = re.compile(rf"(?P<name>{_FULL}),? (?i:ordine|order)\b")
#: A first name with a surname, wherever they are.
_FULL_NAME = re.compile(rf"(?P<name>(?P<first>{_CAPITAL}) {_SURNAME})")


def name_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where names of people begin and end."""
    for found in _SURE_CUES.finditer(text):
        if end := _end_of_name(found["name"]):
            yield found.start("name"), found.start("name") + end
    for pattern in (_CUES, _BEFORE_ORDER):
        for found in pattern.finditer(text):
            if _may_be_name(found["name"]):
                yield found.span("name")
    for found in _GREETINGS.finditer(text):
        first, *rest = found["name"].split()
        if is_first_name(first) or (rest and _may_be_name(found["name"])):
            yield found.span("name")
    for found in _I_AM.finditer(text):
        if is_first_name(found["name"].split()[0]):
            yield found.span("name")
    for found in _FULL_NAME.finditer(text):
        if is_first_name(found["first"]):
            yield found.span("name")


def is_first_name(word: str) -> bool:
    """Return whether a word is a common first name."""
    return any(word.lower() in _words(f"first_names_{language}") for language in ("it", "en"))


def _end_of_name(words: str) -> int:
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


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


def _may_be_name(words: str) -> bool:
    """Return whether capitals after a cue may be a name: "Grazie Mille" is none."""
    lists = (_words("ends"), _words("no_names"))
    return not any(word.lower() in one for word in words.split() for one in lists)


@cache
def _words(part: str) -> frozenset[str]:
    """Return a list of ``names.yaml``."""
    return frozenset(yaml_files.load(shipped("names.yaml").read_text("utf-8"))[part])
