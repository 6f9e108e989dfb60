"""A metric as the analysis needs it: which columns of a frame with one row per unit, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from cxresearch.core import validate
from cxresearch.study import plans

#: What a metric is for: a plan's roles, and what is looked at besides the plan.
Role = Literal[plans.Role, "exploratory"]

#: The unit of the kinds that have one of their own.
UNITS: Mapping[plans.Kind, str] = {"proportion": "share", "csat": "share", "nps": "points"}
#: The kinds that divide one total by another.
RATIOS: tuple[plans.Kind, ...] = ("ratio", "nps", "csat")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricColumns:
    """One metric of a frame with one row per unit of the experiment.

    Parameters
    ----------
    name : str
        What it is called.
    kind : {"proportion", "mean", "ratio", "quantile", "nps", "csat"}
        How the units make one number: the share of those with 1 (the others have 0), the mean,
        one total over another, a quantile. For ``"nps"`` a unit has the points of its answers
        (100 for a promoter, -100 for a detractor) over their number, for ``"csat"`` the number of
        satisfied ones over their number.
    value : str, optional
        The column of the values; its name by default. Null says that the unit has none.
    per : str, optional
        The column of the denominator of a ratio.
    covariates : tuple of str
        Columns of what the units did before; null where a unit has no history.
    unit : str
        Its unit; a share and points have their own.
    role : {"primary", "secondary", "guardrail", "exploratory"}
        What it is for.
    direction : {"increase", "decrease"}
        Which way is the good one.
    mde : float, optional
        The smallest effect worth finding.
    margin : float, optional
        The largest harm that a guardrail lets pass.
    relative : bool
        Whether `mde` and `margin` are shares of the control's value.
    guard : {"non_inferiority", "equivalence"}
        Whether a guardrail looks to the bad side only.
    q : float
        Which quantile.
    winsorise : float, optional
        The quantile of all units' values beyond which a value counts as that quantile.

    Raises
    ------
    ValueError
        If a part is not one of what is allowed, `per` is given for anything but a ratio, or a
        guardrail has no margin.

    Examples
    --------
    >>> MetricColumns(name="signed_up", kind="proportion").unit
    'share'
    """

    name: str
    kind: plans.Kind
    value: str = ""
    per: str | None = None
    covariates: tuple[str, ...] = ()
    unit: str = ""
    role: Role = "primary"
    direction: plans.Direction = "increase"
    mde: float | None = None
    margin: float | None = None
    relative: bool = False
    guard: plans.Guard = "non_inferiority"
    q: float = 0.5
    winsorise: float | None = None

    def __post_init__(self) -> None:
        validate.one_of("kind", self.kind, get_args(plans.Kind))
        validate.one_of("role", self.role, get_args(Role))
        validate.one_of("direction", self.direction, get_args(plans.Direction))
        validate.one_of("guard", self.guard, get_args(plans.Guard))
        validate.share("q", self.q)
        for name, given in (("mde", self.mde), ("margin", self.margin)):
            if given is not None:
                validate.positive(name, given)
        if (self.kind in RATIOS) != (self.per is not None):
            rule = f"given for {', '.join(RATIOS)} and for nothing else"
            raise validate.refused("per", rule, self.per)
        if self.role == "guardrail" and self.margin is None:
            raise validate.refused("margin", "given for a guardrail", None)
        if self.winsorise is not None:
            validate.one_of("kind of a winsorised metric", self.kind, ("mean",))
            validate.between("winsorise", validate.share("winsorise", self.winsorise), 0.5, 1)
        if self.covariates and self.kind == "quantile":
            raise validate.refused("covariates", "empty for a quantile", self.covariates)
        object.__setattr__(self, "value", self.value or self.name)
        object.__setattr__(self, "unit", UNITS.get(self.kind, self.unit))

    @property
    def is_ratio(self) -> bool:
        """Whether it divides one total by another."""
        return self.per is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """What is summed of each unit: the value, the denominator, the covariates."""
        return (self.value, *([self.per] if self.per else []), *self.covariates)

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.direction == "increase" else -1
