"""What a reader must know before using a number, said in any language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from cxresearch.core.languages import Language, capital

#: A value that begins a message.
_FIRST = re.compile(r"\{(\w+)[:}]")
_LATER = re.compile(r"[.!?]\s+\{(\w+)[:}]")
_MONTH = re.compile(r"\d{4}-\d{2}")


class Amount(NamedTuple):
    """A number in a remark, with its unit and, where they are not the usual ones, its decimals."""

    value: float
    unit: str = ""
    digits: int | None = None


class Range(NamedTuple):
    """The ends of an interval in a remark, with their unit and, if not the usual ones, decimals."""

    low: float
    high: float
    unit: str = ""
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing a reader must know, which can be said in any language.

    Parameters
    ----------
    message : str
        A few words of English, the values in ``{braces}``.
    values : mapping
        The values: whole numbers, amounts with their unit, days, months, other remarks, or values
        of the data, said by their labels.

    Examples
    --------
    >>> Remark("orders left out: {count}", {"count": 1234}).words(Language("en"))
    'orders left out: 1,234'
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words(Language())

    def words(self, language: Language) -> str:
        """Return the remark in `language`; a label that begins it has a capital."""
        said = self.inside(language)
        return capital(said) if self.begins_with_label(language) else said

    def inside(self, language: Language) -> str:
        """Return the remark as part of a sentence: a label is as its study wrote it."""
        begun = begins_sentence(language.text(self.message))
        said = {
            name: value.words(language)
            if name in begun and isinstance(value, Remark)
            else _written(value, language)
            for name, value in self.values.items()
        }
        return language.text(self.message, **said)

    def begins_with_label(self, language: Language) -> bool:
        """Return whether the first word is that of a label."""
        begins = _FIRST.match(language.text(self.message))
        first = self.values.get(begins[1]) if begins else None
        if isinstance(first, Remark):
            return first.begins_with_label(language)
        return isinstance(first, Said) or (isinstance(first, str) and first in language.labels)


def begins_sentence(message: str) -> set[str]:
    """Return the names of the values that begin a sentence of a message, except its first.

    Examples
    --------
    >>> begins_sentence("{n} customers. {devices}, {channels}")
    {'devices'}
    """
    return set(_LATER.findall(message))


class Sentence(NamedTuple):
    """A sentence that a page can say, with its values.

    Parameters
    ----------
    message : str
        The sentence in English, Markdown, with the values' names in braces.
    values : mapping
        The values, as :func:`cxresearch.core.phrasing.word` takes them.
    """

    message: str
    values: Mapping[str, Any]


class Month(str):
    """A month of a year, such as 2026-03, to be said in words."""

    __slots__ = ()

    @property
    def first_day(self) -> date:
        """The day it begins."""
        return date.fromisoformat(f"{self}-01")


def is_month(text: str) -> bool:
    """Return whether a text is a month such as 2026-03."""
    return bool(_MONTH.fullmatch(text))


def as_month(text: str) -> str:
    """Return a text that is a month as a :class:`Month`, and any other as it is."""
    return Month(text) if is_month(text) else text


@dataclass(frozen=True, slots=True)
class Said:
    """Words that stand in several languages already: a label, the answer of another report.

    Examples
    --------
    >>> Said({"en": "Returns", "it": "Resi"}).words(Language("it"))
    'Resi'
    """

    versions: Mapping[str, str]

    def words(self, language: Language) -> str:
        """Return the words in `language`, else in the first they are in."""
        return self.versions.get(language.code) or next(iter(self.versions.values()), "")


#: What the braces of a remark may hold.
Value = int | str | date | Amount | Range | Remark | Said


def _written(value: Value, language: Language) -> str:
    if isinstance(value, Month):
        return language.month(value.first_day)
    if isinstance(value, str):
        return language.named(value)
    if isinstance(value, date):
        return language.day(value)
    if isinstance(value, Remark):
        return value.inside(language)
    if isinstance(value, Said):
        return value.words(language)
    if isinstance(value, Range):
        return language.range(*value)
    if isinstance(value, Amount):
        return language.quantity(*value)
    return language.number(value)


def in_words(remarks: Sequence[Remark], language: Language) -> str:
    """Return remarks as one note in `language`.

    Examples
    --------
    >>> in_words([Remark("no orders"), Remark("no customers")], Language("en"))
    'no orders; no customers'
    """
    return "; ".join(remark.words(language) for remark in remarks)


def joined(remarks: Sequence[Remark], between: str) -> Remark:
    """Return remarks as one, with the same words between each two.

    Examples
    --------
    >>> joined([Remark("no orders"), Remark("no customers")], ", ").words(Language("en"))
    'no orders, no customers'
    """
    braces = between.join(f"{{part{place}}}" for place in range(len(remarks)))
    return Remark(braces, {f"part{place}": one for place, one in enumerate(remarks)})
