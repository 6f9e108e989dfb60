"""The files that come with the kit: codebook, word lists, names, weights."""

from __future__ import annotations

from pathlib import Path

from cxresearch import _files


def resource(*names: str) -> Path:
    """Return where a file of the kit is, noted as read: a report is made anew where it changes.

    Parameters
    ----------
    *names : str
        The folders below this package, and the file.

    Examples
    --------
    >>> resource("names.yaml").name
    'names.yaml'
    """
    path = Path(__file__).parent.joinpath(*names)
    _files.note_read(path)
    return path
