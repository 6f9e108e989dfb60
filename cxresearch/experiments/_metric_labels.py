"""How metrics are called in words, those of a plan and those that the kit makes of an event."""

from __future__ import annotations

import re

from cxresearch.core.remarks import Remark

#: What the names of metrics begin with that the kit makes of an event.
REACHED, WITHIN, WITH_ERROR, ERRORS_PER = "reached_", "within_", "with_", "per_attempt_"
_OF_AN_EVENT = {
    REACHED: "reached {event}",
    WITH_ERROR: "with {event}",
    ERRORS_PER: "{event} per attempt",
}
_IN_TIME = re.compile(rf"{WITHIN}(\d+)_(minutes|hours)")
_MINUTES = 60


def within(hours: float) -> str:
    """Return the name of a metric that counts what comes within so many hours.

    Examples
    --------
    >>> within(0.25), within(1), within(24)
    ('within_15_minutes', 'within_1_hour', 'within_24_hours')
    """
    if hours == 1:
        return f"{WITHIN}1_hour"
    count, unit = (hours, "hours") if float(hours).is_integer() else (_MINUTES * hours, "minutes")
    return f"{WITHIN}{count:g}_{unit}".replace(".", "_")


def named(name: str) -> Remark:
    """Return a metric's name as it is said; an event is called as the study calls it.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> italian = Language("it")
    >>> named("reached_payment_step").words(italian), named("within_15_minutes").words(italian)
    ('raggiunto payment_step', 'entro 15 minuti')
    >>> named("order_value").words(Language("en"))
    'order value'
    """
    for prefix, message in _OF_AN_EVENT.items():
        if name.startswith(prefix):
            return Remark(message, {"event": name.removeprefix(prefix)})
    found = _IN_TIME.fullmatch(name)
    if found:
        return Remark(f"within {{count}} {found[2]}", {"count": int(found[1])})
    return Remark(name.replace("_", " "))


def in_variant(what: Remark, variant: str) -> Remark:
    """Return what is said of a treatment, with the treatment's name.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> in_variant(named("order_value"), "one_page").words(Language("en"))
    'order value (one_page)'
    """
    return Remark("{what} ({variant})", {"what": what, "variant": variant})
