"""What is watched: one measure of one table, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cxresearch.core.remarks import Remark

#: What kind of thing a measure tells of, from what breaks first to what is felt last.
Kind = Literal[
    "error",
    "wait",
    "step",
    "delivery",
    "order",
    "refund",
    "volume",
    "contact",
    "who",
    "score",
    "theme",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number that is followed from week to week: a total over another.

    Parameters
    ----------
    name : str
        Its key; no two measures of a study have the same.
    kind : str
        What it tells of; of two that break together the earlier in `KINDS` is nearer to the cause.
    what : Remark
        What it is, in words that can stand at the start of a sentence.
    unit : str
        The unit of its value, as in :class:`~cxresearch.core.results.Estimate`.
    better : {"more", "less", ""}
        Which way is good for the customer and the shop; empty where neither is.
    stage, touchpoint : str
        Where on the journey it is; empty where it is nowhere.
    place : int
        Its place along the journey, counted from the start of the vocabulary.
    outcome : str
        The measure that says how many of the same units buy in the end; empty where none does.
    reads, of : str
        Of who answers, the score that other people may move, and the column that tells them apart.
    is_scanned : bool
        Whether breaks are looked for in it; the others tell what a break leads to.
    not_by : tuple of str
        Columns by whose values it says who comes, and not how they fare: no break is looked for in
        one value, but a break of all may have its place there.
    counts : str
        The unit of what its n counts; empty for customers, and rows of nobody known.
    is_total : bool
        Whether it is made of steps that are measured too: one of them is where it broke.
    """

    name: str
    kind: Kind
    what: Remark
    unit: str
    better: Literal["more", "less", ""]
    stage: str = ""
    touchpoint: str = ""
    place: int = 0
    outcome: str = ""
    reads: str = ""
    of: str = ""
    is_scanned: bool = True
    not_by: tuple[str, ...] = ()
    counts: str = ""
    is_total: bool = False

    @property
    def is_share(self) -> bool:
        """Whether each unit either has it or has it not."""
        return self.unit == "share"

    @property
    def is_count(self) -> bool:
        """Whether it is how many come in a week."""
        return not self.unit

    @property
    def rank(self) -> tuple[int, int]:
        """How near to a cause it is: by kind, then by place; less is nearer."""
        return KINDS.index(self.kind) + self.is_total, self.place
