"""What is measured, made once and kept: the rows a bench reads, and the times it found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.measured import Measure

#: What each task of each tool took.
Found = Mapping[str, Mapping[str, Measure]]


def made(program: str, size: float, path: Path) -> Path:
    """Return the file that a program, given a size and where to write, makes; made only once."""
    if not path.exists():
        beside = path.with_suffix(".part")
        subprocess.run([sys.executable, "-m", program, f"{size:g}", str(beside)], check=True)
        beside.replace(path)
    return path


def kept(found: Found) -> dict[str, Any]:
    """Return measurements as they are kept, without the answers."""
    return {
        name: {task: asdict(one) | {"answer": None} for task, one in measures.items()}
        for name, measures in found.items()
    }


def read(found: Mapping[float, Mapping[str, Any]]) -> dict[float, Found]:
    """Return the measurements of each size that were kept."""
    return {
        size: {
            tool: {task: Measure(**one) for task, one in measures.items()}
            for tool, measures in tools.items()
        }
        for size, tools in found.items()
    }
