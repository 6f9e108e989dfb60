"""What a notebook's file says without running it: its title, its parameters and what it needs."""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxresearch.core.languages import Language
from cxresearch.errors import ParameterError


@dataclass(frozen=True, slots=True)
class NotebookSource:
    """A notebook as it was read, before any run.

    Parameters
    ----------
    path : Path
        Where it was read.
    content : bytes
        The whole file; a run works on this copy, so that what was hashed is what runs.
    sha256 : str
        SHA-256 of what an author writes: kinds, sources, tags and attachments of the cells, and
        the notebook's own metadata for the kit. Outputs, counts and ids are not in it.
    title : str
        The text of its first heading, in English.
    parameters : dict
        The names and default values of its parameters cell, in order.
    needs : tuple of str
        The tables without which it cannot run.
    """

    path: Path
    content: bytes
    sha256: str
    title: str
    parameters: dict[str, Any]
    needs: tuple[str, ...]

    def title_in(self, lang: str) -> str:
        """Return the title in a language."""
        return Language(lang).text(self.title)


def read(path: Path) -> NotebookSource:
    """Read a notebook's file.

    Raises
    ------
    ParameterError
        If it is missing or is no notebook, if it has not exactly one cell tagged ``parameters``,
        or if that cell holds anything but ``name = literal`` lines.
    """
    what = f"notebooks/{path.name}"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ParameterError(what, ["there is no such notebook"]) from None
    except OSError as error:
        raise ParameterError(what, [f"cannot be read: {error.strerror}"]) from error
    try:
        notebook = json.loads(content)
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise ParameterError(what, [f"not a notebook: {error}"]) from error
    tagged = [_source(cell) for cell in cells if "parameters" in _tags(cell)]
    if len(tagged) != 1:
        fault = f"must have exactly one cell tagged 'parameters'; got {len(tagged)}"
        raise ParameterError(what, [fault])
    own = notebook.get("metadata", {}).get("cx", {})
    return NotebookSource(
        path=path,
        content=content,
        sha256=_sha256(cells, own),
        title=_title(cells) or path.stem,
        parameters=parameters_of(tagged[0], what=what),
        needs=tuple(own.get("needs", ())),
    )


def parameters_of(source: str, *, what: str) -> dict[str, Any]:
    r"""Return the names and values that a parameters cell gives.

    Parameters
    ----------
    source : str
        The cell's code: one ``name = literal`` a line.
    what : str
        The notebook, as an error names it.

    Raises
    ------
    ParameterError
        With every line that is something else.

    Examples
    --------
    >>> parameters_of('study = "demo"  # a folder\nconfidence: float = 0.95', what="a notebook")
    {'study': 'demo', 'confidence': 0.95}
    """
    try:
        lines = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(what, [f"parameters cell: {error}"]) from error
    values: dict[str, Any] = {}
    faults = []
    for line in lines:
        try:
            name, value = _assignment(line)
        except ValueError:
            code = ast.unparse(line)
            faults.append(f"parameters cell: each line must be `name = literal`; got `{code}`")
        else:
            values[name] = value
    if faults:
        raise ParameterError(what, faults)
    return values


def _assignment(line: ast.stmt) -> tuple[str, Any]:
    """Return the name and the literal of an assignment; ValueError where it is something else."""
    match line:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, ast.literal_eval(value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return name, ast.literal_eval(value)
    raise ValueError


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _tags(cell: dict[str, Any]) -> list[str]:
    return sorted(cell.get("metadata", {}).get("tags", []))


def _title(cells: list[dict[str, Any]]) -> str:
    lines = (
        line
        for cell in cells
        if cell["cell_type"] == "markdown"
        for line in _source(cell).splitlines()
    )
    return next((line.removeprefix("# ").strip() for line in lines if line.startswith("# ")), "")


def _sha256(cells: list[dict[str, Any]], own: dict[str, Any]) -> str:
    written = [
        (cell["cell_type"], _source(cell), _tags(cell), cell.get("attachments", {}))
        for cell in cells
    ]
    return hashlib.sha256(json.dumps([written, own], sort_keys=True).encode()).hexdigest()
