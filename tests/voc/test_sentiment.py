"""Sentiment: its sign in both languages, one scale, and what cannot be judged."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from cxresearch.calibrate.train_sentiment import SENTENCES, WEIGHTS
from cxresearch.core.disk import Cache, sha256
from cxresearch.voc.texts.encoder import UniversalEncoder, encoder
from cxresearch.voc.texts.lexicon import word_score
from cxresearch.voc.texts.scores import load_head, sentiment, sentiment_table

GOOD = {
    "en": ["Wonderful shop, I will order again", "No problems with the delivery", "so happy 😍"],
    "it": ["Negozio meraviglioso, ordinerò ancora", "Nessun problema con la consegna", "felice 😍"],
}
BAD = {
    "en": [
        "The vase arrived in pieces and nobody answers",
        "Could you please tell me why I was charged twice?",
        "I am not satisfied at all",
    ],
    "it": [
        "Il vaso è arrivato a pezzi e nessuno risponde",
        "Potreste gentilmente dirmi perché mi è stato addebitato due volte?",
        "Non sono per niente soddisfatto",
    ],
}


@pytest.mark.parametrize("language", ["en", "it"])
def test_praise_is_above_complaint(language):
    good, bad = sentiment(GOOD[language], language), sentiment(BAD[language], language)
    assert good.min() > 0
    assert bad.max() < -0.05
    assert np.abs(np.r_[good, bad]).max() <= 1


def test_a_plain_question_is_near_the_middle():
    asked = ["Do you also deliver to Malta?", "Quali sono gli orari del negozio?"]
    assert np.abs(sentiment(asked, ["en", "it"])).max() < 0.2


def test_it_is_the_head_applied_to_vectors_and_words():
    text = "La borsa è bella ma costa troppo"
    head = load_head()
    vector = UniversalEncoder().encode([text])[0]
    plain = sum(float(w) * float(x) for w, x in zip(head.vector, vector, strict=True))
    plain += head.words * word_score(text, "it") + head.constant
    assert sentiment([text], "it")[0] == pytest.approx(plain, abs=1e-6)


def test_it_is_told_in_both_directions_of_the_table():
    table = sentiment_table(pd.Series(["ottimo", None], index=[7, 9]), "it")
    assert table["sentiment"].tolist()[0] == sentiment(["ottimo"], "it")[0]
    assert math.isnan(table["sentiment"].tolist()[1])
    assert table["language"].tolist() == ["it", "it"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no text"),
        (None, "there is no text"),
        ("\x00 \n", "there is no text"),
        ("<p></p>", "there is no text"),
        ("📦📦", "there are no words"),
        ("12/10/2026 !!!", "there are no words"),
        ("Der Versand war leider sehr langsam", "the text is in a language that is not judged"),
        ("الشحن كان بطيئا جدا والعلبة مكسورة", "the text is in a language that is not judged"),
    ],
)
def test_what_cannot_be_judged_has_no_number_but_a_reason(text, reason):
    table = sentiment_table([text])
    assert table["reason"].tolist() == [reason]
    assert np.isnan(sentiment([text])).all()


def test_a_text_too_short_to_tell_its_language_is_judged_by_both():
    table = sentiment_table(["ottimo", "perfect", "pessimo", "awful"])
    assert table["language"].tolist() == ["unknown"] * 4
    assert (np.sign(table["sentiment"]) == [1, 1, -1, -1]).all()


def test_markup_and_length_do_not_matter():
    plain = "Il servizio è stato davvero scortese"
    dressed = f"<div><b>{plain}</b></div>"
    assert sentiment([dressed], "it")[0] == pytest.approx(sentiment([plain], "it")[0], abs=0.02)
    assert np.isfinite(sentiment(["pessimo servizio, mai più! " * 40_000], "it")[0])


def test_no_texts_have_no_sentiment():
    assert sentiment([]).shape == (0,)


def test_the_words_of_errors():
    with pytest.raises(ValueError, match="the length of language must be one of 2; got 1"):
        sentiment(["a", "b"], ["it"])
    with pytest.raises(TypeError, match="texts must be texts"):
        sentiment([1, 2])

    class Other:
        name = "other-1"

    with pytest.raises(ValueError, match="encoder must be 'use-multilingual-3'; got 'other-1'"):
        sentiment(["bello"], encoder=Other())


@pytest.mark.parametrize(
    ("text", "language", "sign"),
    [
        ("Prodotto ottimo", "it", 1),
        ("Prodotto non ottimo", "it", -1),
        ("Molto poco chiaro", "it", -1),
        ("Nessun ritardo", "it", 1),
        ("Non vedo l'ora di tornare", "it", 1),
        ("Ho ordinato una sedia", "it", 0),
        ("Cordiali saluti", "it", 0),
        ("La macchina del caffè durante la notte", "it", 0),
        ("sempre 😡", "it", -1),
        ("A flimsy chair", "en", -1),
        ("Sturdy and comfy", "en", 1),
        ("I ordered a chair", "en", 0),
        ("ottimo but awful", "unknown", 0),
    ],
)
def test_the_value_of_words(text, language, sign):
    found = word_score(text, language)
    assert np.sign(round(found, 1)) == sign
    assert -1 <= found <= 1


def test_a_value_is_damped_turned_and_stressed():
    # ottimo is worth 3, and 3 / sqrt(3**2 + 15) is what is said of it.
    def damped(total):
        return total / math.sqrt(total**2 + 15)

    assert word_score("ottimo", "it") == pytest.approx(damped(3))
    assert word_score("molto ottimo", "it") == pytest.approx(damped(3.75))
    assert word_score("non ottimo", "it") == pytest.approx(damped(-2.22))
    assert word_score("poco ottimo", "it") == pytest.approx(damped(-1.5))
    assert word_score("ottimo ottimo", "it") == pytest.approx(damped(6))


def test_words_that_vader_knows_keep_their_value():
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    text = "A great and useful but disappointing thing"
    assert word_score(text, "en") == SentimentIntensityAnalyzer().polarity_scores(text)["compound"]


def test_the_weights_tell_what_they_were_learnt_from():
    card = json.loads((WEIGHTS / "sentiment.json").read_text("utf-8"))
    assert card["sources"]["sentences.csv"] == sha256(SENTENCES)
    assert card["encoder"] == load_head().encoder
    assert card["learnt_from"] == {"reviews": 2457, "en": 342, "it": 342}


def test_sentences_never_learnt_from_are_judged_well_and_alike_in_both_languages():
    table = pd.read_csv(SENTENCES).iloc[4::5]
    english, italian = (sentiment(table[language], language) for language in ("en", "it"))
    rated = table["sentiment"].to_numpy()
    card = json.loads((WEIGHTS / "sentiment.json").read_text("utf-8"))
    for found, name in ((english, "en"), (italian, "it")):
        r = np.corrcoef(found, rated)[0, 1]
        assert r > 0.7
        assert round(r, 3) == pytest.approx(card["held_out"][name]["r"], abs=0.002)
    assert abs(np.mean(italian - english)) < 0.03
    assert card["translations"]["mean_difference"] == pytest.approx(
        np.mean(italian - english), abs=0.002
    )


def test_the_invented_sentences_are_many_varied_and_once_each():
    table = pd.read_csv(SENTENCES)
    assert len(table) >= 400
    assert table["sentiment"].between(-1, 1).all()
    assert table["en"].is_unique
    assert table["it"].is_unique
    assert (table["sentiment"] > 0.2).mean() > 0.25
    assert (table["sentiment"] < -0.2).mean() > 0.25
    assert (table["sentiment"].abs() <= 0.2).mean() > 0.2


def test_what_is_kept_is_not_judged_again(tmp_path):
    texts, cache = ["Bello, grazie", "Che delusione"], Cache(tmp_path, "table")
    judged = sentiment(texts, "it", encoder=encoder(cache))
    for path in tmp_path.glob("vectors-*"):
        path.unlink()
    again = sentiment([*texts, "Che delusione"], "it", encoder=encoder(cache))
    assert again.tolist() == [*judged, judged[1]]
    assert not list(tmp_path.glob("vectors-*"))  # no text was encoded
    sentiment(texts, "en", encoder=encoder(cache))
    assert list(tmp_path.glob("vectors-*"))  # by the words of another language it is
