"""The kernel of a report's run: ipykernel, bound to die with the worker that started it.

On Linux a worker starts one process that imports the libraries of every report once and then forks
a kernel for each: nine kernels that import them took an eighth more of the CPU time of a build.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys

#: What nearly every report imports. Nothing of the kit: a page is made again when a module changes
#: that its own kernel imported.
_LIBRARIES = (
    *("ipykernel.kernelapp", "ipykernel.zmqshell", "matplotlib_inline.backend_inline"),
    *("numpy", "pandas", "pyarrow.compute", "pyarrow.parquet", "duckdb", "narwhals"),
    *("scipy.special", "scipy.optimize", "scipy.stats"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_svg", "babel.numbers", "pydantic", "yaml"),
)
_PR_SET_PDEATHSIG = 1
#: So many more things made than let go of before Python looks for circles among them. A report
#: lives for seconds and makes few; the usual 700 take a twentieth of its CPU time, and each look
#: at all that is imported takes 0.03 s.
COLLECT_AFTER = 500_000
#: Where ipykernel has Matplotlib draw; the libraries are imported before it could say so.
_BACKEND = "module://matplotlib_inline.backend_inline"
#: The debugger, which ipykernel imports where it is there: nobody steps through a report.
_DEBUGGER = "debugpy.server"


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
    _run()


def serve(parent: int) -> None:
    """Fork a kernel for each line of standard input, one at a time, until the input ends.

    A line is the JSON of its arguments, environment and working directory. Two lines answer it:
    the number of the kernel's process when it begins; its exit status and the processor seconds it
    took when it ends.

    Parameters
    ----------
    parent : int
        The process that started this one; it ends when that does.
    """
    die_with(parent)
    gc.set_threshold(COLLECT_AFTER)
    _leave_the_working_directory()
    import json

    # ipykernel and Matplotlib read these when they are imported.
    own = {"MPLBACKEND": _BACKEND, "JPY_PARENT_PID": str(os.getpid())}
    os.environ.update(own)
    for library in _LIBRARIES:
        importlib.import_module(library)
    gc.freeze()  # what all kernels have is not theirs to look through
    orders = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)

        def answer(message: dict[str, int | float]) -> None:
            answers.write(json.dumps(message).encode() + b"\n")
            answers.flush()

        for line in orders:
            order = json.loads(line)
            kernel = os.fork()
            if not kernel:
                answers.close()
                orders.close()
                _become(order["argv"], order["env"] | own, order["cwd"])
                return
            answer({"pid": kernel})
            _, status, used = os.wait4(kernel, 0)
            code = os.waitstatus_to_exitcode(status)
            answer({"status": code, "cpu_seconds": used.ru_utime + used.ru_stime})


def _become(argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Be the kernel that was asked for, as if it had been started by its command."""
    die_with(int(env["JPY_PARENT_PID"]))
    os.setsid()  # as jupyter_client does, so that what a kernel starts is signalled with it
    sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))  # in the place that became free
    sys.argv = argv
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    _run()


def _run() -> None:
    gc.set_threshold(COLLECT_AFTER)
    _leave_the_working_directory()
    sys.modules[_DEBUGGER] = None  # type: ignore[assignment]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


def _leave_the_working_directory() -> None:
    # As ipykernel's own launcher does: `python -m` put the working directory first, where a file
    # of the project could stand in for a library; the shell puts it back after the start.
    if sys.path[0] == os.getcwd():  # noqa: PTH109 - compared as Python wrote it
        del sys.path[0]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
