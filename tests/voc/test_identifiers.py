"""Check digits, against other ways to compute them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.voc.redaction.identifiers import is_card, is_iban, is_tax_code, is_vat_number

#: What banks and standards print as examples.
IBANS = (
    "GB82WEST12345698765432",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "IT60X0542811101000000123456",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
)
CARDS = (
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
)


@pytest.mark.parametrize("iban", IBANS)
def test_ibans(iban):
    assert is_iban(iban)
    # One digit wrong, or two neighbours swapped, never checks.
    for place in range(4, len(iban) - 1):
        swapped = iban[:place] + iban[place + 1] + iban[place] + iban[place + 2 :]
        assert is_iban(swapped) == (iban[place] == iban[place + 1])
    assert not is_iban(iban[:-1])
    assert not is_iban("XX" + iban[2:])


@pytest.mark.parametrize("card", CARDS)
def test_cards(card):
    assert is_card(card)
    assert [is_card(card[:-1] + str(digit)) for digit in range(10)].count(True) == 1


@pytest.mark.parametrize("digits", ["", "0" * 16, "1234567890123452", "41111111111111111111"])
def test_digits_that_are_no_card(digits):
    assert not is_card(digits)


@given(st.text("0123456789", min_size=10, max_size=10).filter(lambda digits: len(set(digits)) > 1))
def test_a_vat_number_has_one_check_digit(body):
    # The rule as the decree words it: odd places as they are, even ones doubled less nine.
    odd = sum(int(digit) for digit in body[::2])
    even = sum(2 * int(digit) - 9 * (int(digit) > 4) for digit in body[1::2])
    check = (10 - (odd + even) % 10) % 10
    assert [digit for digit in range(10) if is_vat_number(f"{body}{digit}")] == [check]


def test_a_tax_code_has_one_check_letter():
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert [last for last in letters if is_tax_code(f"RSSMRA80A01H501{last}")] == ["U"]
    # Printed as an example in the decree's tables: a woman's day of birth is 40 more.
    assert [last for last in letters if is_tax_code(f"BNCNNA85C57F205{last}")] != []
    assert not is_tax_code("RSSMRA80A01H501")
