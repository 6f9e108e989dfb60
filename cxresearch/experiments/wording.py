"""What a reader sees of metrics and numbers: names, sizes of differences, p-values and chances."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.results import SHARE_DIFFERENCE, difference_unit
from cxresearch.core.table import Column, Table
from cxresearch.core.unit_formats import is_currency

#: What the names of metrics begin with that the kit makes of an event.
REACHED, WITHIN, WITH_ERROR, ERRORS_PER = "reached_", "within_", "with_", "per_attempt_"
_OF_AN_EVENT = {
    REACHED: "reached {event}",
    WITH_ERROR: "with {event}",
    ERRORS_PER: "{event} per attempt",
}
_IN_TIME = re.compile(rf"{WITHIN}(\d+)_(minutes|hours)")
_MINUTES = 60
#: A p-value below this is written as smaller, a chance above one minus this as larger.
_SMALL = 0.001
#: The levels that p-values are judged by: one is written with the decimals that tell on which side
#: of them it is.
_LEVELS = (0.001, 0.01, 0.05)


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
    """Return a metric's name in words; metrics and events are called as the study does.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> italian = Language("it")
    >>> named("reached_payment_step").words(italian), named("within_15_minutes").words(italian)
    ('arrivo a payment_step', 'entro 15 minuti')
    >>> named("order_value").words(Language("en"))
    'order value'
    >>> named("order_value").words(Language("it", {"order_value": "Scontrino medio"}))
    'Scontrino medio'
    """
    for prefix, message in _OF_AN_EVENT.items():
        if name.startswith(prefix):
            return Remark(message, {"event": name.removeprefix(prefix)})
    in_time = _IN_TIME.fullmatch(name)
    if in_time:
        return Remark(f"within {{count}} {in_time[2]}", {"count": int(in_time[1])})
    return _MetricName(name.replace("_", " "), name=name)


def in_variant(what: Remark, variant: str) -> Remark:
    """Return a name with that of the treatment.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> in_variant(named("order_value"), "one_page").words(Language("en"))
    'order value (one_page)'
    """
    return Remark("{what} ({variant})", {"what": what, "variant": variant})


def as_figure(difference: float, unit: str, *, relative: bool = False) -> Amount:
    """Return the size of a difference as a remark shows it.

    Examples
    --------
    >>> as_figure(0.05, "share")
    Amount(value=0.05, unit='share difference', digits=None)
    >>> as_figure(0.0525, "tickets")
    Amount(value=0.0525, unit='tickets', digits=3)
    """
    if relative or is_currency(unit):
        return Amount(difference, unit)
    if difference_unit(unit) == SHARE_DIFFERENCE:
        return Amount(difference, SHARE_DIFFERENCE)
    size = abs(difference)
    digits = 1 - math.floor(math.log10(size)) if 0 < size < 1 else 1
    return Amount(difference, unit, digits)


def p_remark(value: float) -> Remark:
    """Return a p-value as a remark shows it, never as 0 or as a level that it is not at.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> english = Language("en")
    >>> [p_remark(p).words(english) for p in (0.3287, 0.00998, 1e-300, 0.0)]
    ['p = 0.329', 'p = 0.00998', 'p < 0.001', 'p < 0.001']
    """
    if value < _SMALL:
        return Remark("p < {p}", {"p": Amount(_SMALL, "", 3)})
    return Remark("p = {p}", {"p": Amount(value, "", _digits(value))})


def chance_remark(value: float) -> Remark:
    """Return a chance as a remark shows it, never as certain or impossible where it is not.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> [chance_remark(p).words(Language("en")) for p in (0.9312, 0.99996, 0.00001)]
    ['93.1%', 'more than 99.9%', 'less than 0.1%']
    """
    if value > 1 - _SMALL:
        return Remark("more than {share}", {"share": Amount(1 - _SMALL, "share", 1)})
    if value < _SMALL:
        return Remark("less than {share}", {"share": Amount(_SMALL, "share", 1)})
    return Remark("{share}", {"share": Amount(value, "share", 1)})


def listed(numbers: Sequence[int | Amount], names: Sequence[str] = ()) -> Remark:
    """Return numbers one beside another, each as the reader's language writes it.

    With `names` each number follows its own.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> listed([1191, Amount(0.5, "share")]).words(Language("it"))
    '1.191 / 50,0%'
    >>> listed([41, 35], ["control", "one_page"]).words(Language("en"))
    'control 41 / one_page 35'
    """
    values: dict[str, Value] = {f"n{place}": value for place, value in enumerate(numbers)}
    values |= {f"name{place}": name for place, name in enumerate(names)}
    one = "{{name{0}}} {{n{0}}}" if names else "{{n{0}}}"
    return Remark(" / ".join(one.format(place) for place in range(len(numbers))), values)


@dataclass(frozen=True, slots=True)
class _MetricName(Remark):
    """The name of a metric of a plan: its label, else its words."""

    name: str = ""

    def inside(self, language: Language) -> str:
        """Return the name as a part of a sentence."""
        return language.labels.get(self.name) or language.text(self.message)

    def begins_with_label(self, language: Language) -> bool:
        """Return whether the metric has a label."""
        return self.name in language.labels


def table_of(rows: Sequence[Any], columns: Sequence[Column], caption: str, **values: Any) -> Table:
    """Return rows, each a tuple or by name, as a table that has its columns without rows too."""
    import pandas as pd

    by_name = bool(rows) and isinstance(rows[0], dict)
    names = None if by_name else [part for one in columns for part in one.parts]
    frame = pd.DataFrame(rows, columns=names)
    return Table(frame=frame, columns=columns, caption=caption, values=values)


def _digits(p: float) -> int:
    sides = [p < level for level in _LEVELS]
    return next((d for d in (3, 4, 5) if [round(p, d) < one for one in _LEVELS] == sides), 6)
