"""How Sphinx builds the documentation into `docs/_site`: offline, from Markdown and docstrings."""

import importlib
import pkgutil
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cxresearch

project = html_title = "cxresearch"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_site"]
html_theme = "furo"
html_copy_source = html_show_sphinx = html_show_copyright = False
html_use_index = False
default_role = "literal"
myst_heading_anchors = 2

napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "none"  # the docstrings have the types
suppress_warnings = ["myst.xref_missing", "docutils", "ref.ref", "ref.python"]

#: Rooms without public names of their own, whose modules are their doors.
_OF_MODULES = ("core", "engine", "stats", "study")


def modules() -> Iterator[ModuleType]:
    """Yield each room, and the modules of those whose modules are their doors."""
    rooms = {one.name for one in pkgutil.iter_modules(cxresearch.__path__) if one.ispkg}
    for room in (*_OF_MODULES, *sorted((rooms & {*cxresearch.__all__}) - {*_OF_MODULES})):
        package = importlib.import_module(f"cxresearch.{room}")
        yield package
        inside = pkgutil.iter_modules(package.__path__) if room in _OF_MODULES else ()
        for one in inside:
            if not one.name.startswith("_"):
                yield importlib.import_module(f"{package.__name__}.{one.name}")


def _write(folder: Path) -> None:
    """Write one page for each of them, with what its `__all__` names, or all it defines."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for module in modules():
        name = module.__name__.removeprefix("cxresearch.")
        with_all = hasattr(module, "__all__") and name != "stats"
        imported = "   :imported-members:\n" if with_all else ""
        members = "" if name in _OF_MODULES and not with_all else f"   :members:\n{imported}"
        title = f"{name}\n{'=' * len(name)}\n\n"
        text = f"{title}.. automodule:: {module.__name__}\n{members}"
        (folder / f"{name}.rst").write_text(text, "utf-8")


if "sphinx" in sys.modules:  # a test reads what the rooms are
    _write(Path(__file__).parent / "_reference")
