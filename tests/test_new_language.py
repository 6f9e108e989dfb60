"""The recipe of docs/contributing.md, "Add a language", done in a copy: French."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.report import small_project

ROOT = Path(__file__).parents[1]
LINE = (
    '    "it": Known("Italiano", "it_IT", ("«", "»"), "{low}–{high}", "da {low} a {high}", "1º"),\n'
)
CATALOGUE = """\
msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Method and data"
msgstr "Comment ce rapport a été produit"

msgid "Contents"
msgstr ""

msgid "order"
msgid_plural "orders"
msgstr[0] "commande"
msgstr[1] "commandes"
"""
SAYS = """\
import cxresearch as cx
report.begin(cx.open_study(study), lang=lang)
report.say("{many} and {one}", many=(1234.0, "orders"), one=(1.0, "orders"))
report.headline("{share}", share=(0.125, "share"))"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the kit with French in it."""
    root = tmp_path_factory.mktemp("kit")
    # With its bytecode, which stays good: no module but one is compiled again.
    shutil.copytree(ROOT / "cxresearch", root / "cxresearch")
    languages = root / "cxresearch" / "core" / "languages.py"
    text = languages.read_text("utf-8")
    assert text.count(LINE) == 1
    languages.write_text(
        text.replace(LINE, f'{LINE}    "fr": Known("Français", "fr_FR", ("«", "»")),\n')
    )
    folder = root / "cxresearch" / "core" / "locale" / "fr"
    folder.mkdir()
    (folder / "report.po").write_text(CATALOGUE, "utf-8")
    return root


def test_french_takes_one_line_and_one_folder(kit: Path) -> None:
    files = {path.relative_to(kit) for path in kit.rglob("*") if path.is_file()}
    touched = {
        str(path)
        for path in files
        if not (ROOT / path).exists() or not filecmp.cmp(ROOT / path, kit / path, shallow=False)
    }
    assert touched == {"cxresearch/core/languages.py", "cxresearch/core/locale/fr/report.po"}


def test_a_report_is_built_in_french(kit: Path, tmp_path: Path) -> None:
    project = small_project.create(tmp_path)
    project.edit("data/shop/study.yaml", "language: it", "languages: [fr, en]")
    project.notebook("01_first", SAYS)
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from cxresearch.cli import app; app()"),
            *("report", "shop", "--only", "first"),
        ],
        env=project.environment | {"PYTHONPATH": str(kit), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=kit,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = BeautifulSoup((project.reports / "first.html").read_text("utf-8"), "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert page.select_one("#made").get_text() == "Comment ce rapport a été produit"  # type: ignore[union-attr]
    # What is not translated yet stays in English; numbers have their French form at once.
    assert page.select_one("nav .label").get_text() == "Contents"  # type: ignore[union-attr]
    said = page.select_one(".said").get_text().strip()  # type: ignore[union-attr]
    assert said == "1\N{NARROW NO-BREAK SPACE}234 commandes and 1 commande"
    assert page.select_one(".answer").get_text().strip() == "12,5\N{NO-BREAK SPACE}%"  # type: ignore[union-attr]
    assert page.select_one("a.version").get_text() == "English"  # type: ignore[union-attr]


def test_what_french_lacks_is_named_and_written(kit: Path) -> None:
    (kit / "notebooks").mkdir()
    shutil.copytree(ROOT / "tests", kit / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.messages"],
        cwd=kit,
        env=os.environ | {"PYTHONPATH": str(kit), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("fr: not translated: 'Contents' ")]
    assert not [line for line in lines if "Method and data" in line]
    assert not [line for line in lines if line.startswith("it: not translated")]
    assert {"report.po", "kpis.po", "plots.po"} <= {
        path.name for path in (kit / "cxresearch" / "core" / "locale" / "fr").iterdir()
    }
    assert 'msgid "hidden"' in (
        kit / "cxresearch" / "core" / "locale" / "fr" / "core.po"
    ).read_text("utf-8")
