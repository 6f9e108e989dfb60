"""Keep the notebooks as a build of the demo has run them, image-free, for nbval to compare with.

Run by `make reference`, after a change that is meant to move numbers; read the difference before
committing it.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests import demo

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parents[1] / "notebooks"
#: The summary reads the records of built reports, so it is checked on those, not here.
REFERENCES = sorted(path for path in NOTEBOOKS.glob("*.ipynb") if path.stem != "00_summary")
#: Run in a kernel of its own, as in JupyterLab: with no build around it, it shows its provenance.
ALONE = "01_data_quality"


def is_injected(cell: NotebookNode) -> bool:
    """Return whether a cell was put in by a build, which gives its parameters."""
    return "injected-parameters" in cell.metadata.get("tags", [])


def run_alone(path: Path) -> NotebookNode:
    """Run one notebook."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(HERE)}}).execute()
    return notebook


def as_built(path: Path, ran: Path, read: dict[str, str]) -> NotebookNode:
    """Return a notebook with the outputs of its run in a build, and the data files it has read."""
    notebook, done = (nbformat.read(one, as_version=4) for one in (path, ran))
    cells = [cell for cell in done.cells if not is_injected(cell)]
    count = 0
    for cell, run in zip(notebook.cells, cells, strict=True):
        if cell.cell_type == "code":
            count += 1
            cell.outputs, cell.execution_count = run.outputs, count
    notebook.metadata["cx"]["data"] = read
    return notebook


def keep(notebook: NotebookNode, name: str) -> Path:
    """Write a notebook with its outputs, without pictures or times."""
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
    kept = HERE / name
    nbformat.write(notebook, kept)
    return kept


def main() -> None:
    """Write every reference anew."""
    with tempfile.TemporaryDirectory() as folder:
        project, ran = demo.built(Path(folder))
        read = demo.data_read(project)
        for path in REFERENCES:
            name = path.name
            alone = path.stem == ALONE
            found = run_alone(path) if alone else as_built(path, ran / name, read[name])
            print(f"kept {keep(found, name).relative_to(demo.ROOT)}")  # noqa: T201


if __name__ == "__main__":
    main()
