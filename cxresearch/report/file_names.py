"""How files are called in records, so that these read the same on every machine."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import tempfile
from pathlib import Path

from cxresearch.core import disk

_RAW = "$CX_RAW/"
#: What ipykernel calls the code of a cell where no file has it.
_CELL = re.compile(r"(?:/[^\s/]+)*/ipykernel_\d+/\d+\.py")


def name_of(path: Path) -> str:
    """Return how a file is called in records: without the folders of this machine.

    A file of the project is named from its root, one below ``CX_RAW`` as ``$CX_RAW/...``.
    """
    path = disk.project_root() / path
    raw = os.environ.get("CX_RAW")
    for folder, prefix in [
        (disk.project_root(), ""),
        (disk.PACKAGE.parent, ""),
        *([(Path(raw).resolve(), _RAW)] if raw else []),
    ]:
        if path.is_relative_to(folder):
            return prefix + path.relative_to(folder).as_posix()
    return path.as_posix()


def path_of(name: str) -> Path:
    """Return where the file is that :func:`name_of` called so."""
    raw = os.environ.get("CX_RAW")
    if raw and name.startswith(_RAW):
        return Path(raw).resolve() / name.removeprefix(_RAW)
    in_project = disk.project_root() / name
    in_package = disk.PACKAGE.parent / name
    return in_package if in_package.exists() and not in_project.exists() else in_project


def without_folders(text: str) -> str:
    """Return a text in which no file is named with the folders of this machine.

    A file of the project is named from its root, a module from the folder that holds it.
    """
    folders = {
        str(disk.project_root()): "",
        str(disk.PACKAGE.parent): "",
        os.environ.get("CX_ROOT", ""): "",
        os.environ.get("CX_RAW", ""): _RAW,
        sysconfig.get_path("purelib"): "",
        sysconfig.get_path("stdlib"): "",
        sys.prefix: "",
        sys.base_prefix: "",
        tempfile.gettempdir(): "",
        str(Path.home()): "~/",
    }
    text = _CELL.sub("<cell>", text)
    both = {path: name for folder, name in folders.items() for path in _spelt(folder)}
    for folder in sorted(both, key=len, reverse=True):  # a folder before those it lies in
        # A name that only begins alike is another folder.
        found = re.split(re.escape(folder) + r"(?:/|(?![\w.-]))", text)
        text = both[folder].join(found)
    return text


def _spelt(folder: str) -> set[str]:
    """Return a folder as it was given and as it is; not the root, which every path begins with."""
    return {path.rstrip("/") for path in (folder, os.path.realpath(folder or "/"))} - {""}


def unwritable(error: OSError) -> str:
    """Return why a file could not be written, in one line.

    Examples
    --------
    >>> unwritable(OSError(28, "No space left on device", "reports/demo/kpis.html"))
    'reports/demo/kpis.html cannot be written: No space left on device'
    """
    named = [name for name in (error.filename2, error.filename) if isinstance(name, str)]
    where = name_of(Path(named[0])) if named else "a file of the reports"
    return f"{where} cannot be written: {error.strerror or error}"
