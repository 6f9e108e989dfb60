"""The learned layer: it takes a theme over only where it is better, and says so on a card."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from cxresearch.voc.coding.learned import (
    Features,
    _best_threshold,
    _cross_validated_tags,
    _parts,
    learn,
)
from cxresearch.voc.coding.model_card import model_card
from cxresearch.voc.texts.encoder import READ


class Lengths:
    """An encoder without a model: a vector of the length of the text and of its first letters."""

    name = "lengths-1"

    def encode(self, texts):
        found = [
            [len(text[:READ]) / 40, *(ord(one) / 400 for one in f"{text:<3}"[:3])] for text in texts
        ]
        return np.array(found, dtype=np.float32).reshape(len(texts), 4)


@pytest.fixture(scope="module")
def coded():
    """Texts where the rule of one theme is right and that of another misses half."""
    rng = np.random.default_rng(3)
    late = rng.random(240) < 0.4
    broken = rng.random(240) < 0.3
    fillers = ["ieri", "oggi", "qui", "sempre", "ancora", "domani", "dunque"]
    texts = [
        " ".join(
            [
                *rng.choice(fillers, 3),
                *(["pacco in ritardo"] if is_late else []),
                *([rng.choice(["vaso rotto", "vaso scheggiato"])] if is_broken else []),
            ]
        )
        for is_late, is_broken in zip(late, broken, strict=True)
    ]
    codes = pd.DataFrame({"delivery": late, "quality": broken})
    rules = pd.DataFrame(
        {"delivery": late, "quality": ["rotto" in text for text in texts], "store": False}
    )
    return texts, rules, codes


@pytest.fixture(scope="module")
def tagger(coded):
    return learn(*coded, encoder=Lengths())


def cards(tagger):
    return {card.theme: card for card in tagger.cards}


def test_a_model_takes_over_what_the_rule_misses(coded, tagger):
    texts, rules, codes = coded
    card = cards(tagger)["quality"]
    assert (card.used, card.note) == (
        "model",
        "the model's F1 on texts it did not learn from is higher than the rule's",
    )
    assert card.value == card.model.value > card.rule.value
    assert card.rule.value == pytest.approx(f1_score(codes["quality"], rules["quality"]))
    assert "scheggiato" in " ".join(card.terms)
    assert tagger.tag(texts, rules)["quality"].equals(codes["quality"])


def test_a_rule_that_is_right_stays(coded, tagger):
    texts, rules, codes = coded
    card = cards(tagger)["delivery"]
    assert (card.used, card.value, card.terms) == ("rule", 1.0, ())
    assert card.note == "the rule's F1 is at least as high as the model's"
    assert card.positives == codes["delivery"].sum()
    assert tagger.tag(texts, rules)["delivery"].equals(rules["delivery"])
    assert list(tagger.chances(texts, rules).columns) == ["quality"]


def test_a_theme_without_codes_stays_with_its_rule(tagger):
    card = cards(tagger)["store"]
    assert (card.used, card.n, card.note) == ("rule", 0, "the theme was not coded")
    assert np.isnan(card.value)


def test_a_rare_theme_stays_with_its_rule(coded):
    texts, rules, _ = coded
    rare = pd.DataFrame({"store": [True] * 9 + [False] * 231})
    card = cards(learn(texts, rules, rare, encoder=Lengths()))["store"]
    assert card.used == "rule"
    assert card.note == "too few coded texts are of the theme, or are not, to learn from"
    assert (card.positives, card.value, card.recall.value) == (9, 0.0, 0.0)
    assert np.isnan(card.precision.value)


def test_noise_seldom_takes_over_a_good_rule(coded):
    texts, rules, codes = coded
    rng = np.random.default_rng(5)
    truth = codes["delivery"] ^ (rng.random(240) < 0.1)
    card = cards(learn(texts, rules, truth.to_frame(), encoder=Lengths()))["delivery"]
    assert card.used == "rule"


def test_the_order_of_the_texts_does_not_matter(coded, tagger):
    texts, rules, codes = coded
    order = np.random.default_rng(1).permutation(240)
    again = learn(
        [texts[place] for place in order], rules.iloc[order], codes.iloc[order], encoder=Lengths()
    )
    pd.testing.assert_frame_equal(again.to_frame(), tagger.to_frame())


def test_new_texts_keep_their_index(tagger):
    rules = pd.DataFrame({"delivery": False, "quality": False, "store": True}, index=["a", "b"])
    found = tagger.tag(["oggi ieri qui vaso scheggiato", "domani oggi qui"], rules)
    assert found.to_dict("list") == {
        "delivery": [False, False],
        "quality": [True, False],
        "store": [True, True],
    }
    assert found.index.tolist() == ["a", "b"]


def test_no_texts_are_tagged_as_none(coded, tagger):
    _, rules, _ = coded
    assert tagger.tag([], rules.iloc[:0]).empty


def test_equal_texts_are_in_one_part():
    parts = _parts(["a", "b", "a", "c", "b"], 3)
    assert parts[0] == parts[2]
    assert parts[1] == parts[4]
    assert sorted(set(parts.tolist())) == [0, 1, 2]


def test_texts_that_were_not_coded_teach_nothing(coded, tagger):
    texts, rules, codes = coded
    more = [*texts, *texts[:40]]
    nan = pd.DataFrame(np.nan, index=range(40), columns=codes.columns)
    longer = pd.concat([codes.astype(float), nan], ignore_index=True)
    longer["text_id"], longer["drawn"], longer["probability"] = range(280), "random", 0.1
    again = learn(more, pd.concat([rules, rules[:40]]), longer, encoder=Lengths())
    for card, before in zip(again.cards, tagger.cards, strict=True):
        assert (card.n, card.positives) == (before.n, before.positives)
        assert card.rule == before.rule
    with pytest.raises(ValueError, match="quality must be whole numbers from 0 to 1"):
        learn(texts, rules, codes.astype(float).replace({"quality": {1.0: 2.0}}), encoder=Lengths())


def test_the_threshold_is_the_best_and_nearest_to_one_half():
    chances = np.array([0.1, 0.3, 0.35, 0.6])
    assert _best_threshold(chances, np.array([0.0, 0.0, 1.0, 1.0])) == pytest.approx(0.34)
    assert _best_threshold(chances, np.array([0.0, np.nan, 0.0, 1.0])) == pytest.approx(0.5)


def test_a_part_is_cut_where_the_others_say():
    chances = np.array([0.4, 0.3, 0.6, 0.4])
    truth = np.array([1.0, 0.0, 1.0, 0.0])
    parts = np.array([0, 0, 1, 1])
    # Of the second part .5 is best (.42 to .6 tie), of the first .4 (.32 to .4 tie).
    assert _cross_validated_tags(chances, truth, parts).tolist() == [False, False, True, True]


def test_a_card_is_what_sklearn_says(coded):
    _, rules, codes = coded
    rng = np.random.default_rng(2)
    truth, rule = codes["quality"].to_numpy(), rules["quality"].to_numpy()
    model = truth ^ (rng.random(240) < 0.05)
    card = model_card("quality", rule=rule, truth=truth, model=model, terms=("vaso",))
    assert card.value == pytest.approx(f1_score(truth, model))
    assert card.rule.value == pytest.approx(f1_score(truth, rule))
    assert card.precision.value == pytest.approx(precision_score(truth, model))
    assert card.recall.value == pytest.approx(recall_score(truth, model))
    assert card.ci.low < card.value < card.ci.high
    row = card.to_dict()
    assert row["terms"] == "vaso"
    assert row["rule_low"] == card.rule.ci.low
    assert row["theme"] == "quality"


def test_the_interval_of_f1_holds_the_truth():
    # P(theme) .2, found with recall .8 and false alarms .1: F1 = 2 (.16) / (.16 + .08 + .2).
    expected = 2 * 0.16 / (0.16 + 0.08 + 0.2)
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        truth = rng.random(200) < 0.2
        found = np.where(truth, rng.random(200) < 0.8, rng.random(200) < 0.1)
        ci = model_card("t", rule=found, truth=truth).ci
        held += ci.low <= expected <= ci.high
    assert 0.93 <= held / 400 <= 0.97


def test_texts_without_a_word_twice_have_features():
    features = Features.fit(["uno", "due"])
    assert features.words is None
    x = features.of(["uno"], np.array([[True]]), np.array([[0.5]]))
    assert x.toarray().tolist() == [[1.0, 1.0]]
    assert features.strongest(np.array([1.0])) == ()


def test_the_words_of_errors(coded):
    texts, rules, codes = coded
    with pytest.raises(ValueError, match="the number of rows of rules must be one of 2; got 240"):
        learn(texts[:2], rules, codes)
    with pytest.raises(ValueError, match="the number of rows of codes must be one of 240; got 2"):
        learn(texts, rules, codes[:2], encoder=Lengths())
    with pytest.raises(ValueError, match="the columns of codes must be one of 'delivery'"):
        learn(texts, rules, codes.rename(columns={"quality": "colour"}), encoder=Lengths())
    with pytest.raises(ValueError, match="folds must be at least 2; got 1"):
        learn(texts, rules, codes, folds=1)
