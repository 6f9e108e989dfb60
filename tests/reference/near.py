"""What nbval compares: words to the letter, numbers as near as two machines come.

Texts become vectors in single precision, and the last digits of those depend on the processor. A
number that is kept with six decimals may end in the next digit elsewhere, and so may the digest of
a figure's data.
"""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from nbval.plugin import IPyNbCell

#: A few units in the sixth decimal, or one in the sixth digit.
_NEAR = {"rel_tol": 1e-6, "abs_tol": 5e-6}
_NUMBER = re.compile(r"(\d+[.,]\d+)")
_DIGEST = re.compile(r"sha256:\w+")


class NearCell(IPyNbCell):
    """A cell whose outputs may differ from the reference in the last digit of a number."""

    def compare_outputs(self, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        """Compare as nbval does, with the reference's digits where the numbers are near."""
        if len(test) == len(ref):
            test = [brought(*pair) for pair in zip(test, ref, strict=True)]
        return bool(super().compare_outputs(test, ref, skip_compare))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Compare every cell of the references so."""
    for item in items:
        if isinstance(item, IPyNbCell):
            item.__class__ = NearCell


def brought(test: Any, ref: Any) -> Any:
    """Return an output with the digits of its reference, where all its numbers are near.

    The digest of a figure is taken over where the data in its metadata are near.
    """
    found = near(test, ref)
    if _csv(test) and _csv(test) != _csv(ref) and near(_csv(test), _csv(ref)) == _csv(ref):
        data = ref.get("data", {}).get("text/plain", "")
        text = found.get("data", {}).get("text/plain", "")
        if _DIGEST.sub("", text) == _DIGEST.sub("", data):
            found["data"]["text/plain"] = data
    return found


def near(test: Any, ref: Any) -> Any:
    """Return `ref` where `test` is the same but for the last digit of numbers, else `test`."""
    if isinstance(test, dict) and isinstance(ref, dict):
        return type(test)({key: near(test[key], ref.get(key)) for key in test})
    if isinstance(test, str) and isinstance(ref, str) and test != ref:
        # Numbers stand at the odd places.
        one, two = _NUMBER.split(test), _NUMBER.split(ref)
        same = one[::2] == two[::2] and all(
            math.isclose(_number(a), _number(b), **_NEAR)
            for a, b in zip(one[1::2], two[1::2], strict=True)
        )
        return ref if same else test
    return test


def _csv(output: Any) -> str:
    """Return the data of an output that is a figure, as written in its metadata."""
    languages = output.get("metadata", {}).get("cx", {}).get("languages", {})
    return "\n".join(said.get("csv", "") for said in languages.values())


def _number(written: str) -> float:
    return float(written.replace(",", "."))
