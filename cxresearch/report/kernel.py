"""The kernel of a report's run: ipykernel, bound to die with the worker that started it."""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the system end this process as soon as its parent is gone, however that ended.

    ipykernel looks for its parent once a second from a thread of its own, which cannot run while
    a long call in C holds the interpreter, and which misses a parent that is gone before the
    first look. Linux does it without delay; elsewhere ipykernel's way is what there is.

    Parameters
    ----------
    parent : int
        The process that started this one.

    Raises
    ------
    SystemExit
        If the parent is already gone.
    """
    if os.name == "nt":  # there the parent is a launcher, and Jupyter gives a handle of its own
        return
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("the process that started this kernel is gone")


def main() -> None:
    """Run the kernel that jupyter_client asked for on the command line."""
    die_with(int(os.environ["JPY_PARENT_PID"]))
    # As ipykernel's own launcher does: `python -m` put the working directory first, where a file
    # of the project could stand in for a library; the shell puts it back after the start.
    if sys.path[0] == os.getcwd():  # noqa: PTH109 - compared as Python wrote it
        del sys.path[0]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main()
