"""How files are called in records, so that these read the same on every machine."""

from __future__ import annotations

import os
from pathlib import Path

from cxresearch import _files

#: The folder of the kit's own modules.
PACKAGE = Path(_files.__file__).parent
_RAW = "$CX_RAW/"


def name_of(path: Path) -> str:
    """Return how a file is called in records: without the folders of this machine.

    A file of the project is named from its root, one below ``CX_RAW`` as ``$CX_RAW/...``.
    """
    path = _files.project_root() / path
    raw = os.environ.get("CX_RAW")
    for folder, prefix in [
        (_files.project_root(), ""),
        (PACKAGE.parent, ""),
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
    in_project = _files.project_root() / name
    in_package = PACKAGE.parent / name
    return in_package if in_package.exists() and not in_project.exists() else in_project
