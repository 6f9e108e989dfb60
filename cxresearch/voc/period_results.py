"""What changed from period to period and what is new, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark, Sentence, joined
from cxresearch.core.table import Column, Table
from cxresearch.voc.estimates.changes import Change, changes_table, period_changes
from cxresearch.voc.estimates.emerging import (
    Emerging,
    emerging_clusters,
    emerging_table,
    emerging_terms,
)
from cxresearch.voc.estimates.prevalence import prevalence
from cxresearch.voc.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_CHANGES = (
    Column("theme", "Theme", role="name"),
    Column("period", "Period that begins in", "month"),
    Column("first", "Other periods", "share"),
    Column("second", "This period", "share"),
    Column("value", "Change", "share difference", role="estimate", ends="ci", signed=True),
    Column("p_adjusted", "p, adjusted", role="p"),
    Column("called", "Called"),
)
_EMERGED = (
    Column("terms", "Words", role="name"),
    Column("now", "Customers now", "share"),
    Column("before", "Customers before", "share"),
    Column("n_now", "Customers (n)", role="people"),
    Column("p_adjusted", "p, adjusted", role="p"),
    Column("quotes", "Quotes", role="name"),
)
#: How many of what emerged are shown.
_SHOWN = 12

#: How many new words a sentence names.
_MOST_WORDS = 3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ThemeChanges:
    """How the share of each theme in each period differs from that in all the others.

    Parameters
    ----------
    changes : tuple of Change
        One per period and theme.
    last : str
        The last period, by its first month.
    courses : dict of str to pandas.DataFrame
        The shares by period of the theme whose change is the clearest; empty where none is called.
    """

    changes: tuple[Change, ...]
    last: str
    courses: dict[str, pd.DataFrame]

    @property
    def called(self) -> list[Change]:
        """The changes that are called."""
        return [one for one in self.changes if one.called in ("up", "down")]

    @property
    def estimates(self) -> dict[str, Change]:
        """Those by the names they are recorded under."""
        return {f"change_{one.theme}_{one.second.group}": one for one in self.called}

    @property
    def sentence(self) -> Sentence:
        """Which themes the last period is called to have more or less of, and how often before."""
        now = [one for one in self.called if one.second.group == self.last]
        counted = {"earlier": len(self.called) - len(now), "tests": len(self.changes)}
        if not now:
            return Sentence(
                "No theme changed in the last period. Changes in earlier ones: {earlier} of "
                "{tests} comparisons.",
                counted,
            )
        moved = [
            Remark("{theme} (up)" if one.called == "up" else "{theme} (down)", {"theme": one.theme})
            for one in now
        ]
        return Sentence(
            "Changed in the last period: {themes}. Changes in earlier ones: {earlier} of {tests} "
            "comparisons.",
            counted | {"themes": joined(moved, ", ")},
        )

    @property
    def tables(self) -> list[Table]:
        """The changes of the last period, and all that are called."""
        last = [one for one in self.changes if one.second.group == self.last]
        return [
            Table(
                frame=changes_table(last),
                columns=_CHANGES,
                caption="The last period against the others",
            ),
            Table(
                frame=changes_table(self.called),
                columns=_CHANGES,
                caption="Every significant change, in any period",
            ),
        ]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Emerged:
    """What is more frequent in the last period than before.

    Parameters
    ----------
    terms : tuple of Emerging
        Words and pairs of words.
    groups : tuple of Emerging
        Groups of texts that no theme covers.
    """

    terms: tuple[Emerging, ...]
    groups: tuple[Emerging, ...]

    @property
    def sentence(self) -> Sentence:
        """What is new, the least likely by chance first; not what too few customers wrote."""
        known = [one for one in self.terms if one.quotes]
        words = [Remark("“{words}”", {"words": " ".join(one.terms)}) for one in known[:_MOST_WORDS]]
        if words:
            return Sentence(
                "More frequent in the last period than before: {words}.",
                {"words": joined(words, ", ")},
            )
        if self.groups:
            return Sentence(
                "Texts without a theme that grew in the last period: {groups} groups.",
                {"groups": len(self.groups)},
            )
        return Sentence("No word is more frequent in the last period than before.", {})

    @property
    def tables(self) -> list[Table]:
        """What was found, the least likely by chance first; no table of nothing."""
        found = [
            _emerged(self.terms, caption="Words that are more frequent in the last period"),
            _emerged(
                self.groups, caption="Groups of texts without a theme that grew in the last period"
            ),
        ]
        return [one for one in found if len(one.frame)]


@documented
def theme_changes(voice: Voice, *, months: int) -> ThemeChanges | Missing:
    """Compare the share of every theme in each period with its share in all the others.

    Parameters
    ----------
    %(voice)s
    months : int
        The months in a period.

    Raises
    ------
    ValueError
        If `months` is below 1.
    """
    periods = voice.heard.periods(months)
    if not voice.is_coded or periods.nunique() < 2:
        return Missing("it takes coded texts in at least two periods of complete months")
    options: dict[str, Any] = {"clusters": voice.customers, "confidence": voice.confidence}
    changes = period_changes(voice.tags, voice.gold, periods, **options)
    called = [one for one in changes if one.called in ("up", "down")]
    courses = {}
    if called:
        theme = min(called, key=lambda one: one.p_adjusted).theme
        by_period = prevalence(voice.tags[[theme]], voice.gold, by=periods, **options)
        courses[theme] = by_period.to_frame()
    return ThemeChanges(changes=changes, last=str(periods.dropna().max()), courses=courses)


@documented
def emerged(voice: Voice, *, months: int, fdr: float = 0.05) -> Emerged | Missing:
    """Find the words, and the groups of texts without a theme, that grew in the last period.

    Parameters
    ----------
    %(voice)s
    months : int
        The months in a period.
    fdr : float, default 0.05
        The share of what is found that may be chance, 0-1.

    Raises
    ------
    ValueError
        If `months` is below 1 or `fdr` is no share.
    """
    periods = voice.heard.periods(months)
    if periods.nunique() < 2:
        return Missing("it takes at least two periods of complete months")
    texts, is_new = voice.texts["text"], periods == periods.dropna().max()
    options: dict[str, Any] = {
        "clusters": voice.customers,
        "fdr": fdr,
        "min_cell": voice.min_cell,
        "words": voice.words,
        "redacted": voice.reading.redacted,
    }
    return Emerged(
        terms=emerging_terms(texts, is_new, **options),
        groups=emerging_clusters(texts, is_new, voice.tags, encoder=voice.encoder, **options),
    )


def _emerged(found: Sequence[Emerging], *, caption: str) -> Table:
    return Table(frame=emerging_table(found).head(_SHOWN), columns=_EMERGED, caption=caption)
