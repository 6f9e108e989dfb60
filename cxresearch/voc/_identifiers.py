"""Numbers that check themselves: whether an IBAN, a card, a tax code or a VAT number can be one."""

from __future__ import annotations

import re

#: What a digit, or the letter of that place in the alphabet, counts in an odd place of an Italian
#: tax code (D.M. 23 December 1976), and the letters after J. In an even place each counts itself.
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_LATER = (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
#: How long an IBAN is in each country (SWIFT, IBAN Registry).
_IBAN_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI NL FO GL FK SD",
    19: "MK SI",
    20: "AT EE KZ LT LU XK MN",
    21: "CH HR LI LV",
    22: "BA BG BH CR DE GB GE GI IE ME RS VA",
    23: "AE IL IQ OM SO TL",
    24: "AD CZ DZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
IBAN_LENGTH = {land: length for length, lands in _IBAN_LENGTHS.items() for land in lands.split()}
#: How the numbers of the networks begin, and how long they are.
_CARD = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|"
    r"6\d{15,18}|5[0678]\d{14,17}"
)
_VAT_DIGITS, _TAX_CODE = 11, 16


def is_iban(value: str) -> bool:
    """Return whether capitals and digits are an IBAN: read as a number, it is 1 modulo 97.

    References
    ----------
    ISO 13616-1 and ISO 7064, MOD 97-10.

    Examples
    --------
    >>> is_iban("GB82WEST12345698765432"), is_iban("GB82WEST12345698765433")
    (True, False)
    """
    if len(value) != IBAN_LENGTH.get(value[:2]):
        return False
    return int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


def is_card(digits: str) -> bool:
    """Return whether digits are the number of a payment card (Luhn).

    References
    ----------
    ISO/IEC 7812-1, annex B.

    Examples
    --------
    >>> is_card("4111111111111111"), is_card("4111111111111112")
    (True, False)
    """
    return bool(_CARD.fullmatch(digits)) and _luhn(digits) % 10 == 0


def is_vat_number(digits: str) -> bool:
    """Return whether eleven digits are an Italian VAT number (partita IVA).

    References
    ----------
    D.P.R. 26 October 1972 n. 633, article 35; the last digit is Luhn's.

    Examples
    --------
    >>> is_vat_number("12345678903"), is_vat_number("12345678901")
    (True, False)
    """
    return len(digits) == _VAT_DIGITS and len(set(digits)) > 1 and _luhn(digits) % 10 == 0


def is_tax_code(value: str) -> bool:
    """Return whether sixteen capitals and digits end as an Italian tax code (codice fiscale) must.

    References
    ----------
    D.M. 23 December 1976, Sistemi di codificazione dei soggetti.

    Examples
    --------
    >>> is_tax_code("RSSMRA80A01H501U"), is_tax_code("RSSMRA80A01H501V")
    (True, False)
    """
    if len(value) != _TAX_CODE:
        return False
    places = [int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in value[:-1]]
    odd, even = sum((*_ODD, *_ODD_LATER)[place] for place in places[::2]), sum(places[1::2])
    return chr(ord("A") + (odd + even) % 26) == value[-1]


def _luhn(digits: str) -> int:
    """Return the sum of digits, every second from the right doubled."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return doubled + sum(int(digit) for digit in digits[::-2])
