"""Run the notebooks on the demo study and keep them, image-free, as what nbval compares with.

Run by `make reference`, after a change that is meant to move numbers; read the difference before
committing it.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parents[1] / "notebooks"
#: The summary reads the records of built reports, so it is checked on those, not here.
REFERENCES = sorted(path for path in NOTEBOOKS.glob("*.ipynb") if path.stem != "00_summary")


def refresh(path: Path) -> Path:
    """Run one notebook and write it with its outputs, without pictures or times."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(HERE)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        # How far the reading of texts is shows only where the cache does not have them yet.
        if "outputs" in cell:
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop("image/png", None)
            if "image/svg+xml" in data:
                data["image/svg+xml"] = re.sub(
                    r"(?s)<svg.*</svg>", "<svg></svg>", data["image/svg+xml"]
                )
    notebook.metadata.pop("language_info", None)
    kept = HERE / path.name
    nbformat.write(notebook, kept)
    return kept


if __name__ == "__main__":
    for notebook_path in REFERENCES:
        print(f"kept {refresh(notebook_path).relative_to(HERE.parents[1])}")  # noqa: T201
