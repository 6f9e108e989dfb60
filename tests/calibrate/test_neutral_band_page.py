"""The part about the neutral band holds what is measured, each share with its interval."""

from __future__ import annotations

import math

import pytest

from cxresearch.calibrate.train_sentiment import band_table, called, section
from cxresearch.voc import band_errors


def _wilson(share, n, z=1.959964):
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def test_there_is_a_row_per_set_and_rating_with_the_interval_of_its_share():
    errors = band_errors()
    lines = band_table(errors).splitlines()[2:]
    assert len(lines) == len(errors) == 9
    for line, one in zip(lines, errors.to_dict("records"), strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:3] == [one["sentences"], one["rated"], str(one["n"])]
        for cell, share in zip(cells[3:], (one["complaint"], one["praise"]), strict=True):
            exact = round(share * one["n"]) / one["n"]
            low, high = _wilson(exact, one["n"])
            assert cell == f"{share:.3f} ({abs(low):.3f} to {high:.3f})"


def test_a_share_over_all_sets_weighs_each_sentence_once():
    errors = band_errors()
    neutral = errors[errors["rated"] == "neutral"]
    counts = [round(share * n) for share, n in zip(neutral["complaint"], neutral["n"], strict=True)]
    assert called(errors, "neutral") == pytest.approx(sum(counts) / sum(neutral["n"]), abs=5e-4)
    assert called(errors, "neutral") < 0.2 < called(errors, "negative")


def test_the_part_says_where_the_band_ends_and_what_it_misses():
    text = section()
    assert text.startswith("\n## Sentiment")
    assert "below -0.2" in text
    assert f"{called(band_errors(), 'neutral'):.0%} are called complaints" in text
    assert f"{1 - called(band_errors(), 'negative'):.0%} are not" in " ".join(text.split())
