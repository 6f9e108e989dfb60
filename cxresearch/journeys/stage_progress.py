"""How soon customers come from each stage of their journey to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.journeys.time_to_goal import ALL, Resolution, TimeToGoal, time_to_goal

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from cxresearch.journeys.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageProgress:
    """The progress from each stage to the next, from :func:`stage_progress`.

    Parameters
    ----------
    steps : mapping of (str, str) to TimeToGoal
        By stage and next stage, in order.
    """

    steps: Mapping[tuple[str, str], TimeToGoal]

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: what it is, and the two numbers."""
        for (stage, following), found in self.steps.items():
            for what, left, right in found.checks():
                yield f"{stage} to {following}: {what}", left, right

    def to_frame(self) -> pd.DataFrame:
        """Return one row per stage and group: `stage`, `next_stage`, and as TimeToGoal has it."""
        import pandas as pd

        rows = [
            {"stage": stage, "next_stage": following, "group": name, **one.to_dict()}
            for (stage, following), found in self.steps.items()
            for name, one in {ALL: found, **found.groups}.items()
        ]
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format="{:.4g}".format)


def stage_progress(
    prepared: Prepared,
    *,
    stages: Mapping[str, str],
    order: Sequence[str],
    silent_days: float | None = None,
    horizon_days: float = 30.0,
    observed_until: datetime | None = None,
    by: str | None = None,
    time_zone: str = "UTC",
    resolution: Resolution = "hour",
    confidence: float = 0.95,
) -> StageProgress:
    """Estimate how soon customers come from each stage to the next one.

    A customer enters a stage by her first event of it, and moves on by her first event of the
    next stage after that; events of other stages neither help nor hinder.

    Parameters
    ----------
    prepared : Prepared
        The prepared events.
    stages : mapping of str to str
        The stage of each event; one without a stage takes part in none.
    order : sequence of str, length 2 or more
        The stages in their order, such as those of the study's manifest.
    silent_days, horizon_days, observed_until, by, time_zone, resolution, confidence
        As of :func:`cxresearch.journeys.time_to_goal`.

    Returns
    -------
    StageProgress
        The progress from each stage of `order` to the next.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, or `stages` has a stage that `order` lacks.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> stages = {"view": "consideration", "cart": "purchase", "buy": "purchase"}
    >>> found = stage_progress(PREPARED, stages=stages, order=["consideration", "purchase"])
    >>> found.to_frame()[["stage", "next_stage", "n", "arrived", "on_the_way"]]
               stage next_stage  n  arrived  on_the_way
    0  consideration   purchase  3        2           1
    """
    validate.whole("the length of order", len(order), low=2)
    for event, stage in stages.items():
        validate.one_of(f"the stage of {event}", stage, order)
    members = {
        stage: [event for event in prepared.events if stages.get(event) == stage] for stage in order
    }
    steps = {
        (stage, following): time_to_goal(
            prepared,
            start=members[stage],
            goal=members[following],
            silent_days=silent_days,
            horizon_days=horizon_days,
            observed_until=observed_until,
            by=by,
            time_zone=time_zone,
            resolution=resolution,
            confidence=confidence,
        )
        for stage, following in pairwise(order)
    }
    return StageProgress(steps=steps)
