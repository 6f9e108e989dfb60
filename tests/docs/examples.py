"""The examples of a Markdown page: its blocks of Python with prompts, run as one session."""

from __future__ import annotations

import doctest
import re
import shutil
from contextlib import chdir
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_BLOCK = re.compile(r"```pycon\n(.*?)```", re.DOTALL)
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def blocks(page: str) -> list[str]:
    """Return the code of a page's examples, prompts and outputs included."""
    return [found.group(1) for found in _BLOCK.finditer(page)]


def session(path: Path) -> doctest.DocTest:
    """Return all examples of a page, on the lines where they stand."""
    text = path.read_text("utf-8")
    kept, end = [], 0
    for found in _BLOCK.finditer(text):
        kept += ["\n" * text[end : found.start(1)].count("\n"), found.group(1)]
        end = found.end(1)
    return doctest.DocTestParser().get_doctest("".join(kept), {}, path.name, str(path), 0)


def lay_out(folder: Path) -> dict[str, str]:
    """Make a project in which the examples may write; return the environment that names it."""
    demo = folder / "data" / "demo"
    demo.mkdir(parents=True)
    for path in (ROOT / "data" / "demo").glob("*.yaml"):
        shutil.copy(path, demo)
    return {"CX_ROOT": str(folder), "CX_RAW": str(ROOT / "data" / "demo")}


def run(path: Path, folder: Path) -> tuple[int, str]:
    """Run a page's examples in a folder; return how many there are, and what went wrong."""
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    examples = session(path)
    with chdir(folder):
        runner.run(examples, out=said.append)
    return len(examples.examples), "".join(said)
