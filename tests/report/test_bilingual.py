"""A study in two languages: each notebook runs once, and its pages stand or fall together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.report import small_project
from tests.report.small_project import Project

STUDY = """\
title: {en: Small shop, it: Piccolo negozio}
currency: EUR
time_zone: Europe/Rome
languages: [en, it]
labels:
  app: {en: In the app, it: Nell'app}
tables:
  orders: {file: orders.csv}
reports:
  first: {notebook: 01_first}
  old: {notebook: 02_old}
"""
OPENED = """\
import cxresearch as cx, pandas as pd
from matplotlib import pyplot as plt
from cxresearch.core.figure import Figure
from cxresearch.core.missing import Missing
from cxresearch.core.table import Column, Table
shop = cx.open_study(study)
report.begin(shop, lang=lang)
open("runs", "a").write("once\\n")"""
SHOWN = """\
rows = pd.DataFrame({"channel": ["app", "web"], "orders": [1200.0, 7.0]})
report.show(Table(frame=rows, columns=[Column("channel", "Channel", role="name"),
            Column("orders", "Orders")], caption="The answer of each report"))
def draw(rows, language):
    axes = plt.figure().subplots()
    axes.bar([language.label(one) for one in rows["channel"]], rows["orders"])
    return axes
report.show(Figure(title="Answer", data=rows, draw=draw, people=(),
            describe=lambda rows, language: language.label(rows["channel"][0])))
report.headline("{channel}: {share}", channel="app", share=(0.125, "share"))"""


def plain(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that is built, to be copied."""
    project = small_project.create(tmp_path_factory.mktemp("bilingual") / "project")
    (project.root / "data" / "shop" / "study.yaml").write_text(STUDY)
    project.notebook("01_first", OPENED, SHOWN)
    project.notebook("02_old", 'report.say("{n} orders", n=2)')
    status, said = project.report()
    assert status == 0, said
    return project


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    shutil.copytree(built_once.root, tmp_path / "project")
    return Project(tmp_path / "project")


def test_a_notebook_runs_once_for_all_its_pages(built_once: Project) -> None:
    assert (built_once.root / "runs").read_text() == "once\n"
    assert sorted(built_once.files()) == [
        *("first.html", "first.json", "index.html", "index.json"),
        *("it/first.html", "it/index.html", "it/old.html", "old.html", "old.json"),
    ]
    pages = built_once.sidecar("first")["pages"]
    headlines = [page["headline"] for page in pages.values()]
    assert headlines == ["“In the app”: 12.5%", "«Nell'app»: 12,5%"]


def test_each_page_has_the_words_and_the_labels_of_its_language(built_once: Project) -> None:
    top, below = (plain(built_once.reports / name) for name in ("first.html", "it/first.html"))
    for page, caption, labels, number in (
        (top, "The answer of each report", "In the app", "1,200"),
        (below, "", "Nell'app", "1.200"),
    ):
        assert page.caption is not None
        assert caption in page.caption.get_text()
        row = page.select_one("table.cx tbody tr")
        assert row is not None
        assert [cell.get_text() for cell in row(["th", "td"])] == [labels, number]
        drawing = page.select_one("figure svg")
        assert drawing is not None
        assert drawing["aria-label"] == labels
        assert labels in [text.get_text() for text in drawing("text")]
        assert labels in page.select_one(".answer").get_text()  # type: ignore[union-attr]
    assert "Nell'app" not in top.get_text()
    assert "In the app" not in below.get_text()


def test_every_link_between_the_pages_leads_to_a_file(built_once: Project) -> None:
    for page in built_once.reports.rglob("*.html"):
        links = [str(link["href"]) for link in plain(page).select("a[href]")]
        files = [link for link in links if not link.startswith(("#", "data:"))]
        assert len(files) > 1
        for link in files:
            assert (page.parent / link).is_file(), (page.name, link)


def test_a_page_that_is_gone_or_changed_in_one_language_is_made_again(built: Project) -> None:
    before = built.files()
    (built.reports / "it" / "first.html").unlink()
    (built.reports / "it" / "old.html").write_text("changed by hand")
    status, said = built.report()
    assert status == 0
    assert "build    shop/first  because: report missing\n" in said
    assert "build    shop/old  because: the page is not the one that was built\n" in said
    after = built.files()
    # Byte for byte the same pages; only the records of the runs differ.
    assert {name for name in before if before[name] != after[name]} == {"first.json", "old.json"}
    assert "nothing rebuilt" in built.report()[1]


def test_a_failed_run_keeps_the_last_good_pages_of_all_languages(built: Project) -> None:
    before = built.files()
    built.notebook("01_first", OPENED, "1 / 0")
    assert built.report()[0] == 1
    after = built.files()
    for name in ("first.html", "it/first.html", "first.json"):
        assert after[name] == before[name]
    links = [
        str(link["href"]) for link in plain(built.reports / "it" / "index.html").select("li a")
    ]
    assert links[:2] == ["first.html", "../first.failed.html"]
    assert all((built.reports / "it" / link).is_file() for link in links)


def test_languages_that_change_make_every_page_again(built: Project) -> None:
    built.edit("data/shop/study.yaml", "languages: [en, it]", "languages: [it]")
    status, said = built.report()
    assert status == 0
    assert "build    shop/old  because: its languages changed" in said
    assert plain(built.reports / "first.html").html["lang"] == "it"  # type: ignore[index]
    assert not list(built.reports.rglob("it/*.html"))
