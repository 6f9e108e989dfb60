"""One pass over texts tells what each question by itself tells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch import voc
from cxresearch.voc import voice
from cxresearch.voc.texts.matcher import Matcher

TEXTS = [
    "Mi chiamo Anna Bianchi, il pacco è arrivato in ritardo ma il vestito è bellissimo",
    "The parcel came late, write to anna@example.com",
    "",
    "Das Paket ist leider nicht angekommen, ich warte seit Wochen",
    "ok",
    "<b>Nessun problema</b> con il reso &egrave; arrivato",
    "The parcel came late, write to anna@example.com",
    "&amp;lt;b&amp;gt; terrible quality &amp;lt;/b&amp;gt;",
]


@pytest.fixture(scope="module")
def codebook() -> voc.Codebook:
    return voc.Codebook.load()


@pytest.mark.parametrize(
    "language", [None, ["it", "en", "en", "other", "unknown", "it", "it", "en"]]
)
def test_it_gives_what_the_functions_give_one_by_one(codebook, language):
    texts = pd.Series(TEXTS, index=[f"T{place}" for place in range(len(TEXTS))])
    words = voc.Words(always=("terrible",))
    found = voc.read(texts, codebook, language, words=words)
    spoken = found.language.tolist()
    pd.testing.assert_frame_equal(found.tags, voc.tag(texts, codebook, spoken))
    pd.testing.assert_frame_equal(found.spans, voc.evidence(texts, codebook, spoken))
    np.testing.assert_allclose(found.sentiment, voc.sentiment(texts, spoken), atol=1e-6)
    aspects = voc.aspects(texts, found.spans, spoken)
    pd.testing.assert_frame_equal(found.aspects, aspects, atol=1e-6)
    assert found.redacted == voc.redact(texts, words=words)
    pd.testing.assert_frame_equal(found.personal_data, voc.redaction_counts(texts, words=words))
    if language is None:
        assert spoken == voc.detect_language(texts, codebook.languages).tolist()


def test_what_was_written_twice_is_read_once_and_counts_twice(codebook, monkeypatch):
    read = []
    hits = Matcher.hits
    monkeypatch.setattr(Matcher, "hits", lambda own, text: read.append(text) or hits(own, text))
    found = voc.read(["Late parcel, anna@example.com"] * 3, codebook, "en")
    assert len(read) == 1
    assert found.tags["delivery"].tolist() == [True] * 3
    assert found.spans["text"].unique().tolist() == [0, 1, 2]
    assert found.personal_data[["found", "texts"]].to_numpy().tolist() == [[3, 3]]


@pytest.mark.parametrize("languages", [["it", "en"], ["en", "it"]])
def test_the_rules_of_each_language_read_the_same_words_by_themselves(codebook, languages):
    found = voc.read(["pacco in ritardo"] * 2, codebook, languages)
    assert found.tags["delivery"].tolist() == [language == "it" for language in languages]


def test_the_same_words_in_two_languages_are_two_texts(codebook):
    found = voc.read(["pessimo", "pessimo"], codebook, ["it", "other"])
    assert found.sentiment[0] < 0
    assert np.isnan(found.sentiment[1])


def test_a_reading_shows_what_it_found(codebook):
    found = voc.read(["Late parcel", "ok"], codebook, "en")
    assert repr(found) == "Reading of 2 texts: 1 of at least one theme"
    assert "delivery" in found._repr_html_()


def test_words_that_are_redacted_already_give_the_same_terms():
    texts = ["ottima consegna"] * 40 + ["errore, Anna Bianchi"] * 20 + ["ottima consegna"] * 20
    new = [False] * 40 + [True] * 40
    found = voc.emerging_terms(texts, new, redacted=voc.redact(texts))
    assert found == voc.emerging_terms(texts, new)
    with pytest.raises(ValueError, match="the length of redacted must be"):
        voc.emerging_terms(texts, new, redacted=texts[:3])


def test_no_texts(codebook):
    found = voice.read([], codebook)
    assert (len(found.tags), len(found.spans), found.redacted) == (0, 0, [])
