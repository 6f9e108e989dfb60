"""Themes learnt from a few codes, on sentences nobody here wrote; the rest of them is the test.

The rules of tests/real/codebooks were adjusted on every second sentence. The codes are drawn from
those, and what is measured is measured on the others.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from cxresearch.core.disk import Cache
from cxresearch.voc.coding.learned import learn
from cxresearch.voc.texts.codebook import Codebook
from cxresearch.voc.texts.encoder import encoder
from cxresearch.voc.texts.tagging import tag

CODEBOOKS = Path(__file__).parent / "codebooks"
REASONS = {
    "late_flight": "Late Flight",
    "cancelled_flight": "Cancelled Flight",
    "customer_service": "Customer Service Issue",
    "lost_luggage": "Lost Luggage",
    "damaged_luggage": "Damaged Luggage",
    "bad_flight": "Bad Flight",
    "booking": "Flight Booking Problems",
    "attendants": "Flight Attendant Complaints",
    "long_lines": "longlines",
}


class Set:
    """Texts with the hits of the rules and what is true of them."""

    def __init__(self, texts, language, codebook, truths, folder):
        self.texts = texts.reset_index(drop=True)
        self.truths = truths.reset_index(drop=True)
        codes = Codebook.load(CODEBOOKS / codebook)
        self.rules = tag(self.texts, codes, language)[list(truths.columns)]
        self.encoder = encoder(Cache(folder, codebook))
        self.encoder.encode(self.texts)

    def macro_f1(self, labels, seed):
        """Return the mean F1 over themes on every other text, learning from some of the rest."""
        rng = np.random.default_rng(seed)
        coded = rng.choice(np.arange(0, len(self.texts), 2), labels, replace=False)
        tagger = learn(
            self.texts[coded], self.rules.loc[coded], self.truths.loc[coded], encoder=self.encoder
        )
        found = tagger.tag(self.texts[1::2], self.rules[1::2])
        return float(np.mean(list(self.f1(found).values())))

    def f1(self, found):
        truths = self.truths[1::2]
        return {theme: f1_score(truths[theme], found[theme]) for theme in truths.columns}


@pytest.fixture(scope="module")
def hotels(raw_data, tmp_path_factory):
    table = pd.read_csv(raw_data / "absita_2018" / "absita_dev.csv", sep=";")
    truths = table.filter(like="_presence") == 1
    truths.columns = truths.columns.str.removesuffix("_presence")
    return Set(table["sentence"], "it", "hotel.yaml", truths, tmp_path_factory.mktemp("hotels"))


@pytest.fixture(scope="module")
def airlines(raw_data, tmp_path_factory):
    table = pd.read_csv(raw_data / "twitter_airline" / "tweets.csv.gz")
    table = table[table["negativereason"].isin(REASONS.values())].iloc[:6000]
    truths = pd.DataFrame({key: table["negativereason"] == why for key, why in REASONS.items()})
    folder = tmp_path_factory.mktemp("airlines")
    return Set(table["text"], "en", "airline.yaml", truths, folder)


@pytest.mark.parametrize(("labels", "least"), [(100, 0.74), (500, 0.78)])
def test_italian_themes(hotels, labels, least):
    found = np.mean([hotels.macro_f1(labels, seed) for seed in range(3)])
    assert found >= least


def test_english_themes(airlines):
    found = np.mean([airlines.macro_f1(500, seed) for seed in range(3)])
    rules = np.mean(list(airlines.f1(airlines.rules[1::2]).values()))
    assert found >= 0.52
    assert found > rules
