"""What a heading says of its column beside the name: a time zone, a currency, a small unit."""

from __future__ import annotations

import re
from functools import cache

from cxresearch.core.time_zones import time_zones

_UTC = re.compile(r"(?i)(?<![^\W_])(?:utc|gmt)(?:([+-])0?(\d{1,2})(?::?00)?)?(?![^\W_])")
_IANA = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+)+")
#: The zones that winter and summer time of a part of Europe are of.
_EUROPE = {"CET": "CET", "CEST": "CET", "EET": "EET", "EEST": "EET", "WET": "WET", "WEST": "WET"}
_CODE = re.compile(r"(?<![^\W_])[A-Z]{3,4}(?![^\W_])")
#: A currency: one of the common ones anywhere, any other in brackets, or its sign.
_COMMON = re.compile(r"(?i)(?<![^\W_])(?:usd|eur|gbp|chf)(?![^\W_])")
_BRACKETED = re.compile(r"[(\[]([A-Z]{3})[)\]]")
_SIGN = re.compile(r"[$€£¥]")
_SMALL = {
    100: re.compile(r"(?i)(?<![^\W_])(?:cents?|centesimi|pence)(?![^\W_])"),
    1_000_000: re.compile(r"(?i)(?<![^\W_])micros(?![^\W_])"),
}


def time_zone(heading: str) -> str:
    """Return the time zone that a heading names; empty where it names none.

    Examples
    --------
    >>> time_zone("Created (UTC)"), time_zone("created_at_utc"), time_zone("Data (GMT+01:00)")
    ('UTC', 'UTC', 'Etc/GMT-1')
    >>> time_zone("Ora [Europe/Rome]"), time_zone("Data (CET)"), time_zone("Date")
    ('Europe/Rome', 'CET', '')
    """
    if found := _UTC.search(heading):
        hours = int(found[2] or 0)
        # The names of this family count hours to the west.
        return f"Etc/GMT{'-' if found[1] == '+' else '+'}{hours}" if hours else "UTC"
    named = [_EUROPE[one] for one in _CODE.findall(heading) if one in _EUROPE]
    named += [one for one in _IANA.findall(heading) if one in time_zones()]
    return named[0] if named else ""


def currency(heading: str) -> str:
    """Return the code or the sign of the currency that a heading names; empty where it names none.

    Examples
    --------
    >>> currency("Spent (PLN)"), currency("revenue_usd"), currency("Totale €"), currency("ALL")
    ('PLN', 'USD', '€', '')
    """
    codes = [one for one in _BRACKETED.findall(heading) if one in _currencies()]
    found = [*codes, *_COMMON.findall(heading), *_SIGN.findall(heading)]
    return found[0].upper() if found else ""


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def written(currency: str) -> frozenset[str]:
    """Return how a currency is written: by its code, its sign, or the euro's name.

    Examples
    --------
    >>> sorted(written("USD"))
    ['$', 'USD']
    """
    from babel.numbers import get_currency_symbol

    symbol = get_currency_symbol(currency, "en")
    names = ("euro", "Euro") if currency == "EUR" else ()
    return frozenset({currency, symbol, symbol[-1], *names})


def divisor(heading: str) -> int:
    """Return how many of the unit that a heading names are one; 1 where it names none.

    Examples
    --------
    >>> divisor("amount_cents"), divisor("metrics.cost_micros"), divisor("Recent total")
    (100, 1000000, 1)
    """
    return next((many for many, said in _SMALL.items() if said.search(heading)), 1)
