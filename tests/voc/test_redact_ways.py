"""Each way people write an identifier, numbers that identify nobody, and a study's own words."""

from __future__ import annotations

import pytest

from cxresearch.voc import Words, personal_data, redact

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
    # what a surer kind cuts off is looked at again
    ("mi chiamo anna bianchi@example.com", "mi chiamo [name] [email]"),
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
    ("https://it-it.facebook.com/anna.b/photos", "[link]"),
    ("youtube.com/@anna_b", "[link]"),
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
    "ISBN 978-3-16-148410-0 e 978 88 04 66823 7",
    "EAN 8 001234 567890 sbagliato, ISSN 0317-8471",
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
    "credo che sia un assoluto",
    "that is an unimportant issue",
    "il numero 1 0 0 1 0 0 1 0 0 0",
    "3 0 0 1 0 1 1 0 0 0 0 0 0 0 voti",
    "https://www.youtube.com/watch?v=tPv9ZPXmFWU",
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
