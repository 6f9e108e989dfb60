import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.core import disclosure


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_of_text_is_never_a_formula(sign: str) -> None:
    frame = pd.DataFrame({"=head": [f"{sign}1+1", None], "x": [-1.5, 2.0]})
    rows = list(csv.reader(io.StringIO(disclosure.csv(frame), newline="")))
    kept = "\n" if sign == "\r" else sign
    assert rows == [["'=head", "x"], [f"'{kept}1+1", "-1.5"], ["", "2"]]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_no_cell_of_any_text_begins_with_a_formula_sign(texts: list[str]) -> None:
    frame = pd.DataFrame({"n": range(len(texts)), "text": pd.Series(texts, dtype=object)})
    written = list(csv.reader(io.StringIO(disclosure.csv(frame), newline="")))[1:]
    for text, (_, cell) in zip(texts, written, strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert cell.removeprefix("'") == "\n".join(re.split("\r\n|\r", text)).removeprefix("'")


def test_a_lone_return_begins_no_row_of_its_own() -> None:
    frame = pd.DataFrame({"text": ["fine\r=1+1"], "n": [3]})
    assert disclosure.csv(frame) == 'text,n\n"fine\n=1+1",3\n'


def test_the_digest_moves_with_the_data_and_not_with_rounding() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    assert disclosure.digest(frame) == disclosure.digest(frame + 1e-9)
    assert disclosure.digest(frame) != disclosure.digest(frame + 1e-3)


def test_a_spreadsheet_of_a_language_with_decimal_commas_reads_it() -> None:
    rows = pd.DataFrame({"channel": ["app"], "share": [-0.25], "n": [80]})
    assert disclosure.csv(rows, marks=(";", ",")) == "channel;share;n\napp;-0,25;80\n"
