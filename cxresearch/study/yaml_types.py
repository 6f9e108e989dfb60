"""What every part of a file written in YAML shares: unknown keys are faults, days are days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict

from cxresearch.core import validate
from cxresearch.core.languages import LANGUAGES


def _lang(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"must be {validate.choice(LANGUAGES)}")
    return value


#: A language that reports can be in.
Lang = Annotated[str, AfterValidator(_lang)]

#: How every part of the file is read: a key it does not know is a fault, never ignored.
STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _day(value: object) -> object:
    """Take a day with or without quotes: YAML reads 2026-01-31 as a date."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("must be a day such as 2026-01-31") from None


#: A day of the calendar, as ISO 8601.
Day = Annotated[str, BeforeValidator(_day)]


def unknown(key: str, value: str, allowed: Iterable[str]) -> str:
    """Return the fault of a value that is none of those allowed.

    Examples
    --------
    >>> unknown("funnel.0", "view", ["home", "purchase"])
    "funnel.0: must be one of 'home', 'purchase'; got 'view'"
    """
    return f"{key}: must be {validate.choice(allowed)}; got {validate.short(value)}"
