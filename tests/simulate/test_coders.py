"""Two coders err as planted, and their sheets are those that the kit writes and reads."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxresearch import simulate
from cxresearch.simulate.customer_feedback import coding_sheets
from cxresearch.simulate.planted import Coders
from cxresearch.simulate.shop import Shop
from cxresearch.voc import (
    Codebook,
    adjudication_sheet,
    coding_sheet,
    disagreements,
    gold_codes,
    read_codes,
)

BOOK = Codebook.load()
THEMES = list(BOOK.themes)


@pytest.fixture(scope="module")
def codes(clean: Path) -> pd.DataFrame:
    return read_codes([clean / "codes_first.csv", clean / "codes_second.csv"], BOOK)


def true_codes(shop: Shop) -> pd.DataFrame:
    """A row per text, by its id, and a column per theme."""
    truth = shop.answer_keys["themes"].set_index("text_id")["themes"]
    return pd.DataFrame(
        {theme: truth.str.split("|").map(lambda f, t=theme: t in f) for theme in THEMES}
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sample_of(sheet: pd.DataFrame) -> pd.DataFrame:
    return sheet[["text_id", "text", "language", "probability", "drawn"]]


def test_the_sample_is_of_the_texts_that_are_there(usual: Shop) -> None:
    feedback = usual.tables["feedback"]
    sheet = usual.sheets["codes_first"]
    assert len(sheet) == usual.truth["coders"]["texts"] == 1200
    assert sheet["text_id"].is_unique
    assert set(sheet["text_id"]) <= set(feedback["text_id"])
    assert feedback["text"].str.strip().ne("").all()  # so that each can be drawn, and coded
    assert set(sheet["probability"]) == {1200 / len(feedback)}
    pd.testing.assert_frame_equal(sample_of(sheet), sample_of(usual.sheets["codes_second"]))


def test_every_text_is_as_likely_to_be_drawn(usual: Shop) -> None:
    """In 100 samples of 50 of 200 texts each is there 25 times, within 4.5 deviations."""
    feedback, truth = usual.tables["feedback"], usual.answer_keys["themes"]
    feedback, truth = feedback[:200], truth[:200]
    rng, coders = np.random.default_rng(3), Coders(texts=50)
    counts = pd.concat(
        [coding_sheets(rng, feedback, truth, coders)["codes_first"] for _ in range(100)]
    )["text_id"].value_counts()
    times = counts.reindex(feedback["text_id"], fill_value=0)
    expected, deviation = 25, np.sqrt(100 * 0.25 * 0.75)
    assert (abs(times - expected) < 4.5 * deviation).all()


def test_no_text_that_tells_who_wrote_it_is_on_a_sheet(usual: Shop) -> None:
    personal = usual.answer_keys["themes"].set_index("text_id")["personal_data"]
    for name, sheet in usual.sheets.items():
        withheld = sheet["text"] == "[withheld]"
        assert withheld.any(), name
        assert (withheld == personal[sheet["text_id"]].to_numpy()).all(), name


def test_coders_err_as_planted(usual: Shop, codes: pd.DataFrame) -> None:
    planted = usual.truth["coders"]
    true = true_codes(usual)
    wrong = {}
    for coder in planted["names"]:
        coded = codes[codes["coder"] == coder].set_index("text_id")[THEMES]
        truth = true.loc[coded.index]
        wrong[coder] = (coded != truth).to_numpy()
        there = truth.to_numpy()
        for chance, of in ((planted["misses"], there), (planted["adds"], ~there)):
            errors, n = wrong[coder][of].sum(), of.sum()
            assert abs(errors - n * chance) < 4 * np.sqrt(n * chance * (1 - chance))
            assert errors > 0
    both = (wrong["first"] & wrong["second"]).sum()
    assert both < min(wrong["first"].sum(), wrong["second"].sum()) / 4  # they err independently


def test_gold_is_true_but_where_both_err(usual: Shop, clean: Path, codes: pd.DataFrame) -> None:
    gold = gold_codes(codes, BOOK, clean / "decisions.csv").set_index("text_id")[THEMES]
    assert not gold.isna().any(axis=None)
    truth = true_codes(usual).loc[gold.index]
    first, second = (
        codes[codes["coder"] == name].set_index("text_id").loc[gold.index, THEMES]
        for name in ("first", "second")
    )
    wrong = gold != truth
    pd.testing.assert_frame_equal(wrong, (first != truth) & (second != truth))
    found = disagreements(codes, BOOK)
    assert len(found) == len(usual.sheets["decisions"]) > 20


def test_the_sheets_are_those_of_the_kit_filled_in(
    usual: Shop, clean: Path, codes: pd.DataFrame, tmp_path: Path
) -> None:
    sample = sample_of(usual.sheets["codes_first"])
    for coder in ("first", "second"):
        blank = rows(coding_sheet(sample, BOOK, tmp_path / f"{coder}.csv", coder=coder))
        filled = rows(clean / f"codes_{coder}.csv")
        assert list(filled[0]) == list(blank[0])
        assert {row[theme] for row in filled for theme in THEMES} == {"0", "1"}
        assert [row | dict.fromkeys(THEMES, "") for row in filled] == blank
    blank = rows(adjudication_sheet(codes, sample, BOOK, tmp_path / "decisions.csv"))
    filled = rows(clean / "decisions.csv")
    assert list(filled[0]) == list(blank[0])
    assert [row | {"decision": ""} for row in filled] == blank


def test_a_text_that_begins_as_a_formula_is_harmless() -> None:
    feedback = pd.DataFrame({"text_id": ["F1"], "text": ["=1+1"]})
    truth = pd.DataFrame(
        {"themes": [""], "language": ["it"], "personal_data": [False], "emotion": [""]}
    )
    found = coding_sheets(np.random.default_rng(1), feedback, truth, Coders())
    for sheet in ("codes_first", "emotions_first"):
        assert found[sheet]["text"].tolist() == ["'=1+1"]


def test_a_shop_with_few_texts_has_them_all_coded() -> None:
    few = simulate.shop(seed=1, customers=5, days=30)
    n = len(few.tables["feedback"])
    assert 0 < n < 1200
    assert len(few.sheets["codes_first"]) == n
    assert set(few.sheets["codes_first"]["probability"]) == {1.0}


def test_a_shop_without_texts_has_empty_sheets() -> None:
    nobody = simulate.shop(seed=1, customers=1, days=7)
    assert len(nobody.tables["feedback"]) == 0
    assert {name: len(sheet) for name, sheet in nobody.sheets.items()} == {
        "codes_first": 0,
        "codes_second": 0,
        "decisions": 0,
        "emotions_first": 0,
        "emotions_second": 0,
    }
