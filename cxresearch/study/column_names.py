"""What exports call their columns and values, as ``column_names.yaml`` has it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from cxresearch.core import yaml_files

#: Words that say nothing: articles, prepositions, currencies and their parts, zones, a shop's own.
_LITTLE = {
    *("of", "the", "and", "in", "per", "by", "di", "del", "della", "dell", "dello", "dei", "degli"),
    *("delle", "d", "al", "e", "iva", "incl", "eur", "usd", "gbp", "chf", "euro", "utc", "gmt"),
    *("cents", "cent", "centesimi", "micros", "wc"),
}


@cache
def names() -> dict[str, Any]:
    """Return what exports call their columns and values, as ``column_names.yaml`` has it."""
    text = (files("cxresearch.study") / "column_names.yaml").read_text("utf-8")
    return dict(yaml_files.load_own(text))


def words(heading: str) -> frozenset[str]:
    """Return the words by which a heading is known.

    Examples
    --------
    >>> sorted(words("Data di creazione (UTC)")), sorted(words("orderNumber"))
    (['creazione', 'data'], ['number', 'order'])
    >>> sorted(words("N° ordine"))
    ['n', 'ordine']
    """
    text = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", heading) if heading[:1] not in "([" else heading
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return frozenset(re.findall(r"[^\W_]+", plain)) - _LITTLE


def known_as(wanted: Sequence[str], headings: Sequence[str]) -> list[str]:
    """Return the headings that mean one of some names, in the order of these."""
    own: dict[frozenset[str], list[str]] = defaultdict(list)
    for one in headings:
        own[words(one)].append(one)
    asked = dict.fromkeys(words(one) for one in wanted)
    return [heading for key in asked if key for heading in own.get(key, ())]


def meant(values: Sequence[str], vocabulary: str) -> tuple[dict[str, str], Counter[str]]:
    """Return what values mean, and how often those come of which nobody can say it.

    Parameters
    ----------
    values : sequence of str
        As a file has them.
    vocabulary : {"statuses", "speakers", "kinds", "metrics"}
        What they are: of orders, of those who take part in a conversation, of messages.

    Examples
    --------
    >>> meant(["Consegnato", "Annullato", "In attesa"], "statuses")
    ({'Consegnato': 'completed', 'Annullato': 'cancelled'}, Counter({'In attesa': 1}))
    """
    known = {words(said): name for name, all_ in names()[vocabulary].items() for said in all_}
    given = {one: known[words(one)] for one in dict.fromkeys(values) if words(one) in known}
    return given, Counter(one for one in values if one not in given)


def is_of_line(heading: str) -> bool:
    """Return whether a column of amounts is of the lines of orders, by what it is called."""
    return bool(words(heading) & {"line", "riga"})


def is_of_respondent(heading: str) -> bool:
    """Return whether a column of a survey tells of the respondent, and is no question."""
    own = words(heading)
    surveys = names()["surveys"].values()
    listed = [*names()["respondent"], *(one for called in surveys for one in called)]
    return not own or any(words(one) == own for one in listed)


def sniffed_metric(question: str) -> str:
    """Return the metric whose words a question uses; empty where it uses none.

    Examples
    --------
    >>> sniffed_metric("Quanto ci consiglieresti?"), sniffed_metric("How easy was it?")
    ('nps', 'ces')
    """
    own = words(re.sub(r"[()]", " ", question))
    return next((metric for metric, said in names()["asked"].items() if own & {*said}), "")


def unit_of(heading: str) -> str:
    """Return the unit of time that a heading names: seconds, minutes, hours or days; or nothing.

    Examples
    --------
    >>> unit_of("First response time (min)"), unit_of("Tempo di risoluzione [ore]")
    ('minutes', 'hours')
    """
    called = [one for one in re.findall(r"[^\W\d_]+", heading.casefold()) if one in _units()]
    return _units()[called[-1]] if called else ""


def without_unit(heading: str) -> frozenset[str]:
    """Return the words by which a heading is known, but for its unit of time."""
    return words(heading) - _units().keys()


@cache
def _units() -> dict[str, str]:
    return {called: unit for unit, all_ in names()["units"].items() for called in all_}
