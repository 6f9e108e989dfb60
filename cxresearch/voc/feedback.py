"""The texts of a study as they are counted, and the files that it names under ``voice``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import disk, validate
from cxresearch.core.documented import documented
from cxresearch.engine.windows import month_name, month_number
from cxresearch.errors import ManifestError
from cxresearch.study import manifest
from cxresearch.voc.coding.codes import gold_codes, read_codes
from cxresearch.voc.redaction.kinds import Words
from cxresearch.voc.resources import LANGUAGES
from cxresearch.voc.texts.codebook import Codebook
from cxresearch.voc.texts.kept_results import KeptResults, kept_results
from cxresearch.voc.texts.language import (
    FOREIGN_LEAD,
    OTHER,
    UNKNOWN,
    detect_language,
    is_language,
)
from cxresearch.voc.texts.raw_text import customer_words, readable

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cxresearch.study import Study


#: How many texts of a source must be of a known language for it to decide for the others.
_FEWEST_KNOWN = 20
#: The log-likelihood by which another language must lead the one a text is stored with.
_SURE = 25.0
#: What exports call the languages that are counted apart, beside their codes.
_NAMED = {"english": "en", "eng": "en", "italian": "it", "italiano": "it", "ita": "it"}
#: The languages that are counted apart.
_COLUMNS = [*LANGUAGES, OTHER, UNKNOWN]


@dataclass(frozen=True, slots=True, eq=False)
class Feedback:
    """The texts of a study that hold something.

    Parameters
    ----------
    texts : pandas.DataFrame
        One row per text in order of `text_id`, which is the index: `text`, `language` (as given,
        else detected), `source`, `touchpoint`, `stage`, `customer_id` and `month`.
    empty : int
        How many texts had nothing in them, or nothing that a customer says, and were left out.
    whole_months : tuple of str
        The months that the texts reach from the first day to the last, such as ``"2026-10"``.
    languages : tuple of str
        The languages that the study's codebook has rules for.
    """

    texts: pd.DataFrame
    empty: int
    whole_months: tuple[str, ...]
    languages: tuple[str, ...] = LANGUAGES

    def readable(self) -> Feedback:
        """Return the texts that the rules can read: the base of every share.

        They are those in a language of the codebook, and those whose language is not known.
        """
        can_be = self.texts["language"].isin([*self.languages, UNKNOWN])
        return replace(self, texts=self.texts[can_be])

    @property
    def unread(self) -> int:
        """How many texts are in a language without rules."""
        return len(self.texts) - len(self.readable().texts)

    @property
    def unread_share(self) -> float:
        """The share of the texts that are in a language without rules; nan of no texts."""
        return self.unread / len(self.texts) if len(self.texts) else math.nan

    def periods(self, length: int) -> pd.Series[Any]:
        """Return the period of each text, named by its first month.

        Periods are counted back from the last whole month, so that the last one is whole. A text
        of no whole month, or of a beginning too short for a period, is of none.

        Parameters
        ----------
        length : int
            The months in a period.

        Raises
        ------
        ValueError
            If `length` is below 1.
        """
        import pandas as pd

        validate.whole("length", length, low=1)
        count = len(self.whole_months)
        first = {
            self.whole_months[place]: self.whole_months[
                count - length * ((count - 1 - place) // length + 1)
            ]
            for place in range(count % length, count)
        }
        named = [first.get(month) for month in self.texts["month"].tolist()]
        return pd.Series(named, index=self.texts.index, dtype=object)

    def counts(self) -> pd.DataFrame:
        """Return one row per source: its texts, known customers, and the texts in each language."""
        import pandas as pd

        by_source = self.texts.groupby("source")
        named = self.texts["language"].where(self.texts["language"].isin(_COLUMNS), OTHER)
        languages = pd.crosstab(self.texts["source"], named).reindex(columns=_COLUMNS, fill_value=0)
        counted = by_source.agg(texts=("text", "size"), customers=("customer_id", "nunique"))
        found = counted.join(languages).sort_values("texts", ascending=False)
        return found.rename_axis(columns=None).reset_index()


@documented
def read_feedback(study: Study, source: str | None = None) -> Feedback:
    """Read the texts of a study.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`; it has feedback.
    source : str, optional
        Where the texts come from; by default they are those of every source.

    Returns
    -------
    Feedback
        Of a chat or a call the text is what the customer says, by
        :func:`cxresearch.voc.customer_words`; what somebody of the shop writes is none.
        The stage of a text is the last one at which its touchpoint is met, by the manifest.
        Where most texts of a source whose language is known are in one that the study's codebook
        cannot read, the others are taken to be so too, and another language needs no lead. A text
        whose words are clearly in another language than the one it was stored with (by 25 units
        of log-likelihood) is of that one; one that was stored with what is no language has its
        own detected.

    Raises
    ------
    MissingTableError
        If the study has no feedback.
    %(voice_files_missing)s
    """
    import narwhals as nw
    import pandas as pd

    languages = tuple(codebook_of(study).languages)
    given = study.frame("feedback")
    asked = given if source is None else given.filter(nw.col("source") == source)
    rows = asked.collect().to_pandas().set_index("text_id").sort_index()
    said = customer_words(rows["text"], study.manifest.voice.agents)
    rows["text"] = pd.Series(said, index=rows.index, dtype=object).where(
        rows["speaker"] != "agent", ""
    )
    there = pd.Series(
        [bool(readable(text).strip()) for text in rows["text"]], rows.index, dtype=bool
    )
    texts = rows[there].copy()
    with kept_results(study.cache("feedback"), "languages") as kept:
        texts["language"] = _languages(texts, languages, kept)
    texts["stage"] = texts["touchpoint"].map(_stages(study))
    texts["month"] = [day.isoformat()[:7] for day in texts["day"]]
    columns = ["text", "language", "source", "touchpoint", "stage", "customer_id", "month"]
    months = _whole_months(texts["day"])
    return Feedback(texts[columns], int((~there).sum()), months, languages)


def _languages(texts: pd.DataFrame, languages: Sequence[str], kept: KeptResults) -> pd.Series[Any]:
    """Return the language of each text: as given, else detected, else that of its source."""
    found = _stored_languages(texts, kept)
    for _, rows in texts[found == ""].groupby("source"):
        detected = _detected(rows["text"], languages, FOREIGN_LEAD, kept)
        known = detected[detected != UNKNOWN]
        if len(known) >= _FEWEST_KNOWN and (known == OTHER).mean() > 1 / 2:
            detected = _detected(rows["text"], languages, 0.0, kept)
            detected[detected == UNKNOWN] = OTHER
        found.loc[rows.index] = detected
    return found


def _stored_languages(texts: pd.DataFrame, kept: KeptResults) -> pd.Series[Any]:
    """Return the language each text was stored with; empty where its words clearly say another."""
    found = texts["language"].map(_code).astype(object)
    for (code, _), rows in texts.groupby([found, "source"]):
        if code in ("", OTHER):
            continue
        if not kept.of([str(code)], _are_languages, "codes")[0]:
            found.loc[rows.index] = ""
            continue
        is_wrong = _detected(rows["text"], [str(code)], _SURE, kept) == OTHER
        if len(rows) >= _FEWEST_KNOWN and is_wrong.mean() > 1 / 2:
            is_wrong[:] = True
        found.loc[rows.index[is_wrong]] = ""
    return found


def _are_languages(codes: list[str], _: list[str]) -> list[bool]:
    return [is_language(code) for code in codes]


def _detected(
    texts: pd.Series[Any], languages: Sequence[str], foreign_lead: float, kept: KeptResults
) -> NDArray[np.object_]:
    """Return the language of each text by its words."""

    def find(some: list[str], _: list[str]) -> NDArray[np.object_]:
        return detect_language(some, languages, foreign_lead=foreign_lead)

    by = f"{' '.join(languages)} {foreign_lead}"
    return np.array(kept.of(list(texts), find, by), dtype=object)


def _code(given: Any) -> str:
    """Return the code of a language as exports write it, such as "en-GB"; empty where none is."""
    if not isinstance(given, str):
        return ""
    first = re.split(r"[-_ ]", given.strip().lower())[0]
    return _NAMED.get(first, first)


def _stages(study: Study) -> dict[str, str]:
    """Return the last stage at which each touchpoint is met."""
    order = study.manifest.stages
    stages: dict[str, str] = {}
    for met in study.manifest.touchpoints.values():
        known = stages.get(met.touchpoint, met.stage)
        stages[met.touchpoint] = max(known, met.stage, key=order.index)
    return stages


def _whole_months(days: pd.Series[Any]) -> tuple[str, ...]:
    """Return the months from the first day to the last that are reached from end to end."""
    if days.empty:
        return ()
    first, after = days.min(), days.max() + timedelta(days=1)
    months = range(month_number(first) + (first.day > 1), month_number(after))
    return tuple(map(month_name, months))


@documented
def codebook_of(study: Study) -> Codebook:
    """Return the codebook a study names, or the kit's own.

    Parameters
    ----------
    %(study)s

    Raises
    ------
    %(voice_files_missing)s
    CodebookError
        If the codebook has faults: all of them, each with its key.
    """
    return Codebook.load(_files_of(study).get("codebook"))


@documented
def codes_of(study: Study, codebook: Codebook) -> pd.DataFrame:
    """Return what people coded on the sheets a study names.

    Parameters
    ----------
    %(study)s
    codebook : Codebook
        The codebook the sheets were written with, as :func:`codebook_of` returns it.

    Returns
    -------
    pandas.DataFrame
        As :func:`cxresearch.voc.read_codes` returns it; without rows where no sheet is named.

    Raises
    ------
    %(voice_files_missing)s
    SchemaError
        If sheets lack columns or hold codes that are none: all faults at once.
    """
    found = _files_of(study)
    sheets = [path for key, path in found.items() if key.startswith("codes.")]
    return read_codes(sheets, codebook)


def gold_of(study: Study, codebook: Codebook, codes: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one code per text and theme: what the coders agree on, and what was decided.

    Parameters
    ----------
    study, codebook
        As in :func:`codes_of`.
    codes : pandas.DataFrame, optional
        What :func:`codes_of` returned, where it was called already.

    Returns
    -------
    pandas.DataFrame
        As :func:`cxresearch.voc.gold_codes` returns it; without rows where no sheet is named.

    Raises
    ------
    ManifestError, SchemaError
        As :func:`codes_of` does.
    """
    decisions = _files_of(study).get("decisions")
    known = codes_of(study, codebook) if codes is None else codes
    return gold_codes(known, codebook, decisions)


@documented
def words_of(study: Study) -> Words:
    """Return the words that a study always redacts, and those that it never does.

    They are ``redact_always`` and ``redact_never`` under ``voice``.

    Parameters
    ----------
    %(study)s
    """
    voice = study.manifest.voice
    return Words(always=tuple(voice.redact_always), never=tuple(voice.redact_never))


def _files_of(study: Study) -> dict[str, Path]:
    """Return where the files are that a study names under ``voice``, by their keys there."""
    voice = study.manifest.voice
    sheets = {f"codes.{place}": name for place, name in enumerate(voice.codes)}
    keys = {"codebook": voice.codebook, **sheets, "decisions": voice.decisions}
    named = {key: name for key, name in keys.items() if name}
    raw = study.manifest.raw
    found = {key: disk.raw_file(study.name, name, raw) for key, name in named.items()}
    faults = [
        f"voice.{key}: {disk.not_there(study.name, named[key], raw)}"
        for key, path in found.items()
        if path is None
    ]
    if faults:
        raise ManifestError(f"data/{study.name}/{manifest.FILE_NAME}", faults)
    return {key: path for key, path in found.items() if path is not None}
