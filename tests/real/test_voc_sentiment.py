"""Sentiment on sentences nobody here wrote, in both languages.

The head never saw a label of the Italian sentences, of the reviews that are held out, or a star.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cxresearch.calibrate import train_sentiment as train
from cxresearch.voc.texts.lexicon import word_score
from cxresearch.voc.texts.scores import load_head, sentiment


@pytest.fixture(scope="module")
def snippets(raw_data):
    path = raw_data / "vader_ground_truth" / "amazonReviewSnippets_GroundTruth.txt"
    table = pd.read_csv(path, sep="\t", names=["name", "rating", "text"], quoting=3)
    review = table["name"].str.split("_").str[0].astype(int)
    return table[review % 3 == 0]


@pytest.fixture(scope="module")
def italian(raw_data):
    """Sentences of hotel reviews that are good or bad about something, not both."""
    table = pd.read_csv(raw_data / "absita_2018" / "absita_dev.csv", sep=";")
    good = table.filter(like="_positive").max(axis=1) == 1
    bad = table.filter(like="_negative").max(axis=1) == 1
    return pd.DataFrame({"text": table["sentence"], "good": good})[good != bad]


@pytest.fixture(scope="module")
def alexa(raw_data):
    table = pd.read_csv(raw_data / "amazon_alexa" / "amazon_alexa.tsv", sep="\t")
    return table[table["rating"] != 3].dropna(subset="verified_reviews")


def test_italian_without_italian_labels(italian):
    found = sentiment(italian["text"], "it")
    judged = ~np.isnan(found)
    good = italian["good"].to_numpy()[judged]
    auc = roc_auc_score(good, found[judged])
    right = np.mean((found[judged] > 0) == good)
    assert judged.mean() > 0.999
    assert auc > 0.95
    assert right > 0.85


def test_english_snippets_that_are_held_out(snippets):
    found = sentiment(snippets["text"], "en")
    judged = ~np.isnan(found)
    rated = snippets["rating"].to_numpy()[judged] / 4
    r = np.corrcoef(found[judged], rated)[0, 1]
    alone = np.corrcoef([word_score(text, "en") for text in snippets["text"][judged]], rated)[0, 1]
    slope = np.polyfit(found[judged], rated, 1)[0]
    assert r > 0.73
    assert r > alone + 0.1
    assert slope == pytest.approx(1, abs=0.15)


def test_stars_of_english_reviews(alexa):
    found = sentiment(alexa["verified_reviews"], "en")
    judged = ~np.isnan(found)
    auc = roc_auc_score(alexa["rating"][judged] > 3, found[judged])
    assert auc > 0.9


def test_what_is_between_a_sentence_and_its_translation():
    table = pd.read_csv(train.SENTENCES).iloc[4::5]
    apart = sentiment(table["it"], "it") - sentiment(table["en"], "en")
    assert abs(np.mean(apart)) < 0.03


def test_the_weights_are_what_the_script_learns(raw_data, tmp_path):
    train.main(raw_data, tmp_path)
    with np.load(tmp_path / "sentiment.npz") as again:
        assert again["vector"] == pytest.approx(load_head().vector, abs=1e-4)
        assert float(again["words"]) == pytest.approx(load_head().words, abs=1e-4)
        assert float(again["constant"]) == pytest.approx(load_head().constant, abs=1e-4)
    assert (tmp_path / "sentiment.json").read_text("utf-8") == (
        train.WEIGHTS / "sentiment.json"
    ).read_text("utf-8")


def test_other_reviews_are_refused(tmp_path):
    (tmp_path / "vader_ground_truth").mkdir()
    (tmp_path / train.REVIEWS).write_text("1_1\t0.5\tgood\n", "utf-8")
    with pytest.raises(ValueError, match="must have SHA-256 11a9807"):
        train.main(tmp_path, tmp_path)
