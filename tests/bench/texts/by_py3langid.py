"""The language of texts by py3langid itself, among all that it knows, one text after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tests.bench import measured
from tests.bench.texts.tools import LANGUAGE


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the task."""
    texts = pd.read_parquet(log, columns=["text"])["text"].tolist()
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    return {LANGUAGE: lambda: [identifier.classify(text)[0] for text in texts]}


if __name__ == "__main__":
    measured.main(tasks)
