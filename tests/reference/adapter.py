"""Put a reference case to the kit: case in, a dict with the keys of its expected answer out."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Return the kit's answer to a case.

    A key the kit does not answer is left out, so that it shows as missing, never as right.

    Raises
    ------
    NotImplementedError
        If the case's area is not built yet.
    """
    home = f"tests.reference.areas.{case['area']}"
    if find_spec(home) is None:
        raise NotImplementedError(case["area"])
    answered: dict[str, Any] = import_module(home).answer(case["input"], case["expected"])
    return answered
