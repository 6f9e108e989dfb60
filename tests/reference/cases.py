"""Read reference cases and hold the kit's answers against them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.reference.adapter import answer

Outcome = Literal["pass", "fail", "not built"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case: every difference names the key, our number and the expected one."""

    case: str
    area: str
    outcome: Outcome
    differences: tuple[str, ...] = ()


def read(path: Path) -> list[dict[str, Any]]:
    """Return the cases of a file; a file a case names is looked up beside it."""
    content = json.loads(path.read_text("utf-8"))
    cases: list[dict[str, Any]] = content if isinstance(content, list) else content["cases"]
    for case in cases:
        if "file" in case["input"]:
            case["input"]["file"] = str(path.parent / case["input"]["file"])
    return cases


def judge(case: dict[str, Any]) -> Verdict:
    """Hold the kit's answer to one case against what is expected."""
    try:
        got = answer(case)
    except NotImplementedError:
        return Verdict(case["id"], case["area"], "not built")
    except Exception as error:  # one case that breaks must not hide the others
        return Verdict(case["id"], case["area"], "fail", (f"{type(error).__name__}: {error}",))
    tolerance = case["tolerance"]
    differences: list[str] = []
    for key, expected in case["expected"].items():
        allowed = tolerance if not isinstance(tolerance, dict) else _allowed(tolerance, key)
        if key not in got:
            differences.append(f"{key}: expected {expected}, not answered")
            continue
        differences += [
            f"{place}: expected {want}, got {have}"
            for place, want, have in _pairs(key, expected, got[key])
            if not _agree(want, have, allowed)
        ]
    return Verdict(case["id"], case["area"], "fail" if differences else "pass", tuple(differences))


def _allowed(tolerance: dict[str, float], key: str) -> float:
    return tolerance.get(key, tolerance.get("default", 0.0))


def _pairs(place: str, want: Any, have: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the leaves of two answers side by side; where their shapes differ, both as they are."""
    if isinstance(want, dict) and isinstance(have, dict):
        for key, value in want.items():
            yield from _pairs(f"{place}.{key}", value, have.get(key))
    elif isinstance(want, list) and isinstance(have, list | tuple) and len(want) == len(have):
        for i, (w, h) in enumerate(zip(want, have, strict=True)):
            yield from _pairs(f"{place}[{i}]", w, h)
    else:
        yield place, want, have


def _agree(want: Any, have: Any, allowed: float) -> bool:
    if want is None:
        return have is None or (isinstance(have, float) and math.isnan(have))
    if isinstance(want, bool | str):
        return bool(have == want)
    if isinstance(want, int | float) and isinstance(have, int | float):
        return math.isclose(want, have, rel_tol=0, abs_tol=max(allowed, 1e-12)) or want == have
    return bool(want == have)
