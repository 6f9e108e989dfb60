"""The cells of a journey map: what each says, of how many, how it is known, where its proof is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Amount, Range, Remark, Value
from cxresearch.core.results import Estimate
from cxresearch.findings.finding import Finding, Grade

State = Literal["critical", "past", ""]
#: In which place a lane says what its number is of, where that is not the first.
_NAMED = {"indicator": 1, "todo": -1}

#: The lanes in the order they are read.
LANES = (
    "who",
    "next",
    "indicator",
    "trend",
    "wants",
    "satisfaction",
    "truth",
    "hurts",
    "todo",
    "behind",
)

#: What a reader calls the stages of the models that the field knows by name.
_STAGES = {
    "awareness": Remark("Discover"),
    "consideration": Remark("Choose"),
    "purchase": Remark("Buy"),
    "service": Remark("Receive and get help"),
    "loyalty": Remark("Come back"),
    "advocacy": Remark("Recommend"),
    "decision": Remark("Decide"),
    "retention": Remark("Stay"),
    "acquisition": Remark("Become a customer"),
    "discovery": Remark("Discover"),
    "interest": Remark("Show interest"),
    "conversion": Remark("Buy"),
    "repurchase": Remark("Buy again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A score at one touchpoint.

    Parameters
    ----------
    touchpoint : str
        The touchpoint.
    metric : str
        What was asked: ``"CSAT"``, ``"CES"``, ``"NPS"``.
    score : Estimate
        The score, with its interval.
    at : float
        Where it is on its own scale, 0-1.
    ends : (float, float)
        Where its interval ends on that scale.
    worst : float, optional
        The level during a break that has a finding, on that scale.
    """

    touchpoint: str
    metric: str
    score: Estimate
    at: float
    ends: tuple[float, float]
    worst: float | None = None

    @property
    def said(self) -> Remark:
        """The score in words."""
        values: dict[str, Value] = {
            "touchpoint": self.touchpoint,
            "metric": Remark(self.metric),
            "score": Amount(self.score.value, self.score.unit),
        }
        return Remark("{touchpoint}: {metric} {score}", values)

    @property
    def counted(self) -> Remark:
        """Its interval, and how many answered."""
        ends = Range(*self.score.ci, self.score.unit)
        return Remark("{range}, n {n}", {"range": ends, "n": self.score.n})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One lane of one stage.

    Parameters
    ----------
    stage, lane : str
        Where it is.
    says : tuple of Remark
        What it says, the main thing first.
    estimate : Estimate, optional
        The number it rests on.
    n : int
        How many people it is of; 0 where nothing was measured.
    grade : {"A", "B", "C", "D", ""}
        How it is known; empty for what was counted.
    proof : str
        The report that has the numbers.
    why : Remark, optional
        Why nothing was measured, and where to ask.
    share : float
        A part of the most, for a bar, 0-1.
    points : tuple of Point
        The scores of a satisfaction lane.
    course : array
        The weeks of a trend lane, nan where nobody was counted.
    hot : (int, int)
        The weeks of the break.
    assumed : tuple of Remark
        What people wrote of it by hand: goals, hypotheses, owners.
    """

    stage: str
    lane: str
    says: tuple[Remark, ...] = ()
    estimate: Estimate | None = None
    n: int = 0
    grade: Grade | Literal[""] = ""
    proof: str = ""
    why: Remark | None = None
    share: float = 0.0
    points: tuple[Point, ...] = ()
    course: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)
    hot: tuple[int, int] = (0, 0)
    assumed: tuple[Remark, ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether there is anything in it that was measured."""
        return bool(self.says or self.points)

    @property
    def numbers(self) -> list[tuple[str, Remark, Estimate]]:
        """Its numbers, each with a name that stays and with what it is of."""
        found = [(one.touchpoint, one.said, one.score) for one in self.points]
        if self.estimate is not None:
            what = self.says[_NAMED.get(self.lane, 0)]
            name = str(what) if self.lane == "indicator" else ""
            found.append((name, what, self.estimate))
        return [one for one in found if not math.isnan(one[-1].value)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageColumn:
    """One stage of the map.

    Parameters
    ----------
    stage : str
        The stage.
    state : {"critical", "past", ""}
        Whether a finding is open there, or was.
    findings : tuple of Finding
        Its findings, the costliest first.
    cells : dict of str to Cell
        Its cells by lane.
    """

    stage: str
    state: State
    findings: tuple[Finding, ...]
    cells: dict[str, Cell]

    @property
    def brief(self) -> dict[str, Remark]:
        """What it is called, its number, what the number is of, its interval and n."""
        indicator = self.cells["indicator"]
        nothing = Remark("")
        said = indicator.says or (nothing, indicator.why or nothing, nothing)
        parts = zip(("number", "measures", "counted"), said, strict=True)
        return {"name": said_stage(self.stage), **dict(parts)}

    def numbers(self) -> list[dict[str, Any]]:
        """Return its numbers as JSON-ready fields: the lane, the value, the report of its proof."""
        found = []
        for cell in self.cells.values():
            for what, _, one in cell.numbers:
                fields = {
                    name: None if isinstance(value, float) and not math.isfinite(value) else value
                    for name, value in one.to_dict().items()
                }
                about: dict[str, Any] = {"lane": cell.lane, "what": what}
                found.append(about | fields | {"grade": cell.grade, "proof": cell.proof})
        return found


def said_stage(stage: str) -> Remark:
    """Return what a stage is called: a study's own stage by its label.

    Examples
    --------
    >>> str(said_stage("loyalty")), str(said_stage("unboxing"))
    ('Come back', 'unboxing')
    """
    return _STAGES.get(stage) or Remark("{stage}", {"stage": stage})


def stage_name(stage: str, language: Language) -> str:
    """Return what a reader of a language calls a stage."""
    return said_stage(stage).words(language)
