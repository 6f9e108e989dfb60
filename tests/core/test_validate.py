from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from cxresearch.core import validate


@pytest.mark.parametrize(
    ("check", "value", "expected"),
    [
        (lambda v: validate.one_of("x", v, ["a", "b"]), "b", "b"),
        (lambda v: validate.share("x", v), np.float64(0.5), 0.5),
        (lambda v: validate.real("x", v), np.int64(3), 3.0),
        (lambda v: validate.whole("x", v, low=2), np.int64(2), 2),
        (lambda v: validate.between("x", v, 0, 1), 0, 0.0),
        (lambda v: validate.between("x", v, 0, 1), 1, 1.0),
        (lambda v: validate.filled("x", v), " a ", " a "),
        (lambda v: validate.day("x", v), "2026-01-31", date(2026, 1, 31)),
    ],
)
def test_what_keeps_the_rule_comes_back_as_a_plain_value(
    check: Callable[[Any], Any], value: Any, expected: Any
):
    got = check(value)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("check", "kind", "message"),
    [
        (lambda: validate.one_of("x", "c", ["a", "b"]), ValueError, "one of 'a', 'b'; got 'c'"),
        (
            lambda: validate.one_of("x", "c", []),
            ValueError,
            "one of those there are, and there is none; got 'c'",
        ),
        (lambda: validate.share("x", 0), ValueError, "strictly between 0 and 1; got 0"),
        (lambda: validate.share("x", 1.0), ValueError, "strictly between 0 and 1; got 1.0"),
        (lambda: validate.share("x", float("nan")), ValueError, "finite; got nan"),
        (lambda: validate.share("x", "0.5"), TypeError, "a number; got '0.5'"),
        (lambda: validate.real("x", True), TypeError, "a number; got True"),
        (lambda: validate.real("x", None), TypeError, "a number; got None"),
        (lambda: validate.real("x", float("inf")), ValueError, "finite; got inf"),
        (lambda: validate.whole("x", 3.0), TypeError, "a whole number; got 3.0"),
        (lambda: validate.whole("x", True), TypeError, "a whole number; got True"),
        (lambda: validate.whole("x", 1, low=2), ValueError, "at least 2; got 1"),
        (lambda: validate.between("x", 1.1, 0, 1), ValueError, "between 0 and 1; got 1.1"),
        (lambda: validate.filled("x", "  "), ValueError, "a text that is not empty; got '  '"),
        (lambda: validate.filled("x", 3), ValueError, "a text that is not empty; got 3"),
        (lambda: validate.listed("x", "ab"), TypeError, "a list, not one text; got 'ab'"),
        (lambda: validate.listed("x", 3), TypeError, "a list; got 3"),
        (lambda: validate.pair("x", 3), TypeError, "a list; got 3"),
        (lambda: validate.pair("x", [1, 2, 3]), ValueError, "two values; got (1, 2, 3)"),
        (lambda: validate.day("x", 3), TypeError, "a text; got 3"),
        (
            lambda: validate.day("x", "31/1/26"),
            ValueError,
            "a day such as 2026-01-31; got '31/1/26'",
        ),
        (lambda: validate.arrays(x=[[1]]), ValueError, "flat; got '2 dimensions'"),
        (lambda: validate.arrays(x=3), ValueError, "a list or one column of numbers; got 3"),
        (
            lambda: validate.answers("x", "10", 0, 10),
            ValueError,
            "a list or one column of numbers; got '10'",
        ),
        (lambda: validate.arrays(x=["a"]), TypeError, "numbers; got ['a']"),
        (lambda: validate.arrays(x=[[1, 2], [3]]), TypeError, "numbers; got [[1, 2], [3]]"),
        (
            lambda: validate.arrays(x=[1, np.nan, np.inf]),
            ValueError,
            "finite (2 of 3 values are not); got nan",
        ),
    ],
)
def test_the_words_of_each_error(check: Callable[[], Any], kind: type[Exception], message: str):
    with pytest.raises(kind, match=f"^{re.escape('x must be ' + message)}$"):
        check()


def test_arrays_of_one_length():
    one, two = validate.arrays(one=[1, 2], two=(True, False))
    assert one.dtype == two.dtype == float
    assert [array.size for array in validate.arrays(none=[])] == [0]
    with pytest.raises(ValueError, match=r"two must be as long as one, 2 values; got 3$"):
        validate.arrays(one=[1, 2], two=[1, 2, 3])


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ([1, 8, 2.5], r"whole numbers from 1 to 7 \(2 of 3 are not\); got 8\.0"),
        ([float("inf")], r"whole numbers from 1 to 7 \(1 of 1 are not\); got inf"),
        ([[1]], r"flat; got '2 dimensions'"),
    ],
)
def test_answers_off_the_scale_are_counted(given, rule):
    with pytest.raises(ValueError, match=f"^scores must be {rule}$"):
        validate.answers("scores", given, 1, 7)


@pytest.mark.parametrize("given", [["1"], [True, False], [None, "1"], [None, True]])
def test_answers_that_are_no_numbers(given):
    with pytest.raises(TypeError, match=r"^scores must be numbers; got "):
        validate.answers("scores", given, 1, 7)
