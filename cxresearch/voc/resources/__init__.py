"""The files that come with the kit: codebook, word lists, names, weights."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from cxresearch.core import disk, languages, yaml_files

_FOLDER = Path(__file__).parent
#: The kit's languages in which texts can be judged: those with a list of words.
LANGUAGES = tuple(
    code for code in languages.LANGUAGES if (_FOLDER / "lexicons" / f"{code}.yaml").is_file()
)


def resource(*names: str) -> Path:
    """Return where a file of the kit is, noted as read: a report is made anew where it changes.

    Examples
    --------
    >>> resource("names.yaml").name
    'names.yaml'
    """
    path = _FOLDER.joinpath(*names)
    disk.note_read(path)
    return path


def resources(folder: str) -> list[Path]:
    """Return where the files of a folder of the kit are, in order, noted as read.

    Examples
    --------
    >>> [path.name for path in resources("weights")]
    ['sentiment.json', 'sentiment.npz']
    """
    names = sorted(path.name for path in _FOLDER.joinpath(folder).iterdir() if path.is_file())
    return [resource(folder, name) for name in names]


@cache
def content(*names: str) -> Any:
    """Return what a YAML file of the kit holds; it is read once, and nobody changes it.

    Examples
    --------
    >>> sorted(content("names.yaml"))[:2]
    ['ends', 'first_names_and_words']
    """
    return yaml_files.load_own(resource(*names).read_text("utf-8"))
