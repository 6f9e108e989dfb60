"""Whom a message is to is no part of what it says or how it feels."""

from __future__ import annotations

import pytest

from cxresearch import voc
from cxresearch.voc.texts.salutation import end_of_salutation

CODEBOOK = voc.Codebook.load()


@pytest.mark.parametrize(
    "salutation",
    [
        "Gentile Silvia,",
        "Gentilissimi,\n",
        "Gentilissima Dott.ssa Boscoforte,",
        "Gentile Servizio Clienti,",
        "gentile servizio clienti,",
        "gentile silvia,\n",
        "Spett.le Ditta,",
        "Buongiorno Marco,",
        "Ciao a tutti,\n",
        "Salve\n",
        "Dear support team,",
        "Dear Mr Fallow,",
        "Hi Steve -",
        "Good morning,\n",
    ],
)
def test_a_salutation_ends_where_the_message_begins(salutation: str) -> None:
    text = salutation + " il pacco non arriva"
    assert text[: end_of_salutation(text)].strip() == salutation.strip()


@pytest.mark.parametrize(
    "text",
    [
        "Gentile personale, spedizione veloce",
        "Gentilissimi, rimborso fatto subito",
        "Gentilissimi e veloci",
        "Caro ma bello, lo ricomprerei",
        "salve, ho parlato con un operatore\ntutto qui",
        "BUONGIORNO, HO CHIAMATO IL SERVIZIO CLIENTI.\n",
        "Hello Kitty mug arrived",
        "",
    ],
)
def test_praise_and_what_is_told_are_none(text: str) -> None:
    assert end_of_salutation(text) == 0


def test_whom_it_is_to_is_no_theme() -> None:
    texts = [
        "Gentile Silvia, il pacco non arriva",
        "Dear support team, the zip broke after two days",
        "Gentile personale, spedizione veloce",
    ]
    tags = voc.tag(texts, CODEBOOK, ["it", "en", "it"])
    assert tags["service"].tolist() == [False, False, True]


def test_a_salutation_moves_no_place_of_what_follows() -> None:
    text = "Gentile Silvia, il pacco non arriva"
    found = voc.evidence([text], CODEBOOK, "it")
    assert found["quote"].tolist() == ["pacco non arriva"]
    assert text[found.loc[0, "start"] : found.loc[0, "end"]] == "pacco non arriva"


def test_it_neither_praises_nor_blames() -> None:
    said = "sto ancora aspettando il pacco"
    bare, kind, dear = voc.sentiment([said, f"Gentilissimi,\n{said}", f"Cara Anna,\n{said}"], "it")
    assert kind < 0
    assert abs(kind - bare) < 0.15
    assert abs(dear - bare) < 0.15


def test_it_is_no_clause_that_praises() -> None:
    texts = ["Gentilissimi,\nil pacco è arrivato tardi, una vergogna"]
    found = voc.aspects(texts, voc.evidence(texts, CODEBOOK, "it"), "it")
    assert set(found["basis"]) == {"text"}
