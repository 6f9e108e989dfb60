"""Build the reports of a study that are not up to date, and keep the last good one of each."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cxresearch.core import validate
from cxresearch.errors import CxError, ParameterError
from cxresearch.report import plan as planning
from cxresearch.report import sidecar
from cxresearch.report.build_progress import Progress, on_this_output
from cxresearch.report.builder import RUN_PREFIX, Maker
from cxresearch.report.file_names import unwritable
from cxresearch.report.plan import Plan
from cxresearch.report.status import Standing, summary

#: How often to look whether the ``make`` that started a build is still there, in seconds.
_LOOK_S = 0.5


def build(study: str, *, jobs: int = 1, only: str | None = None) -> bool:
    """Build what is not up to date, and the index; tell how it goes on standard output.

    Parameters
    ----------
    study : str
        The name of the study.
    jobs : int
        How many reports to run at the same time.
    only : str, optional
        The one report to build; by default all.

    Returns
    -------
    bool
        Whether no report failed.

    Raises
    ------
    ManifestError, ParameterError
        If the study's reports cannot be run as its manifest asks, or there is no report `only`;
        nothing has run then.
    CxError
        If the folder of the reports cannot be written; nothing has run then.
    ValueError
        If `jobs` is below 1.
    """
    validate.whole("jobs", jobs, low=1)
    _plan(study, only)  # what cannot be built is refused before anything is made or waited for
    with on_this_output() as progress, _only_build_of(study, progress):
        maker = Maker(_plan(study, only), size=jobs, only=only, progress=progress)
        standings = _made(maker)
        progress.say(f"{study}: {summary(standings)}")
    return all(standing.did != "failed" for standing in standings.values())


def _plan(study: str, only: str | None) -> Plan:
    plan = planning.plan(study)
    names = [report.name for report in plan.reports]
    if only is not None and only not in names:
        fault = f"there is no report {only!r}; there are {', '.join(names) or 'none'}"
        raise ParameterError(f"data/{study}", [fault])
    return plan


@contextmanager
def _only_build_of(study: str, progress: Progress) -> Iterator[None]:
    """Wait until no other process builds the study, then remove what killed builds have left.

    The system gives up the lock of a process however it ends, so whoever holds it knows that
    every run folder still there is of a dead build.
    """
    folder = _writable_folder(study)
    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say(f"{study}: waiting for another build of it to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{RUN_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(lock)


def _writable_folder(study: str) -> Path:
    """Return the folder of a study's reports, made where it was not, once it takes a file."""
    folder = sidecar.folder(study)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise CxError(f"reports/{study} cannot be written: {error.strerror}") from error


def _made(maker: Maker) -> dict[str, Standing]:
    """Make the reports; where the disk itself fails, say so in one line."""
    try:
        return asyncio.run(_interruptible(maker))
    except OSError as error:
        raise CxError(unwritable(error)) from error
    except ExceptionGroup as group:
        faults, others = group.split(OSError)
        if faults is None or others is not None:
            raise
        fault = next(one for one in faults.exceptions if isinstance(one, OSError))
        raise CxError(unwritable(fault)) from group


async def _interruptible(maker: Maker) -> dict[str, Standing]:
    """Make the reports; a signal that asks to end lets the build clear up first.

    So does the end of the ``make`` that started it, which may be killed and then tells nobody.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(maker.make())
    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    watch = loop.create_task(_watch_make(stop))
    try:
        return await task
    except asyncio.CancelledError:
        raise SystemExit(128 + received[0]) from None
    finally:
        watch.cancel()


async def _watch_make(stop: Callable[[int], None]) -> None:
    """Stop a build that ``make`` started once that is gone; any other may outlive its parent."""
    parent = os.getppid()
    while "MAKELEVEL" in os.environ:
        await asyncio.sleep(_LOOK_S)
        if os.getppid() != parent:
            stop(signal.SIGHUP)
            return
