"""The language of texts: the study's, another, or not to be told."""

from __future__ import annotations

import pytest

from cxresearch.voc import detect_language

ITALIAN = (
    "Il pacco non è ancora arrivato",
    "Vorrei sapere quando arriva il rimborso",
    "IL CORRIERE È STATO GENTILISSIMO",
    "perche non rispondete alle mail",
    "Ottima qualità, lo consiglio a tutti",
)
ENGLISH = (
    "The parcel came two days late",
    "I would like to know when the refund comes",
    "THE DRIVER WAS VERY KIND AND HELPFUL",
    "why don't you answer my mails",
    "Great quality, I recommend it to everyone",
)
FOREIGN = (
    "La livraison était très rapide et le produit est conforme",
    "El pedido llegó con tres días de retraso",
    "Die Lieferung war sehr schnell und gut verpackt",
    "A entrega foi muito rápida, recomendo",
    "Przesyłka dotarła bardzo szybko, polecam",
    "Coletul a ajuns foarte repede",
    "物流很快质量很好",
    "Доставка была очень быстрой",
    "وصل الطلب متأخرا جدا",
    "παράδοση ήταν πολύ γρήγορη",
)


@pytest.mark.parametrize(("texts", "language"), [(ITALIAN, "it"), (ENGLISH, "en")])
def test_the_studys_languages_are_told(texts, language):
    assert detect_language(texts).tolist() == [language] * len(texts)


def test_other_languages_are_other():
    assert detect_language(FOREIGN).tolist() == ["other"] * len(FOREIGN)


def test_a_study_may_have_one_of_them():
    assert detect_language([FOREIGN[0], ITALIAN[0]], ["fr", "en"]).tolist() == ["fr", "other"]
    assert detect_language([ITALIAN[0]], ["it"]).tolist() == ["it"]


@pytest.mark.parametrize("text", ["", "ok", "tutto bene", "😡😡😡", "12345", "!!!", None, "\x00"])
def test_what_does_not_tell_is_unknown(text):
    assert detect_language([text]).tolist() == ["unknown"]


def test_a_small_lead_does_not_tell():
    # English leads by half a unit of log-likelihood only.
    assert detect_language(["The parcel came late"]).tolist() == ["unknown"]


def test_what_does_not_tell_takes_the_customers_language():
    texts = ["ok", "top", "ottimo", ENGLISH[0]]
    told = detect_language(texts, customer_languages=["it", None, "fr", "it"])
    # A language that is not of the study is none, and a text that tells is believed.
    assert told.tolist() == ["it", "unknown", "unknown", "en"]
    assert detect_language(["ok"], customer_languages="it").tolist() == ["it"]


def test_addresses_and_mentions_do_not_count():
    text = "@user https://example.com/the/best/offers #shopping tutto molto bello"
    assert detect_language([text]).tolist() == ["it"]


def test_what_is_longer_decides():
    assert detect_language([f"{ENGLISH[0]}. {ITALIAN[0]}. {ITALIAN[1]}."]).tolist() == ["it"]


def test_a_megabyte_is_read_as_its_beginning():
    assert detect_language([ITALIAN[0] + " parola" * 150_000]).tolist() == ["it"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"languages": []}, "the number of languages must be at least 1"),
        ({"languages": ["xx"]}, "languages must be one of 'af', "),
        ({"customer_languages": ["it", "en"]}, "the length of customer_languages"),
    ],
)
def test_wrong_calls_are_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        detect_language(["ok"], **arguments)


def test_no_texts_have_no_languages():
    assert detect_language([]).tolist() == []
