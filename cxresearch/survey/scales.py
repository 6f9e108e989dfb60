"""Whether answers look as if they were given on another scale than the one they are read on."""

from __future__ import annotations

import numpy as np

from cxresearch.survey.answers import Answers

#: An undefined NPS, of answers that nobody gives on a scale up to 10.
OTHER_SCALE = "undefined: no answer is above 5, so they look like answers on 1-5"
NONE_ABOVE_5 = "no answer is above 5: check that the question was not asked on 1-5"
NONE_ABOVE_7 = "no answer is above 7: check that the question was not asked on 1-7"
TWO_SCALES = "many answers of 4 and 5, few of 6 and 7: check that none was given on 1-5"

#: Fewer answers than these tell nothing of their scale, and with a 0 among them not yet so many.
_FEWEST, _FEWEST_WITH_0 = 10, 50
#: Fewer than these are not even remarked on.
_FEW = 5
#: Fewer different scores than these may be one opinion rather than a scale.
_DIFFERENT = 3
#: The usual scales that end before 10.
_SHORT, _MIDDLE, _LONG = 5, 7, 10
#: 4 and 5 are given so many times as often as 6 and 7 where answers on 1-5 are among them, and
#: are at least this part of all; on 0-10 alone they are given less often.
_TIMES, _PART = 2.0, 0.2


def look_short(found: Answers) -> bool:
    """Return whether answers on a scale up to 10 must have been given on 1-5.

    So it is where ten or more answers (fifty with a 0 among them) have three different scores or
    more, and none above 5.
    """
    used = found.scores[found.counts > 0]
    fewest = _FEWEST if used.min(initial=1) >= 1 else _FEWEST_WITH_0
    return bool(
        found.scale[1] == _LONG
        and found.n >= fewest
        and used.size >= _DIFFERENT
        and used.max() <= _SHORT
    )


def doubts(found: Answers) -> list[str]:
    """Return what a reader must check about the scale of answers; mostly nothing."""
    used = found.scores[found.counts > 0]
    if found.n < _FEW:
        return []
    highest, high = used.max(), found.scale[1]
    if highest <= _SHORT < high and (used.size >= _DIFFERENT or found.n >= _FEWEST):
        return [NONE_ABOVE_5]
    if found.n < _FEWEST:
        return []
    if high == _LONG and highest <= _MIDDLE and used.size >= _DIFFERENT:
        return [NONE_ABOVE_7]
    return [TWO_SCALES] if high == _LONG and _are_two(found) else []


def refuse_short(name: str, found: Answers) -> None:
    """Raise where answers on a scale up to 10 must have been given on 1-5.

    Raises
    ------
    ValueError
        If they look so; an NPS of them would be -100 whatever the customers think.
    """
    if look_short(found):
        low, high = found.scale
        rule = f"answers on {low}-{high} (or counts=, where it was asked so)"
        highest = f"{found.n} answers, none above 5, as on 1-5"
        raise ValueError(f"{name} must be {rule}; got {highest}")


def _are_two(found: Answers) -> bool:
    def given(*scores: int) -> float:
        return float(found.counts[np.isin(found.scores, scores)].sum())

    below, above = given(4, 5), given(6, 7)
    lone = given(4) >= _TIMES * given(6)
    return below >= _TIMES * above and below >= _PART * found.n and lone
