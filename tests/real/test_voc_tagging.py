"""Rules on texts that nobody here wrote: themes, languages, and personal data that is not there.

The codebooks beside this file were written from the names of the labels, before measuring.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from cxresearch.voc import Codebook, detect_language, personal_data, tag

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
    "cant_tell": "Can't Tell",
}


@pytest.fixture(scope="module")
def hotels(raw_data):
    return pd.read_csv(raw_data / "absita_2018" / "absita_dev.csv", sep=";")


@pytest.fixture(scope="module")
def tweets(raw_data):
    read = pd.read_csv(raw_data / "twitter_airline" / "tweets.csv.gz")
    return read.drop_duplicates("text")


def test_italian_hotels_by_rules(hotels):
    codebook = Codebook.load(CODEBOOKS / "hotel.yaml")
    truth = hotels[[f"{theme}_presence" for theme in codebook.themes]].to_numpy() == 1
    found = tag(hotels["sentence"], codebook, "it").to_numpy()
    scores = dict(zip(codebook.themes, f1_score(truth, found, average=None), strict=True))
    assert np.mean(list(scores.values())) >= 0.75
    # "Other" is whatever the seven are not.
    assert all(score >= 0.7 for theme, score in scores.items() if theme != "other"), scores


def test_english_airlines_by_rules(tweets):
    codebook = Codebook.load(CODEBOOKS / "airline.yaml")
    complaints = tweets[tweets["negativereason"].notna()]
    truth = np.stack([complaints["negativereason"] == reason for reason in REASONS.values()], 1)
    found = tag(complaints["text"], codebook, "en")[list(REASONS)].to_numpy()
    assert f1_score(truth, found, average="macro") >= 0.45


def test_languages_are_told(hotels, tweets):
    for texts, language in ((hotels["sentence"], "it"), (tweets["text"][:3000], "en")):
        told = detect_language(texts)
        assert (told == language).mean() > 0.96
        assert (~np.isin(told, (language, "unknown"))).mean() < 0.001


def test_the_first_words_are_told_or_left_open(hotels):
    told = detect_language(hotels["sentence"].str.split().str[:5].str.join(" "))
    assert (told == "it").mean() > 0.98
    assert (told == "en").mean() < 0.001


def test_hotel_sentences_hold_next_to_no_personal_data(hotels):
    # Of 3,794 sentences five name somebody; "sono" stands in 185 and makes nobody a name.
    found = [
        (one.kind, text[one.start : one.end], text[: one.start])
        for text in hotels["sentence"]
        for one in personal_data(text)
    ]
    assert {kind for kind, _, _ in found} <= {"name"}
    assert len(found) <= 6
    assert not [quote for _, quote, before in found if before.lower().rstrip().endswith("sono")]
