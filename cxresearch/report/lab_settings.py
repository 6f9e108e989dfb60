"""Tell the JupyterLab of this environment how the kit's notebooks are saved; run as a module."""

from __future__ import annotations

import json
import sys
from pathlib import Path

SETTINGS = {"ContentsManager": {"pre_save_hook": "cxresearch.report.saving.strip"}}


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
