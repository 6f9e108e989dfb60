"""Of a conversation only the customer's words are the customer's."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import cxresearch as cx
from cxresearch import voc
from cxresearch.core import disk


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Agent: Was it late?\nCustomer: It was broken.\nTwice.\nAgent: Sorry",
            "It was broken.\nTwice.",
        ),
        ("Operatore: Salve, il pagamento?\nCliente: niente reso", "niente reso"),
        ("[00:01] Operatore: ciao\n[00:05] Cliente: Nota: non va", "Nota: non va"),
        ("Visitor (10:02): hello\nBot (10:03): delivery?", "hello"),
        ("Agent: Hello. Customer: It is late! Agent: Sorry", "It is late!"),
        ("Agent: Hello | Customer: Broken | Agent: ok", "Broken"),
        ("Luca: salve\nCliente: rotto", "rotto"),
        ("Agent: salve\nAnna R.: rotto", "rotto"),
        ("Agent: anyone there?", ""),
        ("The agent was rude: never again", "The agent was rude: never again"),
        ("Il pagamento: non va\nAgente: boh", "Il pagamento: non va\nAgente: boh"),
        ("Anna: uno\nMarta: due", "Anna: uno\nMarta: due"),
        ("", ""),
    ],
)
def test_the_turns_of_a_customer(text: str, said: str):
    assert voc.customer_words([text]) == [said]


def test_an_agent_may_be_named():
    text = "Marta: Buongiorno\nAnna: Il pacco?\ndove?"
    assert voc.customer_words([text], agents=["marta"]) == ["Il pacco?\ndove?"]


def test_agents_words_are_of_no_theme_in_the_demo():
    """The shop's own words made 79 % of its chats and calls complain of its service."""
    shop = cx.open_study("demo")
    texts = voc.read_feedback(shop).readable().texts
    heard = texts[texts["source"].isin(["chat", "call"])]
    path = disk.project_root() / "data" / "demo" / "truth_themes.csv"
    with path.open(encoding="utf-8") as file:
        true = {row["text_id"]: row["themes"] for row in csv.DictReader(file)}
    told = heard[heard.index.isin(true)]
    tags = voc.tag(told["text"].tolist(), voc.codebook_of(shop), told["language"].tolist())
    for theme in tags.columns:
        share = np.mean([theme in true[one] for one in told.index])
        assert tags[theme].mean() == pytest.approx(share, abs=0.02), theme
    assert len(told) > 1_000
