"""The shipped codebook on everyday words, and on words that only look like them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cxresearch.voc import Codebook, tag

TEXTS = yaml.safe_load((Path(__file__).parent / "everyday_texts.yaml").read_text("utf-8"))
CASES = [
    (language, theme, text, side == "of")
    for language, by_theme in TEXTS.items()
    for theme, by_side in by_theme.items()
    for side, texts in by_side.items()
    for text in texts
]


@pytest.mark.parametrize(("language", "theme", "text", "is_of_it"), CASES)
def test_a_text_is_of_its_theme(language, theme, text, is_of_it):
    assert tag([text], Codebook.load(), language)[theme].tolist() == [is_of_it]


@pytest.mark.parametrize("language", ["it", "en"])
def test_both_languages_have_as_many(language):
    assert sum(case[0] == language for case in CASES) >= 60
