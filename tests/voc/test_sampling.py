"""Texts drawn with known probabilities, and texts that are only suggested."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest

from cxresearch.errors import SchemaError
from cxresearch.voc import draw_sample, suggest

FEEDBACK = pd.DataFrame(
    {
        "text_id": [f"T{number:03d}" for number in range(100)],
        "text": ["Il pacco non è ancora arrivato", "Scrivetemi a anna@example.com"] * 50,
        "source": ["chat"] * 4 + ["survey"] * 96,
        "language": [None, "it"] * 50,
    }
)


def test_a_random_sample_has_one_probability():
    sample = draw_sample(FEEDBACK, 20, seed=1)
    assert sample.columns.tolist() == ["text_id", "text", "language", "probability", "drawn"]
    assert len(set(sample["text_id"])) == 20
    assert set(sample["probability"]) == {0.2}
    assert set(sample["drawn"]) == {"random"}


def test_texts_are_redacted_and_their_language_is_told_where_it_is_not_known():
    sample = draw_sample(FEEDBACK, 100)
    assert set(sample["text"]) == {"Il pacco non è ancora arrivato", "Scrivetemi a [email]"}
    assert set(sample["language"]) == {"it"}
    coded = draw_sample(FEEDBACK, 100, key="secret")
    assert coded["text"].str.contains(r"\[email [0-9a-f]{6}\]").sum() == 50


def test_a_rare_group_is_there_with_its_own_probability():
    sample = draw_sample(FEEDBACK, 20, by="source")
    # Ten each, but the chats are four: the surveys give the rest.
    assert Counter(sample["source"]) == {"chat": 4, "survey": 16}
    by_group = sample.groupby("source")["probability"].unique().map(list).to_dict()
    assert by_group == {"chat": [1.0], "survey": [16 / 96]}
    # Weighted by 1 / probability the sample is as large as the texts.
    assert (1 / sample["probability"]).sum() == pytest.approx(100)


def test_each_group_may_have_its_number():
    sample = draw_sample(FEEDBACK, {"chat": 2, "survey": 3}, by="source")
    assert Counter(sample["source"]) == {"chat": 2, "survey": 3}


def test_groups_are_not_coded_one_after_the_other():
    order = draw_sample(FEEDBACK, {"chat": 4, "survey": 4}, by="source")["source"].tolist()
    assert order not in (["chat"] * 4 + ["survey"] * 4, ["survey"] * 4 + ["chat"] * 4)


def test_the_seed_decides_and_the_order_of_rows_does_not():
    one = draw_sample(FEEDBACK, 10, seed=3)
    assert draw_sample(FEEDBACK[::-1], 10, seed=3).equals(one)
    assert (
        draw_sample(pl.from_pandas(FEEDBACK), 10, seed=3)["text_id"].tolist()
        == one["text_id"].tolist()
    )
    assert draw_sample(FEEDBACK, 10, seed=4)["text_id"].tolist() != one["text_id"].tolist()


def test_every_text_is_drawn_as_often_as_its_probability_says():
    drawn = Counter(
        one for seed in range(100) for one in draw_sample(FEEDBACK[:10], 3, seed=seed)["text_id"]
    )
    # 100 draws of 3 in 10: 30 each, standard error 4.6.
    assert all(abs(drawn[one] - 30) < 18 for one in FEEDBACK["text_id"][:10])


def test_texts_with_nothing_in_them_are_left_out_before_drawing():
    texts = pd.DataFrame({"text_id": [1, 2, 3], "text": ["ok", "  ", None]})
    assert draw_sample(texts, 1)["probability"].tolist() == [1.0]
    with pytest.raises(ValueError, match="n must be between 1 and 1; got 2"):
        draw_sample(texts, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be at least 1"),
        ({"n": 101}, "n must be between 1 and 100; got 101"),
        ({"n": {"mail": 1}, "by": "source"}, "a group of source must be one of 'chat', 'survey'"),
        ({"n": {"chat": 5}, "by": "source"}, "n of chat must be between 0 and 4; got 5"),
    ],
)
def test_wrong_calls_are_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw_sample(FEEDBACK, **arguments)


def test_texts_that_cannot_be_told_apart_are_refused():
    with pytest.raises(SchemaError, match="text_id: no such column"):
        draw_sample(FEEDBACK[["text"]], 1)
    twice = pd.DataFrame({"text_id": ["a", "a", None], "text": ["x", "y", "z"]})
    with pytest.raises(SchemaError) as raised:
        draw_sample(twice, 1)
    assert raised.value.faults == (
        "text_id: 1 of 3 rows have none",
        "text_id: 1 are there more than once, such as 'a'",
    )


def test_the_least_sure_are_suggested_first_and_never_as_a_sample():
    found = suggest(["a", "b", "c"], [[0.9, 0.1], [0.02, 0.45], [0.99, 0.7]], 2)
    assert found["text_id"].tolist() == ["b", "c"]
    assert found["uncertainty"].tolist() == pytest.approx([0.9, 0.6])
    assert set(found["drawn"]) == {"suggested"}
    assert found["probability"].isna().all()


def test_suggestions_are_unlike_one_another():
    # Two like texts are the least sure; the third, unlike them, comes before the second of them.
    vectors = [[1, 0], [1, 0.01], [0, 1], [0, 1]]
    found = suggest(list("abcd"), [[0.5], [0.5], [0.6], [0.9]], 2, vectors=vectors)
    assert found["text_id"].tolist() == ["a", "c"]
    assert suggest(list("abcd"), [[0.5], [0.5], [0.6], [0.9]], 2)["text_id"].tolist() == ["a", "b"]


def test_suggestions_do_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(5)
    ids = [f"T{number}" for number in range(60)]
    chances, vectors = rng.random((60, 3)).round(1), rng.random((60, 4))
    one = suggest(ids, chances, 7, vectors=vectors)
    order = rng.permutation(60)
    other = suggest([ids[row] for row in order], chances[order], 7, vectors=vectors[order])
    assert other["text_id"].tolist() == one["text_id"].tolist()


def test_all_are_suggested_where_there_are_fewer():
    found = suggest(["a", "b"], [[0.5], [0.4]], 5, vectors=[[0, 0], [0, 0]])
    assert sorted(found["text_id"]) == ["a", "b"]
    assert suggest([], np.empty((0, 2)), 5, vectors=np.empty((0, 2))).empty


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"probabilities": [[1.5]]}, "probabilities must be between 0 and 1"),
        ({"probabilities": [[math.nan]]}, "and none missing"),
        ({"probabilities": [[0.5], [0.5]]}, "the rows of probabilities must be one of 1; got 2"),
        ({"probabilities": [[0.5]], "vectors": []}, "the rows of vectors must be one of 1; got 0"),
        ({"probabilities": [[0.5]], "n": 0}, "n must be at least 1"),
    ],
)
def test_wrong_suggestions_are_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        suggest(["a"], **({"n": 1} | arguments))
