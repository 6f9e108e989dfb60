"""What is said by negation, wish or answer is judged as it is meant, and its mirror image too."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cxresearch.voc.texts.scores import plain_meaning, sentiment

SAID = yaml.safe_load((Path(__file__).parent / "said_and_meant.yaml").read_text("utf-8"))
#: What must be right of each kind, language and side; before there was a rule, a fifth to a half
#: was.
SHARE = 0.9
#: Of a kind with few sentences one may be wrong.
FEW = 10
CELLS = [
    (kind, language, side)
    for kind, by_language in SAID.items()
    for language, by_side in by_language.items()
    for side in by_side
]


@pytest.mark.parametrize(("kind", "language", "side"), CELLS)
def test_what_is_meant_decides_the_sign(kind, language, side):
    texts = SAID[kind][language][side]
    sign = 1 if side == "good" else -1
    right = [bool(one * sign > 0) for one in sentiment(texts)]
    allowed = 1 if len(texts) < FEW else int((1 - SHARE) * len(texts))
    wrong = [text for text, is_right in zip(texts, right, strict=True) if not is_right]
    assert len(wrong) <= allowed, wrong


@pytest.mark.parametrize("kind", ["negated praise", "unmet wish"])
def test_there_are_at_least_eighty_of_a_kind_once_each(kind):
    texts = [text for by_side in SAID[kind].values() for some in by_side.values() for text in some]
    assert len(texts) == len(set(texts)) >= 80
    for by_side in SAID[kind].values():
        assert min(len(texts) for texts in by_side.values()) >= 20


@pytest.mark.parametrize(
    ("said", "language", "meant"),
    [
        ("It could not be easier", "en", "It is very easy"),
        ("They couldn't have been ruder", "en", "They is very rude"),
        ("You could not ask for a nicer team", "en", "You is very nice team"),
        ("I would have loved it", "en", "I sadly did not get, did not like it"),
        ("It could be faster", "en", "It is not fast enough"),
        ("Nothing. All good", "en", "All good"),
        ("Non potevano essere più gentili", "it", "e davvero gentili"),
        ("non poteva andare peggio", "it", "e davvero pessimo"),
        # What only looks alike says what it says.
        ("I could not order another number", "en", "I could not order another number"),
        ("The parcel could not be delivered", "en", "The parcel could not be delivered"),
        ("Nothing arrived", "en", "Nothing arrived"),
        ("I never received my order", "en", "I never received my order"),
        ("Could you be quicker?", "en", "Could you be quicker?"),
        ("Non ho mai ricevuto il pacco", "it", "Non ho mai ricevuto il pacco"),
        ("Non mi hanno mai più risposto", "it", "Non mi hanno mai più risposto"),
        ("Il pacco dovrebbe arrivare domani", "it", "Il pacco dovrebbe arrivare domani"),
        ("Vorrei cambiare la taglia", "it", "Vorrei cambiare la taglia"),
        ("No questions were answered", "en", "No questions were answered"),
        ("Tell me a joke", "en", "Tell me a joke"),
        ("The old one was blue", "en", "The old one was blue"),
        ("Prima era blu, ora è rosso", "it", "Prima era blu, ora è rosso"),
        ("Era disponibile in blu", "it", "Era disponibile in blu"),
    ],
)
def test_the_words_of_a_text_as_it_is_meant(said, language, meant):
    assert plain_meaning(said, language) == meant


def test_a_language_not_known_is_read_by_both_rules_and_another_by_none_of_its_own():
    assert plain_meaning("could not be happier", "unknown") == "is very happy"
    assert plain_meaning("non potrei essere più felice", "unknown") == "e davvero felice"


def test_a_long_text_takes_no_longer_than_its_length():
    text = "non avrei mai potuto e non potrei mai " * 3000
    assert len(plain_meaning(text[:2000], "it")) > 0
