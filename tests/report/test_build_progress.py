from __future__ import annotations

import os
import pty
import subprocess
import sys

from cxresearch.report.build_progress import because

SAYS = """
import time
from cxresearch.report.build_progress import on_this_output
with on_this_output() as progress:
    progress.say("build [red]kpis[/red]")
    progress.began("kpis")
    progress.cell("kpis", 3, 9)
    time.sleep(0.4)
    progress.ended("kpis")
    progress.say("built kpis")
"""


def test_a_log_gets_whole_lines_only() -> None:
    done = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True)
    assert done.stdout == "build [red]kpis[/red]\nbuilt kpis\n"
    assert done.stderr == ""


def test_a_terminal_shows_the_running_reports_and_how_far_they_are() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", SAYS], stdout=theirs, env=os.environ | {"TERM": "xterm"}
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0
    text = shown.decode()
    assert "build [red]kpis[/red]" in text
    assert "running  kpis  cell 3 of 9  0." in text
    assert text.rindex("built kpis") > text.rindex("cell 3 of 9")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody writes to a terminal any more
        return b""


def test_few_reasons_are_all_told() -> None:
    assert because(["never built"]) == "never built"
    assert because(["a", "b", "c"]) == "a; b; c"
    assert because(["a", "b", "c", "d", "e"], lang="it") == "a; b; c; e altri 2"
