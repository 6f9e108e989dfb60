"""The languages of a report: messages from catalogues, numbers by locale, values by their labels.

English is the source: a message is looked up by its English words in ``locale/<code>/*.po``.
Another language is one line of :data:`LANGUAGES` and one folder of catalogues.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from cxresearch.core import validate
from cxresearch.core.catalogues import catalogue, plurals
from cxresearch.core.message_values import Worded, apart
from cxresearch.core.unit_formats import (
    HUNDREDTHS,
    MOST_DIGITS,
    Interval,
    decimals,
    is_currency,
    scale,
    unit_message,
)

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern


class Known(NamedTuple):
    """A language that reports can be in.

    Its own name, whose formats it uses, its quote marks, how it writes a range, then one that
    begins below zero, and the first day of a month.
    """

    name: str
    locale: str
    quotes: tuple[str, str]
    range: str = "{low} to {high}"
    range_below_zero: str = "{low} to {high}"
    first_day: str = "1"


#: British English writes dates as Italian readers expect them: day, month, year.
LANGUAGES = {
    "en": Known("English", "en_GB", ("“", "”")),
    "it": Known("Italiano", "it_IT", ("«", "»"), "{low}–{high}", "da {low} a {high}", "1º"),
}
#: What one of a unit is called that is named by its plural.
ONE = {
    "customers": "customer",
    "days": "day",
    "events": "event",
    "hours": "hour",
    "minutes": "minute",
    "orders": "order",
    "sessions": "session",
    "tickets": "ticket",
}
#: How an undefined number is written.
UNDEFINED = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"
#: What stands between values of the data that one text names.
_BETWEEN = re.compile("( -> | / )")
#: How a pattern writes a number.
_DECIMALS = re.compile(r"[#,]*0(\.0+)?")
#: The first letter of a word that has no capital of its own: not of "eNPS".
_SMALL = re.compile(r"[^\W\d_A-Z](?=[^A-Z\s]*(?:\s|$))")


def capital(said: str) -> str:
    """Return words that begin with a capital, unless their first word has one inside.

    Examples
    --------
    >>> capital("payment error"), capital("eNPS"), capital("5.4")
    ('Payment error', 'eNPS', '5.4')
    """
    return said[0].upper() + said[1:] if _SMALL.match(said) else said


class Words(str):
    """Words in the language of their reader: never a message, whatever the data put in them."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Language:
    """How one language says messages, numbers, shares, money and dates.

    Parameters
    ----------
    code : str
        A key of :data:`LANGUAGES`.
    labels : mapping
        What a reader calls a value of the data, by the value: of a study, in this language.

    Raises
    ------
    ValueError
        If `code` is another.

    Examples
    --------
    >>> Language("it").quantity(0.1234, "share"), Language("en").quantity(0.1234, "share")
    ('12,3%', '12.3%')
    >>> Language("en").quantity(1234.5, "EUR")
    '€1,234.50'
    """

    code: str = "en"
    labels: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        validate.one_of("lang", self.code, LANGUAGES)

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return LANGUAGES[self.code].name

    @property
    def locale(self) -> str:
        """The locale whose number and date formats are used."""
        return LANGUAGES[self.code].locale

    @property
    def percent(self) -> str:
        """What is written after a number of hundredths: the sign, with its space where it has one.

        Examples
        --------
        >>> Language("it").percent
        '%'
        """
        return str(_formats(self.locale).percent_formats[None].suffix[0])

    def text(self, message: str, **values: Any) -> str:
        """Return `message` in this language with `values` put in its braces.

        A value that is a :class:`str` is put in as it is, but that it cannot turn the direction
        of the words round it; format numbers first. :class:`Words` are returned as they are.
        """
        if isinstance(message, Words):
            return message
        translated = catalogue(self.code).get(message, message)
        if not values:
            return translated
        return translated.format(**{name: apart(value) for name, value in values.items()})

    def between(self, low: str, high: str) -> str:
        """Return a range whose ends are in words.

        Examples
        --------
        >>> Language("it").between("2,4", "9,9"), Language("it").between("−1,9", "8,2")
        ('2,4–9,9', 'da −1,9 a 8,2')
        """
        known = LANGUAGES[self.code]
        # A dash between two numbers could be taken for the minus of one of them.
        is_signed = any(end.startswith((_MINUS, "+")) for end in (low, high))
        pattern = known.range_below_zero if is_signed else known.range
        return pattern.format(low=low, high=high)

    def plural(self, one: str, many: str, n: int, **values: Any) -> str:
        """Return the message for one or the one for more, as the language has it for `n`.

        Parameters
        ----------
        one, many : str
            The English messages, with ``{n}`` for the number.
        n : int
            How many.
        **values
            The other values in their braces, as for :meth:`text`.

        Examples
        --------
        >>> [Language().plural("{n} order", "{n} orders", n) for n in (0, 1, 1200)]
        ['0 orders', '1 order', '1,200 orders']
        """
        said = plurals(self.code).ngettext(one, many, n)
        written = {name: apart(value) for name, value in values.items()}
        return said.format(n=Worded(self.number(n)), **written)

    @property
    def in_sentences(self) -> Language:
        """The language as sentences need it: a label is a name, and stands in quote marks.

        Examples
        --------
        >>> Language("it", {"view_product": "Scheda prodotto"}).in_sentences.label("view_product")
        '«Scheda prodotto»'
        """
        begin, end = LANGUAGES[self.code].quotes
        return Language(self.code, {v: f"{begin}{said}{end}" for v, said in self.labels.items()})

    def label(self, value: str) -> str:
        """Return what a reader calls a value of the data, standing alone: it begins with a capital.

        One without a label stays as it is. Of several between arrows (a path) or slashes (a step of
        several events) each has its own.

        Examples
        --------
        >>> shop = Language("it", {"view_product": "scheda prodotto"})
        >>> shop.label("view_product"), shop.label("home -> view_product")
        ('Scheda prodotto', 'home -> Scheda prodotto')
        """
        return self._labelled(value, capital)

    def named(self, value: str) -> str:
        """Return what a reader calls a value inside a sentence: as its study wrote it.

        Examples
        --------
        >>> Language("it", {"view_product": "scheda prodotto"}).named("view_product")
        'scheda prodotto'
        """
        return self._labelled(value, str)

    def _labelled(self, value: str, shown: Callable[[str], str]) -> str:
        if value in self.labels:
            return shown(self.labels[value])
        parts = _BETWEEN.split(value)
        return "".join(shown(self.labels[one]) if one in self.labels else one for one in parts)

    def said(self, value: str) -> str:
        """Return a text that may be a value of the data or a message: its label goes first."""
        said = value if value in self.labels else self.text(value)
        return self.label(value) if said == value else said

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with grouped thousands and `digits` decimals; nan is an en dash."""
        if math.isnan(value):
            return UNDEFINED
        rounded = _unsigned_zero(value, digits)
        written: str = _number_pattern(digits).apply(rounded, _formats(self.locale))
        return written.replace("-", _MINUS)

    def quantity(self, value: float, unit: str, digits: int | None = None) -> str:
        """Return a value with its unit: a share as per cent, money with its currency.

        Parameters
        ----------
        value : float
            The value, in `unit`.
        unit : str
            As in :class:`cxresearch.core.results.Estimate`.
        digits : int, optional
            Decimals; by default 1 for a share and points, those of its currency for money, 0 for
            a whole number.
        """
        from babel.numbers import format_currency

        if math.isnan(value):
            return UNDEFINED
        if unit in HUNDREDTHS:
            written = self.number(100 * value, 1 if digits is None else digits)
            return written + (self.percent if unit == "share" else f" {self.unit(unit)}")
        if is_currency(unit):
            pattern = None if digits is None else self._money(digits)
            own_digits = self._currency_digits(unit) if digits is None else digits
            written = format_currency(
                _unsigned_zero(value, own_digits),
                unit,
                format=pattern,
                locale=_formats(self.locale),
                currency_digits=digits is None,
            )
            return written.replace("-", _MINUS)
        if digits is None:
            digits = 0 if float(value).is_integer() else 1
        written = self.number(value, digits)
        if value == 1 and not digits and unit in ONE:
            return f"{written} {self.plural(ONE[unit], unit, 1)}"
        return f"{written} {self.unit(unit)}" if unit else written

    @staticmethod
    def _currency_digits(unit: str) -> int:
        """Return the decimals of a currency."""
        from babel.numbers import get_currency_precision

        return int(get_currency_precision(unit))

    @property
    def marks(self) -> tuple[str, str]:
        """What separates the columns of a CSV, and the decimals of its numbers.

        A spreadsheet of a language that writes 1,5 takes commas for decimals, and separates
        columns with semicolons.

        Examples
        --------
        >>> Language("en").marks, Language("it").marks
        ((',', '.'), (';', ','))
        """
        from babel.numbers import get_decimal_symbol

        decimal = get_decimal_symbol(self.locale)
        return (";" if decimal == "," else ","), decimal

    def _money(self, digits: int) -> str:
        """Return the locale's own pattern of money with other decimals."""
        own = _formats(self.locale).currency_formats["standard"].pattern.split(";")[0]
        return _DECIMALS.sub(_number_pattern(digits).pattern, own)

    def unit(self, unit: str) -> str:
        """Return a unit in words.

        Examples
        --------
        >>> Language("it").unit("share difference"), Language("en").unit("orders")
        ('punti percentuali', 'orders')
        """
        return self.text(unit_message(unit))

    def interval(self, ci: Interval, unit: str, digits: int | None = None) -> str:
        """Return "low to high" in this language, with the unit on both.

        Ends that are apart are not written alike.

        Examples
        --------
        >>> Language("en").interval(Interval(0.0238, 0.0242), "share")
        '2.38% to 2.42%'
        """
        low, high = (self.quantity(bound, unit, digits) for bound in ci)
        more = 1 if digits is None else digits
        while low == high and ci.low < ci.high and more < MOST_DIGITS:
            more += 1
            low, high = (self.quantity(bound, unit, more) for bound in ci)
        return self.between(low, high)

    def range(self, low: float, high: float, unit: str, digits: int | None = None) -> str:
        """Return "low to high" as short as it can be said: a unit in words stands once.

        Examples
        --------
        >>> Language("en").range(-0.012, 0.034, "share difference")
        '−1.2 to 3.4 percentage points'
        """
        if unit == "share" or is_currency(unit) or not unit:
            return self.interval(Interval(low, high), unit, digits)
        last = self.quantity(high, unit, digits)
        digits = digits if digits is not None else (1 if unit in HUNDREDTHS else None)
        first = self.quantity(low * scale(unit), "", digits)
        return self.between(first, last)

    def estimate(
        self, value: float, ci: Interval, unit: str, digits: int | None = None
    ) -> tuple[str, str]:
        """Return an estimate and its interval, both with the same decimals.

        By default those that tell its ends apart. The interval is without the unit, and empty
        where it is undefined.

        Examples
        --------
        >>> Language("en").estimate(2.04, Interval(1.96, 2.12), "days")
        ('2.04 days', '1.96 to 2.12')
        """
        if digits is None:
            digits = decimals([value, *ci], unit)
        said = self.quantity(value, unit, digits)
        if any(math.isnan(bound) for bound in ci):
            return said, ""
        if digits is None and is_currency(unit):
            digits = self._currency_digits(unit)
        return said, self.between(*(self.quantity(scale(unit) * end, "", digits) for end in ci))

    def day(self, value: date) -> str:
        """Return a date, day first, month in words.

        Examples
        --------
        >>> Language("it").day(date(2026, 3, 1)), Language("en").day(date(2026, 3, 1))
        ('1º mar 2026', '1 Mar 2026')
        """
        day = LANGUAGES[self.code].first_day if value.day == 1 else value.day
        return f"{day} {self.month(value)}"

    def month(self, value: date) -> str:
        """Return the month of a date, in words, with its year."""
        from babel.dates import format_date

        return format_date(value, format="MMM y", locale=self.locale)


@cache
def _formats(locale: str) -> Locale:
    """Return how a locale writes numbers; babel looks it up anew for each number."""
    from babel import Locale

    return Locale.parse(locale)


@cache
def _number_pattern(digits: int) -> NumberPattern:
    """Return the pattern of a number with grouped thousands and some decimals."""
    from babel.numbers import parse_pattern

    return parse_pattern("#,##0" + ("." + "0" * digits if digits else ""))


def _unsigned_zero(value: float, digits: int) -> float:
    """Return `value`, or 0 where it would be written as minus nothing."""
    return 0.0 if round(value, digits) == 0 else value
