"""Build the reports of a study that are not up to date, and keep the last good one of each."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten

from cxresearch.core import disk, validate
from cxresearch.core.disk import name_of, unwritable
from cxresearch.errors import CxError, ParameterError
from cxresearch.report import freshness, jobs, moved, sidecar
from cxresearch.report import plan as planning
from cxresearch.report.build_progress import Progress, because, on_this_output
from cxresearch.report.freshness import Hashes, Standing, summary
from cxresearch.report.jobs import IndexJob, Outcome, Pool, ReportJob, WorkerDied
from cxresearch.report.kernel_server import forking_pays
from cxresearch.report.plan import Plan, PlannedReport
from cxresearch.report.sidecar import Inputs, PageRecord, Provenance, Run, Sidecar, Status
from cxresearch.study import manifest

#: The signals that ask a build to end; Windows has no SIGHUP.
_ENDING = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))
#: How often to look whether the ``make`` that started a build is still there, in seconds.
_LOOK_S = 0.5
#: Begins the name of every folder in which a build works.
RUN_PREFIX = ".run-"
#: How much of an error is shown in one line; its page has the whole.
_ERROR_SHOWN = 200


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

    The system gives up the lock of a process however it ends, so the process that holds it knows
    that every run folder still there is of a dead build.
    """
    folder = _writable_folder(study)

    def waiting() -> None:
        progress.say(f"{study}: waiting for another build of it to end")

    with disk.held(folder, waiting=waiting):
        for left in folder.glob(f"{RUN_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


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

    for number in _ENDING:
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends the process as it does any
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
            stop(_ENDING[-1])
            return


class Maker:
    """One build of one study.

    Parameters
    ----------
    plan : Plan
        Its reports.
    size : int
        How many are run at the same time.
    only : str or None
        The one report to make; None for all.
    progress : Progress
        Where to tell how it goes.
    """

    def __init__(self, plan: Plan, *, size: int, only: str | None, progress: Progress) -> None:
        self._plan = plan
        self._only = only
        self._progress = progress
        self._settling: dict[str, asyncio.Task[Standing]] = {}
        self._done = 0
        self._began = time.monotonic()
        self._folder = sidecar.folder(plan.study) / f"{RUN_PREFIX}{os.getpid()}-{time.time_ns()}"
        self._pool = Pool(size, self._folder)
        self._forks = forking_pays(1 if only else len(plan.reports), size)
        self._hashes = Hashes()
        # The manifest as the plan has read it: what changes later is for the next build.
        self._manifest = name_of(manifest.path_of(plan.study))
        self._manifest_sha256 = self._hashes.of(self._manifest)

    async def make(self) -> dict[str, Standing]:
        """Settle every report, then the index."""
        try:
            async with self._pool:
                async with asyncio.TaskGroup() as group:
                    for report in self._plan.reports:
                        self._settling[report.name] = group.create_task(self._settle(report))
                standings = {name: task.result() for name, task in self._settling.items()}
                await self._index(standings)
            return standings
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _settle(self, report: PlannedReport) -> Standing:
        """Bring one report up to date, once those that it reads are settled."""
        await asyncio.sleep(0)  # until the tasks of all reports are there to be waited for
        for name in report.reads:
            await self._settling[name]
        try:
            return await self._settled(report)
        except OSError as fault:
            error = unwritable(fault)
            self._tell("FAILED", report, error)
            return Standing("failed", "failed", "{error}", {"error": error})

    async def _settled(self, report: PlannedReport) -> Standing:
        """Bring a report up to date."""
        if hindered := self._hindrance(report):
            self._tell("not run", report, hindered.reason_in("en"))
            return hindered
        pages = {one.name: one.source.title for one in self._plan.reports}
        now = freshness.known_inputs(self._plan.study, report, self._hashes, pages)
        why = freshness.reasons(self._plan.study, report, now, self._hashes)
        if not why:
            return Standing("up to date", "built")
        if self._only not in (None, report.name):
            return self._left_alone(report, now)
        return await self._run(report, now, why)

    def _say_how_far(self) -> None:
        """Tell how many reports are settled, in what time, and what the others may take."""
        self._done += 1
        settled = sum(task.done() for task in self._settling.values()) + 1
        left, passed = len(self._settling) - settled, time.monotonic() - self._began
        more = f"; about {passed / self._done * left:.0f} s more" if left else ""
        count = f"{settled} of {len(self._settling)} reports settled"
        self._progress.say(f"{self._plan.study}: {count} after {passed:.0f} s{more}")

    def _hindrance(self, report: PlannedReport) -> Standing | None:
        """Return why a report cannot be run, if it cannot."""
        study, where_there = self._plan.study, report.source.reads
        needed = [name for name in report.reads if name not in where_there]
        unread = [name for name in needed if not sidecar.read(study, name)]
        if report.missing:
            names = {"names": ", ".join(report.missing)}
            return Standing("not run", "not run", "needs {names}", names)
        if unread:
            names = {"names": ", ".join(unread)}
            return Standing("not run", "not run", "needs report {names}", names)
        return None

    def _left_alone(self, report: PlannedReport, now: Inputs) -> Standing:
        """Return where a report stands that is to be made again, but not by this build."""
        study = self._plan.study
        last = sidecar.status(study, report.name)
        # The index tells the reasons in each of its languages.
        values = {
            lang: because(freshness.reasons(study, report, now, self._hashes, lang=lang), lang=lang)
            for lang in self._plan.languages
        }
        state: Status = "out of date" if last == "built" else last
        return Standing("not asked for", state, reasons=values)

    async def _run(self, report: PlannedReport, now: Inputs, why: list[str]) -> Standing:
        """Run a report on the next worker that is free, and publish what comes of it."""
        folder = self._folder / "reports" / report.name
        folder.mkdir(parents=True)
        (folder / jobs.SOURCE).write_bytes(report.source.content)
        made = self._provenance(report, now)
        job = ReportJob(folder, report.languages, made, report.reads, now.pages, forks=self._forks)
        async with self._pool.turn():
            self._tell("build", report, f"because: {because(why)}")
            began = datetime.now(UTC)
            self._progress.began(report.name)
            outcome = await self._outcome(job, report.name)
            self._progress.ended(report.name)
            self._say_how_far()
            seconds = (datetime.now(UTC) - began).total_seconds()
        if outcome.failure:
            failed = sidecar.failed_path(self._plan.study, report.name)
            jobs.page_of(folder, report.languages[0]).replace(failed)
            where = failed.relative_to(disk.project_root())
            error = _in_one_line(outcome.failure)
            self._tell("FAILED", report, f"after {seconds:.1f} s: {error}; see {where}")
            return Standing("failed", "failed", "{error}", {"error": error})
        run = Run(began.isoformat(timespec="seconds"), seconds, outcome.cpu_seconds)
        self._publish(report, folder, outcome, self._all_inputs(now, outcome, began), run)
        self._tell("built", report, f"in {seconds:.1f} s")
        return Standing("rebuilt", "built")

    async def _outcome(self, job: ReportJob, name: str) -> Outcome:
        """Have a job done; where the worker dies of it, another one renders what is left."""

        def on_cell(number: int, count: int) -> None:
            self._progress.cell(name, number, count)

        try:
            try:
                await self._pool.do(job, on_cell)
            except WorkerDied as death:
                await self._pool.do(replace(job, died=str(death)), on_cell)
        except WorkerDied as again:
            bare = {job.languages[0]: jobs.bare_page(str(again))}
            jobs.leave(job.folder, bare, Outcome(failure=str(again)))
        return jobs.outcome_of(job)

    def _provenance(self, report: PlannedReport, now: Inputs) -> Provenance:
        return Provenance(
            study=self._plan.study,
            report=report.name,
            notebook=f"notebooks/{report.source.path.name}",
            notebook_sha256=report.source.sha256,
            parameters=report.parameters,
            data={},
            versions=now.versions,
            lock_sha256=now.files[freshness.LOCK],
        )

    def _all_inputs(self, now: Inputs, outcome: Outcome, began: datetime) -> Inputs:
        """Return all that a page depends on: what was known before the run and what it recorded."""
        modules = {name: self._hashes.as_of(name, began) for name in outcome.modules}
        reads = dict(outcome.reads)
        if self._manifest in reads:
            # A report depends on its own entry in the manifest, not on those of the others.
            reads[self._manifest] = self._manifest_sha256
        return replace(now, files=dict(sorted((now.files | modules | reads).items())))

    def _publish(
        self, report: PlannedReport, folder: Path, outcome: Outcome, inputs: Inputs, run: Run
    ) -> None:
        """Put good pages in the place of the last ones, their record last."""
        pages = {
            lang: PageRecord(
                title=report.source.title_in(lang),
                headline=outcome.headlines.get(lang, ""),
                sha256=disk.sha256(jobs.page_of(folder, lang)),
            )
            for lang in report.languages
        }
        record = Sidecar(
            study=self._plan.study,
            report=report.name,
            notebook=f"notebooks/{report.source.path.name}",
            pages=pages,
            numbers=outcome.numbers,
            findings=outcome.findings,
            stages=outcome.stages,
            provenance=Provenance(**outcome.provenance),
            build=inputs,
            run=run,
        )
        written = folder / "page.json"
        written.write_text(record.to_json(), "utf-8")
        last = sidecar.read(self._plan.study, report.name)
        for lang in report.languages:
            page = sidecar.page_path(self._plan.study, report.name, lang, report.languages)
            disk.put(jobs.page_of(folder, lang), page)
        written.replace(sidecar.path(self._plan.study, report.name))
        if as_of := manifest.read(self._plan.study).as_of:
            moved.keep(self._plan.study, str(as_of), report.name)
        if last:
            was = list(last.pages)
            sidecar.drop_pages(self._plan.study, report.name, was=was, now=report.languages)
        sidecar.failed_path(self._plan.study, report.name).unlink(missing_ok=True)

    async def _index(self, standings: dict[str, Standing]) -> None:
        """Write the index anew where it would say or look otherwise."""
        entries = freshness.index_entries(self._plan, standings)
        now = freshness.index_inputs(self._plan, entries)
        if freshness.index_is_fresh(self._plan.study, now, self._hashes):
            return
        began = datetime.now(UTC)
        languages, titles = self._plan.languages, self._plan.titles
        job = IndexJob(self._folder / "index", languages, titles, entries, self._plan.study)
        job.folder.mkdir(parents=True)
        try:
            await self._pool.do(job)
        except WorkerDied as death:
            raise CxError(f"the index of {self._plan.study} was not written: {death}") from death
        outcome = jobs.outcome_of(job)
        if outcome.failure:
            raise RuntimeError(f"the index of {self._plan.study} was {outcome.failure}")
        files = [*freshness.page_files(languages), *outcome.modules]
        hashes = {name: self._hashes.as_of(name, began) for name in files}
        freshness.publish_index(self._plan.study, job.folder, now, hashes)

    def _tell(self, what: str, report: PlannedReport, more: str) -> None:
        self._progress.say(f"{what:<8} {self._plan.study}/{report.name}  {more}")


def _in_one_line(error: str) -> str:
    r"""Return an error as one line tells it, its faults still apart.

    Examples
    --------
    >>> _in_one_line("orders has 2 faults:\n  a.csv lacks 'ts'\n  b.csv lacks 'revenue'")
    "orders has 2 faults: a.csv lacks 'ts'; b.csv lacks 'revenue'"
    """
    first, _, rest = error.partition("\n")
    faults = "; ".join(line.strip() for line in rest.splitlines() if line.strip())
    return shorten(f"{first} {faults}", _ERROR_SHOWN)
