"""What a study says of its texts: the codebook, what people coded, and what was decided.

The files are those that ``voice`` names in the study's ``study.yaml``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.core import disk
from cxresearch.errors import ManifestError
from cxresearch.study import manifest
from cxresearch.voc.coding.codes import gold_codes, read_codes
from cxresearch.voc.matching.codebook import Codebook
from cxresearch.voc.redaction.redact import Words

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study


def codebook_of(study: Study) -> Codebook:
    """Return the codebook a study names, or the kit's own.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`.

    Raises
    ------
    ManifestError
        If files that the study names under ``voice`` are not there: all of them.
    CodebookError
        If the codebook has faults: all of them, each with its key.
    """
    return Codebook.load(_files_of(study).get("codebook"))


def codes_of(study: Study, codebook: Codebook) -> pd.DataFrame:
    """Return what people coded on the sheets a study names.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`.
    codebook : Codebook
        The codebook the sheets were written with, as :func:`codebook_of` returns it.

    Returns
    -------
    pandas.DataFrame
        As :func:`cxresearch.voc.read_codes` returns it; without rows where no sheet is named.

    Raises
    ------
    ManifestError
        If files that the study names under ``voice`` are not there: all of them.
    SchemaError
        If sheets lack columns or hold codes that are none: all faults at once.
    """
    found = _files_of(study)
    sheets = [path for key, path in found.items() if key.startswith("codes.")]
    return read_codes(sheets, codebook)


def gold_of(study: Study, codebook: Codebook) -> pd.DataFrame:
    """Return one code per text and theme: what the coders agree on, and what was decided.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`.
    codebook : Codebook
        The codebook the sheets were written with, as :func:`codebook_of` returns it.

    Returns
    -------
    pandas.DataFrame
        As :func:`cxresearch.voc.gold_codes` returns it; without rows where no sheet is named.

    Raises
    ------
    ManifestError
        If files that the study names under ``voice`` are not there: all of them.
    SchemaError
        If sheets lack columns or hold codes that are none: all faults at once.
    """
    decisions = _files_of(study).get("decisions")
    return gold_codes(codes_of(study, codebook), codebook, decisions)


def words_of(study: Study) -> Words:
    """Return the words that a study always redacts, and those that it never does.

    They are ``redact_always`` and ``redact_never`` under ``voice``.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`.
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
