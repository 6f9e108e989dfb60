"""Have a report's kernel forked by a process that has the libraries of all reports imported."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from typing import Any

#: Elsewhere than on Linux a fork of a process with libraries in it is not safe, or there is none.
CAN_FORK = sys.platform == "linux" and hasattr(os, "fork")
#: So many reports import for themselves what they need in less time than a process imports all.
_FEW = 2


def forking_pays(reports: int, workers: int) -> bool:
    """Return whether some workers make so many reports that each had better fork its kernels."""
    return CAN_FORK and reports > _FEW * workers


class KernelServer:
    """The process that forks kernels, as seen by the worker that starts it: one kernel at a time.

    Attributes
    ----------
    cpu_seconds : float
        The processor time of the kernels that have ended.
    """

    def __init__(self) -> None:
        self.cpu_seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self, argv: list[str], env: dict[str, str], cwd: str) -> ForkedProcess:
        """Begin a kernel.

        Parameters
        ----------
        argv : list of str
            The arguments of the kernel, after the interpreter and the module.
        env : dict
            All its environment.
        cwd : str
            Its working directory.

        Raises
        ------
        OSError
            If the process that forks kernels ends instead.
        """
        order = json.dumps({"argv": argv, "env": env, "cwd": cwd}).encode()
        server = self._running()
        assert server.stdin is not None  # for the type checker: it is started with pipes
        server.stdin.write(order + b"\n")
        server.stdin.flush()
        begun = self.answer()
        if begun is None:
            raise OSError(f"the process that starts kernels ended with status {server.wait()}")
        return ForkedProcess(self, int(begun["pid"]))

    def answer(self, timeout: float | None = None) -> dict[str, Any] | None:
        """Return the next answer of the process; nothing where it has ended.

        Parameters
        ----------
        timeout : float, optional
            How long to wait, in seconds; without one, until there is an answer.

        Raises
        ------
        TimeoutError
            If there is no answer in that time.
        """
        assert self._process is not None  # for the type checker: something was asked of it
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            raise TimeoutError
        line = self._process.stdout.readline()
        return json.loads(line) if line else None

    def end(self) -> None:
        """End the process, and with it a kernel that still runs; its processor time is counted."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", "cxresearch.report.kernel", "--serve"]
            self._process = subprocess.Popen(
                [*command, str(os.getpid())], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process


class ForkedProcess:
    """A forked kernel, with as much of :class:`subprocess.Popen` as jupyter_client asks for."""

    stdin = stdout = stderr = None

    def __init__(self, server: KernelServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status; nothing while the kernel runs."""
        try:
            return self.wait(0)
        except TimeoutError:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status, once the kernel has ended."""
        if self.returncode is None:
            ended = self._server.answer(timeout)
            # Where the server was ended, so was its kernel, by the same signal.
            self.returncode = int(ended["status"]) if ended else -signal.SIGKILL
            self._server.cpu_seconds += ended["cpu_seconds"] if ended else 0
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel; nothing is sent to one that has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


#: The worker's one server: kernels are forked by it for one report after another.
SERVER = KernelServer()
