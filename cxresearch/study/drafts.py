"""What a new ``study.yaml`` says of the values in its files: touchpoints, funnel, cart, labels.

It is a draft: an event or a value is known by its name alone, as ``column_names.yaml`` has it.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cxresearch.study import column_names
from cxresearch.study.quality import CODES
from cxresearch.study.sniffing import Sniffed

#: The stage that an event's name suggests; the first that is part of it counts.
_STAGES = (
    ("refund", "service"),
    ("return", "service"),
    ("support", "service"),
    ("review", "advocacy"),
    ("share", "advocacy"),
    ("purchase", "purchase"),
    ("order completed", "purchase"),
    ("checkout", "purchase"),
    ("payment", "purchase"),
    ("shipping", "purchase"),
    ("cart", "purchase"),
    ("reorder", "loyalty"),
    ("loyalty", "loyalty"),
    ("newsletter", "loyalty"),
    ("delivery", "service"),
    ("tracking", "service"),
    ("chat", "service"),
    ("ticket", "service"),
    ("refer_", "advocacy"),
    ("invite", "advocacy"),
    ("ad_click", "awareness"),
    ("impression", "awareness"),
    ("organic", "awareness"),
    ("landing", "awareness"),
    ("first_visit", "awareness"),
    ("campaign", "awareness"),
    ("session_start", "awareness"),
    ("rimborso", "service"),
    ("assistenza", "service"),
    ("recensione", "advocacy"),
    ("acquisto", "purchase"),
    ("carrello", "purchase"),
    ("pagamento", "purchase"),
    ("spedizione", "purchase"),
    ("consegna", "service"),
    ("riacquisto", "loyalty"),
    ("fedelt", "loyalty"),
    ("invita", "advocacy"),
    ("campagna", "awareness"),
    ("annuncio", "awareness"),
)
_MOST_EVENTS = 60
#: What stands between the words of an event's name, and not between those of a label.
_UNREADABLE = re.compile(r"[_-]+")


@dataclass(slots=True)
class Values:
    """The values of a study's files that a reader of its reports meets.

    Parameters
    ----------
    events : Counter of str
        The events, with their rows.
    codes : dict of str to None
        The values of the columns that are shown as they are, in the order of the files.
    """

    events: Counter[str] = field(default_factory=Counter)
    codes: dict[str, None] = field(default_factory=dict)

    def add(
        self,
        table: str,
        columns: Mapping[str, Sequence[str]],
        constants: Mapping[str, Any],
        found: Sniffed,
    ) -> None:
        """Add those of a file, from which a table takes some columns."""
        for column in CODES.get(table, ()):
            if column == "event":
                self.events.update(found.values(columns.get("event", ())))
            elif column in constants:
                self.codes[str(constants[column])] = None
            else:
                self.codes |= dict.fromkeys(found.values(columns.get(column, ())))

    def lines(self) -> Iterator[str]:
        """Yield the lines of the study's parts that say what they mean."""
        called = [name for name, _ in self.events.most_common(_MOST_EVENTS)]
        known = column_names.names()["steps"]
        named = {step: column_names.known_as(known[step], called) for step in known}
        first = {step: names[0] for step, names in named.items() if names}
        yield from self._touchpoints({name: step for step, name in first.items()})
        if "purchase" in first and len(first) > 1:
            yield f"funnel: {_flow([*first.values()])} # the steps are yours to say"
        if first.keys() >= {"add", "checkout", "purchase"}:
            cart = {one: first[one] for one in ("add", "checkout", "purchase")}
            yield f"cart: {_flow(cart)}"
        labels = {one: label for one in self.codes if (label := _label(one))}
        if labels:
            yield "labels: # what readers call the values; those the kit does not know are yours"
            yield from (f"  {_quoted(one)}: {_flow(label)}" for one, label in labels.items())

    def _touchpoints(self, steps: Mapping[str, str]) -> Iterator[str]:
        """Yield what the events stand for, each with its rows and the stage its name suggests."""
        if self.events:
            yield "touchpoints: # what each event stands for, and is called, is yours to say"
        for name, rows in self.events.most_common(_MOST_EVENTS):
            folded = name.casefold()
            stage = next((stage for part, stage in _STAGES if part in folded), "consideration")
            stage = "purchase" if steps.get(name, "view") != "view" else stage
            given: dict[str, Any] = {"touchpoint": name, "stage": stage}
            readable = _UNREADABLE.sub(" ", name).strip()
            if name in steps:
                given["label"] = column_names.names()["step_labels"][steps[name]]
            elif label := _label(name) or readable * (readable != name):
                given["label"] = label
            yield f"  {_quoted(name)}: {_flow(given)} # {rows:,} rows"
        if len(self.events) > _MOST_EVENTS:
            yield f"  # and {len(self.events) - _MOST_EVENTS:,} more names"


def _label(value: str) -> dict[str, str]:
    """Return what readers call a value, by language; empty where its name says nothing."""
    return _labels().get(column_names.words(value), {})


@cache
def _labels() -> dict[frozenset[str], dict[str, str]]:
    """Return the labels the kit knows, by the words of what exports call their values."""
    return {
        column_names.words(called): {lang: said for lang, said in one.items() if lang != "called"}
        for one in column_names.names()["labels"]
        for called in one["called"]
    }


def _flow(value: Any) -> str:
    """Return a mapping or a list as YAML in one line."""
    import yaml

    style: dict[str, Any] = {"default_flow_style": True, "sort_keys": False, "width": math.inf}
    return str(yaml.safe_dump(value, allow_unicode=True, **style)).rstrip()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
