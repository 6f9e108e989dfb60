"""What goes from a text, and what must stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.voc import personal_data, redact
from tests.voc.personal_texts import ENGLISH, ENGLISH_TRAPS, ITALIAN, ITALIAN_TRAPS

LISTS = [(ITALIAN, ITALIAN_TRAPS), (ENGLISH, ENGLISH_TRAPS)]


@pytest.mark.parametrize(("texts", "traps"), LISTS, ids=["it", "en"])
def test_the_lists_are_long_enough(texts, traps):
    assert len(texts) + len(traps) >= 60
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("text", "values"), [*ITALIAN, *ENGLISH])
def test_personal_data_go_and_nothing_else(text, values):
    assert [text[one.start : one.end] for one in personal_data(text)] == list(values)
    # What is left between the placeholders is the text around the values, untouched.
    around = re.split("|".join(map(re.escape, sorted(values, key=len, reverse=True))), text)
    assert re.split(r"\[[a-zA-Z ]+\]", redact([text])[0]) == around


@pytest.mark.parametrize("text", [*ITALIAN_TRAPS, *ENGLISH_TRAPS])
def test_what_only_looks_like_it_stays(text):
    assert redact([text]) == [text]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("anna@example.com", ["email"]),
        ("IT60X0542811101000000123456", ["iban"]),
        ("4111 1111 1111 1111", ["card"]),
        ("RSSMRA80A01H501U", ["tax code"]),
        ("12345678903", ["VAT number"]),
        ("tel. 06 5550 0123", ["phone"]),
        ("#20251104", ["order"]),
        ("via dei Gelsi 12", ["address"]),
        ("mi chiamo Anna", ["name"]),
        ("@anna_b82", ["handle"]),
    ],
)
def test_each_kind_has_its_placeholder(text, kinds):
    assert [one.kind for one in personal_data(text)] == kinds
    assert redact([text])[0].endswith(f"[{kinds[0]}]")


@pytest.mark.parametrize(
    "text",
    [
        "IT60X0542811101000000123457",  # the check digits do not hold
        "4111 1111 1111 1112",
        "RSSMRA80A99H501V",  # nobody is born on day 99
        "99999 99999 9",
    ],
)
def test_numbers_that_do_not_check_are_none(text):
    assert {"iban", "card", "tax code", "VAT number"}.isdisjoint(
        one.kind for one in personal_data(text)
    )


def test_redacting_twice_is_redacting_once():
    texts = [text for text, _ in (*ITALIAN, *ENGLISH)]
    for key in (None, "secret"):
        once = redact(texts, key=key)
        assert redact(once, key=key) == once


@given(st.lists(st.sampled_from([*(text for text, _ in (*ITALIAN, *ENGLISH)), "e", ",", "\n"])))
def test_redacting_twice_is_redacting_once_however_texts_are_put_together(parts):
    once = redact([" ".join(parts)])
    assert redact(once) == once


@given(st.text(max_size=200))
def test_any_text_can_be_redacted_and_is_then_left_as_it_is(text):
    (found,) = redact([text])
    assert redact([found]) == [found]


def test_with_a_key_the_same_value_has_the_same_code():
    texts = ["anna@example.com", "ANNA@EXAMPLE.COM", "bruno@example.com"]
    one, same, other = redact(texts, key="secret")
    assert re.fullmatch(r"\[email [0-9a-f]{6}\]", one)
    assert one == same != other
    assert redact(texts[:1], key="another") != [one]
    # A card written with and without spaces is one card.
    plain, spaced = redact(["4111111111111111", "4111 1111 1111 1111"], key="secret")
    assert plain == spaced


def test_the_key_is_that_of_the_environment_where_none_is_given(monkeypatch):
    texts = ["anna@example.com"]
    monkeypatch.delenv("CX_REDACT_KEY", raising=False)
    assert redact(texts) == ["[email]"]
    monkeypatch.setenv("CX_REDACT_KEY", "secret")
    assert redact(texts) == redact(texts, key="secret") != ["[email]"]
    assert redact(texts, key="another") not in (redact(texts), ["[email]"])
    assert redact(texts, key="") == ["[email]"]


def test_the_code_depends_on_the_kind():
    # The same digits as an order and as a phone number are not the same thing.
    order, phone = redact(["ordine 3995550188", "cell. 3995550188"], key="secret")
    assert order[-7:] != phone[-7:]


def test_a_study_has_its_own_orders():
    text = "Il buono XK-77 non va, ordine 12345"
    assert redact([text], order_patterns=[r"\bXK-\d+\b"]) == [
        "Il buono [order] non va, ordine 12345"
    ]
    assert redact([text]) == ["Il buono XK-77 non va, ordine [order]"]


def test_regions_decide_whose_numbers_are_known():
    assert redact(["Parla con 01 44 55 66 77"], regions=["FR"]) == ["Parla con [phone]"]


@pytest.mark.parametrize("text", ["", None, "😡", "<p>ciao</p>", "ciao\x00", "שלום עולם"])
def test_texts_without_any(text):
    assert "[" not in redact([text])[0]


def test_markup_hides_nothing():
    text = "scrivi a <b>anna</b>@example.com o anna&#64;example.com"
    assert redact([text]) == ["scrivi a  [email] o [email]"]
    assert redact(["<a href='mailto:x'>anna@example.com</a>"]) == [" [email] "]


def test_a_long_text_is_read_to_its_end():
    text = "parola 123 " * 30_000 + "anna@example.com"
    assert redact([text])[0].endswith("parola 123 [email]")


@pytest.mark.parametrize("part", ["Anna ", "via Roma ", "1", "<"])
def test_a_text_made_to_be_slow_is_read_once(part):
    # A reading that grew with the square of the text would take minutes.
    assert redact([part * (300_000 // len(part))])
