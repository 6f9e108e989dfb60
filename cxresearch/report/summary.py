"""What the other reports of a study answered, as tables for its summary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from cxresearch.core.languages import Language
from cxresearch.report import sidecar

if TYPE_CHECKING:
    import pandas as pd

#: Names that hold the key of a theme, and maybe a period, and what they say of it.
_OF_A_THEME = (
    (re.compile(r"share_(?P<theme>.+)"), "share of texts: {theme}"),
    (
        re.compile(r"change_(?P<theme>.+)_(?P<period>[^_]+)"),
        "change of the share of texts, {period}: {theme}",
    ),
    (re.compile(r"nps_impact_(?P<theme>.+)"), "NPS impact of complaints: {theme}"),
)
#: Names that end in the variant of an experiment that a number is about.
_OF_A_VARIANT = re.compile(
    "(?P<name>primary_difference|primary_lift|change_of_the_effect_per_day|worth_in_30_days"
    "|worth_in_the_test)_(?P<variant>.+)"
)
_MONTH = re.compile(r"\d{4}-\d{2}")


def headlines(study: str, *, lang: str) -> pd.DataFrame:
    """Return one row per report that was built: its title, its answer, its status.

    Parameters
    ----------
    study : str
        The name of the study.
    lang : {"en", "it"}
        The language of the status.

    Returns
    -------
    pandas.DataFrame
        Columns ``title``, ``headline`` and ``status``.
    """
    import pandas as pd

    language = Language(lang)
    answers = [
        (record.title, record.headline, language.text(sidecar.status(study, record.report)))
        for record in sidecar.records(study)
    ]
    return pd.DataFrame(answers, columns=["title", "headline", "status"])


def numbers(study: str, *, lang: str, themes: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return one row per recorded number.

    Parameters
    ----------
    study : str
        The name of the study.
    lang : {"en", "it"}
        The language of the quantities.
    themes : mapping of str to str, optional
        What a reader calls each theme of the study's texts, by its key in recorded names.

    Returns
    -------
    pandas.DataFrame
        Columns ``title``, ``quantity`` (:func:`quantity`), ``value`` with ``value_low``,
        ``value_high`` and ``value_unit``, ``n`` and ``method``.
    """
    import pandas as pd

    language = Language(lang)
    rows = [
        {
            "title": row["title"],
            "quantity": quantity(row["name"], language, themes or {}),
            "value": row["value"],
            "value_low": row["ci_low"],
            "value_high": row["ci_high"],
            "value_unit": row["unit"],
            "n": row["n"],
            "method": row["method"],
        }
        for row in sidecar.recorded(study)
    ]
    columns = ["title", "quantity", "value", "value_low", "value_high", "value_unit"]
    return pd.DataFrame(rows, columns=[*columns, "n", "method"])


def quantity(name: str, language: Language, themes: Mapping[str, str]) -> str:
    """Return the name under which a number was recorded, in words.

    A name is a message with ``_`` for its spaces; one that holds the key of a theme says the theme
    as its readers call it, and one that ends in a variant names it.

    Parameters
    ----------
    name : str
        The name.
    language : Language
        The language of the words.
    themes : mapping of str to str
        What a reader calls each theme, by key.

    Examples
    --------
    >>> quantity("repeat_purchase_rate", Language("it"), {})
    'tasso di riacquisto'
    >>> quantity("share_fit", Language("it"), {"fit": "Taglia e vestibilità"})
    'quota di testi: Taglia e vestibilità'
    """
    for pattern, message in _OF_A_THEME:
        found = pattern.fullmatch(name)
        if found and found["theme"] in themes:
            held = found.groupdict() | {"theme": themes[found["theme"]]}
            if "period" in held:
                held["period"] = _period(held["period"], language)
            return language.text(message, **held)
    if found := _OF_A_VARIANT.fullmatch(name):
        return f"{language.text(found['name'].replace('_', ' '))}: {found['variant']}"
    return language.text(name.replace("_", " "))


def _period(text: str, language: Language) -> str:
    is_month = _MONTH.fullmatch(text)
    return language.month(date.fromisoformat(f"{text}-01")) if is_month else text
