"""Texts are varied, bilingual, and true to what the key says of them."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pandas as pd
import pytest

from cxresearch.simulate.customer_feedback import THEMES_OF
from cxresearch.simulate.customer_texts import Mention, compose, themes, words
from cxresearch.simulate.planted import Texts
from cxresearch.simulate.shop import Shop

PLAIN = Texts(typo=0, no_accents=0, capitals=0, emoji=0, personal_data=0)


@pytest.fixture(scope="module")
def keyed(usual: Shop) -> pd.DataFrame:
    return usual.tables["feedback"].merge(
        usual.answer_keys["themes"], on="text_id", suffixes=("_told", "")
    )


def test_enough_texts_in_two_languages(usual: Shop, keyed: pd.DataFrame) -> None:
    assert len(keyed) == len(usual.tables["feedback"]) >= 6_000
    english = usual.truth["texts"]["english"]
    assert (keyed["language"] == "en").mean() == pytest.approx(english, abs=0.03)
    told = keyed["language_told"].notna()
    assert (keyed["language_told"] == keyed["language"])[told].all()
    assert set(keyed["source"][~told]) == {"email", "chat", "call", "social"}


def test_tagging_is_a_real_task(keyed: pd.DataFrame) -> None:
    assert keyed["text"].nunique() / len(keyed) > 0.8
    assert set("|".join(keyed["themes"]).split("|")) - {""} == set(themes())
    opening = keyed["text"].str.split().str[:2].str.join(" ").str.lower()
    assert opening.nunique() > 400
    assert keyed["themes"].str.contains("|", regex=False).mean() == pytest.approx(0.23, abs=0.03)
    assert (keyed["themes"] == "").mean() == pytest.approx(0.08, abs=0.015)


def test_mixed_texts_turn_and_have_no_side(keyed: pd.DataFrame) -> None:
    mixed = keyed["polarities"].isin(["1|-1", "-1|1"])
    assert mixed.sum() > 300
    assert (keyed.loc[mixed, "sentiment"] == 0).all()
    turning = "|".join(
        re.escape(joint.strip()) for lang in ("it", "en") for joint in words(lang)["but"]
    )
    assert keyed.loc[mixed, "text"].str.contains(turning, case=False).mean() > 0.9


def test_stars_and_feelings_agree(keyed: pd.DataFrame) -> None:
    by_stars = keyed[keyed["source"] == "review"].groupby("rating")["sentiment"].mean()
    assert list(by_stars.index) == [1, 2, 3, 4, 5]
    assert by_stars[1] < -0.5 < 0.5 < by_stars[5]


def test_personal_data_is_marked_and_invented(keyed: pd.DataFrame) -> None:
    text = keyed["text"]
    address = text.str.contains("@", regex=False)
    assert address.sum() > 20
    assert keyed.loc[address, "personal_data"].all()
    domains = text.str.extractall(r"@([\w.]+\w)")[0].str.lower()
    assert set(domains) == {"example.com"}
    phones = text.str.extractall(r"(\+39[\d ]+\d)")[0]
    assert phones.str.startswith("+39 399 55").all()


def test_some_texts_need_quoting(keyed: pd.DataFrame) -> None:
    for mark in ("\n", '"', ",", "à", "😊"):
        assert keyed["text"].str.contains(mark, regex=False).sum() > 10, repr(mark)


@pytest.mark.parametrize("language", ["it", "en"])
def test_each_language_has_words_for_every_theme_and_feeling(language: str) -> None:
    assert set(words(language)["themes"]) == set(themes())
    for theme, sides in words(language)["themes"].items():
        assert set(sides) == {"positive", "neutral", "negative"}, theme
        for clauses in sides.values():
            assert len(clauses) == len(set(clauses)) >= 2, theme
            for clause in clauses:
                assert not clause.endswith((".", "!")), clause
                assert set(re.findall(r"\{(\w+)\}", clause)) <= {
                    *("product", "days", "carrier", "city", "percent", "hours", "intense")
                }, clause


def test_occasions_speak_of_known_themes() -> None:
    assert {theme for weights in THEMES_OF.values() for theme in weights} <= set(themes())


def test_a_text_holds_a_clause_of_each_theme_it_mentions() -> None:
    rng = random.Random(1)
    for language in ("it", "en"):
        for one in themes():
            mentions = [Mention(one, -1), Mention("store", 1)]
            text = compose(rng, language, mentions, -1, PLAIN).text.lower()
            assert "{" not in text
            for mention, side in zip(mentions, ("negative", "positive"), strict=True):
                clauses = words(language)["themes"][mention.theme][side]
                fixed = [re.split(r"\{\w+\}", clause.lower()) for clause in clauses]
                plain = re.sub(r"\s", " ", text)
                assert any(all(part in plain for part in parts) for parts in fixed), text


def test_without_a_mention_the_answer_is_short() -> None:
    written = compose(random.Random(2), "it", [], 1, PLAIN)
    assert written.text in words("it")["short"]["positive"]
    assert not written.personal


def test_traits_do_what_they_say() -> None:
    mention = [Mention("quality", 1)]
    rng = random.Random(3)
    loud = compose(rng, "en", mention, 1, replace(PLAIN, capitals=1.0)).text
    assert loud == loud.upper()
    bare = [compose(rng, "it", mention, 1, replace(PLAIN, no_accents=1.0)).text for _ in range(50)]
    assert not any(set("àèéìòù") & set(text) for text in bare)
    personal = compose(rng, "it", mention, 1, replace(PLAIN, personal_data=1.0))
    assert personal.personal
    assert re.search(r"@example\.com|\+39 399 55|O\d{6}", personal.text)


def test_conversations_have_their_form_and_may_state_a_goal_and_a_feeling(
    keyed: pd.DataFrame,
) -> None:
    planted = Texts()
    long = keyed[keyed["themes"] != ""]
    for source, turns in (("chat", 4), ("call", 4), ("email", 3)):
        lines = long.loc[long["source"] == source, "text"].str.count("\n") + 1
        assert (lines >= turns).all(), source
    doable = long["themes"].str.split("|").str[0].isin(words("en")["goals"])
    asked = long[doable & long["source"].isin(["chat", "call", "email"])]
    assert (asked["goal"] != "").mean() == pytest.approx(planted.goal, abs=0.04)
    assert (long.loc[~long["source"].isin(["chat", "call", "email"]), "goal"] == "").all()
    sided = long[long["sentiment"] != 0]
    assert (sided["emotion"] != "").mean() == pytest.approx(planted.emotion, abs=0.025)
    angry = sided[sided["emotion"] == "anger"]
    assert (angry["sentiment"] == -1).all()
    for language, of in angry.groupby("language"):
        said = "|".join(re.escape(one) for one in words(str(language))["emotions"]["anger"])
        assert of["text"].str.contains(said, case=False).all()


def test_two_people_name_emotions_and_sometimes_another(usual: Shop) -> None:
    true = usual.answer_keys["themes"].set_index("text_id")["emotion"].replace("", "none")
    for coder in ("first", "second"):
        sheet = usual.sheets[f"emotions_{coder}"]
        right = (sheet["emotion"] == sheet["text_id"].map(true)).mean()
        assert right == pytest.approx(1 - 6 / 7 * usual.truth["coders"]["confuses"], abs=0.08)
