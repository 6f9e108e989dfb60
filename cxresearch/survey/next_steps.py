"""What to do about how satisfied customers are."""

from __future__ import annotations

from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark, Sentence
from cxresearch.survey.groups import by_group
from cxresearch.survey.next_wave import answers_for
from cxresearch.survey.rated_parts import RatedParts
from cxresearch.survey.satisfaction import Satisfaction

#: The margin that the next wave is planned for, in points of an NPS.
_MARGIN = 5.0


def next_steps(
    satisfaction: Satisfaction | Missing, parts: RatedParts | Missing
) -> list[Sentence] | Missing:
    """Return what to do: where to look first, whom to ask more, how many answers to ask for.

    Parameters
    ----------
    satisfaction : Satisfaction
        From :func:`cxresearch.survey.satisfaction`.
    parts : RatedParts or Missing
        From :func:`cxresearch.survey.rated_parts`.
    """
    if isinstance(satisfaction, Missing):
        return satisfaction
    said = []
    if not isinstance(parts, Missing) and parts.first is not None:
        said.append(
            Sentence("Work on {part} first: it matters and is rated low.", {"part": parts.first})
        )
    else:
        said += _lowest(satisfaction)
    if least := satisfaction.answers_least:
        said.append(Sentence("Remind {group} customers: they answer least.", {"group": least}))
    needed = answers_for(satisfaction, _MARGIN)
    if not isinstance(needed, Missing):
        said.append(
            Sentence(
                "Ask for {answers} answers in the next wave: they give the NPS to within {margin}.",
                {
                    "answers": needed,
                    "margin": Remark("{x}", {"x": Amount(_MARGIN, "points", 0)}),
                },
            )
        )
    return said


@or_missing
def _lowest(satisfaction: Satisfaction) -> list[Sentence]:
    """Return the touchpoint whose CSAT is lower than that of the others, if there is one."""
    asked = satisfaction.recent[
        satisfaction.recent["touchpoint"].notna() & (satisfaction.recent["metric"] == "csat")
    ]
    rows = by_group(asked, confidence=satisfaction.confidence)
    low = rows[(rows["p_adjusted"] < 1 - satisfaction.confidence) & (rows["difference"] < 0)]
    if low.empty:
        return []
    worst = low.sort_values("difference").iloc[0]
    value = Remark("{x}", {"x": Amount(float(worst["value"]), "share", 0)})
    return [
        Sentence(
            "Look into {touchpoint} first: CSAT is {value}, lower than at the other touchpoints.",
            {"touchpoint": worst["touchpoint"], "value": value},
        )
    ]
