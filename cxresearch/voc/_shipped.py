"""The files that come with the kit: codebook, word lists, names, weights."""

from __future__ import annotations

from pathlib import Path

from cxresearch.core import disk


def shipped(*names: str) -> Path:
    """Return where a file of the kit is, noted as read: a report is made anew where it changes.

    Parameters
    ----------
    *names : str
        The folders below this package, and the file.

    Examples
    --------
    >>> shipped("names.yaml").name
    'names.yaml'
    """
    path = Path(__file__).parent.joinpath(*names)
    disk.note_read(path)
    return path
