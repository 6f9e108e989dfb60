"""What a kernel read and imported: the safety net beside the reads that a study notes itself."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from cxresearch.core import disk
from cxresearch.report import page
from cxresearch.report.shown import table
from cxresearch.report.sidecar import RECORD_VARIABLE, KernelRecord

#: How many digits of a hash are shown.
_SHORT = 12
_CODE = ".py"
#: Files that Python opened for reading below the data folders, in no order.
_opened: set[Path] = set()


def watch() -> None:
    """Note from now on every data file that Python opens for reading.

    Reads by DuckDB and Arrow are out of its sight; a study notes those itself.
    """
    folders = tuple(f"{folder}{os.sep}" for folder in _data_folders())

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open":
            return
        path, mode, flags = arguments
        if isinstance(path, str | bytes | os.PathLike) and _is_reading(mode, flags):
            opened = os.path.realpath(os.fsdecode(path))
            if opened.startswith(folders) and not _is_derived(opened):
                _opened.add(Path(opened))

    sys.addaudithook(hook)


def reads() -> dict[str, str]:
    """Return every data file read, by its name in a report's record, with its SHA-256."""
    noted = {path: one for path, one in disk.noted_reads().items() if path.suffix != _CODE}
    opened = {path: disk.sha256(path) for path in _opened - noted.keys() if path.is_file()}
    return dict(sorted((disk.name_of(path), digest) for path, digest in (noted | opened).items()))


def modules() -> list[str]:
    """Return the project's Python files that were imported or read, relative to the project.

    The package's own are named ``cxresearch/...`` wherever it is installed.
    """
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    files |= {str(path) for path in disk.noted_reads()}
    places = {os.path.split(file) for file in files if file and file.endswith(_CODE)}
    real = {folder: Path(folder).resolve() for folder in {folder for folder, _ in places}}
    root, own = disk.project_root(), disk.PACKAGE.parent
    bases = {
        folder: path.relative_to(own if path.is_relative_to(disk.PACKAGE) else root)
        for folder, path in real.items()
        if path.is_relative_to(disk.PACKAGE) or path.is_relative_to(root)
    }
    paths = {bases[folder] / name for folder, name in places if folder in bases}
    # The virtual environment lives in the project too, in a folder that begins with a dot.
    return sorted(str(path) for path in paths if not path.parts[0].startswith("."))


def provenance() -> None:
    """End a page: say whose it is, and show the data it read or hand its record to the runner."""
    page.end()
    named = os.environ.get(RECORD_VARIABLE)
    if named is None:
        _show_reads()
        return
    kept = KernelRecord(*page.recorded(), page.stages(), reads(), modules())
    with disk.replacing(Path(named)) as path:
        path.write_text(json.dumps(kept.to_dict(), indent=1, allow_nan=False), encoding="utf-8")


def _show_reads() -> None:
    import pandas as pd

    rows = [(name, digest[:_SHORT]) for name, digest in reads().items()]
    table(
        pd.DataFrame(rows, columns=["file", "sha256"]),
        caption="The data this was computed from",
        labels={"file": "Data file", "sha256": "SHA-256"},
    )


def _data_folders() -> list[Path]:
    named = os.environ.get("CX_RAW")
    folders = [disk.project_root() / "data"]
    return [*folders, Path(named).resolve()] if named else folders


def _is_reading(mode: str | None, flags: int) -> bool:
    if mode is None:
        return flags & (os.O_WRONLY | os.O_RDWR) == 0
    return not set(mode) & set("wax+")


def _is_derived(path: str) -> bool:
    return any(part.startswith(".") or part == "quarantine" for part in Path(path).parts)


if RECORD_VARIABLE in os.environ:
    watch()
