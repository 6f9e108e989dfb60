"""What is measured of redaction: invented values are right ones, and what is left is counted."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cxresearch.calibrate import redaction
from cxresearch.calibrate.redaction import (
    alarm_table,
    false_alarms,
    left_of,
    recall_table,
    recalls,
    section,
)

LISTS = [redaction.TEXTS["first"], redaction.TEXTS["check"]]
HARMLESS = [redaction.TEXTS["first_harmless"], redaction.TEXTS["check_harmless"]]
#: The least recall of a kind that a change of the rules may leave, per list.
LEAST = (0.98, 0.8)


def luhn(digits: str) -> int:
    return sum(
        sum(map(int, str(int(digit) * (1 + place % 2)))) for place, digit in enumerate(digits[::-1])
    )


def test_invented_values_have_right_check_digits():
    rng = np.random.default_rng(1)
    for _ in range(50):
        iban = re.sub(r"\W", "", redaction.iban(rng))
        moved = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])
        assert int(moved) % 97 == 1
        assert luhn(re.sub(r"\W", "", redaction.card(rng))) % 10 == 0
        assert luhn(re.sub(r"\W", "", redaction.mistyped_card(rng))) % 10 != 0
        assert luhn(redaction.vat_number(rng)) % 10 == 0


def test_what_is_left_of_a_value_is_counted_letter_by_letter():
    assert left_of(["tel. ", "347 123 4567", ""]) == ""
    assert left_of(["ho ", "347", " pezzi"]) == "347"
    # The second of two values.
    assert left_of(["", "anna@example.com", " ", "bei tempi", ""]) == "beitempi"


def test_a_recall_is_the_share_of_whole_values():
    (found,) = recalls({"handle": ("Sono <>", "<nessuno>")}, values=40)
    # Every second sentence holds a value that nothing takes out.
    assert (found.plain, found.is_disguised) == (0.5, 0.5)


@pytest.mark.parametrize(("sentences", "least"), list(zip(LISTS, LEAST, strict=True)))
def test_the_rules_hold_on_both_lists(sentences, least):
    found = recalls(sentences, values=60, seed=3)
    assert [one.kind for one in found] == list(redaction.KINDS)
    assert [one for one in found if min(one.plain, one.is_disguised) < least] == []


def test_the_lists_have_no_sentence_in_common():
    first, check = LISTS
    for kind in first:
        assert len(check[kind]) >= 3
        given = [one for one in check[kind] if one not in ("<>", "(<>)")]
        assert not set(first[kind]) & set(given), kind
    for kind, texts in HARMLESS[0].items():
        assert not set(texts) & set(HARMLESS[1][kind])


@pytest.mark.parametrize("texts", HARMLESS, ids=["first", "check"])
def test_numbers_that_identify_nobody_are_left_alone(texts):
    assert {kind: altered for kind, (_, altered) in false_alarms(texts).items() if altered} == {}
    assert sum(count for count, _ in false_alarms(texts).values()) > 50


def test_a_false_alarm_is_told_with_its_text():
    found = false_alarms({"a": ("tel. 347 1234567", "ok")})
    assert found == {"a": (2, ["tel. 347 1234567"])}


def test_the_page_has_a_row_for_each_kind():
    page = section(values=4)
    for kind in (*redaction.KINDS, *redaction.TEXTS["first_harmless"]):
        assert page.count(f"| {kind} |") == 1
    assert "4 invented values of each kind" in page
    assert recall_table([], []).count("\n") == alarm_table({}, {}).count("\n") == 2
