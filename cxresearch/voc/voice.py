"""The voice of a study's customers: its texts, read once, with what people coded of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core.documented import documented
from cxresearch.core.languages import LANGUAGES as KNOWN
from cxresearch.core.remarks import Sentence
from cxresearch.core.table import Column, Table
from cxresearch.voc.feedback import (
    Feedback,
    codebook_of,
    codes_of,
    gold_of,
    read_feedback,
    words_of,
)
from cxresearch.voc.redaction.kinds import NO_WORDS, Words
from cxresearch.voc.redaction.redact import (
    count_identifiers,
    identifiers_of,
    without_identifiers,
)
from cxresearch.voc.resources import LANGUAGES
from cxresearch.voc.texts.codebook import Codebook
from cxresearch.voc.texts.encoder import READ, Encoder, encoder
from cxresearch.voc.texts.language import UNKNOWN
from cxresearch.voc.texts.raw_text import as_list
from cxresearch.voc.texts.scores import judge
from cxresearch.voc.texts.tagging import hits_of_texts, languages_by, spans_of, tags_of
from cxresearch.voc.texts.theme_sentiment import aspects_of, complaints

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cxresearch.core.disk import Cache
    from cxresearch.study import Study
    from cxresearch.voc.texts.scores import Scores


_FILES = (
    Column("table"),
    Column("file"),
    Column("rows_in"),
    Column("rows_accepted"),
    Column("rows_rejected"),
)
_SOURCES = (
    Column("source"),
    Column("texts"),
    Column("customers", "Known customers", role="people"),
    Column("en", "English"),
    Column("it", "Italian"),
    *(Column(code, KNOWN[code].name) for code in LANGUAGES if code not in ("en", "it")),
    Column("other", "Another language"),
    Column("unknown", "Language not recognised"),
)
_PERSONAL_DATA = (
    Column("placeholder", "Shown as", role="name"),
    Column("found", "Times"),
    Column("texts", "Texts"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one pass over n texts finds in each of them.

    Parameters
    ----------
    language : ndarray of object, shape (n,)
        The language of each text, as given or detected.
    tags : pandas.DataFrame, n rows
        Which themes each text is of, as :func:`cxresearch.voc.tag` returns it.
    spans : pandas.DataFrame
        The words that say so, as :func:`cxresearch.voc.evidence` returns them.
    sentiment : ndarray of float, shape (n,)
        How each text feels, -1 to 1, as :func:`cxresearch.voc.sentiment` returns it.
    aspects : pandas.DataFrame
        How each text feels about each of its themes, as :func:`cxresearch.voc.aspects` returns it.
    redacted : list of str, length n
        The texts without personal data, as :func:`cxresearch.voc.redact` returns them.
    personal_data : pandas.DataFrame
        What that took out, as :func:`cxresearch.voc.redaction_counts` returns it.
    """

    language: NDArray[np.object_]
    tags: pd.DataFrame
    spans: pd.DataFrame
    sentiment: Scores
    aspects: pd.DataFrame
    redacted: list[str]
    personal_data: pd.DataFrame

    def __repr__(self) -> str:
        themed = int(self.tags.any(axis=1).sum())
        return f"Reading of {len(self.tags):,} texts: {themed:,} of at least one theme"

    def _repr_html_(self) -> str:
        counts = self.tags.sum().sort_values(ascending=False).rename("texts").to_frame()
        return f"<p>{self!r}</p>{counts.to_html()}"


@documented
def read(
    texts: Iterable[Any],
    codebook: Codebook,
    language: str | Iterable[Any] | None = None,
    *,
    words: Words = NO_WORDS,
    encoder: Encoder | None = None,
    cache: Cache | None = None,
) -> Reading:
    """Read texts once: their themes with the evidence, their sentiment, their personal data.

    Parameters
    ----------
    %(texts)s
    codebook : Codebook
        The themes and their rules.
    language : str or iterable of str, optional
        The language of all texts, or of each; where it is not given it is detected.
    %(words)s
    %(encoder)s
    cache : Cache, optional
        As in :func:`cxresearch.voc.tag`.

    Returns
    -------
    Reading
        The same as :func:`tag`, :func:`evidence`, :func:`sentiment`, :func:`aspects`,
        :func:`redact` and :func:`redaction_counts` return one by one; a text that was written
        twice is read once.

    Raises
    ------
    %(not_texts)s
    ValueError
        If `language` is one text that is no language of the codebook, or has another length, or
        the encoder is one for which nothing was learnt.

    Examples
    --------
    >>> found = read(["Il pacco è arrivato rotto, scrivete ad anna@example.com"], Codebook.load())
    >>> found.language.tolist(), found.redacted[0][-7:], bool(found.sentiment[0] < 0)
    (['it'], '[email]', True)
    >>> found.spans["theme"].unique().tolist(), found
    (['delivery', 'packaging', 'quality'], Reading of 1 texts: 1 of at least one theme)
    """
    import pandas as pd

    found = as_list(texts)
    spoken = languages_by(codebook, found, language)
    hits = hits_of_texts(found, codebook, spoken, cache)
    spans = spans_of(hits)
    beginnings = [one.text[:READ] for one in hits]
    felt = judge(beginnings, spoken, encoder)["sentiment"].to_numpy(dtype=np.float64)
    identifiers = identifiers_of([one.text for one in hits], words=words, cache=cache)
    index = texts.index if isinstance(texts, pd.Series) else None
    return Reading(
        language=np.array(spoken, dtype=object),
        tags=tags_of(hits, codebook, index),
        spans=spans,
        sentiment=felt,
        aspects=aspects_of(beginnings, spoken, felt, spans, encoder),
        redacted=[without_identifiers(one) for one in identifiers],
        personal_data=count_identifiers(identifiers),
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Voice:
    """The texts of a study that the rules can read, and what one pass over them finds.

    Parameters
    ----------
    study : Study
        The study.
    written : Feedback
        Its texts that hold something, in whatever language.
    heard : Feedback
        Those that the rules can read, n of them: the base of every share.
    codebook : Codebook
        The themes and their rules.
    words : Words
        What is always redacted, and what never.
    encoder : Encoder
        What turns a text into a vector, with its memory.
    reading : Reading
        What one pass over the n texts finds.
    codes : pandas.DataFrame
        What each coder said of some texts, as :func:`cxresearch.voc.codes_of` returns it.
    gold : pandas.DataFrame
        One code per text and theme, as :func:`cxresearch.voc.gold_of` returns it, of these texts.
    complaints : pandas.DataFrame, n rows
        Which texts complain of which theme.
    confidence : float
        The coverage of every interval, 0-1.
    """

    study: Study
    written: Feedback
    heard: Feedback
    codebook: Codebook
    words: Words
    encoder: Encoder
    reading: Reading
    codes: pd.DataFrame
    gold: pd.DataFrame
    complaints: pd.DataFrame
    confidence: float

    @property
    def texts(self) -> pd.DataFrame:
        """The n texts: text, language, source, touchpoint, stage, customer and month."""
        return self.heard.texts

    @property
    def tags(self) -> pd.DataFrame:
        """Which themes each of the n texts is of."""
        return self.reading.tags

    @property
    def customers(self) -> pd.Series[Any]:
        """Who wrote each of the n texts."""
        return self.texts["customer_id"]

    @property
    def circumstances(self) -> pd.DataFrame:
        """Where each text was written, which is held where what goes with a theme is asked."""
        return self.texts[["source", "touchpoint"]]

    @property
    def min_cell(self) -> int:
        """The fewest people that a shown number may be of."""
        return self.study.manifest.min_cell

    @property
    def is_coded(self) -> bool:
        """Whether people coded any of the texts."""
        return len(self.gold) > 0

    @property
    def unread(self) -> list[Sentence]:
        """What must be said first: that no text can be read, or that some cannot."""
        said = []
        if not len(self.texts):
            said.append(
                Sentence(
                    "No text can be read, so nothing below is measured: {all} texts hold "
                    "something, {empty} hold nothing.",
                    {"all": len(self.written.texts), "empty": self.written.empty},
                )
            )
        if self.written.unread:
            said.append(
                Sentence(
                    "{unread} of {all} texts, {share}, are in a language that the rules cannot "
                    "read. They have no theme and are in no number below: the base is the other "
                    "{texts}.",
                    {
                        "unread": self.written.unread,
                        "all": len(self.written.texts),
                        "share": (self.written.unread_share, "share"),
                        "texts": len(self.texts),
                    },
                )
            )
        return said

    @property
    def counts(self) -> list[Table]:
        """What the files held, and the texts by source and language."""
        return [
            Table(
                frame=self.study.counts("feedback"),
                columns=_FILES,
                caption="Rows of the feedback files: in, accepted and rejected",
            ),
            Table(
                frame=self.written.counts(),
                columns=_SOURCES,
                caption="Texts by source and language",
                within=None,
            ),
        ]

    @property
    def base(self) -> Sentence:
        """How many texts every number is of."""
        return Sentence(
            "{texts} texts are read; {empty} without a word of a customer are left out. The "
            "language of {unknown} is not recognised: they are read by the rules of all languages.",
            {
                "texts": len(self.texts),
                "empty": self.heard.empty,
                "unknown": int((self.texts["language"] == UNKNOWN).sum()),
            },
        )

    @property
    def personal_data(self) -> Table:
        """What is taken out of a text before it is quoted."""
        return Table(
            frame=self.reading.personal_data,
            columns=_PERSONAL_DATA,
            caption="Personal data in the texts, taken out of every quote below",
        )

    def __repr__(self) -> str:
        return f"<Voice of {self.study.name!r}: {self.reading!r}>"


@documented
def voice_of(study: Study, *, confidence: float = 0.95) -> Voice:
    """Read the texts of a study once, and what people coded of them.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`; it has feedback.
    %(confidence)s

    Raises
    ------
    MissingTableError
        If the study has no feedback.
    %(voice_files_missing)s
    """
    import pandas as pd

    written = read_feedback(study)
    heard = written.readable()
    codebook, words = codebook_of(study), words_of(study)
    cache = study.cache("feedback")
    memory = encoder(cache)
    texts = heard.texts
    reading = read(
        texts["text"], codebook, texts["language"], words=words, encoder=memory, cache=cache
    )
    codes = codes_of(study, codebook)
    gold = gold_of(study, codebook, codes)
    return Voice(
        study=study,
        written=written,
        heard=heard,
        codebook=codebook,
        words=words,
        encoder=memory,
        reading=reading,
        codes=codes,
        gold=gold[texts.index.get_indexer(pd.Index(gold["text_id"])) >= 0],
        complaints=complaints(reading.tags, reading.aspects),
        confidence=confidence,
    )
