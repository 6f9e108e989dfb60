"""Sentiment by theme, in Italian sentences that praise one thing and complain of another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cxresearch.voc.texts.codebook import Codebook
from cxresearch.voc.texts.scores import sentiment
from cxresearch.voc.texts.tagging import evidence
from cxresearch.voc.texts.theme_sentiment import aspects

HOTEL = Path(__file__).parent / "codebooks" / "hotel.yaml"


@pytest.fixture(scope="module")
def judged(raw_data):
    """Each theme of the sentences that point both ways, with what is true of it."""
    table = pd.read_csv(raw_data / "absita_2018" / "absita_dev.csv", sep=";")
    both = table.filter(like="_positive").any(axis=1) & table.filter(like="_negative").any(axis=1)
    mixed = table[both].reset_index(drop=True)
    spans = evidence(mixed["sentence"], Codebook.load(HOTEL), "it")
    found = aspects(mixed["sentence"], spans, "it")
    places = list(zip(found["text"], found["theme"], strict=True))
    for side in ("positive", "negative"):
        found[side] = [mixed.loc[place, f"{theme}_{side}"] == 1 for place, theme in places]
    found["whole"] = sentiment(mixed["sentence"], "it")[found["text"]]
    return found[found["positive"] != found["negative"]]


def test_clauses_say_more_than_the_whole_text(judged):
    by_aspect, whole = (
        roc_auc_score(judged["positive"], judged[name]) for name in ("sentiment", "whole")
    )
    assert len(judged) > 150
    assert by_aspect > 0.78
    assert by_aspect > whole + 0.1
    assert np.mean((judged["sentiment"] > 0) == judged["positive"]) > 0.7
