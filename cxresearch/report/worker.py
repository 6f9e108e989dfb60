"""A process that runs and renders reports, one after another, until its parent is gone.

It reads one job a line on standard input and tells, one JSON line each, of every cell it begins
and of every job it has done. It owns nothing that must be put in order: it writes only into the
folders of its jobs, and its kernel dies with it. So it may be ended at any moment, by any signal,
and ends itself at once where its standard input does.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from cxresearch.core import disk
from cxresearch.core.disk import name_of, without_folders
from cxresearch.report import jobs
from cxresearch.report.jobs import IndexJob, Job, Outcome, ReportJob
from cxresearch.report.kernel import COLLECT_AFTER
from cxresearch.report.kernel_server import SERVER
from cxresearch.report.sidecar import KernelRecord

Tell = Callable[[dict[str, int | str]], None]

#: Modules that papermill and nbconvert have imported where they are there, and a worker needs not:
#: what checks web addresses and durations (JupyterLab's server brings it), and Hadoop's files, with
#: Arrow and NumPy. They take 2.1 of the 3.0 CPU seconds of a worker's imports.
_NEEDLESS = ("rfc3987_syntax", "rfc3986_validator", "isoduration", "pyarrow.fs")


def main() -> None:
    """Do jobs until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is the parent's to explain
    gc.set_threshold(COLLECT_AFTER)
    sys.modules.update(dict.fromkeys(_NEEDLESS))  # type: ignore[arg-type]
    tell = _own_output()
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=[waiting], daemon=True).start()
    try:
        while True:
            _do(jobs.from_line(waiting.get()), tell)
            tell({"event": "done"})
    except OSError as error:
        sys.stderr.write(f"its page cannot be written: {error.strerror}\n")
    except Exception:  # a fault of the kit's own: its last line is what the parent tells
        traceback.print_exc()
    finally:
        # Python's own way out waits for the thread that reads and for the kernel's sockets.
        os._exit(1)


def _own_output() -> Tell:
    """Keep standard output for answers: whatever else is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def tell(message: dict[str, int | str]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    return tell


def _receive(waiting: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        waiting.put(line)
    SERVER.end()
    os._exit(0)  # the parent is gone, or done; the kernel, if there is one, goes with this


def _do(job: Job, tell: Tell) -> None:
    """Do a job and leave its page and outcome in its folder, whatever happens."""
    before = _cpu_seconds()
    try:
        pages, outcome = _index(job) if isinstance(job, IndexJob) else _report(job, tell)
    except Exception as error:  # a fault of the kit's own: said on a bare page, never swallowed
        pages = {job.languages[0]: jobs.bare_page(without_folders(traceback.format_exc()))}
        failure = f"not rendered: {type(error).__name__}: {error}"
        outcome = Outcome(failure=without_folders(failure))
    outcome = replace(outcome, cpu_seconds=_cpu_seconds() - before)
    jobs.leave(job.folder, pages, outcome)


def _cpu_seconds() -> float:
    """Return the processor time of this process, and of the kernels that have ended."""
    return sum(os.times()[:4]) + SERVER.cpu_seconds


def _index(job: IndexJob) -> tuple[dict[str, str], Outcome]:
    from cxresearch.report import render

    pages = {
        lang: render.index(
            job.titles[lang], job.entries, lang=lang, languages=job.languages, study=job.study
        )
        for lang in job.languages
    }
    return pages, Outcome(modules=_modules())


def _report(job: ReportJob, tell: Tell) -> tuple[dict[str, str], Outcome]:
    from cxresearch.report import execute, render

    def on_cell(number: int, count: int) -> None:
        tell({"event": "cell", "number": number, "count": count})

    failure = job.died or execute.run(job, on_cell)
    record = _record(job.folder / jobs.RECORD)
    if record is None and not failure:
        failure = "the last cell of the notebook must be report.provenance()"
    record = record or KernelRecord()
    provenance = replace(job.provenance, data=record.reads)
    notebook = execute.executed(job)
    pages = {
        lang: render.page(
            notebook,
            provenance,
            lang=lang,
            languages=job.languages,
            others=job.others,
            failure=failure or None,
        )
        for lang in (job.languages[:1] if failure else job.languages)
    }
    outcome = Outcome(
        failure=failure,
        headlines=record.headlines,
        numbers=record.numbers,
        findings=record.findings,
        stages=record.stages,
        reads=record.reads,
        modules=sorted({*record.modules, *_modules()}),
        provenance=asdict(provenance),
    )
    return pages, outcome


def _record(path: Path) -> KernelRecord | None:
    return KernelRecord(**json.loads(path.read_text("utf-8"))) if path.exists() else None


def _modules() -> list[str]:
    """Return the files of the kit that this process has imported, by their names in records."""
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    paths = [Path(file) for file in files if file]
    return sorted(name_of(path) for path in paths if path.is_relative_to(disk.PACKAGE))


if __name__ == "__main__":
    main()
