"""The parts of a study's ``study.yaml``: touchpoints, surveys, scenarios, how texts are read."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from cxresearch.core.languages import LANGUAGES
from cxresearch.core.yaml_files import STRICT, Day, Lang, as_list
from cxresearch.study import schema


class _Section(BaseModel):
    """A part of the manifest."""

    model_config = STRICT


#: How far from 1 published shares may sum, which are rounded.
_ROUNDING = 0.01
#: How long the words are that a study lists to be redacted or not.
_FEWEST_LETTERS, _MOST_LETTERS = 2, 100


def _in_every_language(value: object) -> object:
    """Take a label that is the same in every language as one text."""
    return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value


def _sheet(value: str) -> str:
    if not value.lower().endswith((".csv", ".xlsx")):
        raise ValueError("must be a .csv or .xlsx file")
    return value


def _table(value: str) -> str:
    if value not in schema.TABLES:
        raise ValueError(f"must be one of {', '.join(map(repr, schema.TABLES))}")
    return value


def _listed_words(value: str) -> str:
    if sum(sign.isalnum() for sign in value) < _FEWEST_LETTERS or len(value) > _MOST_LETTERS:
        raise ValueError(
            f"must be words of {_FEWEST_LETTERS} letters or digits or more, "
            f"{_MOST_LETTERS} signs at most"
        )
    return value


def _whole(shares: dict[str, float]) -> dict[str, float]:
    total = math.fsum(shares.values())
    if min(shares.values()) <= 0 or not math.isclose(total, 1, abs_tol=_ROUNDING):
        raise ValueError(f"must be shares above 0 that sum to 1; they sum to {total:g}")
    return shares


TableName = Annotated[str, AfterValidator(_table)]
ListedWords = Annotated[str, AfterValidator(_listed_words)]
Sheet = Annotated[str, AfterValidator(_sheet)]
Shares = Annotated[dict[str, float], Field(min_length=1), AfterValidator(_whole)]


Label = Annotated[dict[Lang, str], Field(min_length=1), BeforeValidator(_in_every_language)]


class Touchpoint(_Section):
    """What an event name stands for on the customer's journey, and what readers call it."""

    label: Label | None = None
    touchpoint: str
    stage: str
    channel: Literal["owned", "earned", "paid"] = "owned"
    place: Literal["online", "offline"] = "online"


class Survey(_Section):
    """One scored question and where it is asked; without `touchpoint` it is relational.

    `target` is what its metric is to reach: points of an NPS, a share (0-1) of a CSAT, a score of
    a CES.
    """

    name: str
    metric: Literal["nps", "csat", "ces", "enps"]
    scale: tuple[int, int]
    touchpoint: str | None = None
    target: float | None = None

    @model_validator(mode="after")
    def _scale_rises(self) -> Survey:
        low, high = self.scale
        if low >= high:
            raise ValueError(f"scale must begin with its lower end; it is {low} to {high}")
        return self

    @model_validator(mode="after")
    def _target_can_be(self) -> Survey:
        ends = {"csat": (0, 1), "ces": self.scale}
        low, high = ends.get(self.metric, (-100, 100))
        if self.target is not None and not low <= self.target <= high:
            raise ValueError(
                f"target must be from {low} to {high}, as {self.metric} is; it is {self.target:g}"
            )
        return self


class Cart(_Section):
    """The events that put something in the cart, begin the checkout, and buy."""

    add: str
    checkout: str
    purchase: str


class StageNotes(_Section):
    """What people write of a stage by hand; a map shows it as assumed, never as measured."""

    goal: Label | None = None
    hypothesis: Label | None = None
    to_be: Label | None = None
    owner: Label | None = None


class Scenario(_Section):
    """One mission of customers, mapped by itself: those with an event that is all of this.

    With `first` it is the first of the events or touchpoints that each customer had: a first
    purchase by mobile.
    """

    label: Label
    events: list[str] = []
    touchpoints: list[str] = []
    devices: list[str] = []
    first: bool = False

    @model_validator(mode="after")
    def _of_something(self) -> Scenario:
        if not (self.events or self.touchpoints or self.devices):
            raise ValueError("must have events, touchpoints or devices")
        return self


#: What they may write.
NOTES = tuple(StageNotes.model_fields)


class Voice(_Section):
    """How texts are read: the codebook, the sheets people coded on, and what was decided.

    Each is a file looked up like a table's. Without `codebook` it is the kit's own, and
    `decisions` is the sheet on which disagreements between the coders were settled. Words of
    `redact_always` go from every text that is shown; what lies within one of `redact_never` stays,
    such as a brand that is called like a person. `agents` are the names under which the shop
    answers in chats and calls, where these do not say "Agent" or the like.
    """

    codebook: str | None = None
    codes: Annotated[list[Sheet], BeforeValidator(as_list)] = []
    decisions: Sheet | None = None
    agents: list[str] = []
    redact_always: list[ListedWords] = []
    redact_never: list[ListedWords] = []

    @model_validator(mode="after")
    def _decided_on_codes(self) -> Voice:
        if self.decisions and not self.codes:
            raise ValueError("decisions must come with the codes that were decided on")
        return self

    @model_validator(mode="after")
    def _one_list(self) -> Voice:
        always, never = (
            {" ".join(words.casefold().split()): words for words in one}
            for one in (self.redact_always, self.redact_never)
        )
        if both := [never[words] for words in never if words in always]:
            raise ValueError(f"redact_always and redact_never must not both have {both[0]!r}")
        return self


class Change(_Section):
    """Something the shop did on a day: a launch, a release, a new price."""

    date: Day
    label: Label


class ReportSpec(_Section):
    """One report to build: its notebook, its parameters, and the reports it reads."""

    notebook: str
    parameters: dict[str, bool | int | float | str] = {}
    reads: list[str] = []
