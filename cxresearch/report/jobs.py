"""What a build asks of a worker process, one JSON line each, and the files they share."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from cxresearch.core import disk
from cxresearch.report.sidecar import IndexEntry, Provenance

#: In the folder of a job: the notebook as it was hashed, the notebook as it ran, what its kernel
#: recorded, and what came of the job.
SOURCE = "source.ipynb"
EXECUTED = "executed.ipynb"
RECORD = "record.json"
OUTCOME = "outcome.json"


@dataclass(frozen=True, slots=True)
class ReportJob:
    """Run one notebook and render it.

    Parameters
    ----------
    folder : Path
        The job's own folder, with the notebook in it; everything is written here.
    languages : tuple of str
        The languages of its pages, the main one first.
    provenance : Provenance
        How the report is made, but for the data, which is known after the run.
    reads : tuple of str
        The reports that the notebook may read.
    others : dict
        The title in English of each report of the study, by name: the page links to them.
    died : str
        How an earlier process ended in the middle of this job: then what it left is rendered as a
        failed run, and nothing is run again.
    forks : bool
        Whether its kernel is forked from a process that has the libraries of all reports imported.
    """

    folder: Path
    languages: tuple[str, ...]
    provenance: Provenance
    reads: tuple[str, ...]
    others: dict[str, str] = field(default_factory=dict)
    died: str = ""
    forks: bool = False


@dataclass(frozen=True, slots=True)
class IndexJob:
    """Render the index of a study, in each of its languages; `titles` are the study's."""

    folder: Path
    languages: tuple[str, ...]
    titles: dict[str, str]
    entries: tuple[IndexEntry, ...]
    study: str = ""


Job = ReportJob | IndexJob


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job.

    Parameters
    ----------
    failure : str
        Why the run failed; empty where it did not.
    headlines : dict
        The report's answer in one sentence, in each language.
    numbers : dict
        Every recorded number by name.
    findings : dict
        What was found, as a kernel's record has it.
    stages : list of dict
        The stages of the journey map.
    reads : dict
        The data files read, by their names in records, with their SHA-256.
    modules : list of str
        The project's modules that made the page, by their names in records.
    provenance : dict
        The page's provenance, with the data.
    cpu_seconds : float
        The processor time of the worker and its kernel.
    """

    failure: str = ""
    headlines: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: dict[str, Any] | None = None
    stages: list[dict[str, Any]] | None = None
    reads: dict[str, str] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)
    cpu_seconds: float = 0.0


def to_line(job: Job) -> bytes:
    """Return a job as the line that asks for it.

    Examples
    --------
    >>> job = IndexJob(Path("run"), ("en",), {"en": "Demo shop"}, ())
    >>> from_line(to_line(job)) == job
    True
    """
    return json.dumps(asdict(job), default=str).encode() + b"\n"


def from_line(line: bytes) -> Job:
    """Return the job that a line asks for."""
    content = json.loads(line)
    content["folder"] = Path(content["folder"])
    content["languages"] = tuple(content["languages"])
    if "entries" in content:
        content["entries"] = tuple(IndexEntry(**entry) for entry in content["entries"])
        return IndexJob(**content)
    content["provenance"] = Provenance(**content["provenance"])
    content["reads"] = tuple(content["reads"])
    return ReportJob(**content)


def bare_page(text: str) -> str:
    """Return a page for where there is nothing better: a text as it is."""
    return f"<!doctype html>\n<title>Failed</title>\n<pre>{escape(text)}</pre>\n"


def page_of(folder: Path, lang: str) -> Path:
    """Return where a job leaves its page in a language."""
    return folder / f"page.{lang}.html"


def leave(folder: Path, pages: Mapping[str, str], outcome: Outcome) -> None:
    """Leave what came of a job in its folder: a page in each language, or one where it failed."""
    for lang, page in pages.items():
        page_of(folder, lang).write_text(page, "utf-8")
    (folder / OUTCOME).write_text(json.dumps(asdict(outcome)), "utf-8")


def outcome_of(job: Job) -> Outcome:
    """Return what came of a job that is done."""
    return Outcome(**json.loads((job.folder / OUTCOME).read_text("utf-8")))


OnCell = Callable[[int, int], None]

#: How long a worker may take to end by itself, in seconds.
_TO_END = 2.0

#: Set to one thread always, for a sum over several threads may differ in its last digits.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerDied(Exception):  # noqa: N818 - an event of the pool, which its reader is shown
    """A worker ended before its job was done; the text says how."""


class Worker:
    """One worker process, as seen by the process that started it."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    async def do(self, job: Job, on_cell: OnCell | None = None) -> None:
        """Have a job done; its page and outcome are then in its folder.

        Raises
        ------
        WorkerDied
            If the process ends first.
        """
        assert self._process.stdin is not None  # for the type checker: it is started with pipes
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(to_line(job))
            await self._process.stdin.drain()
            while line := await self._process.stdout.readline():
                message = json.loads(line)
                if message["event"] == "done":
                    return
                if on_cell:
                    on_cell(message["number"], message["count"])
        except (BrokenPipeError, ConnectionResetError):
            pass  # it ended before it had read the job
        raise WorkerDied(_how_it_ended(await self._process.wait(), self._log))

    async def end(self) -> None:
        """End the process; it leaves nothing behind but its job's folder."""
        if self._process.returncode is None:
            assert self._process.stdin is not None  # for the type checker: it is started with pipes
            self._process.stdin.close()  # which ends it at once, with what it has started
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _TO_END)
                return
            self._process.kill()
        await self._process.wait()


def _how_it_ended(code: int, log: Path) -> str:
    if code < 0:
        return f"the process that ran it was ended by {signal.Signals(-code).name}"
    last = log.read_text("utf-8", errors="replace").strip().rpartition("\n")[2]
    return f"the process that ran it ended with status {code}" + (f": {last}" if last else "")


def _matplotlib_folder() -> Path:
    """Return where Matplotlib keeps its list of the fonts, which outlives the build."""
    cache = disk.project_root() / "reports" / ".cache"
    return cache / f"matplotlib-{version('matplotlib')}"


class Pool:
    """The workers of a build, up to one for each report that is made at the same time.

    Parameters
    ----------
    size : int
        How many reports are run at the same time.
    folder : Path
        A folder of this build's own, for what Jupyter and the workers leave behind.
    """

    def __init__(self, size: int, folder: Path) -> None:
        self._size = size
        self._folder = folder
        self._turns = asyncio.Semaphore(size)
        self._fonts = asyncio.Lock()
        self._idle: list[Worker] = []
        self._all: list[Worker] = []

    async def __aenter__(self) -> Pool:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._all:
            await worker.end()

    def turn(self) -> asyncio.Semaphore:
        """Return what to hold while a report is made: as many are at once as the pool is large."""
        return self._turns

    async def do(self, job: Job, on_cell: OnCell | None = None) -> None:
        """Have a job done by a worker.

        Raises
        ------
        WorkerDied
            If the worker ends first; it is not used again.
        """
        worker = self._idle.pop() if self._idle else await self._start()
        await worker.do(job, on_cell)
        self._idle.append(worker)

    async def _start(self) -> Worker:
        self._folder.mkdir(parents=True, exist_ok=True)
        async with self._fonts:
            await self._list_fonts()
        log = self._folder / f"worker-{len(self._all)}.log"
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # lest a file of the working directory stand in for a library
                "-m",
                "cxresearch.report.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=self._environment(),
            )
        worker = Worker(process, log)
        self._all.append(worker)
        return worker

    async def _list_fonts(self) -> None:
        """Have Matplotlib list the machine's fonts, where it has not yet.

        A kernel that had to would say so in its report on a machine that is slow or busy, and the
        same report would have other bytes the next time.
        """
        if any(_matplotlib_folder().glob("fontlist-*.json")):
            return
        lists = [sys.executable, "-P", "-c", "import matplotlib.font_manager"]
        with (self._folder / "fonts.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *lists, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment()
            )
            await process.wait()

    def _environment(self) -> dict[str, str]:
        """Return the environment of a worker and its kernels.

        Nothing is written into the user's home and nothing of the user's own set-up is read, so a
        report is the same on every machine.
        """
        threads = max(1, (os.cpu_count() or 1) // self._size)
        return {
            **os.environ,
            **dict.fromkeys(_THREAD_VARIABLES, "1"),
            "CX_THREADS": str(threads),
            "IPYTHONDIR": str(self._folder / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self._folder / "jupyter-config"),
            "JUPYTER_DATA_DIR": str(self._folder / "jupyter-data"),
            "JUPYTER_RUNTIME_DIR": str(self._folder / "jupyter-runtime"),
            "MPLCONFIGDIR": str(_matplotlib_folder()),
            "PYTHONHASHSEED": "0",
            "TZ": "UTC",
        }
