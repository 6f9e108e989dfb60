"""The catalogues keep to the words of docs/terms.csv, and to none that are forbidden."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cxresearch.core.message_values import ARTICLES
from tests import messages

ROOT = Path(__file__).parents[1]
TERMS = ROOT / "docs" / "terms.csv"
ENGLISH = [
    r"nought", r"whoever", r"naive", r"from it is decided", r"what became of", r"write of",
    r"held against", r"choices change", r"out of the ordinary", r"minus the", r"of the entered",
    r"pointing both ways", r"falling silent", r"that is kept", r"impact of", r"20\d\d-\d\d",
    r"foretold", r"foretells?", r"told", r"such", r"mend(?:ed)?", r"repair", r"otherwise than",
    r"the doubt about", r"whole months?",
]  # fmt: skip
ITALIAN = [
    r"imbuto", r"canalizzazione", r"viaggio del cliente", r"punt[oi] di contatto",
    r"punt[oi] dolent[ei]", r"cassa", r"check-out", r"(?<!prossimo )pass[oi]", r"salvaguardia",
    r"trattamento", r"a buon fine", r"ritenzione", r"interpellat\w*", r"pesato", r"grezz\w*",
    r"silenzio", r"si accompagna", r"unità indipendenti", r"fuori dall'ordinario",
    r"nove su dieci", r"meno gli altri", r"per chi decide", r"si confrontino",
    r"non si dimostra che", r"regge", r"scommessa", r"impronta", r"verdetto", r"orizzonte",
    r"visitator[ei]", r"rumore", r"esportazion[ei]", r"mes[ei] inter[oi]", r"pesat[aei]",
    r"salvo indicazione", r"adottare",
]  # fmt: skip
MINUS = r"(?:^|[\s(])-\d"
#: A share takes its article by its sound: {share:il}, never "il {share}".
BARE = r"\b(?:il|lo|del|al|dal|nel|sul|è|di) \{(?:share|conversion|rate|repeat|churn|anonymous)\}"


def pairs() -> list[tuple[str, str]]:
    """Return every message with its Italian."""
    found = []
    for message in messages.translated("it").values():
        english = message.id if isinstance(message.id, str) else message.id[-1]
        italian = message.string if isinstance(message.string, str) else message.string[-1]
        found.append((english, italian))
    return found


def terms() -> dict[str, str]:
    """Return the Italian of each English term; where there are several, the first."""
    lines = [line for line in TERMS.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = [line.split("|") for line in lines[1:]]
    assert all(len(row) == len(lines[0].split("|")) for row in rows)
    return {row[1].casefold(): re.split(r" \(|; |, ", row[2])[0] for row in rows}


def hits(words: list[str], texts: list[str]) -> list[tuple[str, str]]:
    pattern = re.compile("|".join(rf"(?<!\w)(?:{word})(?!\w)" for word in words), re.IGNORECASE)
    return [(found[0], text) for text in texts if (found := pattern.search(text))]


def test_no_english_message_has_a_forbidden_word() -> None:
    assert hits(ENGLISH, [english for english, _ in pairs()]) == []


def test_no_italian_message_has_a_forbidden_word() -> None:
    assert hits(ITALIAN, [italian for _, italian in pairs()]) == []


def test_a_message_that_is_a_term_is_called_as_the_terms_say() -> None:
    wanted = terms()
    assert len(wanted) > 100
    wrong = [
        (english, italian, wanted[english.casefold()])
        for english, italian in pairs()
        if english.casefold() in wanted
        and wanted[english.casefold()] not in italian.casefold()
        and wanted[english.casefold()].casefold() not in italian.casefold()
    ]
    assert wrong == []


def test_a_negative_number_has_a_true_minus() -> None:
    assert [text for pair in pairs() for text in pair if re.search(MINUS, text)] == []


def test_a_share_has_the_article_of_its_sound() -> None:
    assert [italian for _, italian in pairs() if re.search(BARE, italian)] == []


def test_every_article_that_a_message_asks_for_is_one() -> None:
    asked = {
        found.lower() for _, italian in pairs() for found in re.findall(r"\{\w+:(\w+)\}", italian)
    }
    assert asked
    assert asked <= set(ARTICLES)


@pytest.mark.parametrize("word", ["imbuto", "passi", "Grezze", "interpellati"])
def test_a_forbidden_word_is_found(word: str) -> None:
    assert hits(ITALIAN, [f"un testo con {word} dentro"])
    assert not hits(ITALIAN, ["il prossimo passo", "compassione"])
