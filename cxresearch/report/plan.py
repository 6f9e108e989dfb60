"""Which reports a study has, and whether each of them can be run as the manifest asks."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from cxresearch.core import disk, languages, validate
from cxresearch.core.languages import Language
from cxresearch.errors import ParameterError
from cxresearch.study import manifest
from cxresearch.study.sections import ReportSpec

#: Names that are taken in the folder of a study's reports.
RESERVED = ("index",)


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
    reads : tuple of str
        The reports whose records it shows where they are there; it can be made without.
    """

    path: Path
    content: bytes
    sha256: str
    title: str
    parameters: dict[str, Any]
    needs: tuple[str, ...]
    reads: tuple[str, ...]

    def title_in(self, lang: str) -> str:
        """Return the title in a language."""
        return Language(lang).text(self.title)


@dataclass(frozen=True, slots=True)
class PlannedReport:
    """One report as it is to be built.

    Parameters
    ----------
    name : str
        Its name in the manifest, and of its page.
    source : NotebookSource
        The notebook that makes it.
    parameters : dict
        Every parameter of the notebook: its default, or the manifest's value where it gives one.
    reads : tuple of str
        The reports whose recorded numbers it reads.
    missing : tuple of str
        What it needs, a table or a part of the manifest, and the study does not have.
    languages : tuple of str
        The languages of its pages, the main one first: those of the study, or, where it names
        none, the one that its parameter ``lang`` asks for.
    """

    name: str
    source: NotebookSource
    parameters: dict[str, Any]
    reads: tuple[str, ...]
    missing: tuple[str, ...]

    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The reports of one study, in the manifest's order."""

    study: str
    titles: dict[str, str]
    languages: tuple[str, ...]
    reports: tuple[PlannedReport, ...]


def plan(study: str) -> Plan:
    """Read which reports a study has, and check all of them before any is run.

    Raises
    ------
    ManifestError
        If the study's manifest cannot be used.
    ParameterError
        If a report cannot be run as the manifest asks: every fault of every report.
    """
    content = manifest.read(study)
    faults = [*_name_faults(content), *_reading_faults(content)]
    reports = []
    for name, spec in content.reports.items():
        try:
            source = read_notebook(_notebook(study, spec.notebook))
        except ParameterError as error:
            faults += [f"reports.{name}: {error.what}: {fault}" for fault in error.faults]
            continue
        faults += [f"reports.{name}.{fault}" for fault in _parameter_faults(source, spec)]
        faults += [f"reports.{name}.notebook: {fault}" for fault in _need_faults(source)]
        parameters = source.parameters | spec.parameters | {"study": study}
        reports.append(
            PlannedReport(
                name=name,
                source=source,
                parameters=parameters,
                languages=content.languages or (str(parameters.get("lang", content.language)),),
                reads=tuple(spec.reads),
                missing=tuple(need for need in source.needs if not content.gives(need)),
            )
        )
    if faults:
        raise ParameterError(f"data/{study}/{manifest.FILE_NAME}", faults)
    languages = content.languages or (content.language,)
    titles = {lang: content.title_in(lang) for lang in languages}
    return Plan(study, titles, languages, tuple(reports))


def name_reports(study: str) -> list[str]:
    """Name in a new ``study.yaml`` each report of the kit whose tables it has; return their names.

    The summary comes first and reads the others; they read what their notebooks say, where it is.

    Raises
    ------
    ManifestError
        If there is no such study.
    """
    path = manifest.path_of(study)
    content = manifest.read(study)
    files = sorted((disk.project_root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    sources = {one.stem[3:]: read_notebook(one) for one in files}
    has = {name: one for name, one in sources.items() if all(map(content.gives, one.needs))}
    if not has or not content.tables or content.reports:
        return []
    lines = ["reports: # those of the kit for which the tables are there"]
    for name, one in has.items():
        shown = set(has) - {name} if name == "summary" else set(one.reads)
        read = ", ".join(other for other in has if other in shown)
        reads = f", reads: [{read}]" if read else ""
        lines.append(f"  {name}: {{notebook: {one.path.stem}{reads}}}")
    text = "\n".join([path.read_text("utf-8").rstrip(), *lines, ""])
    with disk.replacing(path) as out:
        out.write_text(text, "utf-8")
    return list(has)


def _notebook(study: str, name: str) -> Path:
    """Return where a notebook is: with the study, else among the kit's own.

    Raises
    ------
    ParameterError
        If its name, or a link, leads out of ``notebooks/``.
    """
    own = manifest.path_of(study).parent / "notebooks"
    for folder in (own, disk.project_root() / "notebooks"):
        path = folder / f"{name}.ipynb"
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ParameterError(f"notebook {name}", ["leads out of notebooks/"])
        if path.exists():
            return path
    return path


def _name_faults(content: manifest.Manifest) -> Iterator[str]:
    for name in content.reports:
        plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
        if not plain or name in RESERVED:
            yield (
                f"reports.{name}: a report's name must be of letters, digits, - and _, "
                f"and not {', '.join(RESERVED)}"
            )


def _reading_faults(content: manifest.Manifest) -> Iterator[str]:
    known = ", ".join(content.reports)
    for name, spec in content.reports.items():
        for read in spec.reads:
            if read not in content.reports:
                yield f"reports.{name}.reads: there is no report {read!r}; there are {known}"
    try:
        TopologicalSorter({n: s.reads for n, s in content.reports.items()}).prepare()
    except CycleError as error:
        yield f"reports: these read one another in a circle: {' <- '.join(error.args[1])}"


def _need_faults(source: NotebookSource) -> Iterator[str]:
    """Yield the needs that no study could meet: a misspelt one is no missing data."""
    known = manifest.needs()
    for need in source.needs:
        if need not in known:
            key = f"notebooks/{source.path.name}: cx.needs"
            yield f"{key}: must be {validate.choice(known)}; got {need!r}"


def _parameter_faults(source: NotebookSource, spec: ReportSpec) -> Iterator[str]:
    known = ", ".join(source.parameters) or "none"
    if "study" not in source.parameters:
        yield f"notebook: {spec.notebook} must have a parameter study; it has {known}"
    for name, value in spec.parameters.items():
        key = f"parameters.{name}"
        if name == "study":
            yield f"{key}: not to be given; a report is always of the study that names it"
        elif name not in source.parameters:
            yield f"{key}: notebook {spec.notebook} has no such parameter; it has {known}"
        elif not _same_kind(value, source.parameters[name]):
            default = source.parameters[name]
            yield f"{key}: must be {_kind(default)}, as {default!r} is; got {value!r}"
    lang = spec.parameters.get("lang", source.parameters.get("lang", "en"))
    if lang not in languages.LANGUAGES:
        yield f"parameters.lang: must be one of {', '.join(languages.LANGUAGES)}; got {lang!r}"


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    return kinds.get(type(value), type(value).__name__)


def _same_kind(value: Any, default: Any) -> bool:
    """Return whether a value may stand for a default; a parameter that is None takes any."""
    if default is None or type(value) is type(default):
        return True
    return type(default) is float and type(value) is int


def read_notebook(path: Path) -> NotebookSource:
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
        near = validate.meant(path.stem, (one.stem for one in path.parent.glob("*.ipynb")))
        raise ParameterError(what, [f"there is no such notebook{near}"]) from None
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
        reads=tuple(own.get("reads", ())),
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
