"""Run a notebook with papermill, in a kernel of its own."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, cast

import nbformat
import papermill
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from nbclient.exceptions import DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from traitlets import default

from cxresearch.core import disk
from cxresearch.core.disk import without_folders
from cxresearch.report import jobs, sidecar
from cxresearch.report.jobs import ReportJob
from cxresearch.report.kernel_server import SERVER
from cxresearch.report.sidecar import RECORD_VARIABLE

#: The errors of Python, Arrow and DuckDB where memory runs out.
_NO_MEMORY = {"MemoryError", "ArrowMemoryError", "OutOfMemoryException", "_ArrayMemoryError"}
#: The name of `ForkedKernel` among jupyter_client's ways to start a kernel; see pyproject.toml.
_FORKED = "cxresearch-forked"
#: The name of `ReportEngine` among papermill's, and its seconds between two files of a notebook.
_ENGINE, _SAVED_EVERY = "cxresearch", 3.0
_KERNEL_DIED = (
    "the kernel was ended from outside, as it is where memory runs out: build with fewer --jobs, "
    "or less data"
)


class ForkedKernel(LocalProvisioner):
    """Has a kernel forked where jupyter_client would start a new interpreter."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Begin the kernel of a command, and return how it is reached."""
        self.cwd = kwargs.get("cwd") or Path.cwd()
        process = SERVER.fork(cmd[2:], kwargs["env"], str(self.cwd))
        self.process = cast("subprocess.Popen[bytes]", process)  # as much of it as is asked for
        self.pid = self.pgid = process.pid
        return self.connection_info


class ReportKernelManager(AsyncKernelManager):
    """Starts :mod:`cxresearch.report.kernel` in this Python, whatever kernel a notebook names.

    A notebook remembers the kernel of the last machine on which it was open; the Python that is
    running this is the one that the lock describes.
    """

    _starts: ClassVar[dict[str, Any]] = {}

    @default("transport_encryption")
    def _encrypt(self) -> str:
        return "required"

    @default("connection_file")
    def _beside_the_record(self) -> str:
        # By default it would be among the system's temporary files, left there by a kill.
        return str(Path(os.environ[RECORD_VARIABLE]).with_name("kernel.json"))

    @property
    def kernel_spec(self) -> KernelSpec:
        """The one kernel there is."""
        kernel = [sys.executable, "-m", "cxresearch.report.kernel"]
        return KernelSpec(
            argv=[*kernel, "-f", "{connection_file}"],
            display_name="cxresearch",
            language="python",
            metadata={"supported_encryption": ["curve"], **self._starts},
        )


class ForkedKernelManager(ReportKernelManager):
    """Has the same kernel forked."""

    _starts: ClassVar[dict[str, Any]] = {"kernel_provisioner": {"provisioner_name": _FORKED}}


class ReportEngine(NBClientEngine):  # type: ignore[misc]
    """Writes a notebook at its end, and while it runs not more often than every few seconds.

    papermill writes all of it before and after each cell, which took two fifths of the CPU time of
    a worker; what a run that was ended from outside has shown is read from the file.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run the notebook of a papermill manager."""

        def save(**_: Any) -> None:
            if (nb_man.now() - nb_man.last_save_time).total_seconds() >= _SAVED_EVERY:
                type(nb_man).save(nb_man)

        nb_man.save = save
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        finally:
            del nb_man.save


papermill_engines.register(_ENGINE, ReportEngine)


def run(job: ReportJob, on_cell: Callable[[int, int], None]) -> str:
    """Run a job's notebook and leave it, executed, in the job's folder.

    Parameters
    ----------
    job : ReportJob
        The job.
    on_cell : callable
        Called with the number of each cell, from 1, and the number of cells.

    Returns
    -------
    str
        Why the run failed; empty where it did not.
    """
    os.environ[RECORD_VARIABLE] = str(job.folder / jobs.RECORD)
    os.environ[sidecar.READS_VARIABLE] = ",".join(job.reads)
    notebook = _read(job.folder / jobs.SOURCE)

    def tell(cell: Any, cell_index: int) -> None:  # noqa: ARG001 - nbclient's signature
        on_cell(cell_index + 1, len(notebook.cells) + 1)  # papermill adds one for the parameters

    try:
        papermill.execute_notebook(
            notebook,
            # papermill reads braces in a path as the names of parameters.
            re.sub("[{}]", r"\g<0>\g<0>", str(job.folder / jobs.EXECUTED)),
            parameters=job.provenance.parameters,
            engine_name=_ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            cwd=disk.project_root(),
            kernel_manager_class=ForkedKernelManager if job.forks else ReportKernelManager,
            on_cell_start=tell,
        )
    except papermill.PapermillExecutionError as error:
        return _in_words(error.ename, error.evalue)
    except DeadKernelError:
        return _KERNEL_DIED
    except Exception as error:  # the kernel did not start: the failed page says so
        return _in_words(type(error).__name__, str(error))
    return ""


def _in_words(name: str, words: str) -> str:
    """Return an error as the page tells it; what the machine lacks is said in the kit's words."""
    if name in _NO_MEMORY:
        return "the memory of this machine was not enough: build with fewer --jobs, or less data"
    if os.strerror(errno.ENOSPC) in words:
        return f"the disk is full ({without_folders(words)})"
    return without_folders(f"{name}: {words}")


def executed(job: ReportJob) -> nbformat.NotebookNode:
    """Return a job's notebook as far as it ran, without what differs by run or machine."""
    try:
        notebook = _read(job.folder / jobs.EXECUTED)
    except (FileNotFoundError, ValueError):  # ended before or while papermill wrote it
        notebook = _read(job.folder / jobs.SOURCE)
    papermill.execute.remove_error_markers(notebook)
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        for times in ("papermill", "execution"):
            cell.metadata.pop(times, None)
        for output in cell.get("outputs", []):
            _forget_folders(output)
    return notebook


def _forget_folders(output: nbformat.NotebookNode) -> None:
    if output.output_type == "stream":
        output.text = without_folders(output.text)
    elif output.output_type == "error":
        output.evalue = without_folders(output.evalue)
        output.traceback = [without_folders(line) for line in output.traceback]


def _read(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook
