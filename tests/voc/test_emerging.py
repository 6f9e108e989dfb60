"""What is new: found where it was planted, not where nothing changed, the same on every run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch.voc.estimates.emerging import (
    class_terms,
    emerging_clusters,
    emerging_table,
    emerging_terms,
    terms_of,
)
from cxresearch.voc.redaction.quotes import quotes

OLD = [
    "Consegna puntuale e veloce",
    "La taglia veste bene",
    "Prezzi alti",
    "Sito lento",
    "Bel colore",
]
PLANTED = "Il buono regalo non viene accettato"


@pytest.fixture
def texts():
    """600 texts of 300 customers; in the second half one in eight tells of something new."""
    rng = np.random.default_rng(13)
    new = np.arange(600) >= 300
    found = [
        f"{PLANTED} {'stamattina' if rng.random() < 0.5 else 'ieri'}"
        if late and rng.random() < 0.125
        else str(rng.choice(OLD))
        for late in new
    ]
    return found, new, rng.integers(0, 300, 600).astype(str)


def test_words_that_were_planted_emerge(texts):
    found, new, customers = texts
    emerged = emerging_terms(found, new, clusters=customers)
    terms = [one.terms[0] for one in emerged]
    assert {"buono", "regalo", "buono regalo", "accettato"} <= set(terms)
    assert not any("consegna" in term or "taglia" in term for term in terms)
    first = emerged[0]
    wrote = [PLANTED in text for text in found]
    who = {customer for customer, is_it in zip(customers, wrote, strict=True) if is_it}
    assert (first.n_now, first.n_before) == (len(who), 0)
    assert first.now == len(who) / len(set(customers[new]))
    assert first.p_adjusted >= first.p_value
    assert len(first.quotes) == 2  # the planted text was written in two ways only
    assert all(PLANTED in quote for quote in first.quotes)


def test_one_customer_who_writes_much_makes_no_news():
    texts = ["tutto bene"] * 200 + ["parcheggio chiuso"] * 100 + ["tutto bene"] * 100
    new = [False] * 200 + [True] * 200
    who = [*range(200), *(["one"] * 100), *range(300, 400)]
    assert emerging_terms(texts, new, clusters=who) == ()
    assert emerging_terms(texts, new)


def test_where_nothing_changed_next_to_nothing_emerges():
    rng = np.random.default_rng(17)
    vocabulary = [f"parola{chr(97 + place // 26)}{chr(97 + place % 26)}" for place in range(300)]
    chances = 1 / np.arange(5, 305)
    false = 0
    for _ in range(20):
        drawn = rng.choice(vocabulary, (600, 6), p=chances / chances.sum())
        emerged = emerging_terms([" . ".join(one) for one in drawn], rng.random(600) < 0.5)
        false += bool(emerged)
    assert false <= 3  # of 20 at 5 %: more has a chance of 2 in 100


def test_a_group_of_texts_that_no_theme_covers_emerges(texts):
    found, new, customers = texts
    tags = pd.DataFrame({"any": ["taglia" in text for text in found]})
    emerged = emerging_clusters(found, new, tags, clusters=customers, groups=5)
    assert len(emerged) == 1
    assert {"buono", "regalo"} <= set(emerged[0].terms)
    assert all(PLANTED in quote for quote in emerged[0].quotes)
    assert emerged[0].n_before == 0
    covered = pd.DataFrame({"any": [PLANTED in text for text in found]})
    assert emerging_clusters(found, new, covered, clusters=customers, groups=5) == ()


def test_neither_the_order_nor_another_run_matters(texts):
    found, new, customers = texts
    tags = pd.DataFrame({"any": [False] * 600})
    order = np.random.default_rng(2).permutation(600)
    shuffled = [found[place] for place in order], new[order]
    for first, again in (
        (
            emerging_terms(found, new, clusters=customers),
            emerging_terms(*shuffled, clusters=customers[order]),
        ),
        (
            emerging_clusters(found, new, tags, clusters=customers, groups=6),
            emerging_clusters(*shuffled, tags, clusters=customers[order], groups=6),
        ),
    ):
        assert first
        assert first == again


def test_few_customers_are_not_shown():
    texts = ["tutto bene"] * 100 + ["tutto bene"] * 60 + ["ascensore guasto"] * 4
    new = [False] * 100 + [True] * 64
    assert emerging_terms(texts, new, fdr=0.5) == ()
    shown = emerging_terms(texts, new, fdr=0.5, min_cell=4)
    assert shown[0].terms[0] == "ascensore"
    assert shown[0].quotes == ("ascensore guasto",)


def test_personal_data_do_not_emerge():
    texts = ["tutto bene"] * 100 + ["scrivete a anna.rossi@example.com subito"] * 50
    emerged = emerging_terms(texts, [False] * 100 + [True] * 50)
    assert "scrivete" in {one.terms[0] for one in emerged}
    assert not any("anna" in one.terms[0] or "email" in one.terms[0] for one in emerged)
    assert emerged[0].quotes == ("scrivete a [email] subito",)


def test_too_few_texts_make_no_groups():
    tags = pd.DataFrame({"any": [False] * 12})
    assert emerging_clusters(["uno due"] * 12, [True] * 6 + [False] * 6, tags) == ()


def test_the_table(texts):
    found, new, _ = texts
    table = emerging_table(emerging_terms(found, new))
    assert table["terms"].iloc[0] == emerging_terms(found, new)[0].terms[0]
    assert " | " in table["quotes"].iloc[0]
    assert list(emerging_table([]).columns) == list(table.columns)


def test_quotes_are_of_different_customers_and_cut():
    own = ["a b", "c d", "e f", "parola " * 100]
    assert len(quotes(own, [1, 1, 1, 2], count=3, min_cell=2, seed=0)) == 2
    (long,) = quotes(own[3:], [2], count=3, min_cell=1, seed=0)
    assert len(long) <= 242
    assert long.endswith("parola …")
    two = {quotes(own, [1, 2, 3, 4], count=1, min_cell=1, seed=seed) for seed in range(20)}
    assert len(two) > 2


def test_the_words_of_a_text():
    assert terms_of("") == set()
    assert terms_of("Il 12 a B [order]") == set()
    assert terms_of("pagamento. carta") == {"pagamento", "carta"}
    assert "customer service" in terms_of("The customer service")


def test_the_words_of_a_group_are_not_those_of_all():
    texts = ["nice shop lift"] * 5 + ["nice shop stairs"] * 5
    found = class_terms(texts, np.repeat([0, 1], 5))
    assert [terms[0] for terms in found] == ["lift", "stairs"]


def test_the_words_of_errors():
    with pytest.raises(ValueError, match="the length of new must be one of 1; got 2"):
        emerging_terms(["a"], [True, False])
    with pytest.raises(ValueError, match="the number of earlier texts must be at least 1; got 0"):
        emerging_terms(["a"], [True])
    with pytest.raises(ValueError, match="fdr must be strictly between 0 and 1"):
        emerging_terms(["a", "b"], [True, False], fdr=1)
    with pytest.raises(ValueError, match="the number of rows of tags must be one of 2; got 1"):
        emerging_clusters(["a", "b"], [True, False], pd.DataFrame({"x": [True]}))
