"""The stages of a customer's journey: the models that the field knows by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxresearch.core import validate

DEFAULT = ("awareness", "consideration", "purchase", "service", "loyalty", "advocacy")
#: Which stage stands for one of a study where it stands for several: the first.
_NEAREST = ("purchase", "service", "consideration", "awareness", "advocacy", "loyalty")


@dataclass(frozen=True, slots=True)
class StageModel:
    """Stages in their order.

    Parameters
    ----------
    stages : tuple of str
        The stages.
    stage_of : mapping of str to str
        In which of them each stage of a study falls: of a named model, each of the default six.
    is_cyclic : bool
        Whether the last leads to the first: drawn as a wheel.
    """

    stages: tuple[str, ...]
    stage_of: Mapping[str, str] = field(default_factory=dict)
    is_cyclic: bool = False


MODELS = {
    "six": StageModel(DEFAULT, {stage: stage for stage in DEFAULT}),
    "five_to_advocacy": StageModel(
        ("awareness", "consideration", "decision", "retention", "advocacy"),
        {
            "awareness": "awareness",
            "consideration": "consideration",
            "purchase": "decision",
            "service": "retention",
            "loyalty": "retention",
            "advocacy": "advocacy",
        },
    ),
    "five_to_loyalty": StageModel(
        ("awareness", "consideration", "acquisition", "service", "loyalty"),
        {
            "awareness": "awareness",
            "consideration": "consideration",
            "purchase": "acquisition",
            "service": "service",
            "loyalty": "loyalty",
            "advocacy": "loyalty",
        },
    ),
    "wheel": StageModel(
        ("discovery", "interest", "conversion", "retention", "loyalty", "repurchase"),
        {
            "awareness": "discovery",
            "consideration": "interest",
            "purchase": "conversion",
            "service": "retention",
            "advocacy": "loyalty",
            "loyalty": "repurchase",
        },
        is_cyclic=True,
    ),
}


def placed(stages: Sequence[str], sale: str = "") -> dict[str, str]:
    """Return in which stage of a study each of the default six falls.

    Those of a model fall as the model says; of other stages customers buy in that of the `sale`,
    what comes before and after it falls in the stages beside it, and the last one ends the journey.

    Parameters
    ----------
    stages : sequence of str
        The stages of the study.
    sale : str
        The stage of the event that buys.

    Examples
    --------
    >>> placed(["discovery", "interest", "conversion"])["purchase"]
    'conversion'
    >>> placed(["compare", "order", "enjoy"], "order")["service"]
    'enjoy'
    """
    own = set(stages)
    of = next((one.stage_of for one in MODELS.values() if own <= set(one.stages)), {})
    same = {stage: stage for stage in DEFAULT if stage in own}
    found = {stage: other for stage, other in of.items() if other in own} or same
    sale = sale or found.get("purchase", "")
    if sale in stages:
        at = stages.index(sale)
        before, after = stages[max(at - 1, 0)], stages[min(at + 1, len(stages) - 1)]
        others = (sale, after, before, stages[0], stages[-1], stages[-1])
        for stage, other in zip(_NEAREST, others, strict=True):
            found.setdefault(stage, other)
    return found


def stage_model(
    stages: str | Sequence[str], own: Sequence[str], of: Mapping[str, str]
) -> StageModel:
    """Return a model of stages, with the stage of it that each of a study's own falls in.

    Parameters
    ----------
    stages : str or sequence of str
        The name of a model, or stages in their order.
    own : sequence of str
        The stages of the study.
    of : mapping of str to str
        In which of these each of the default six falls, from :func:`placed`.

    Raises
    ------
    ValueError
        If there is no model of that name.

    Examples
    --------
    >>> stage_model("wheel", ["compare", "order"], {"purchase": "order"}).stage_of["order"]
    'conversion'
    """
    if isinstance(stages, str):
        model = MODELS[validate.one_of("stages", stages, tuple(MODELS))]
    else:
        model = StageModel(tuple(stages), placed(stages))
    if set(own) <= set(model.stages):
        return StageModel(model.stages, {stage: stage for stage in own}, model.is_cyclic)
    found: dict[str, str] = {}
    last = ""
    for stage in own:
        roles = [role for role, other in of.items() if other == stage and role in model.stage_of]
        last = model.stage_of[roles[0]] if roles else last
        if last:
            found[stage] = last
    return StageModel(model.stages, found, model.is_cyclic)
