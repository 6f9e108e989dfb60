"""What a room says: sentences with their values, lists of them, and what is missing."""

from __future__ import annotations

import pytest

from cxresearch import report
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Sentence

FITS = Sentence("{theme} is in {n} texts.", {"theme": "fit", "n": 1200})


def test_a_sentence_of_a_room_is_said_with_its_values(capsys: pytest.CaptureFixture[str]):
    report.begin()
    report.say([FITS, Sentence("No more.", {})])
    report.say([])
    report.headline(FITS)
    said = capsys.readouterr().out.splitlines()
    assert said == ["fit is in 1,200 texts.", "No more.", "fit is in 1,200 texts."]


def test_what_is_missing_is_said_wherever_a_part_of_it_would_be(
    capsys: pytest.CaptureFixture[str],
):
    report.begin()
    lost = Missing("the study has no orders")
    report.say(lost.sentence)
    report.show([lost.tables])
    report.record(lost.estimates)
    assert capsys.readouterr().out.splitlines() == ["Not measured: the study has no orders."] * 2
    with pytest.raises(AttributeError):
        _ = lost._repr_latex_


def test_a_label_of_the_page_goes_before_and_a_language_without_one_has_the_first(
    capsys: pytest.CaptureFixture[str],
):
    report.begin(lang="it")
    report.label({"fit": {"en": "Fit"}})
    report.say(FITS)
    report.label({"fit": {"en": "Fit", "it": "Taglia"}})
    report.say(FITS)
    report.begin()
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == ["«Fit»", "«Taglia»"]
