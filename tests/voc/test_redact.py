"""What goes from a text, and what must stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.voc import Words, personal_data, redact
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


#: Each way of writing a value, and what must be left of the text.
WAYS = [
    # spaces, hyphens and digits of Unicode, and what is not seen
    ("IBAN IT60\u00a0X054\u20092811\u202f1010\u20070000\u30000123\u2003456", "IBAN [iban]"),
    ("tel 347\u2011123\u20124567", "tel [phone]"),
    ("tel \uff13\uff14\uff17 \u0661\u0662\u0663 4567", "tel [phone]"),
    ("tel 347\u200b12\u00ad3\u20604567", "tel [phone]"),
    ("tel 3\ufe0f\u20e347123456\ufe0f\u20e37\ufe0f\u20e3 ok", "tel [phone] ok"),
    ("scrivi a anna\uff20example.com", "scrivi a [email]"),
    # glued cues, and words glued behind
    ("tel3471234567", "tel[phone]"),
    ("n.ordine12345", "n.ordine[order]"),
    ("IBANIT60X0542811101000000123456", "IBAN[iban]"),
    ("carta4111111111111111", "carta[card]"),
    ("cfRSSMRA85T10A562S", "cf[tax code]"),
    ("3471234567grazie", "[phone]grazie"),
    ("tel.3471234567", "tel.[phone]"),
    # dashes, and numbers side by side
    ("tel 347 - 123 - 4567", "tel [phone]"),
    ("347 1234567 348 7654321", "[phone] [phone]"),
    ("0236512345/3471234567", "[phone]/[phone]"),
    ("ordine 12345 3471234567", "ordine [order] [phone]"),
    ("carta 4111 1111 1111 1111 12/27", "carta [card] 12/27"),
    # tax codes in groups; a slip in the last letter
    ("RSS MRA 85T10 A562S", "[tax code]"),
    ("rss.mra.85t10.a562s", "[tax code]"),
    ("RSSMRA85T10A562T", "[tax code]"),
    # addresses of mail in words
    ("anna[at]example.com", "[email]"),
    ("anna (at) example (dot) com", "[email]"),
    ("anna chiocciola example punto com", "[email]"),
    ("anna.b @ example , com", "[email]"),
    ("anna@gmail", "[email]"),
    ("my email is anna at example.com", "my email is [email]"),
    # postcodes
    ("SW1A 1AA", "[address]"),
    ("postcode sw1a1aa", "postcode [address]"),
    ("sto a 20121 Milano (MI)", "sto a [address]"),
    ("CAP 00185", "CAP [address]"),
    ("zip 90210-1234", "zip [address]"),
    # plates
    ("AB123CD", "[plate]"),
    ("targa ab 123 cd", "targa [plate]"),
    ("targa MI 12345A", "targa [plate]"),
    ("targa Roma A12345", "targa [plate]"),
    # documents
    ("carta d'identità CA12345AB", "carta d'identità [document]"),
    ("passaporto n. YA1234567", "passaporto n. [document]"),
    ("patente U1A1234567B", "patente [document]"),
    # machines and profiles
    ("da 203.0.113.7 non va", "da [IP address] non va"),
    ("da 2001:db8::8a2e:370:7334", "da [IP address]"),
    ("https://www.facebook.com/anna.b.82", "[link]"),
    ("t.me/anna_b.", "[link]."),
    ("instagram: anna_b82", "instagram: [handle]"),
    # cards typed wrong, codes, masks
    ("carta 4111 1111 1111 1112", "carta [card]"),
    ("visa 411111111111111", "visa [card]"),
    ("cvv 123", "cvv [card]"),
    ("**** **** **** 1234", "[card]"),
    # any country's account and tax number
    ("BR1800360305000010009795493C1", "[iban]"),
    ("TR33 0006 1005 1978 6457 8413 26", "[iban]"),
    ("iban IT60X0542811101000000123457", "iban [iban]"),
    ("VAT number DE123456789", "VAT number [VAT number]"),
    ("vat NL123456789B01", "vat [VAT number]"),
    # parcels
    ("1Z 999 AA1 01 2345 6784", "[order]"),
    ("RR 123 456 789 IT", "[order]"),
    ("111-1234567-1234567", "[order]"),
]


@pytest.mark.parametrize(("text", "left"), WAYS)
def test_each_way_of_writing_it(text, left):
    assert redact([text]) == [left]
    assert redact([left]) == [left]


HARMLESS = [
    "2026-03-29 02:30:00",
    "ordini 2024 2025 2026",
    "Ordini: 2022/2023/2024",
    "siamo cresciuti di +100 000 000",
    "il numero di pezzi è 100 000",
    "tel: 12/03/2025",
    "ordine 12/03/2025 e ordine 14/02",
    "un ordine 150 pezzi, un ordine 1500 euro",
    "taglie 38 40 42 44 46",
    "3.141592653 e 45.4642035",
    "versione 1.2.3.4 e v2.10.3.1234",
    "spedizione 24/48h",
    "numero verde 8.00-20.00",
    "ore 10:20:30 e 10::30",
    "TV 100 HD",
    "norma ISO 27001, EUR 1250000",
    "no 12 giorni di attesa",
    "Milano 20000 passi",
    "il documento 2024 non si apre",
    "look at amazon.co.uk for it",
    "passaporto scaduto nel 2019",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_that_identify_nobody_stay(text):
    assert redact([text]) == [text]


@pytest.mark.parametrize("space", "\u00a0\u1680\u2000\u2007\u2009\u200a\u202f\u205f\u3000\t")
def test_any_space_is_a_space(space):
    for text in ("IT60 X054 2811 1010 0000 0123 456", "4111 1111 1111 1111", "+39 347 123 4567"):
        (plain,) = redact([text])
        assert redact([text.replace(" ", space)]) == [plain]
        assert "[" in plain


def test_what_is_found_is_said_in_the_places_of_the_text_as_it_is():
    text = "tel\u200b. 347\u200b 123\u00a045\u200d67 ok"
    (found,) = personal_data(text)
    assert text[found.start : found.end] == "347\u200b 123\u00a045\u200d67"


WORDS = Words(always=("Montefiore", "Lago Blu"), never=("Anna Sui", "aiuto@example.com"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("sto a montefiore", "sto a [redacted]"),
        ("MONTEFIORE!", "[redacted]!"),
        ("lago\u00a0 blu", "[redacted]"),
        ("montefiorentino", "montefiorentino"),
        ("il profumo Anna Sui è buono", "il profumo Anna Sui è buono"),
        ("il profumo Anna Bianchi", "il profumo [name]"),
        ("ho scritto a AIUTO@example.com", "ho scritto a AIUTO@example.com"),
        ("ho scritto a mario.aiuto@example.com", "ho scritto a [email]"),
        ("mi chiamo Anna Montefiore", "mi chiamo [name]"),
    ],
)
def test_a_study_lists_words_that_go_and_words_that_stay(text, left):
    assert redact([text], words=WORDS) == [left]
    assert redact([left], words=WORDS) == [left]
    assert "[redacted]" not in redact([text])[0]


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


def test_a_megabyte_is_read_to_its_end():
    text = "parola 123 " * 90_000 + "anna@example.com"
    assert redact([text])[0].endswith("parola 123 [email]")


@pytest.mark.parametrize("part", ["Anna ", "via Roma ", "1", "<"])
def test_a_text_made_to_be_slow_is_read_once(part):
    # A reading that grew with the square of the text would never end.
    assert redact([part * (1_000_000 // len(part))])
