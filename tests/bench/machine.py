"""What a measurement depends on besides the code: the machine, and the versions of what ran."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def facts() -> dict[str, str]:
    """Return the machine and the versions of the libraries, as they are shown."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ("duckdb", "narwhals", "numpy", "pandas", "polars", "pyarrow")
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "Python": platform.python_version(),
        **{name: version(name) for name in libraries},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
