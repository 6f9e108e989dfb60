"""Every message of the kit, and what each language lacks of them: ``make messages``.

A message is what a call says: a sentence, a remark, a caption, a heading, a unit. It is collected
from modules, templates and notebooks, and looked up in ``core/locale/<code>/*.po``.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from cxresearch.core import disk
from cxresearch.core.languages import LANGUAGES, ONE
from cxresearch.core.unit_formats import is_said_in_cell, unit_message
from cxresearch.report import notebook_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
PACKAGE = disk.PACKAGE
LOCALE = PACKAGE / "core" / "locale"
#: Where nothing is said to a reader of a report: the demo's simulator, the measurements.
_SILENT = ("calibrate", "simulate")
#: Units that no reader meets: a time's resolution, what is counted one by one.
_INNER = ("us", "customer", "session", "units")
#: Calls whose first arguments are messages, and how many of them are.
_SAYING = {
    **dict.fromkeys(("say", "headline", "title", "text", "Remark", "Sentence", "Missing"), 1),
    "plural": 2,
}
#: Arguments that are messages, or mappings to messages, of any call.
_WORDED = {
    *("caption", "title", "heading", "interval", "names", "xlabel", "ylabel", "alt", "nothing"),
}
#: Those that are messages where they are of several words, and else the name of a choice.
_SENTENCES = {"note", "method", "definition"}
#: Those of a column and of estimates, by place.
_COLUMN = ("name", "heading", "unit")
_TEMPLATE_CALL = re.compile(r"""\b(?:t|text)\(\s*(["'])((?:(?!\1).)+)\1\s*[,)]""")
_LETTER = re.compile(r"[^\W\d_]{2}")
_BRACES = re.compile(r"\{\w+\}")

#: A message, or a message with its plural.
Id = str | tuple[str, ...]


def template() -> Catalog:
    """Return every message with the places that say it."""
    catalog = Catalog(project="cxresearch", charset="utf-8")
    for path in _sources():
        place = str(path.relative_to(ROOT if path.is_relative_to(ROOT) else PACKAGE.parent))
        for line, message in _of_source(path.suffix, path.read_text("utf-8")):
            catalog.add(message, locations=[(place, line)])
    for many, one in ONE.items():
        catalog.add((one, many), locations=[("cxresearch/core/languages.py", 1)])
    return catalog


def translated(lang: str) -> dict[Id, Message]:
    """Return the messages of a language's catalogues."""
    found: dict[Id, Message] = {}
    for path in sorted((LOCALE / lang).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=lang):
                if message.id:
                    found[_id(message.id)] = message
    return found


def untranslated(lang: str) -> list[Message]:
    """Return the messages that a language does not say."""
    known = translated(lang)
    return [
        message
        for message in template()
        if message.id and not _is_said(known.get(_id(message.id))) and message.id not in ONE
    ]


def unused(lang: str) -> list[Id]:
    """Return what the catalogues of a language say and no module, template or notebook does."""
    said = {_id(message.id) for message in template()}
    texts, shapes = zip(*map(_texts, _sources()), strict=True)
    # A name of a column or of a number is a message, too, with spaces for its marks.
    held = "\n".join(set().union(*texts)).replace("_", " ").casefold()
    shape = re.compile("|".join(set().union(*shapes)) or "(?!)")
    return [
        message
        for message in translated(lang)
        if message not in said
        and isinstance(message, str)
        and message.replace("_", " ").casefold() not in held
        and not shape.fullmatch(message)
    ]


def write(lang: str) -> list[Path]:
    """Write the messages that a language does not know yet into its catalogues, untranslated."""
    known = translated(lang)
    waiting: dict[str, Catalog] = {}
    for message in template():
        if message.id and _id(message.id) not in known and message.id not in ONE:
            waiting.setdefault(_room(message), Catalog(locale=lang))[message.id] = message
    written = []
    for room, catalog in sorted(waiting.items()):
        path = LOCALE / lang / f"{room}.po"
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as file:
            is_new = file.tell() == 0
            text = io.BytesIO()
            write_po(text, catalog, width=0, omit_header=not is_new, no_location=True)
            file.write(text.getvalue() if is_new else b"\n" + text.getvalue().rstrip() + b"\n")
        written.append(path)
    return written


def _id(message: Id | list[str]) -> Id:
    return message if isinstance(message, str) else tuple(message)


def _is_said(message: Message | None) -> bool:
    if message is None:
        return False
    forms = [message.string] if isinstance(message.string, str) else message.string
    return all(form.strip() for form in forms)


def _room(message: Message) -> str:
    """Return the catalogue of a message: its notebook, or the folder of the module that says it."""
    first = Path(message.locations[0][0])
    return f"notebooks_{first.stem[3:]}" if first.suffix == ".ipynb" else first.parts[1]


def _sources() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".j2") and path.relative_to(PACKAGE).parts[0] not in _SILENT:
            yield path
    yield from sorted((ROOT / "notebooks").glob("*.ipynb"))


@cache
def _of_source(suffix: str, source: str) -> list[tuple[int, Id]]:
    """Return what a source says, and where; a source is read once for all languages."""
    method = {".py": _of_module, ".j2": _of_template, ".ipynb": _of_notebook}[suffix]
    return list(method(source))


def _of_module(source: str) -> Iterator[tuple[int, Id]]:
    tree = ast.parse(source)
    named = _constants(tree)
    is_shown = "from cxresearch.core.table import" in source
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (is_shown or _called(node) != "Column"):
            for message in _said(node, named):
                yield node.lineno, message
    for value in (*_given_to_functions(tree), *_gone_through(tree, named)):
        for message in _literals(value, named):
            yield value.lineno, message


def _given_to_functions(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the arguments that functions of a module say as their own."""
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    for function in functions:
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        places = [names.index(one) for one in _names_said(function) if one in names]
        is_method = names[:1] in (["self"], ["cls"])
        for node in ast.walk(tree) if places else ():
            if isinstance(node, ast.Call) and _called(node) == function.name:
                given = dict(enumerate(node.args, start=is_method))
                given |= {
                    names.index(one.arg): one.value for one in node.keywords if one.arg in names
                }
                yield from (given[place] for place in places if place in given)


def _gone_through(tree: ast.Module, named: dict[str, list[ast.expr]]) -> Iterator[ast.expr]:
    """Yield what a loop goes through one by one and says."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For):
            loops = [(node.target, node.iter)]
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp):
            loops = [(one.target, one.iter) for one in node.generators]
        else:
            continue
        said = _names_said(node)
        for target, source in loops:
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            for place, one in enumerate(targets):
                if isinstance(one, ast.Name) and one.id in said:
                    is_one_of_several = isinstance(target, ast.Tuple)
                    yield from _elements(source, place if is_one_of_several else None, named)


def _elements(
    source: ast.expr, place: int | None, named: dict[str, list[ast.expr]]
) -> Iterator[ast.expr]:
    """Yield the elements of a written sequence or mapping, or those at a place of each of them."""
    match source:
        case ast.Tuple(elts=found) | ast.List(elts=found):
            for one in found:
                if place is None:
                    yield one
                elif isinstance(one, ast.Tuple):
                    yield one.elts[place]
        case ast.Dict(keys=keys, values=values):
            yield from (one for one in (values if place else keys) if one)
        case ast.Name(id=name):
            for value in named.get(name, ()):
                yield from _elements(value, place, {})
        case ast.Call(func=ast.Attribute(value=value, attr="items")):
            yield from _elements(value, place, named)


def _names_said(tree: ast.AST) -> set[str]:
    """Return the names that are said as messages in a part of a module."""
    return {
        argument.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for argument in node.args[: _SAYING.get(_called(node), 0)]
        if isinstance(argument, ast.Name)
    }


def _constants(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Return the values that a module gives its names, or imports, which its calls may use."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.startswith(
                "cxresearch."
            ):
                theirs = _constants_of(module)
                for one in names:
                    if one.name in theirs:
                        found.setdefault(one.asname or one.name, []).extend(theirs[one.name])
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                for target, value in zip(targets, values, strict=False):
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, []).append(value)
    return found


@cache
def _constants_of(module: str) -> dict[str, list[ast.expr]]:
    """Return the values that another module gives its names."""
    path = PACKAGE.parent / f"{module.replace('.', '/')}.py"
    return _constants(ast.parse(path.read_text("utf-8"))) if path.is_file() else {}


def _said(call: ast.Call, named: dict[str, list[ast.expr]]) -> Iterator[Id]:
    called = _called(call)
    given = {one.arg: one.value for one in call.keywords if one.arg}
    if called == "Column":
        yield from _of_column(dict(zip(_COLUMN, call.args, strict=False)) | given, named)
        return
    count = _SAYING.get(called, 0)
    literals = [list(_literals(one, named)) for one in call.args[:count]]
    if called == "plural" and all(literals):
        yield literals[0][0], literals[1][0]
    elif called != "plural":
        yield from (message for one in literals for message in one)
    words = _WORDED | ({"n"} if called == "Estimates" else set())
    for name, value in given.items():
        if name in words:
            yield from _literals(value, named)
        elif name in _SENTENCES:
            yield from (text for text in _literals(value, named) if " " in text)
        elif name == "unit":
            yield from _units(value)


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _of_column(given: dict[str, ast.expr], named: dict[str, list[ast.expr]]) -> Iterator[str]:
    """Yield the heading of a column, which may be its name, and its unit."""
    shown = not isinstance(given.get("is_shown"), ast.Constant)
    heading = list(_literals(given["heading"], named)) if "heading" in given else []
    is_headed = isinstance(given.get("heading"), ast.Constant) and given["heading"].value
    if not heading and shown and not is_headed:
        heading = [name.replace("_", " ").capitalize() for name in _literals(given["name"], named)]
    yield from heading
    if "interval" in given:
        yield from _literals(given["interval"], named)
    if "unit" in given:
        yield from _units(given["unit"])


def _units(node: ast.expr) -> Iterator[str]:
    for unit in _literals(node, {}):
        if not is_said_in_cell(unit) and unit not in _INNER:
            yield unit_message(unit)


def _literals(node: ast.AST, named: dict[str, list[ast.expr]]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if _LETTER.search(_BRACES.sub("", text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from _literals(one, named)
            yield from _literals(other, named)
        case ast.Dict(values=values):
            for value in values:
                yield from _literals(value, named)
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)) if name in named:
            # A name may stand for another, but never for itself.
            others = {other: values for other, values in named.items() if other != name}
            for value in named[name]:
                yield from _literals(value, others)


def _of_template(source: str) -> Iterator[tuple[int, Id]]:
    for number, line in enumerate(source.splitlines(), 1):
        for _, message in _TEMPLATE_CALL.findall(line):
            yield number, unescape(message)


def _of_notebook(source: str) -> Iterator[tuple[int, Id]]:
    for message in notebook_text.messages(_notebook(source)):
        yield 1, message


def _notebook(source: str) -> NotebookNode:
    import nbformat  # takes two seconds where JupyterLab is: a kit without notebooks spares them

    return nbformat.reads(source, as_version=4)


def _texts(path: Path) -> tuple[set[str], set[str]]:
    """Return every text that a source holds, said or not, and the shapes of those it composes."""
    if path.suffix == ".j2":
        return {str(message) for _, message in _of_template(path.read_text("utf-8"))}, set()
    if path.suffix == ".py":
        codes = [path.read_text("utf-8")]
    else:
        cells = _notebook(path.read_text("utf-8")).cells
        codes = [cell.source for cell in cells if cell.cell_type == "code"]
    nodes = [node for code in codes for node in ast.walk(ast.parse(code))]
    texts = {str(one.value) for one in nodes if isinstance(one, ast.Constant)}
    composed = [one.values for one in nodes if isinstance(one, ast.JoinedStr)]
    return texts, {"".join(map(_shape, values)) for values in composed if _is_worded(values)}


def _shape(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"


def _is_worded(values: list[ast.expr]) -> bool:
    """Return whether a composed text holds a word of its own."""
    return any(isinstance(one, ast.Constant) and _LETTER.search(str(one.value)) for one in values)


def main() -> int:
    """Write the template and what each catalogue lacks, and tell both; 1 where one lacks any."""
    path = ROOT / "reports" / "messages.pot"
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        write_po(file, template(), sort_by_file=True)
    faults = 0
    for lang in LANGUAGES:
        if lang == "en":
            continue  # the source
        write(lang)
        lacking, left = untranslated(lang), unused(lang)
        faults += len(lacking)
        for message in lacking:
            place, line = message.locations[0]
            sys.stdout.write(f"{lang}: not translated: {message.id!r} ({place}:{line})\n")
        for said in left:
            sys.stdout.write(f"{lang}: no longer said: {said!r}\n")
        sys.stdout.write(f"{lang}: {len(lacking)} not translated, {len(left)} no longer said\n")
    return int(bool(faults))


if __name__ == "__main__":
    raise SystemExit(main())
