"""A finding in a sentence, and its next step: by rule, never with a made-up cause."""

from __future__ import annotations

from datetime import date

from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.results import Estimate
from cxresearch.findings.finding import State
from cxresearch.findings.measures import Measure

_WEIGHT = "Weight the scores before you compare them: since {since} other people answer."
_LOOK = "Check {where}: see what changed around {since}."

#: The next step about what is open, by the kind of what moved.
_STEPS: dict[str, str] = {
    "error": "Fix {where}: try it as a customer does, and see what changed around {since}.",
    "wait": "Fix {where}: time it as a customer does, and see what changed around {since}.",
    "step": "Test {where}: see what changed around {since}, then try a fixed version.",
    "delivery": "Fix: ask the carrier what changed around {since}.",
    "order": "Check: what changed in sales, prices or stock since {since}?",
    "refund": "Check: what is returned or refunded, and why, since {since}?",
    "volume": "Check: is all still recorded? If so, see who no longer comes, since {since}.",
    "contact": "Fix: see who answers customers, and how many write, since {since}.",
    "score": "Ask: read the comments given since {since}.",
    "theme": "Ask: read the texts written since {since}.",
}


def sentence(
    measure: Measure,
    group: str,
    before: Estimate,
    during: Estimate,
    since: date,
    until: date | None,
) -> Remark:
    """Return what moved, where, from what to what, and since when."""
    what = measure.what
    if group:
        what = Remark("{what} ({group})", {"what": what, "group": group})
    digits = 0 if measure.is_count else None
    values: dict[str, Value] = {
        "what": what,
        "before": Amount(before.value, before.unit, digits),
        "during": Amount(during.value, during.unit, digits),
        "since": since,
    }
    if until is None:
        return Remark(
            "{what}: up from {before} to {during} since {since}."
            if during.value > before.value
            else "{what}: down from {before} to {during} since {since}.",
            values,
        )
    return Remark(
        "{what}: from {before} to {during}, {since} to {until}, now back.",
        values | {"until": until},
    )


def raw_and_weighted(what: Remark, before: Estimate, raw: Estimate, weighted: float) -> Remark:
    """Return a score while other people answered, as it is and with the people of before."""
    values: dict[str, Value] = {
        "what": what,
        "before": Amount(before.value, before.unit),
        "raw": Amount(raw.value, raw.unit),
        "weighted": Amount(weighted, raw.unit),
    }
    return Remark(
        "{what}: {before} before, then {raw}; {weighted} if the same people had answered", values
    )


def next_step(
    measure: Measure, group: str, state: State, since: date, *, is_bad: bool | None
) -> Remark:
    """Return what to do next about a finding."""
    if measure.kind == "who":
        return Remark(_WEIGHT, {"since": since})
    if state == "past" and measure.kind == "volume":
        return Remark("Check: was all recorded then? If so, find out what ended it.")
    if state == "past":
        return Remark("Watch: it is over; find out what ended it.")
    if state == "unsure":
        return Remark("Watch: four more weeks will tell whether it lasts.")
    values: dict[str, Value] = {"since": since}
    if is_bad is False:
        return Remark("Keep: find out what made it better around {since}.", values)
    message = _STEPS[measure.kind]
    if "{where}" in message:
        event = measure.name.partition(":")[2]
        where = measure.touchpoint or measure.stage or event or measure.name
        at = {"touchpoint": where, "group": group}
        values["where"] = Remark("{touchpoint} ({group})", at) if group else where
        message = message if is_bad else _LOOK
    return Remark(message, values)
