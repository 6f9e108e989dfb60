"""A finding in a sentence, and its next step: by rule, never with a made-up cause."""

from __future__ import annotations

from datetime import date

from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.results import Estimate
from cxresearch.findings.finding import State
from cxresearch.findings.measures import Measure


def sentence(
    measure: Measure,
    group: str,
    before: Estimate,
    during: Estimate,
    since: date,
    until: date | None,
) -> Remark:
    """Return what moved, where, from what to what, and since when."""
    values: dict[str, Value] = {
        "what": measure.what,
        "before": Amount(before.value, before.unit),
        "during": Amount(during.value, during.unit),
        "since": since,
    }
    where = ""
    if group:
        values["group"] = group
        where = " on {group}"
    if until is None:
        message = "{what}" + where + ": from {before} to {during} since {since}."
    else:
        values["until"] = until
        message = "{what}" + where + ": from {before} to {during}, {since} to {until}, now back."
    return Remark(message, values)


_STEPS: dict[str, str] = {
    "error": "Repair: go through {where} as a customer does, and see what changed around {since}.",
    "wait": "Repair: measure how long {where} takes, and see what changed around {since}.",
    "step": "Test: go through {where}, see what changed around {since}, and try a mended version.",
    "delivery": "Repair: ask who delivers what changed around {since}.",
    "order": "Look: see what was sold, priced or in stock differently since {since}.",
    "contact": "Repair: see who answers and how many write in since {since}.",
    "score": "Ask: read the comments given since {since}.",
    "theme": "Ask: read the texts written since {since}.",
    "who": "Weight: other people answer since {since}; weight the scores before comparing them.",
}


def next_step(measure: Measure, group: str, state: State, since: date) -> Remark:
    """Return what to do next about a finding."""
    if state == "past":
        return Remark("Watch: it has gone; find out what ended it, so that it stays so.")
    if state == "unsure":
        return Remark("Watch: four more weeks will tell whether it lasts.")
    where = measure.touchpoint or measure.stage
    values: dict[str, Value] = {"since": since}
    message = _STEPS[measure.kind]
    if "{where}" in message:
        at = Remark("{touchpoint} on {group}", {"touchpoint": where, "group": group})
        values["where"] = at if group else where
    return Remark(message, values)
