"""Where the rules of a codebook hold in a text, slips of the finger and negations known."""

from __future__ import annotations

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

from cxresearch.errors import CodebookError
from cxresearch.voc.texts.codebook import Codebook
from cxresearch.voc.texts.raw_text import Taken, fold, root, words
from cxresearch.voc.texts.salutation import end_of_salutation
from cxresearch.voc.texts.term_patterns import OvertimeError, Sieve, seconds_allowed, time_limit

#: Letters by which a word finds the phrases it may begin; a shortened word has at least three.
_KEY = 2
#: A longer word is in no dictionary, and nobody meant another by it.
_LONGEST = 40
#: A last letter that is drawn out: "bellissimooo".
_DRAWN_OUT = re.compile(r"([a-z])(?<!\1\1)\1{2,9}\b")
How = Literal["term", "lemma", "regex", "in context", "context", "exclusion"]
#: What ends a sentence, and with it the company of a word.
_SENTENCE_END = re.compile(r"[.!?;\n]")
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
#: Shorter words have too many neighbours one letter away.
_SHORTEST = 6
#: What is left of a shortened word may be a letter less.
_SHORTEST_STEM = 5


class Hit(NamedTuple):
    """One place in a text where a rule holds, from `start` up to `end`."""

    theme: str
    start: int
    end: int
    how: How
    rule: str
    negated: bool


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A term or lemma: its words in order; one that ends in ``*`` stands for any ending."""

    theme: str
    how: How
    rule: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as the rules see it, and the phrases that may begin with it."""

    folded: str
    lemma: str
    begins: tuple[_Phrase, ...]

    def is_part(self, phrase: _Phrase, place: int) -> bool:
        """Return whether this is the word of a phrase at one place."""
        part = phrase.parts[place]
        if phrase.how == "lemma":
            return self.lemma == part
        return self.folded == part or (part[-1] == "*" and self.folded.startswith(part[:-1]))


class _Placed(NamedTuple):
    word: _Word
    start: int
    end: int


@dataclass(frozen=True)
class Matcher:
    """The rules of a codebook in one language."""

    codebook: Codebook
    language: str
    #: Each spelling met so far: people write few words, many times.
    _met: dict[str, _Word] = field(default_factory=dict, repr=False)

    def hits(self, text: str) -> list[Hit]:
        """Return where the rules hold in a readable text, in no order; hits may overlap.

        Whom a message is to is no part of what it says.
        """
        start = end_of_salutation(text)
        folded = _DRAWN_OUT.sub(_cut_short, " " * start + fold(text)[start:])
        placed = [
            _Placed(self._word(text[word.start() : word.end()]), word.start(), word.end())
            for word in words(folded)
        ]
        by_how = self._phrase_hits(placed)
        found = by_how["term"] + by_how["lemma"] + self._regex_hits(folded)
        if unsure := by_how["in context"]:
            found += _in_company(unsure, [*found, *by_how["context"]], folded)
        excluded = by_how["exclusion"]
        return self._valid_hits(found, excluded, folded) if found else []

    def _valid_hits(self, found: Iterable[Hit], excluded: Sequence[Hit], folded: str) -> list[Hit]:
        """Return the hits outside exclusions, negated or not, and those dropped that must be."""
        outside: dict[str, Taken] = defaultdict(lambda: Taken(len(folded)))
        for hit in excluded:
            outside[hit.theme].take(hit.start, hit.end)
        counting = []
        for hit in found:
            if hit.theme in outside and not outside[hit.theme].is_free(hit.start, hit.end):
                continue
            negated = is_negated(folded, hit.start, self.language)
            if not (negated and self.codebook.themes[hit.theme].negated == "drop"):
                counting.append(hit._replace(negated=negated))
        return counting

    def _phrase_hits(self, placed: Sequence[_Placed]) -> dict[How, list[Hit]]:
        """Return where entries hold, by their kind."""
        found: dict[How, list[Hit]] = defaultdict(list)
        for first, (word, start, _) in enumerate(placed):
            for phrase in word.begins:
                last = first + len(phrase.parts) - 1
                if last < len(placed) and all(
                    placed[first + place].word.is_part(phrase, place)
                    for place in range(1, len(phrase.parts))
                ):
                    hit = Hit(phrase.theme, start, placed[last].end, phrase.how, phrase.rule, False)
                    found[phrase.how].append(hit)
        return found

    def _regex_hits(self, folded: str) -> list[Hit]:
        found: list[Hit] = []
        passed = self._sieve.candidates(folded)
        if not passed:
            return found
        with time_limit() as find:
            for theme, pattern in (self._regexes[place] for place in passed):
                try:
                    matches = find(pattern, folded)
                except OvertimeError:
                    raise self._too_slow(theme, pattern.pattern, folded) from None
                found += [
                    Hit(theme, match.start(), match.end(), "regex", pattern.pattern, False)
                    for match in matches
                    if match.end() > match.start()
                ]
        return found

    def _too_slow(self, theme: str, pattern: str, folded: str) -> CodebookError:
        place = f"themes.{theme}.regexes.{self.language}"
        rule = f"must read a text of {len(folded):,} letters in {seconds_allowed(folded):g} s"
        return CodebookError(
            self.codebook.name,
            [f"{place}: {rule}, so nothing repeated may be repeated; got {pattern!r:.200}"],
        )

    def _word(self, written: str) -> _Word:
        """Return a word as the rules see it."""
        if written not in self._met:
            folded = fold(written)
            lemma = root(written, self.language) if len(written) <= _LONGEST else folded
            if lemma is None:
                folded = self._spelling.repair(folded) or folded
                lemma = root(folded, self.language) or folded
            word = _Word(folded, lemma, ())
            near = dict.fromkeys((folded[:_KEY], lemma[:_KEY]))
            candidates = (phrase for key in near for phrase in self._by_beginning.get(key, ()))
            begins = tuple(phrase for phrase in candidates if word.is_part(phrase, 0))
            self._met[written] = replace(word, begins=begins)
        return self._met[written]

    @cached_property
    def _by_beginning(self) -> dict[str, list[_Phrase]]:
        """Phrases by the first letters of their first word."""
        found = defaultdict(list)
        for phrase in self._phrases():
            found[phrase.parts[0][:_KEY]].append(phrase)
        return found

    @cached_property
    def _spelling(self) -> Spelling:
        parts = [part for phrase in self._phrases() for part in phrase.parts]
        return Spelling.of(
            (part for part in parts if not part.endswith("*")),
            (part[:-1] for part in parts if part.endswith("*")),
        )

    def _phrases(self) -> Iterable[_Phrase]:
        for key, theme in self.codebook.themes.items():
            lists: tuple[tuple[How, list[str]], ...] = (
                ("term", theme.terms.get(self.language, [])),
                ("lemma", theme.lemmas.get(self.language, [])),
                ("in context", theme.in_context.get(self.language, [])),
                ("context", theme.context.get(self.language, [])),
                ("exclusion", theme.exclusions.get(self.language, [])),
            )
            for how, entries in lists:
                for entry in dict.fromkeys(entries):
                    yield _Phrase(key, how, entry, parts_of(entry))

    @cached_property
    def _regexes(self) -> list[tuple[str, re.Pattern[str]]]:
        return [
            (key, re.compile(pattern))
            for key, theme in self.codebook.themes.items()
            for pattern in theme.regexes.get(self.language, [])
        ]

    @cached_property
    def _sieve(self) -> Sieve:
        return Sieve([pattern for _, pattern in self._regexes])


def _cut_short(found: re.Match[str]) -> str:
    """Return a letter once, with spaces for the others, so that all else keeps its place."""
    return found[1].ljust(len(found[0]))


def _in_company(unsure: Sequence[Hit], sure: Sequence[Hit], folded: str) -> Iterator[Hit]:
    """Yield the hits beside which, in the same sentence, something else is of their theme."""
    ends = [end.start() for end in _SENTENCE_END.finditer(folded)]
    placed: dict[tuple[str, int], set[tuple[int, int]]] = defaultdict(set)
    for hit in (*unsure, *sure):
        placed[hit.theme, bisect(ends, hit.start)].add((hit.start, hit.end))
    for hit in unsure:
        others = placed[hit.theme, bisect(ends, hit.start)]
        if any(end <= hit.start or hit.end <= start for start, end in others):
            yield hit


def parts_of(entry: str) -> tuple[str, ...]:
    """Return the words of an entry as they are looked for.

    Examples
    --------
    >>> parts_of("spese di spediz*"), parts_of("l'E-mail")
    (('spese', 'di', 'spediz*'), ('l', 'e', 'mail'))
    """
    folded = fold(entry)
    return tuple(word[0] + "*" * folded.startswith("*", word.end()) for word in words(folded))


def longest_hits(hits: Sequence[Hit]) -> list[Hit]:
    """Return, of one theme's hits that overlap, the longest, in the order of the text."""
    if len(hits) < 2:
        return list(hits)
    length = max(hit.end for hit in hits)
    taken: dict[str, Taken] = defaultdict(lambda: Taken(length))
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
        if taken[hit.theme].is_free(hit.start, hit.end):
            taken[hit.theme].take(hit.start, hit.end)
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.theme))


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


@dataclass(frozen=True, slots=True)
class Spelling:
    """Words worth recognising, found again when one letter is swapped, lost, doubled or wrong.

    References
    ----------
    Mor & Fraenkel (1982), Commun. ACM 25, 935-938: words one slip apart share a form that lacks
    a letter.
    """

    _words: frozenset[str]
    _stems: tuple[str, ...]
    #: The same by their forms that lack a letter.
    _whole: dict[str, list[str]]
    _begun: dict[str, list[str]]

    @classmethod
    def of(cls, words: Iterable[str], stems: Iterable[str]) -> Spelling:
        """Return what recognises folded words, and words that begin with one of `stems`."""
        whole = frozenset(word for word in words if len(word) >= _SHORTEST)
        begun = tuple(sorted({stem for stem in stems if len(stem) >= _SHORTEST_STEM}))
        return cls(whole, begun, _by_form(whole), _by_form(begun))

    def repair(self, word: str) -> str | None:
        """Return a folded word as it was meant, None where that is not clear.

        Examples
        --------
        >>> speller = Spelling.of(["corriere"], ["consegn"])
        >>> speller.repair("coriere"), speller.repair("consenga"), speller.repair("cornice")
        ('corriere', 'consegna', None)
        """
        if len(word) < _SHORTEST or word in self._words or word.startswith(self._stems):
            return None
        for meant in _neighbours(word, self._whole):
            return meant
        # A letter lost or doubled in the stem moves where the stem ends, so that is tried last.
        ends = range(_SHORTEST_STEM - 1, len(word))
        found = [(stem, end) for end in ends for stem in _neighbours(word[:end], self._begun)]
        if not found:
            return None
        stem, end = min(found, key=lambda one: abs(len(one[0]) - one[1]))
        return stem + word[end:]


def _by_form(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        for form in dict.fromkeys(_forms(word)):
            found[form].append(word)
    return dict(found)


def _forms(word: str) -> Iterator[str]:
    """Yield a word, and the word without each of its letters."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _neighbours(word: str, by_form: dict[str, list[str]]) -> Iterator[str]:
    """Yield what is one slip from a word."""
    for form in _forms(word):
        for meant in by_form.get(form, ()):
            if _is_one_slip(word, meant):
                yield meant


def _is_one_slip(one: str, other: str) -> bool:
    """Return whether two words differ by one letter swapped with the next, lost, added or wrong.

    The first letter is right, or swapped with the second.

    Examples
    --------
    >>> _is_one_slip("consenga", "consegna"), _is_one_slip("prezo", "prezzo")
    (True, True)
    >>> _is_one_slip("scrivere", "iscrivere")
    False
    """
    if one == other or not (one[0] == other[0] or one[1::-1] == other[:2]):
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, other_rest = one[start:], other[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return (
        rest[1:] == other_rest
        or rest == other_rest[1:]
        or rest[1:] == other_rest[1:]
        or swapped == other_rest
    )
