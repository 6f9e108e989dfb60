"""What the other reports of a study answered, as tables for its summary."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Month, Remark, Said, Value, is_month
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Column, Table
from cxresearch.report import sidecar

#: Names that hold the key of a theme, and maybe a period, and what they say of it.
_OF_A_THEME = (
    (re.compile(r"share_(?P<theme>.+)"), "share of texts: {theme}"),
    (
        re.compile(r"change_(?P<theme>.+)_(?P<period>[^_]+)"),
        "change of the share of texts, {period}: {theme}",
    ),
    (re.compile(r"nps_impact_(?P<theme>.+)"), "NPS gap × frequency of complaints: {theme}"),
)
#: Names that end in the variant of an experiment that a number is about.
_OF_A_VARIANT = re.compile(
    "(?P<name>primary_difference|primary_lift|change_of_the_effect_per_day|worth_in_30_days"
    "|worth_in_the_test)_(?P<variant>.+)"
)


def headlines(study: str) -> Table:
    """Return one row per report that was built: its title, its answer, its status.

    Parameters
    ----------
    study : str
        The name of the study.

    Returns
    -------
    Table
        Columns ``title``, of :class:`PageTitle`, ``headline``, of
        :class:`~cxresearch.core.remarks.Said`, and ``status``.
    """
    import pandas as pd

    rows = [
        (
            PageTitle(record.titles, record.report, tuple(record.pages)),
            record.headlines,
            sidecar.status(study, record.report),
        )
        for record in sidecar.records(study)
    ]
    frame = pd.DataFrame(rows, columns=["title", "headline", "status"])
    return Table(
        frame=frame,
        columns=[
            Column("title", "Question"),
            Column("headline", "Answer"),
            Column("status", is_shown=bool((frame["status"] != "built").any())),
        ],
        caption="The question and the answer of each page",
    )


def numbers(study: str) -> Table:
    """Return one row per recorded number.

    Parameters
    ----------
    study : str
        The name of the study.

    Returns
    -------
    Table
        Columns ``title``, ``quantity`` (:class:`Quantity`), ``value`` with ``value_low``,
        ``value_high`` and ``value_unit``, ``n`` and ``method``.
    """
    import pandas as pd

    rows = [
        (
            row["title"],
            Quantity(row["name"]),
            *(row[name] for name in ("value", "ci_low", "ci_high", "unit", "n", "method")),
        )
        for row in sidecar.recorded(study)
    ]
    names = ["title", "quantity", "value", "value_low", "value_high", "value_unit", "n", "method"]
    return Table(
        frame=pd.DataFrame(rows, columns=names),
        columns=[
            Column("title", "Report"),
            Column("quantity"),
            Column("value", role="estimate"),
            Column("n", "n", role="people"),
            Column("method"),
        ],
        caption="All numbers",
    )


def recorded(study: str, report: str, name: str) -> Estimate | Missing:
    """Return a number that another report recorded; missing where this one does not read it.

    Parameters
    ----------
    study, report, name : str
        The study, its report, and what the number is recorded under there.
    """
    for row in sidecar.recorded(study):
        if (row["report"], row["name"]) == (report, name) and math.isfinite(row["n"]):
            return Estimate(
                value=row["value"],
                ci=Interval(row["ci_low"], row["ci_high"]),
                n=int(row["n"]),
                unit=row["unit"],
                confidence=row["confidence"],
                method=row["method"],
                note=row["note"],
            )
    return Missing("no report that this one reads has recorded it")


@dataclass(frozen=True, slots=True)
class Quantity:
    """The name under which a number was recorded, as its reader sees it.

    A name is a message with ``_`` for its spaces; one that holds the key of a theme says the theme
    by its label, and one that ends in a variant names it.

    Parameters
    ----------
    name : str
        The name.

    Examples
    --------
    >>> italian = Language("it", {"fit": "Taglia e vestibilità"})
    >>> Quantity("repeat_purchase_rate").words(italian)
    'tasso di riacquisto'
    >>> Quantity("share_fit").words(italian)
    'quota di testi: Taglia e vestibilità'
    """

    name: str

    def words(self, language: Language) -> str:
        """Return the name in words."""
        return self._remark(language.labels).words(language)

    def _remark(self, labels: Mapping[str, str]) -> Remark:
        for pattern, message in _OF_A_THEME:
            found = pattern.fullmatch(self.name)
            if found and found["theme"] in labels:
                held: dict[str, Value] = dict(found.groupdict())
                if is_month(found.groupdict().get("period", "")):
                    held["period"] = Month(found["period"])
                return Remark(message, held)
        if found := _OF_A_VARIANT.fullmatch(self.name):
            named = Remark(found["name"].replace("_", " "))
            return Remark("{name}: {variant}", {"name": named, "variant": found["variant"]})
        return Remark(self.name.replace("_", " "))


@dataclass(frozen=True, slots=True)
class PageTitle:
    """The title of a page, a link to it.

    Parameters
    ----------
    title : Said
        The title.
    report : str
        Whose page it is.
    languages : tuple of str
        The languages it is in, the main one first.

    Examples
    --------
    >>> one = PageTitle(Said({"en": "How are we doing?"}), "kpi_scorecard", ("en",))
    >>> one.words(Language("it")), one.link(Language("it"))
    ('How are we doing?', '../kpi_scorecard.html')
    """

    title: Said
    report: str
    languages: tuple[str, ...]

    def words(self, language: Language) -> str:
        """Return the title in a language, or in the one it has."""
        return self.title.words(language)

    def link(self, language: Language) -> str:
        """Return where the page is, seen from one in a language."""
        has_own = language.code in self.languages
        return f"{'' if has_own else '../'}{self.report}.html"
