"""A worker process by itself, and a build whose workers cannot even start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxresearch.errors import CxError
from cxresearch.report import build, jobs
from cxresearch.report.jobs import IndexJob, Job, ReportJob
from cxresearch.report.sidecar import IndexEntry, Provenance
from tests.report import small_project

PROVENANCE = Provenance("shop", "kpis", "notebooks/x.ipynb", "ab", {"study": "shop"}, {}, {}, "cd")

A_SHOP = {"en": "A shop"}


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "cxresearch.report.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield process
        process.kill()


def ask(worker: subprocess.Popen[bytes], job: Job) -> None:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(jobs.to_line(job))
    worker.stdin.flush()
    assert json.loads(worker.stdout.readline()) == {"event": "done"}


def test_a_job_goes_through_a_line_unchanged(tmp_path: Path) -> None:
    entry = IndexEntry("kpis", {"it": "KPI"}, {"it": "Sì."}, "failed", {"it": "{error}\n"})
    for job in (
        ReportJob(tmp_path, ("it", "en"), PROVENANCE, ("first", "second"), died="by SIGKILL"),
        IndexJob(tmp_path, ("en",), {"en": "Shop"}, (entry,)),
    ):
        line = jobs.to_line(job)
        assert line.count(b"\n") == 1
        assert jobs.from_line(line) == job


def ends_with(line: bytes) -> str:
    """Return the last words of a worker that a line ends, while its input stays open."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "cxresearch.report.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(line)
        process.stdin.flush()
        assert process.stdout.read() == b""
        said = process.stderr.read().decode()
        assert process.wait() == 1
    return said


def test_a_worker_that_cannot_leave_its_page_says_so_and_ends_at_once(tmp_path: Path) -> None:
    """Python's own way out would wait for the thread that reads."""
    said = ends_with(jobs.to_line(IndexJob(tmp_path / "gone", ("en",), A_SHOP, ())))
    assert said == "its page cannot be written: No such file or directory\n"


def test_a_worker_asked_by_another_version_of_the_kit_ends_at_once(tmp_path: Path) -> None:
    """The kit may be brought up to date while a build runs."""
    job = json.loads(jobs.to_line(ReportJob(tmp_path, ("en",), PROVENANCE, ())))
    said = ends_with(json.dumps(job | {"new_field": 1}).encode() + b"\n")
    assert said.endswith("got an unexpected keyword argument 'new_field'\n")


def test_a_worker_does_job_after_job_until_nobody_asks(
    worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    good = IndexJob(tmp_path / "good", ("en", "it"), A_SHOP | {"it": "Un negozio"}, ())
    bad = ReportJob(tmp_path / "bad", ("en", "it"), PROVENANCE, ())  # without a notebook in it
    for job in (good, bad, good):
        job.folder.mkdir(exist_ok=True)
        ask(worker, job)
    assert jobs.outcome_of(good).failure == ""
    assert "cxresearch/report/render.py" in jobs.outcome_of(good).modules
    assert "A shop" in jobs.page_of(good.folder, "en").read_text()
    assert "Un negozio" in jobs.page_of(good.folder, "it").read_text()
    assert jobs.outcome_of(bad).failure.startswith("not rendered: FileNotFoundError: ")
    assert "Traceback (most recent call last)" in jobs.page_of(bad.folder, "en").read_text()
    assert not jobs.page_of(bad.folder, "it").exists()
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=5) == 0


def test_a_bare_page_shows_its_text_as_it_is() -> None:
    assert "<pre>&lt;script&gt;</pre>" in jobs.bare_page("<script>")


def test_workers_that_cannot_start_are_told_with_their_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    project = small_project.create(tmp_path)
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho first >&2\necho 'no such library' >&2\nexit 7\n")
    broken.chmod(0o755)
    monkeypatch.setattr(jobs.sys, "executable", str(broken))
    words = "the process that ran it ended with status 7: no such library"
    with pytest.raises(CxError, match=f"the index of shop was not written: {words}"):
        build.build("shop")
    assert words in capsys.readouterr().out
    assert words in (project.reports / "first.failed.html").read_text()
    assert not list(project.reports.glob(".run-*"))
