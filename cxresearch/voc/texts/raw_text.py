"""What customers wrote, and not the agents they wrote to, as text that can be read."""

from __future__ import annotations

import html
import os
import re
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from cxresearch.core import validate
from cxresearch.study import naming

#: A time of the recording or of the day, as it stands before who speaks or after.
_CLOCK = r"[\[(]?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AaPp][Mm])?[\])]?(?: -)?"
_NAME = r"[^\W\d_][\w .'-]{0,40}?"
_TURN = re.compile(rf"\s*(?:{_CLOCK} )?({_NAME})(?: ?{_CLOCK})?\s?:(?:\s+|$)(.*)")
#: Turns that follow each other on one line stand after the end of a sentence or a bar.
_WITHIN = r"(?:(?<=[.!?\u2026|/] )|(?<=\|))"

#: What a mail program leaves: comments, style sheets, and tags with a name. "<3" is none of them.
#: Each stops where the next of its kind begins, or a text of openings only would take hours.
_MARKUP = re.compile(
    r"<!--(?:(?!<!--(?!>)).)*?-->|"
    r"<(script|style)\b[^<>]{0,2000}>(?:(?!<(?:script|style)\b).)*?</\1\s*>|"
    r"</?[a-z][^<>]{0,2000}>",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
#: Controls but tab and line ends, the marks that turn the direction of writing, and what no file
#: can hold: halves of emoji, and the two codes that are no character.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)
_WORD = re.compile(r"[^\W_]+")
#: Beyond these, letters have no accents that people leave out.
_LAST_LATIN = 0x24F
#: Several readings of one text follow each other; the texts before it are not met again.
_READ_TOGETHER = 32
_SUPERLATIVE = re.compile("(..+)issim[oaie]")
_WITH_PRONOUN = re.compile("(..+r)(?:(?:me|te|ce|ve|glie|se)?(?:l[oaie]|ne)|[mtcvs]i|gli)")
#: What people type for an apostrophe.
APOSTROPHES = (
    "\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
    "\N{ACUTE ACCENT}\N{PRIME}`"
)
_STRAIGHT = dict.fromkeys(map(ord, APOSTROPHES), "'")
#: Stands for what was found already: no pattern reads it, or across it.
FOUND = "\0"
#: What people part numbers by, and what stands for it here.
_DOTS = (
    "\N{MIDDLE DOT}\N{BULLET}\N{BULLET OPERATOR}\N{HYPHENATION POINT}\N{KATAKANA MIDDLE DOT}"
    "\N{IDEOGRAPHIC FULL STOP}"
)
_SLASHES = "\N{FRACTION SLASH}\N{DIVISION SLASH}"
_HYPHENS = "\N{MINUS SIGN}\N{HYPHEN BULLET}"
_UNSEEN_KINDS = {"Cf", "Mn", "Me"}
T = TypeVar("T")
#: Seconds before the bar is shown; what is done by then needs none.
_PATIENCE = 5.0
_WIDTH = 30
#: How many items are worked on between two looks at the clock.
_LOOK_EVERY = 256
#: Where one of these is set no bar is shown: while a report is built it would be part of the page.
_SILENT = {"CX_REPORT_RECORD", "CX_NO_PROGRESS"}


def as_list(texts: Iterable[Any], name: str = "texts") -> list[str]:
    """Return texts from any container as a list; a missing one (None, nan) is empty.

    Examples
    --------
    >>> as_list(["ok", None, float("nan")])
    ['ok', '', '']
    """
    if isinstance(texts, str | bytes):
        raise TypeError(f"{name} must be a sequence of texts; got one text, {texts!r:.60}")
    found = list(texts.to_pylist() if hasattr(texts, "to_pylist") else texts)
    wrong = [one for one in found if not (isinstance(one, str) or is_missing(one))]
    if wrong:
        rule = f"texts ({len(wrong)} of {len(found)} are not)"
        raise TypeError(f"{name} must be {rule}; got {wrong[0]!r:.60}")
    return [one if isinstance(one, str) else "" for one in found]


def per_text(values: str | Iterable[Any] | None, n: int, name: str) -> Sequence[str | None]:
    """Return one value per text: the same for all, or one each; a missing one is None."""
    if values is None or isinstance(values, str):
        return [values] * n
    found = [one or None for one in as_list(values, name)]
    validate.one_of(f"the length of {name}", len(found), (n,))
    return found


def is_missing(value: Any) -> bool:
    """Return whether a value is None, nan, or what pandas has for them."""
    import pandas as pd

    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


def batches(items: Sequence[T], *, size: int, what: str) -> Iterator[Sequence[T]]:
    """Yield items in batches, and show how far that is once it has taken five seconds.

    Examples
    --------
    >>> list(batches("abcde", size=2, what="letters"))
    ['ab', 'cd', 'e']
    """
    began = time.monotonic()
    shown = False
    for first in range(0, len(items), size):
        passed = time.monotonic() - began
        if passed > _PATIENCE and not _SILENT & os.environ.keys():
            sys.stderr.write("\r" + _bar(first, len(items), passed, what))
            sys.stderr.flush()
            shown = True
        yield items[first : first + size]
    if shown:
        passed = time.monotonic() - began
        sys.stderr.write("\r" + _bar(len(items), len(items), passed, what) + "\n")


def one_by_one(items: Sequence[T], *, what: str) -> Iterator[T]:
    """Yield items as they are, and show how far that is as `batches` does.

    Examples
    --------
    >>> "".join(one_by_one("abc", what="letters"))
    'abc'
    """
    for part in batches(items, size=_LOOK_EVERY, what=what):
        yield from part


def _bar(done: int, count: int, passed: float, what: str) -> str:
    """Return the bar: how much is done, and for how many more seconds, or how long it took.

    Examples
    --------
    >>> _bar(300, 1200, 10.0, "texts")
    '[#######                       ] 300 of 1,200 texts, 30 s left'
    """
    marks = "#" * (_WIDTH * done // count)
    left = passed * (count - done) / done if done else float("nan")
    end = f"{left:.0f} s left" if done < count else f"{passed:.0f} s     "
    return f"[{marks:<{_WIDTH}}] {done:,} of {count:,} {what}, {end}"


def readable(text: str) -> str:
    """Return a text without markup and unseen characters, each letter as one character.

    Examples
    --------
    >>> readable("<p>Non &egrave; <b>arrivato</b></p>")
    ' Non è  arrivato  '
    """
    if "<" in text:
        text = _MARKUP.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def _folding() -> dict[int, str]:
    """Return each accented letter with its plain one, and each apostrophe with the straight one."""
    letters = map(chr, range(0xC0, _LAST_LATIN + 1))
    plain = {ord(letter): unicodedata.normalize("NFD", letter)[0].lower() for letter in letters}
    return plain | _STRAIGHT


_FOLDING = _folding()


@lru_cache(maxsize=_READ_TOGETHER)
def fold(text: str) -> str:
    """Return a text in small letters without accents, every character in its place.

    Examples
    --------
    >>> fold("Perché L'ORDINE è così")
    "perche l'ordine e cosi"
    """
    folded = text.translate(_FOLDING)
    lower = folded.lower()
    # No letter that is left grows when it is lowered, so places stay what they were.
    return lower if len(lower) == len(text) else folded


def words(folded: str) -> Iterator[re.Match[str]]:
    """Yield each word of a folded text; what an apostrophe or a hyphen joins are two.

    Examples
    --------
    >>> [word[0] for word in words("l'e-mail non c'e")]
    ['l', 'e', 'mail', 'non', 'c', 'e']
    """
    return _WORD.finditer(folded)


@lru_cache(maxsize=_READ_TOGETHER)
def distinct_words(folded: str) -> frozenset[str]:
    """Return the words of a folded text, each once.

    Examples
    --------
    >>> sorted(distinct_words("non c'e, non so"))
    ['c', 'e', 'non', 'so']
    """
    return frozenset(_WORD.findall(folded))


@cache
def root(word: str, language: str) -> str | None:
    """Return the dictionary form of a word, folded; None of a word that is not in the dictionary.

    Examples
    --------
    >>> root("spedizioni", "it"), root("velocissima", "it"), root("rimborsarmi", "it")
    ('spedizione', 'veloce', 'rimborsare')
    >>> root("deliveries", "en"), root("consenga", "it")
    ('delivery', None)
    """
    import simplemma

    small = word.lower()
    for known in (small, *_italian_stems(small)) if language == "it" else (small,):
        if simplemma.is_known(known, language):
            return fold(simplemma.lemmatize(known, language))
    return None


def _italian_stems(word: str) -> Iterator[str]:
    """Yield what a superlative, or a verb with its pronoun, may come from."""
    if superlative := _SUPERLATIVE.fullmatch(word):
        yield from (superlative[1] + "o", superlative[1] + "e")
    if verb := _WITH_PRONOUN.fullmatch(word):
        yield verb[1] + "e"


class Taken:
    """Which characters of a text are taken; asking costs the same however many there are.

    Examples
    --------
    >>> taken = Taken(10)
    >>> taken.take(2, 5)
    >>> taken.is_free(5, 9), taken.is_free(4, 9)
    (True, False)
    """

    __slots__ = ("_marks",)

    def __init__(self, length: int) -> None:
        self._marks = bytearray(length)

    def is_free(self, start: int, end: int) -> bool:
        """Return whether nothing from `start` up to `end` is taken."""
        return self._marks.find(1, start, end) < 0

    def take(self, start: int, end: int) -> None:
        """Take what is from `start` up to `end`."""
        self._marks[start:end] = b"\1" * (end - start)


class PlainText(NamedTuple):
    """A text as it is searched, and the place of each of its characters in the text as it is."""

    text: str
    places: Sequence[int]

    @classmethod
    def of(cls, text: str) -> PlainText:
        """Return a text as it is searched.

        Examples
        --------
        >>> seen = PlainText.of("tel.\N{NO-BREAK SPACE}347\N{EN DASH}1\N{SOFT HYPHEN}2")
        >>> seen.text, seen.places[-2]
        ('tel. 347-12', 11)
        """
        found = text.translate(_PLAIN_SIGNS)
        if len(found) == len(text):
            return cls(found, range(len(text) + 1))
        kept = [place for place, sign in enumerate(text) if _PLAIN_SIGNS[ord(sign)]]
        return cls(found, [*kept, len(text)])

    def without(self, spans: Iterable[tuple[int, int]]) -> PlainText:
        """Return the text with one sign for each span of it."""
        parts: list[str] = []
        places: list[int] = []
        done = 0
        for start, end in sorted(spans):
            parts += [self.text[done:start], FOUND]
            places += [*self.places[done:start], self.places[start]]
            done = end
        return PlainText("".join([*parts, self.text[done:]]), [*places, *self.places[done:]])


class _PlainSigns(dict[int, str]):
    """What stands for each character where a text is searched, found when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = seen = _plain_sign(chr(code))
        return seen


_PLAIN_SIGNS = _PlainSigns(dict.fromkeys(map(ord, "\t\x0b\x0c"), " "))
for _signs, _seen in ((APOSTROPHES, "'"), (_DOTS, "."), (_SLASHES, "/"), (_HYPHENS, "-")):
    _PLAIN_SIGNS.update(dict.fromkeys(map(ord, _signs), _seen))


def _plain_sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind in _UNSEEN_KINDS:
        return ""
    if kind == "Zs":
        return " "
    if kind in ("Zl", "Zp") or sign == "\x85":
        return "\n"
    if kind == "Pd":
        return "-"
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 and plain.isascii() else sign


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
    either = ours | _labels("customer")
    return [_of_customer(text, ours, either) for text in as_list(texts)]


@cache
def _labels(who: str) -> frozenset[str]:
    return frozenset(naming.names()["speakers"][who])


def _of_customer(text: str, ours: frozenset[str], either: frozenset[str]) -> str:
    theirs = _labels("customer")
    turns: list[list[str]] = []
    for line in _split(text, either).splitlines():
        found = _TURN.match(line)
        if found and _is_speaker(found[1].strip(), either):
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
        if (label := who.casefold()) in either:
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
