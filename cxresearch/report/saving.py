"""What JupyterLab saves of the kit's own notebooks: what was written, not what it gave.

Run as a module, it tells the JupyterLab of this environment so.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cxresearch.core import disk

SETTINGS = {"ContentsManager": {"pre_save_hook": "cxresearch.report.saving.strip"}}


def strip(model: dict[str, Any], path: str, contents_manager: Any = None, **_: Any) -> None:
    """Take the outputs out of a notebook of ``notebooks/`` before it is saved; keep all others'.

    It is a ``pre_save_hook`` of Jupyter's contents manager, set where the environment is made: a
    notebook that was only run then shows no change in git.
    """
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    root = Path(getattr(contents_manager, "root_dir", None) or ".")
    place = (root / path.strip("/")).resolve()
    if place.parent != (disk.project_root() / "notebooks").resolve():
        return
    for cell in model["content"].get("cells", []):
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
        cell.get("metadata", {}).pop("execution", None)


def write(prefix: Path) -> Path:
    """Write the settings below an environment, beside what others have written there.

    Parameters
    ----------
    prefix : Path
        The folder of the environment.
    """
    path = prefix / "etc" / "jupyter" / "jupyter_server_config.d" / "cxresearch.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(SETTINGS, indent=1), "utf-8")
    return path


if __name__ == "__main__":
    write(Path(sys.prefix))
