"""Environments of their own for what the kit is measured beside."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def python_with(folder: Path, *packages: str) -> Path:
    """Return the Python of an environment with some packages, made when first asked for."""
    home = folder / packages[0]
    if not (home / ".ready").exists():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(home)], check=True)
        python = str(home / "bin" / "python")
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)
        (home / ".ready").touch()
    return home / "bin" / "python"
