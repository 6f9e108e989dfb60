"""End a build in the middle, by a signal, and look at what is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path

import psutil

from cxresearch.core import disk
from tests.report.small_project import Project

TARGETS = ("main", "worker", "group")
SIGNALS = (signal.SIGKILL, signal.SIGTERM)

#: A build of the small project with two workers takes about four seconds.
LATEST = 4.0
#: How long the system may take to end what a signal did not reach.
GRACE = 15.0


def processes_of(project: Project) -> list[psutil.Process]:
    """Return every process that was started for the project, kernels included."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CX_ROOT") == str(project.root):
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def interrupt(project: Project, seed: int) -> str:
    """Start a build, and send one process or all of them a signal at a moment the seed says.

    Returns
    -------
    str
        What was done.
    """
    chance = random.Random(seed)
    target = TARGETS[seed % len(TARGETS)]
    number = SIGNALS[seed // len(TARGETS) % len(SIGNALS)]
    moment = chance.uniform(0.3, LATEST)
    with project.start("--jobs", "2") as build:
        time.sleep(moment)
        _send(build, target, number)
        build.communicate(timeout=120)
    return f"{number.name} to {target} after {moment:.2f} s"


def _send(build: subprocess.Popen[str], target: str, number: signal.Signals) -> None:
    try:
        if target == "main":
            build.send_signal(number)
        elif target == "group":
            os.killpg(build.pid, number)
        else:
            workers = psutil.Process(build.pid).children()
            if workers:
                workers[0].send_signal(number)
    except (ProcessLookupError, psutil.NoSuchProcess):
        pass  # it had ended before: also a moment at which nothing may be lost


def assert_nothing_is_lost(project: Project, good: dict[str, bytes], done: str) -> None:
    """Assert that no process is left, and that every page and record is an old or a whole new one.

    Parameters
    ----------
    project : Project
        The project whose build was ended.
    good : dict
        The files of its reports before that build.
    done : str
        What was done to the build.
    """
    end = time.monotonic() + GRACE
    while (left := processes_of(project)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not left, f"{done}: {[process.cmdline() for process in left]} still run"
    assert not list(project.temporary.iterdir()), f"{done}: temporary files are left"
    now = project.files()
    for name, content in good.items():
        path = project.reports / name
        assert name in now, f"{done}: {name} is gone"
        if path.suffix == ".json":
            project.sidecar(path.stem)
        elif now[name] != content:
            assert _is_whole(path), f"{done}: {name} is cut"


def assert_records_match_pages(project: Project, done: str) -> None:
    """Assert, of a build that ended well, that each record is the one of its page."""
    for path in project.reports.glob("*.html"):
        if path.stem != "index":
            (page,) = project.sidecar(path.stem)["pages"].values()
            assert page["sha256"] == disk.sha256(path), f"{done}: {path.name}"
    assert not list(project.reports.glob(".*")), f"{done}: something is left behind"


def _is_whole(path: Path) -> bool:
    class Tags(HTMLParser):
        ended = False

        def handle_endtag(self, tag: str) -> None:
            self.ended = tag == "html"

    tags = Tags()
    tags.feed(path.read_text())
    return tags.ended
