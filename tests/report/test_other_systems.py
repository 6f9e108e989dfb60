"""The kit runs where POSIX is not: nothing it needs at run time is of one system alone."""

from __future__ import annotations

import subprocess
import sys
import textwrap

POSIX_ONLY = ("fcntl", "pwd", "grp", "termios", "resource", "pty", "tty")


def test_a_study_is_checked_without_what_only_posix_has(tmp_path):
    folder = tmp_path / "data" / "shop"
    folder.mkdir(parents=True)
    (folder / "orders.csv").write_text("order_id,ts,revenue\nA,2026-01-05,1\n", "utf-8")
    (folder / "study.yaml").write_text(
        "{title: {en: S}, currency: EUR, time_zone: UTC, tables: {orders: {file: orders.csv}}}",
        "utf-8",
    )
    program = f"""
        import os, signal, sys
        for name in {POSIX_ONLY!r}:
            sys.modules[name] = None  # an import of it fails
        del os.getuid, signal.SIGHUP
        import cxresearch.report.build
        from cxresearch.core import disk
        from cxresearch.report.study_check import check
        found = check("shop")
        with disk.held({str(folder)!r}):
            print(found.good, found.files[0].rows_accepted)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={"CX_ROOT": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "True 1\n", run.stderr
