"""What a page may name: first places, complaints, quotes, recovery, and texts it can read."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch.voc import Codebook, evidence, tag
from cxresearch.voc.estimates.associations import associations, impact_difference
from cxresearch.voc.estimates.recovery import recovery_gain
from cxresearch.voc.estimates.theme_tables import Lead, leader
from cxresearch.voc.feedback import Feedback, _code, _languages
from cxresearch.voc.redaction.quotes import theme_quotes
from cxresearch.voc.texts.kept_results import KeptResults
from cxresearch.voc.texts.scores import NEUTRAL, band_errors
from cxresearch.voc.texts.theme_sentiment import complaints

TABLE = pd.DataFrame(
    {
        "theme": ["fit", "price", "site"],
        "share": [0.25, 0.3, 0.9],
        "share_low": [0.22, 0.26, 0.5],
        "share_high": [0.28, 0.34, 1.0],
        "customers": [50, 60, 4],
    }
)
BOOK = Codebook.load()


def test_a_first_place_needs_intervals_that_do_not_meet_and_enough_customers():
    assert leader(TABLE, "share") == Lead("price", "fit", separated=False)
    apart = TABLE.assign(share_high=[0.25, 0.34, 1.0])
    assert leader(apart, "share") == Lead("price", "fit", separated=True)
    assert leader(TABLE, "share", min_cell=4) == Lead("site", "price", separated=True)
    assert leader(apart, "share", largest=False) == Lead("fit", "price", separated=True)
    assert leader(TABLE, "share", min_cell=100) == Lead(None, None, separated=False)
    assert leader(TABLE.head(1), "share") == Lead("fit", None, separated=False)
    unknown = TABLE.assign(share_low=math.nan, share_high=math.nan)
    assert not leader(unknown, "share").separated


def test_the_difference_of_impacts_is_that_of_the_two_and_knows_what_they_share():
    rng = np.random.default_rng(5)
    themes = pd.DataFrame({"late": rng.random(400) < 0.4, "dear": rng.random(400) < 0.3})
    outcome = -8 * themes["late"] - 2 * themes["dear"] + rng.normal(0, 3, 400)
    late, dear = associations(themes, outcome, unit="points")
    gap = impact_difference(themes, outcome, "late", "dear", unit="points")
    assert gap.value == pytest.approx(late.impact.value - dear.impact.value)
    assert gap.ci.low < gap.value < gap.ci.high < 0
    with pytest.raises(ValueError, match="feature must be one of"):
        impact_difference(themes, outcome, "late", "fit", unit="points")


def test_recovery_is_against_those_whose_matter_was_not_solved():
    lived = ["resolved"] * 40 + ["not resolved"] * 40 + ["no contact"] * 40
    # Both who asked order again alike, and more than who kept silent.
    outcome = [1.0, 0.0] * 40 + [0.0] * 40
    found = recovery_gain(lived, outcome, unit="share")
    assert found is not None
    assert found.value == pytest.approx(0)
    assert found.ci.low < 0 < found.ci.high
    assert recovery_gain(["no contact", "resolved"], [0, 1], unit="share") is None


def test_the_neutral_band_calls_few_neutral_sentences_complaints():
    errors = band_errors()
    neutral = errors[errors["rated"] == "neutral"]
    share = (neutral["complaint"] * neutral["n"]).sum() / neutral["n"].sum()
    assert share < 0.2 == NEUTRAL
    negative = errors[errors["rated"] == "negative"]
    assert (negative["complaint"] > 0.4).all()


def test_the_errors_of_the_neutral_band_have_intervals():
    # 6 of 20 by hand: z2 = 3.8415; (0.3 + 0.0960 -+ 1.96 * sqrt(0.21 / 20 + 0.0024)) / 1.1921
    errors = band_errors().set_index(["sentences", "rated"])
    one = errors.loc[("invented sentences, English", "neutral")]
    assert (one["n"], one["complaint"]) == (20, 0.3)
    assert one["complaint_low"] == pytest.approx(0.1455, abs=5e-4)
    assert one["complaint_high"] == pytest.approx(0.5190, abs=5e-4)


def test_a_quoted_complaint_complains_in_its_own_clause_and_shows_it():
    felt = pd.DataFrame(
        {"text": [0, 1], "theme": "delivery", "sentiment": -0.4, "clause": [-0.5, 0.3]}
    )
    tags = pd.DataFrame({"delivery": [True, True]})
    assert complaints(tags, felt)["delivery"].tolist() == [True, True]
    assert complaints(tags, felt, clear=True)["delivery"].tolist() == [True, False]
    texts = ["Lovely colours. " * 30 + "The parcel came two weeks late. " + "So it was. " * 30]
    spans = evidence(texts, BOOK, "en")
    shown = theme_quotes(texts, tags.head(1), ["delivery"], spans=spans, min_cell=1)["quote"][0]
    assert "parcel" in shown
    assert len(shown) < 250


PORTUGUESE = [
    "O produto chegou antes do prazo e gostei muito",
    "Não recebi o produto que comprei na loja",
    "A entrega atrasou uma semana e ninguém respondeu",
    "Produto de boa qualidade e preço justo",
]


def told(rows: pd.DataFrame) -> pd.Series:
    """Return the language of each text, of which nothing is kept."""
    return _languages(rows, ("en", "it"), KeptResults({}, dict))


def test_a_language_without_rules_is_not_tagged_and_not_in_the_base():
    tags = tag(PORTUGUESE, BOOK)
    assert tags.to_numpy().sum() == 0
    assert tag(["delivery late"] * 2, BOOK, ["pt", "other"]).to_numpy().sum() == 0
    rows = pd.DataFrame(
        {
            "text": PORTUGUESE * 6 + ["bom", "Muito bom", "The parcel came two days late"],
            "language": None,
            "source": "review",
        }
    )
    rows["language"] = told(rows)
    # Among so many Portuguese texts, two words that tell no language are Portuguese too.
    assert rows["language"].tolist() == ["other"] * 26 + ["en"]
    read = Feedback(rows, 0, ())
    assert read.readable().texts.index.tolist() == [26]


def test_few_texts_do_not_speak_for_those_that_do_not_tell():
    rows = pd.DataFrame({"text": [*PORTUGUESE, "bom"], "language": None, "source": "review"})
    assert told(rows).tolist()[-1] == "unknown"


@pytest.mark.parametrize("given", ["it", "en-GB", "n/a"])
def test_a_language_that_the_words_clearly_deny_is_not_trusted(given):
    texts = [*PORTUGUESE, "Il pacco non è ancora arrivato", "The parcel is still not here"]
    rows = pd.DataFrame({"text": texts, "language": given, "source": "review"})
    assert told(rows).tolist() == ["other"] * 4 + ["it", "en"]
    # What is too short to tell is what it was stored as, but among many that are wrong.
    short = pd.DataFrame({"text": ["ok", "top"], "language": "it", "source": "review"})
    assert told(short).tolist() == ["it", "it"]
    many = pd.DataFrame({"text": [*PORTUGUESE * 6, "bom"], "language": "it", "source": "review"})
    assert told(many).tolist() == ["other"] * 25


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("en-GB", "en"),
        ("IT", "it"),
        ("it_IT", "it"),
        ("Italiano", "it"),
        ("pt-BR", "pt"),
        (None, ""),
    ],
)
def test_a_language_is_read_as_exports_write_it(given, code):
    assert _code(given) == code


@pytest.mark.parametrize(
    ("text", "language", "theme", "is_of_it"),
    [
        ("La batteria si carica in due ore", "it", "site", False),
        ("La pagina del sito non si carica", "it", "site", True),
        ("le pagine sono ingiallite", "it", "site", False),
        ("il filtro del caffè", "it", "site", False),
        ("La carta è spessa", "it", "checkout", False),
        ("La carta viene rifiutata", "it", "checkout", True),
        ("coltello che taglia benissimo", "it", "fit", False),
        ("supporto da parete", "it", "service", False),
        ("registra video in 4k", "it", "account", False),
        ("punti luce", "it", "loyalty", False),
        ("I punti della tessera sono scaduti", "it", "loyalty", True),
        ("a cleaning agent", "en", "service", False),
        ("The agent called me back", "en", "service", True),
        ("the dog carrier is sturdy", "en", "delivery", False),
        ("The carrier lost my parcel", "en", "delivery", True),
        ("robot returns to the dock", "en", "returns", False),
        ("200 pages", "en", "site", False),
        ("charged overnight", "en", "checkout", False),
        ("They charged my card twice", "en", "checkout", True),
        ("wall outlet", "en", "store", False),
    ],
)
def test_words_of_several_meanings_need_company(text, language, theme, is_of_it):
    assert bool(tag([text], BOOK, language)[theme][0]) == is_of_it
