"""The tasks by the kit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.bench import measured
from tests.bench.texts.feedback import SEPARATOR, texts_in
from tests.bench.texts.tools import (
    ALL,
    ALL_AGAIN,
    ENGLISH,
    ITALIAN,
    LANGUAGE,
    REDACTION,
    THEMES,
    VECTORS,
    VECTORS_AGAIN,
)

#: How many texts people coded.
_CODED = 200


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:
    """Return the tasks; all that they use has been loaded."""
    from cxresearch import voc
    from cxresearch.core.disk import Cache
    from cxresearch.voc.texts.lexicon import word_score

    rows = pd.read_parquet(log)
    texts, codebook = rows["text"].tolist(), voc.Codebook.load()

    def words(language: str) -> list[float]:
        return [word_score(text, language) for text in texts_in(rows, language)]

    def everything(some: pd.DataFrame, encoder: voc.Encoder) -> list[list[float]]:
        spoken = voc.detect_language(some["text"])
        voc.redact(some["text"])
        tags = voc.tag(some["text"], codebook, spoken)
        felt = voc.sentiment(some["text"], spoken, encoder=encoder)
        shares = voc.prevalence(tags, _codes(some), clusters=some["customer"])
        return [[one.value, *one.ci] for one in shares] + [[float(np.nanmean(felt))]]

    def encoder(task: str) -> voc.Encoder:
        return voc.encoder(Cache(folder / task, "texts"))

    def vectors() -> int:
        return len(encoder(VECTORS).encode(texts))

    def all_of_it() -> list[list[float]]:
        return everything(rows, encoder(ALL))

    everything(rows.head(40), voc.encoder())
    return {
        LANGUAGE: lambda: voc.detect_language(texts).tolist(),
        REDACTION: lambda: len(voc.redact(texts)),
        THEMES: lambda: int(voc.tag(texts, codebook, rows["language"]).to_numpy().sum()),
        ENGLISH: lambda: words("en"),
        ITALIAN: lambda: words("it"),
        VECTORS: vectors,
        VECTORS_AGAIN: vectors,
        ALL: all_of_it,
        ALL_AGAIN: all_of_it,
    }


def _codes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what people who make no mistake say of the first texts, which are in no order."""
    return rows["themes"].head(_CODED).str.get_dummies(SEPARATOR)


if __name__ == "__main__":
    measured.main(tasks)
