"""Which themes texts are of, and by which words."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from cxresearch.simulate.customer_texts import Mention, compose
from cxresearch.simulate.customer_texts import themes as themes_of_shop
from cxresearch.simulate.planted import Texts
from cxresearch.voc import Codebook, evidence, tag
from cxresearch.voc.texts.matcher import is_negated
from cxresearch.voc.texts.raw_text import fold, root, words

BOOK = Codebook.parse("""
name: Test
languages: [en, it]
themes:
  delivery:
    label: {en: Delivery}
    definition: {en: Delivery}
    terms: {it: ["spediz*", pacco, "perché tarda", l'ordine], en: [parcel, next day]}
    lemmas: {it: [consegnare, tempo di consegna], en: [deliver]}
    regexes: {it: ['\\b\\d+ giorni\\b'], en: ['\\b\\d+ days\\b']}
    exclusions: {it: [pacco regalo, "spedizionier*"]}
  broken:
    label: {en: Broken}
    definition: {en: Broken}
    terms: {it: [rotto, rotta], en: [broken]}
    negated: drop
""")


def themes(text, language=None, book=BOOK):
    row = tag([text], book, language).iloc[0]
    return [theme for theme in row.index if row[theme]]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("La spedizione!", "it", ["delivery"]),
        ("SPEDIZIONI", "it", ["delivery"]),
        ("consegneranno domani", "it", ["delivery"]),  # a lemma has all its forms
        ("consegnarmi", "it", ["delivery"]),  # and its pronouns
        ("i tempi di consegna", "it", ["delivery"]),  # a phrase of lemmas
        ("perche' tarda?", "it", ["delivery"]),  # an apostrophe for an accent
        ("PERCHÈ TARDA", "it", ["delivery"]),
        (
            "dov'è l\N{RIGHT SINGLE QUOTATION MARK}ordine",
            "it",
            ["delivery"],
        ),  # a curly apostrophe, an elision
        ("dopo 12 giorni", "it", ["delivery"]),
        ("la spedzione", "it", ["delivery"]),  # a slip
        ("la spedziione", "it", ["delivery"]),
        ("NEXT-DAY", "en", ["delivery"]),
        ("They delivered", "en", ["delivery"]),
        ("il pacco regalo", "it", []),  # excluded
        ("lo spedizioniere", "it", []),
        ("il pacco regalo e il pacco", "it", ["delivery"]),  # one of two is not
        ("impaccato", "it", []),  # no part of a word
        ("era rotto", "it", ["broken"]),
        ("non era rotto", "it", []),  # denied, and to be dropped
        ("non era rotto, ma la busta era rotta", "it", ["broken"]),
        ("nessun problema con il pacco", "it", ["delivery"]),  # denied, and kept
        ("it wasn't broken", "en", []),
        ("<p>il <b>pac</b>co</p>", "it", []),
        ("<p>il&nbsp;<b>pacco</b></p>", "it", ["delivery"]),
        ("pa\x00cco", "it", ["delivery"]),
        ("pero\u0300 il pacco", "it", ["delivery"]),
        ("\u202eil pacco\u202c", "it", ["delivery"]),
    ],
)
def test_rules_hold_where_they_should(text, language, found):
    assert themes(text, language) == found


@pytest.mark.parametrize("text", ["", None, "   ", "😡😡😡", "12345", "\x00", "שלום עולם", "<br>"])
def test_texts_that_say_nothing_are_of_no_theme(text):
    assert themes(text) == []


def test_a_text_is_read_by_the_rules_of_its_language():
    text = "parcel"
    assert themes(text, "it") == []
    assert themes(text, "en") == ["delivery"]
    # Where the language is not known all rules are read; in another language none are.
    assert themes(text, "unknown") == themes(text) == ["delivery"]
    assert themes(text, "other") == []
    assert tag([text], BOOK, ["pt"]).to_numpy().sum() == 0
    assert themes("Vorrei sapere dove si trova il mio parcel, grazie mille") == []


def test_mixed_languages_are_read_as_the_longer_one():
    italian = "Buongiorno, vorrei sapere quando arriva la spedizione che ho ordinato. "
    assert themes(italian + "Thanks, the vase is broken.") == ["delivery"]


def test_each_text_may_have_its_language():
    tags = tag(["parcel", "parcel", "The parcel never came to my house"], BOOK, ["it", "en", None])
    assert tags["delivery"].tolist() == [False, True, True]


def test_the_frame_keeps_the_index_and_the_order_of_themes():
    texts = pd.Series(["pacco", None], index=["b", "a"])
    tags = tag(texts, BOOK, "it")
    assert tags.index.tolist() == ["b", "a"]
    assert tags.columns.tolist() == ["delivery", "broken"]
    assert {str(kind) for kind in tags.dtypes} == {"bool"}
    assert tag([], BOOK).shape == (0, 2)


def test_evidence_quotes_the_words():
    text = "Nessun pacco: <b>consegnato</b> ieri, era rotto"
    found = evidence([None, text], BOOK, "it")
    assert found.drop(columns=["start", "end"]).to_numpy().tolist() == [
        [1, "delivery", "pacco", "term", "pacco", True],
        [1, "delivery", "consegnato", "lemma", "consegnare", False],
        [1, "broken", "rotto", "term", "rotto", False],
    ]


def test_evidence_of_one_theme_does_not_overlap():
    found = evidence(["il tempo di consegna"], BOOK, "it")
    assert found[["quote", "rule"]].to_numpy().tolist() == [
        ["tempo di consegna", "tempo di consegna"]
    ]
    assert evidence([], BOOK).columns.tolist()[:2] == ["text", "theme"]


@given(
    st.lists(
        st.text(max_size=60) | st.sampled_from(["il pacco", "non è rotto", "12 giorni", "parcel"])
    )
)
def test_evidence_is_where_the_tags_are(texts):
    tags, found = tag(texts, BOOK, "it"), evidence(texts, BOOK, "it")
    expected = {(row, theme) for row, theme in np.argwhere(tags.to_numpy())}
    seen = {
        (row, tags.columns.get_loc(theme))
        for row, theme in zip(found["text"], found["theme"], strict=True)
    }
    assert seen == expected
    assert (found["start"] < found["end"]).all()


def test_the_order_of_texts_does_not_matter():
    texts = ["il pacco", "rotto", "niente", "spedzione"]
    assert (
        tag(texts[::-1], BOOK, "it")[::-1].to_numpy().tolist()
        == tag(texts, BOOK, "it").to_numpy().tolist()
    )


def test_a_long_text_is_read_to_its_end():
    assert themes("parola " * 50_000 + "pacco", "it") == ["delivery"]
    assert themes("a" * 300_000, "it") == []
    assert themes("pacco regalo " * 25_000, "it") == []
    assert len(evidence(["pacco rotto " * 7_000], BOOK, "it")) == 14_000


def test_a_language_that_is_none_is_refused():
    with pytest.raises(
        ValueError, match="language must be one of 'en', 'it', 'other', 'unknown'; got 'fr'"
    ):
        tag(["ok"], BOOK, "fr")
    with pytest.raises(ValueError, match="the length of language must be one of 1; got 2"):
        tag(["ok"], BOOK, ["it", "en"])


@pytest.mark.parametrize(
    ("text", "language", "negated"),
    [
        ("non è X", "it", True),
        ("nessun problema con la X", "it", True),
        ("senza X", "it", True),
        ("non solo X", "it", False),
        ("non male, X", "it", False),
        ("non male ma X", "it", False),
        ("non uno due tre quattro cinque X", "it", True),
        ("non uno due tre quattro cinque sei X", "it", False),
        ("X non c'è", "it", False),
        ("no X", "en", True),
        ("it isn't X", "en", True),
        ("it wasnt X", "en", True),
        ("not only X", "en", False),
        ("i want X", "en", False),
        ("never late but X", "en", False),
        ("kein X", "de", False),
    ],
)
def test_negation_reaches_over_its_clause(text, language, negated):
    folded = fold(text)
    assert is_negated(folded, folded.index("x"), language) is negated


@given(st.text())
def test_folding_keeps_every_letter_in_its_place(text):
    assert len(fold(text)) == len(text)


def test_words_and_their_roots():
    assert [word[0] for word in words("dov'e l'e-mail_vecchia?")] == [
        "dov",
        "e",
        "l",
        "e",
        "mail",
        "vecchia",
    ]
    assert root("carissimo", "it") == "caro"
    assert root("restituirlo", "it") == "restituire"
    assert root("Qualità", "it") is None
    assert root("shipped", "en") == "ship"


@pytest.mark.parametrize(
    ("language", "text", "found"),
    # Everyday texts that were not there when the codebook was written.
    [
        ("it", "Dopo un mese la suola si è scollata, materiale pessimo", ["quality"]),
        ("it", "Al momento di inserire la carta di credito mi dà errore", ["checkout"]),
        ("it", "Ho chiesto il rimborso ma l'operatore non sa nulla", ["returns", "service"]),
        ("it", "Numero sbagliato nella guida alle taglie, scarpa strettissima", ["fit"]),
        ("it", "Non riesco a recuperare la password del mio profilo", ["account"]),
        ("it", "Prezzi alti e spedizione lentissima", ["delivery", "price"]),
        ("en", "The coupon was nice but the jumper shrank in the wash", ["price", "quality"]),
        ("en", "Couldn't log in, so I never got to the checkout", ["checkout", "account"]),
        ("en", "Courier threw the box over the fence", ["delivery", "packaging"]),
        ("en", "My loyalty points vanished and nobody replies", ["service", "loyalty"]),
        ("it", "La gonna è splendida, ci hanno messo una vita a mandarla", ["delivery", "quality"]),
        ("it", "Vorrei la fattura.\nGrazie in anticipo", ["checkout"]),
        ("it", "Shipping lento, packaging orrendo", ["delivery", "packaging"]),
        ("it", "Incredibile: il rimborso non è ancora arrivato", ["returns"]),
        ("it", "Ottimo rapporto qualità prezzo, più che su altri siti", ["price"]),
        ("it", "L'assistenza al telefono è pessima", ["service"]),
        ("en", "Gorgeous boots, nothing has arrived of the rest", ["delivery", "quality"]),
        ("en", "The lady on the phone was lovely", []),
        ("en", "Missing two screws and no padding at all", ["availability", "packaging"]),
        ("en", "Ten quid, and the search bar finds nothing", ["price", "site"]),
    ],
)
def test_the_shipped_codebook_reads_everyday_texts(language, text, found):
    assert themes(text, language, Codebook.load()) == found


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_shipped_codebook_finds_the_planted_themes(language):
    # Two mentions a text, as the simulated shop's customers type them, slips and capitals included.
    rng, themes, truth, texts = random.Random(11), themes_of_shop(), [], []
    for _ in range(1200):
        said = rng.sample(themes, 2)
        mentions = [Mention(theme, rng.choice((-1, 0, 1))) for theme in said]
        texts.append(compose(rng, language, mentions, 0, Texts()).text)
        truth.append([theme in said for theme in themes])
    found = tag(texts, Codebook.load(), language)[list(themes)].to_numpy()
    scores = dict(zip(themes, f1_score(truth, found, average=None), strict=True))
    assert min(scores.values()) > 0.88, scores
    assert np.mean(list(scores.values())) > 0.95
