"""The values of English texts by VADER itself, one text after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from tests.bench import measured
from tests.bench.texts.feedback import texts_in
from tests.bench.texts.tools import ENGLISH


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the task."""
    texts = texts_in(pd.read_parquet(log), "en")
    analyzer = SentimentIntensityAnalyzer()
    return {ENGLISH: lambda: [analyzer.polarity_scores(text)["compound"] for text in texts]}


if __name__ == "__main__":
    measured.main(tasks)
