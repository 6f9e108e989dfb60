"""What a reader calls the stages of a journey: in the customer's words."""

from __future__ import annotations

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark

#: Of every stage of the models that the field knows by name.
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
