"""The two languages of a report: messages from catalogues, numbers by locale.

English is the source: a message is looked up by its English words in ``locale/it/*.po``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from cxresearch import _checks
from cxresearch.results import Interval

LANGUAGES = ("en", "it")

#: How an undefined number is written.
UNDEFINED = "\N{EN DASH}"

_LOCALE = Path(__file__).parent / "locale"
#: British English writes dates as Italian readers expect them: day, month, year.
_BABEL_LOCALES = {"en": "en_GB", "it": "it_IT"}
_CURRENCY_CODE_LENGTH = 3


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Return the messages of `lang`, English words first; English itself has none."""
    from babel.messages.pofile import read_po

    messages: dict[str, str] = {}
    for path in sorted((_LOCALE / lang).glob("*.po")):
        with path.open("rb") as file:
            messages |= {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
    return messages


@dataclass(frozen=True, slots=True)
class Language:
    """How one language says messages, numbers, shares, money and dates.

    Parameters
    ----------
    code : {"en", "it"}
        The language of the report.

    Raises
    ------
    ValueError
        If `code` is not one of the two.

    Examples
    --------
    >>> Language("it").quantity(0.1234, "share"), Language("en").quantity(0.1234, "share")
    ('12,3%', '12.3%')
    >>> Language("en").quantity(1234.5, "EUR")
    '€1,234.50'
    """

    code: str = "en"

    def __post_init__(self) -> None:
        _checks.one_of("lang", self.code, LANGUAGES)

    @property
    def locale(self) -> str:
        """The locale whose number and date formats are used."""
        return _BABEL_LOCALES[self.code]

    def text(self, message: str, **values: Any) -> str:
        """Return `message` in this language with `values` put in its braces.

        A value that is a :class:`str` is put in as it is; format numbers first.
        """
        translated = catalogue(self.code).get(message, message)
        return translated.format(**values) if values else translated

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with grouped thousands and `digits` decimals; nan is an en dash."""
        from babel.numbers import format_decimal

        if math.isnan(value):
            return UNDEFINED
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self.locale)

    def quantity(self, value: float, unit: str, digits: int | None = None) -> str:
        """Return a value with its unit: a share as per cent, money with its currency.

        Parameters
        ----------
        value : float
            The value, in `unit`.
        unit : str
            As in :class:`cxresearch.results.Estimate`.
        digits : int, optional
            Decimals; by default 1 for a share and points, 2 for money, 0 for a whole number.
        """
        from babel.numbers import format_currency

        if math.isnan(value):
            return UNDEFINED
        if unit == "share":
            return self.number(100 * value, 1 if digits is None else digits) + "%"
        if is_currency(unit):
            pattern = None if digits is None else "¤#,##0" + ("." + "0" * digits if digits else "")
            if self.code == "it" and pattern:
                pattern = pattern.removeprefix("¤") + "\N{NO-BREAK SPACE}¤"
            return format_currency(
                value, unit, format=pattern, locale=self.locale, currency_digits=False
            )
        if digits is None:
            digits = 0 if float(value).is_integer() else 1
        written = self.number(value, digits)
        return f"{written} {self.text(unit)}" if unit else written

    def interval(self, ci: Interval, unit: str, digits: int | None = None) -> str:
        """Return "low to high" in this language, with the unit on both."""
        low, high = (self.quantity(bound, unit, digits) for bound in ci)
        return self.text("{low} to {high}", low=low, high=high)

    def day(self, value: date) -> str:
        """Return a date, day first, month in words."""
        from babel.dates import format_date

        return format_date(value, format="d MMM y", locale=self.locale)

    def month(self, value: date) -> str:
        """Return the month of a date, in words, with its year."""
        from babel.dates import format_date

        return format_date(value, format="MMM y", locale=self.locale)


def is_currency(unit: str) -> bool:
    """Return whether a unit is an ISO 4217 currency code.

    Examples
    --------
    >>> is_currency("EUR"), is_currency("orders")
    (True, False)
    """
    return len(unit) == _CURRENCY_CODE_LENGTH and unit.isupper()
