"""What customers write of and how they feel about it, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Range, Remark, Sentence
from cxresearch.core.results import as_columns, side_by_side
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.stats.means.ratios import LINEARISED
from cxresearch.voc.coding.codes import coder_agreement
from cxresearch.voc.estimates.prevalence import (
    Prevalence,
    Prevalences,
    customer_numbers,
    mean_sentiment,
    prevalence,
)
from cxresearch.voc.estimates.theme_tables import (
    Lead,
    agreement_table,
    leader,
    share_notes,
    theme_by_stage,
    themes_table,
)
from cxresearch.voc.feedback import read_feedback
from cxresearch.voc.redaction.quotes import theme_quotes
from cxresearch.voc.texts.encoder import encoder
from cxresearch.voc.texts.scores import band_errors, sentiment
from cxresearch.voc.texts.theme_sentiment import complaints, theme_sentiment
from cxresearch.voc.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from cxresearch.study import Study

_SHARES = (
    Column("theme", "Theme", role="name"),
    Column("share", "Corrected share", "share", role="estimate"),
    Column("naive", "Uncorrected share", "share"),
    Column("texts", "Texts found"),
    Column("customers", "Customers who wrote them", role="people"),
)
_AGREEMENT = (
    Column("theme", "Theme", role="name"),
    Column("percent", "Same code", "share"),
    Column("alpha", "Krippendorff's alpha"),
    Column("alpha_low", "from"),
    Column("alpha_high", "to"),
    Column("ac1", "Gwet's AC1"),
    Column("ac1_low", "from"),
    Column("ac1_high", "to"),
    Column("n", "Texts", role="people"),
)
_BAND_ERRORS = (
    Column("sentences", "Sentences"),
    Column("rated", "Rated by people"),
    Column("n", "Sentences (n)"),
    Column("complaint", "Tagged as a complaint", "share", role="estimate"),
    Column("praise", "Tagged as praise", "share", role="estimate"),
)
_FEELINGS = (
    Column("theme", "Theme", role="name"),
    Column("texts"),
    Column("customers", role="people"),
    Column("sentiment", "Mean sentiment", "", role="estimate"),
    Column("negative", "Complaints", "share", role="estimate"),
    Column("low_confidence", "Mixed texts", "share"),
)
_STAGES = (
    Column("stage"),
    Column("theme", "Theme", role="name"),
    Column("share", "Share of the texts", "share"),
    Column("sentiment", "Mean sentiment"),
    Column("customers", role="people"),
)
_QUOTES = (
    Column("theme", "Theme", role="name"),
    Column("quote", "Quote", role="name"),
)
_WAYS = (
    Column("indicator", "What is counted"),
    Column("value", role="estimate"),
    Column("n", "Customers (n)", role="people"),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ThemeShares(Tabular):
    """The share of the texts that are of each theme, corrected where people coded some.

    Parameters
    ----------
    shares : Prevalences
        One per theme.
    rows : pandas.DataFrame
        As :func:`themes_table` returns them.
    lead : Lead
        Which theme comes first.
    is_coded : bool
        Whether people coded texts, so that the shares know the rules' errors.
    """

    shares: Prevalences
    rows: pd.DataFrame
    lead: Lead
    is_coded: bool

    @property
    def top(self) -> Prevalence:
        """The share of the most frequent theme."""
        return self.shares.of(self.lead.first or self.rows["theme"].iloc[0])

    @property
    def top_share(self) -> Prevalence | Remark:
        """What may be said of it: where nobody coded texts, that it is not corrected."""
        return self.top if self.is_coded else self.top.uncorrected

    @property
    def estimates(self) -> dict[str, Prevalence]:
        """The corrected shares by the names they are recorded under; none without codes."""
        return {f"share_{one.theme}": one for one in self.shares} if self.is_coded else {}

    @property
    def basis(self) -> Remark:
        """What stands under an answer that gives the share of the most frequent theme."""
        top = self.top
        if not self.is_coded:
            return Remark("Automatic tags of {texts} texts, not corrected.", {"texts": top.texts})
        return Remark(
            "{confidence} CI {interval}. Automatic tags of {texts} texts, corrected with {coded} "
            "coded by hand.",
            {
                "confidence": Amount(top.confidence, "share", 0),
                "interval": Range(*top.ci, top.unit),
                "texts": top.texts,
                "coded": top.coded,
            },
        )

    @property
    def sentences(self) -> list[Sentence]:
        """Which theme is the most frequent, and what is known of the rules' errors."""
        top = self.top
        if not self.is_coded:
            return [
                Sentence(
                    "Nobody has coded texts of this study: the shares are not corrected and have "
                    "no interval. Found most often: {theme}, in {share}.",
                    {"theme": top.theme, "share": self.top_share},
                )
            ]
        base = Sentence(
            "The rules tagged all {texts} texts. People coded {coded} of them, by {n} customers: "
            "this is the n of a corrected share. Its interval is for these texts, not for all "
            "that customers might write.",
            {"texts": top.texts, "coded": top.coded, "n": top.n},
        )
        if self.lead.separated:
            first = Sentence(
                "{theme} is the top theme, in {share} of the texts (uncorrected: {tagged}).",
                {"theme": top.theme, "share": top, "tagged": (top.naive.value, "share")},
            )
        elif self.lead.second:
            second = self.shares.of(self.lead.second)
            first = Sentence(
                "The most frequent themes are not separated: {theme} is in {share} of the "
                "texts, {second} in {other}.",
                {"theme": top.theme, "share": top, "second": second.theme, "other": second},
            )
        else:
            return [base]
        return [first, base]

    @property
    def notes(self) -> list[Sentence]:
        """What must be known of some of the corrected shares, each with its themes."""
        if not self.is_coded:
            return []
        return [
            Sentence("{themes}: {note}.", {"themes": _listed(themes), "note": note})
            for note, themes in share_notes(self.shares).items()
        ]

    def table(self) -> Table:
        """Return one row per theme, the most frequent first."""
        return Table(
            frame=self.rows,
            columns=_SHARES,
            caption="The themes, the most frequent first; intervals are of the share among these "
            "{texts} texts",
            values={"texts": self.top.texts},
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ThemeStages(Tabular):
    """How often each theme is written of at each stage of the journey, and with what feeling.

    Parameters
    ----------
    rows : pandas.DataFrame
        As :func:`theme_by_stage` returns them.
    themes, stages : tuple of str
        Their order: the most frequent theme first, the stages as the journey goes.
    """

    rows: pd.DataFrame
    themes: tuple[str, ...]
    stages: tuple[str, ...]

    def table(self) -> Table:
        """Return one row per stage and theme, as the journey goes."""
        places = {stage: place for place, stage in enumerate(self.stages)}
        rows = self.rows.sort_values(
            ["stage", "share"], key=lambda own: own.map(places) if own.name == "stage" else -own
        )
        named: list[Any] = [Remark(one.capitalize()) for one in rows["stage"]]
        return Table(
            frame=rows.assign(stage=named),
            columns=_STAGES,
            caption="Themes by stage of the journey; shares as tagged",
            within=["stage"],
        )


@documented
def theme_shares(voice: Voice) -> ThemeShares:
    """Estimate which share of the texts is of each theme.

    Parameters
    ----------
    %(voice)s
    """
    shares = prevalence(
        voice.tags, voice.gold, clusters=voice.customers, confidence=voice.confidence
    )
    rows = themes_table(shares, voice.tags, voice.customers)
    lead = leader(rows, "share" if voice.is_coded else "naive", min_cell=voice.min_cell)
    return ThemeShares(shares=shares, rows=rows, lead=lead, is_coded=voice.is_coded)


@documented
def agreement(voice: Voice) -> Table | Missing:
    """Return how far the coders agree on each theme.

    Parameters
    ----------
    %(voice)s
    """
    coders = voice.codes["coder"].nunique()
    if not voice.is_coded or coders < 2:
        return Missing("no texts were coded by two people")
    found = coder_agreement(voice.codes, voice.codebook, confidence=voice.confidence)
    return Table(
        frame=agreement_table(found),
        columns=_AGREEMENT,
        caption="How far {coders} coders agree, by theme",
        values={"coders": coders},
    )


def neutral_band() -> Table:
    """Return how the neutral band errs on rated sentences, as :func:`band_errors` counts it."""
    return Table(
        frame=band_errors(),
        columns=_BAND_ERRORS,
        caption="Errors of the neutral band, on sentences that people rated and that were not "
        "used for training",
    )


@documented
def feelings(voice: Voice) -> Table:
    """Return how customers feel about each theme, the worst first.

    Parameters
    ----------
    %(voice)s
    """
    found = theme_sentiment(voice.reading.aspects, voice.customers, confidence=voice.confidence)
    return Table(frame=found, columns=_FEELINGS, caption="Sentiment by theme, the worst first")


@documented
def sentiment_by_month(
    study: Study, source: str = "chat", *, confidence: float = 0.95
) -> pd.DataFrame | Missing:
    """Return the mean sentiment of the texts of one source by month, as a scorecard takes it.

    Parameters
    ----------
    %(study)s
    source : str, default "chat"
        Where the texts come from.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per month: `indicator`, `name`, `unit`, `month`, `value`, `value_low`,
        `value_high`, `n`, `people`, `confidence` and `method`.
    """
    import pandas as pd

    nothing = Missing("no text of the study is of a chat")
    if not study.has("feedback"):
        return nothing
    texts = read_feedback(study, source).readable().texts
    memory = encoder(study.cache("feedback"))
    felt = sentiment(texts["text"], texts["language"], encoder=memory)
    texts = texts.assign(felt=felt).dropna(subset=["felt"])
    who = customer_numbers(texts["customer_id"], len(texts))
    rows = []
    for month, places in texts.groupby("month").indices.items():
        own = texts["felt"].to_numpy(dtype=float)[places]
        mean = mean_sentiment(own, who[places], confidence=confidence)
        people = len(np.unique(who[places]))
        rows.append({"month": month, **as_columns("value", mean), "n": len(own), "people": people})
    if not rows:
        return nothing
    said = {"indicator": "chat_sentiment", "name": "Chat sentiment, −1 to 1", "unit": ""}
    return pd.DataFrame(rows).assign(**said, confidence=confidence, method=LINEARISED)


@documented
def theme_stages(voice: Voice, shares: ThemeShares) -> ThemeStages | Missing:
    """Return at which stage of the journey customers write of each theme, and with what feeling.

    Parameters
    ----------
    %(voice)s
    shares : ThemeShares
        The shares of the themes, by which they are ordered.
    """
    rows = theme_by_stage(
        voice.tags,
        voice.texts["stage"],
        sentiment=voice.reading.sentiment,
        clusters=voice.customers,
        confidence=voice.confidence,
    )
    if not len(rows):
        return Missing("no text names a touchpoint of the study")
    themes = tuple(shares.rows["theme"])
    return ThemeStages(rows=rows, themes=themes, stages=tuple(voice.study.manifest.stages))


@documented
def complaint_quotes(voice: Voice, themes: Sequence[str]) -> Table:
    """Return complaints of some themes, drawn by chance and redacted.

    Parameters
    ----------
    %(voice)s
    themes : sequence of str
        The themes; a theme of which too few complain is not quoted.
    """
    found = theme_quotes(
        voice.texts["text"],
        complaints(voice.tags, voice.reading.aspects, clear=True),
        themes,
        spans=voice.reading.spans,
        clusters=voice.customers,
        count=2,
        min_cell=voice.min_cell,
        words=voice.words,
        redacted=voice.reading.redacted,
    )
    return Table(
        frame=found, columns=_QUOTES, caption="Complaints drawn at random, without personal data"
    )


@documented
def other_ways(voice: Voice, shares: ThemeShares) -> Table | Missing:
    """Return the share of the most frequent theme, counted in other ways.

    Parameters
    ----------
    %(voice)s
    shares : ThemeShares
        The shares of the themes.
    """
    if not shares.is_coded:
        return Missing("no texts are coded")
    top = shares.top
    by_codes = prevalence(
        voice.tags,
        voice.gold,
        method="gold",
        clusters=voice.customers,
        confidence=voice.confidence,
    )
    ways = {
        "Rules and codes together": top.long_run,
        "Codes alone": by_codes.of(top.theme).long_run,
        "Tags alone (uncorrected)": top.naive,
    }
    return Table(
        frame=side_by_side(ways),
        columns=_WAYS,
        caption="The share of all texts like these that are about {theme}, counted in other ways",
        values={"theme": top.theme},
    )


def _listed(themes: Sequence[str]) -> Remark:
    """Return themes as a list, each by its label."""
    named = {f"theme{place}": theme for place, theme in enumerate(themes)}
    return Remark(", ".join(f"{{{name}}}" for name in named), named)
