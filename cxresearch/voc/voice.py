"""The voice of a study's customers: its texts, read once, with what people coded of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxresearch.core.remarks import Sentence
from cxresearch.core.table import Column, Table
from cxresearch.voc.feedback import Feedback, read_feedback
from cxresearch.voc.matching.codebook import Codebook
from cxresearch.voc.reader import Reading, read
from cxresearch.voc.redaction.redact import Words
from cxresearch.voc.sentiment.theme_sentiment import complaints
from cxresearch.voc.study_inputs import codebook_of, codes_of, gold_of, words_of
from cxresearch.voc.text.encoder import Encoder, encoder
from cxresearch.voc.text.language import UNKNOWN

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

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
    Column("other", "Another language"),
    Column("unknown", "Language not recognised"),
)
_PERSONAL_DATA = (
    Column("placeholder", "Shown as", role="name"),
    Column("found", "Times"),
    Column("texts", "Texts"),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Voice:
    """The texts of a study that the rules can read, and all that one pass over them tells.

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
        What one pass over the n texts tells.
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
        """The fewest people that a number may tell about."""
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
            "{texts} texts are read; {empty} with nothing in them are left out. The language of "
            "{unknown} is not recognised: they are read by the rules of all languages.",
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


def voice_of(study: Study, *, confidence: float = 0.95) -> Voice:
    """Read the texts of a study once, and what people coded of them.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`; it has feedback.
    confidence : float, default 0.95
        Coverage of every interval, strictly between 0 and 1.

    Raises
    ------
    MissingTableError
        If the study has no feedback.
    ManifestError
        If files that the study names under ``voice`` are not there: all of them.
    """
    written = read_feedback(study)
    heard = written.readable()
    codebook, words = codebook_of(study), words_of(study)
    memory = encoder(study.cache("feedback"))
    texts = heard.texts
    reading = read(texts["text"], codebook, texts["language"], words=words, encoder=memory)
    gold = gold_of(study, codebook)
    return Voice(
        study=study,
        written=written,
        heard=heard,
        codebook=codebook,
        words=words,
        encoder=memory,
        reading=reading,
        codes=codes_of(study, codebook),
        gold=gold[gold["text_id"].isin(texts.index)],
        complaints=complaints(reading.tags, reading.aspects),
        confidence=confidence,
    )
