"""Where the project's files are, what was read of them, and how one is replaced whole."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import sysconfig
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Every file read on behalf of a study since the process began, with its SHA-256. Reads by DuckDB
#: and Arrow happen in C++, out of sight of Python's audit hook, so readers note them here.
_reads: dict[Path, str] = {}


@dataclass(frozen=True, slots=True)
class Cache:
    """Where what is made of a table may be kept.

    Parameters
    ----------
    folder : Path
        The folder for it.
    key : str
        A digest of all that decides the content of the table.
    """

    folder: Path
    key: str


class OwnFolder:
    """A temporary folder that goes with the object that holds it.

    Parameters
    ----------
    prefix : str
        How its name begins.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


#: The folder of the kit's own modules.
PACKAGE = Path(__file__).resolve().parents[1]


def project_root() -> Path:
    """Return the folder that holds ``data/``, ``notebooks/`` and ``reports/``.

    It is ``CX_ROOT`` where that is set, else the folder the package was checked out in; it never
    depends on the working directory.
    """
    named = os.environ.get("CX_ROOT")
    return Path(named).resolve() if named else PACKAGE.parent


def raw_folders(study: str, raw: str | None = None) -> list[Path]:
    """Return the folders in which a study's raw files are looked up, in order.

    Parameters
    ----------
    study : str
        The study.
    raw : str, optional
        The folder that its manifest names, from the study's own.
    """
    own = project_root() / "data" / study
    folders = [own, own / raw] if raw else [own]
    named = os.environ.get("CX_RAW")
    return [*folders, Path(named).resolve()] if named else folders


def raw_file(study: str, name: str, raw: str | None = None) -> Path | None:
    """Return where a study's raw file is; None where it is in none of its folders.

    A file that a name or a link leads out of all of them to is in none.
    """
    folders = raw_folders(study, raw)
    found = (folder / name for folder in folders if (folder / name).is_file())
    return next((path for path in found if _is_in(path, folders)), None)


def _is_in(path: Path, folders: Iterable[Path]) -> bool:
    whole = path.resolve()
    return any(whole.is_relative_to(folder.resolve()) for folder in folders)


def not_there(study: str, name: str, raw: str | None = None) -> str:
    """Return the fault of a raw file that is in none of the study's folders."""
    folders = raw_folders(study, raw)
    if any((folder / name).is_file() for folder in folders):
        return f"file {name} leads out of data/{study}/; raw: in its study.yaml may name a folder"
    named = f", in {raw}" if raw else ""
    return f"file {name} is neither in data/{study}/{named} nor in the folder named in CX_RAW"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def note_read(path: Path) -> str:
    """Note that a file is being read, and return its SHA-256."""
    path = path.resolve()
    _reads[path] = sha256(path)
    return _reads[path]


def noted_reads() -> dict[Path, str]:
    """Return every file noted so far with its SHA-256, sorted by path."""
    return dict(sorted(_reads.items()))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a new path beside `path`; on success it takes `path`'s place, else it is removed.

    A reader sees the old file or the new one, whole, whatever happens to the writer.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o644)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def held(folder: Path, *, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Lock a folder against other processes; the system frees it however this one ends.

    Windows has no such locks: there two processes may do the same work, and each puts whole files
    in their places.

    Parameters
    ----------
    folder : Path
        The folder.
    waiting : callable, optional
        Called where another process holds it, before waiting for that.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def put(made: Path, place: Path) -> None:
    """Put a file in its place; a file that was there goes, a folder is refused."""
    place.parent.mkdir(parents=True, exist_ok=True)
    made.replace(place)


def move(made: Path, place: Path) -> None:
    """Move a file or a folder to its place, whole; what was there goes."""
    if place.is_dir():
        shutil.rmtree(place)
    made.replace(place)


def prune(folder: Path, pattern: str, *, keep: str) -> None:
    """Remove files and folders that match a pattern, except those whose names begin with `keep`."""
    for found in folder.glob(pattern):
        if found.name.startswith(keep):
            continue
        if found.is_dir():
            shutil.rmtree(found, ignore_errors=True)
        else:
            found.unlink(missing_ok=True)


@contextmanager
def scratch(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield an empty folder below `parent` that goes when the block ends.

    What a killed process left is removed by the next one: the folder's name tells whose it is.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{prefix}*-*"):
        owner = left.name.removeprefix(prefix).split("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=f"{prefix}{os.getpid()}-") as folder:
        yield Path(folder)


def _alive(process: int) -> bool:
    if os.name == "nt":  # there this signal would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


_RAW = "$CX_RAW/"
#: What ipykernel calls the code of a cell where no file has it.
_CELL = re.compile(r"(?:/[^\s/]+)*/ipykernel_\d+/\d+\.py")


def name_of(path: Path) -> str:
    """Return how a file is called in records: without the folders of this machine.

    A file of the project is named from its root, one below ``CX_RAW`` as ``$CX_RAW/...``.
    """
    path = project_root() / path
    raw = os.environ.get("CX_RAW")
    for folder, prefix in [
        (project_root(), ""),
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
    in_project = project_root() / name
    in_package = PACKAGE.parent / name
    return in_package if in_package.exists() and not in_project.exists() else in_project


def without_folders(text: str) -> str:
    """Return a text in which no file is named with the folders of this machine.

    A file of the project is named from its root, a module from the folder that holds it.
    """
    folders = {
        str(project_root()): "",
        str(PACKAGE.parent): "",
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
