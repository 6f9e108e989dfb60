"""The stages of a customer's journey: the models that the field knows by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxresearch.core import validate

DEFAULT = ("awareness", "consideration", "purchase", "service", "loyalty", "advocacy")


@dataclass(frozen=True, slots=True)
class StageModel:
    """Stages in their order.

    Parameters
    ----------
    stages : tuple of str
        The stages.
    of_default : mapping of str to str
        In which of them each of the default six falls.
    is_cyclic : bool
        Whether the last leads to the first: drawn as a wheel.
    """

    stages: tuple[str, ...]
    of_default: Mapping[str, str] = field(default_factory=dict)
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


def stage_model(stages: str | Sequence[str], own: Sequence[str] = DEFAULT) -> StageModel:
    """Return a model by its name, or the one of some stages.

    Parameters
    ----------
    stages : str or sequence of str
        The name of a model, or stages in their order.
    own : sequence of str
        The stages of the study: those of a model that is not made of them are found by the
        default six, where the study has these.

    Raises
    ------
    ValueError
        If there is no model of that name.

    Examples
    --------
    >>> stage_model("wheel").of_default["purchase"]
    'conversion'
    """
    if not isinstance(stages, str):
        return StageModel(tuple(stages), {stage: stage for stage in stages})
    model = MODELS[validate.one_of("stages", stages, tuple(MODELS))]
    if set(own) <= set(model.stages):
        return StageModel(model.stages, {stage: stage for stage in own}, model.is_cyclic)
    return model
