"""No name leads out of the folders that a study may read, and none of its files is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

import cxresearch as cx
from cxresearch.errors import ManifestError, ParameterError, SchemaError
from cxresearch.report import plan
from cxresearch.study import manifest

STUDY = """
title: {{en: Shop}}
currency: EUR
time_zone: UTC
tables: {{orders: {{file: "{file}"}}}}
{more}
"""
ORDERS = "order_id,customer_id,ts,revenue\nA1,p,2026-01-05,1\n"


@pytest.fixture
def root(project: Path) -> Path:
    """A project with one study, and a file beside it that is none of the study's."""
    (project / "data" / "shop").mkdir()
    (project / "secret.csv").write_text("password,hunter2\n")
    (project / "exports").mkdir()
    (project / "exports" / "o.csv").write_text(ORDERS)
    return project


def shop(root: Path, file: str, more: str = "") -> cx.Study:
    (root / "data" / "shop" / "study.yaml").write_text(STUDY.format(file=file, more=more))
    return cx.open_study("shop")


@pytest.mark.parametrize(
    "file", ["../../secret.csv", "{root}/secret.csv", "link.csv", "in/../../../secret.csv"]
)
def test_a_file_outside_of_the_study_is_not_read(root: Path, file: str):
    (root / "data" / "shop" / "link.csv").symlink_to(root / "secret.csv")
    (root / "data" / "shop" / "in").mkdir()
    with pytest.raises(SchemaError, match="leads out of data/shop/; raw: in its study") as caught:
        shop(root, file.format(root=root)).loaded("orders")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("raw", ["../../exports", "{root}/exports"])
@pytest.mark.parametrize("file", ["o.csv", "../../exports/o.csv"])
def test_the_manifest_may_name_a_folder_of_raw_files(root: Path, raw: str, file: str):
    opened = shop(root, file, f"raw: {raw.format(root=root)}")
    assert opened.loaded("orders").rows == 1


def test_a_folder_that_the_manifest_names_opens_no_other(root: Path):
    with pytest.raises(SchemaError, match="leads out of"):
        shop(root, "../secret.csv", "raw: ../../exports").loaded("orders")


@pytest.mark.parametrize(
    "name", ["..", "../other", "shop/../../other", "/tmp", "", ".", "a/b", "x\0"]
)
def test_a_study_is_named_by_a_folder_below_data(root: Path, name: str):
    (root / "other").mkdir()
    (root / "other" / "study.yaml").write_text("secret: hunter2")
    with pytest.raises(ManifestError, match=r"below data/|the studies are") as caught:
        cx.open_study(name)
    assert "hunter2" not in str(caught.value)


def test_a_study_may_not_be_a_link_out_of_data(root: Path):
    (root / "other").mkdir()
    (root / "other" / "study.yaml").write_text("secret: hunter2")
    (root / "data" / "away").symlink_to(root / "other")
    with pytest.raises(ManifestError, match="a link that leads out of data/"):
        cx.open_study("away")


def test_a_path_is_any_folder(root: Path, tmp_path_factory: pytest.TempPathFactory):
    assert root
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "study.yaml").write_text(STUDY.format(file="o.csv", more=""))
    (folder / "o.csv").write_text(ORDERS)
    assert cx.open_study(folder).loaded("orders").rows == 1


@pytest.mark.parametrize("notebook", ["../secret", "/etc/passwd", "link"])
def test_a_notebook_is_one_of_the_projects(root: Path, notebook: str):
    (root / "notebooks").mkdir(exist_ok=True)
    (root / "secret.ipynb").write_text("hunter2")
    (root / "notebooks" / "link.ipynb").symlink_to(root / "secret.ipynb")
    shop(root, "o.csv", f"reports: {{r: {{notebook: {notebook}}}}}")
    with pytest.raises(ParameterError, match=r"leads out of notebooks/") as caught:
        plan.plan("shop")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["../x", "a/b", "index", ".."])
def test_a_report_has_a_plain_name(root: Path, name: str):
    shop(root, "o.csv", f"reports: {{'{name}': {{notebook: n}}}}")
    with pytest.raises(ParameterError, match="a report's name must be of letters"):
        plan.plan("shop")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1: 2", "1: a key must be a text"),
        ("{2026-01-01: 2}", "a key must be a text"),
        ("time_zone: {a: b}", "time_zone: must be a time zone"),
        ("time_zone: [UTC]", "time_zone: must be a time zone"),
        ("min_cell: 18446744073709551616", "a whole number beyond 64 bits"),
        (f"min_cell: {'9' * 5_000}", "no whole number"),
        ("a: &x {b: 1}\nc: {<<: *x}", "merge keys (<<) are not read"),
        ("[" * 3_000, "nested too deeply"),
        ("a: " + "[" * 60 + "]" * 60, "nested too deeply"),
        ("a: &a [*a]", "nested too deeply"),
        ('title: "\\0"', "no text"),
        ('title: "\\ud800"', "no text"),
        ("a: " + "x" * 1_000_001, "longer than 1,000,000 characters"),
        ("tables: {orders: {file: a, time_format: '%-%Y'}}", "time_format: must be made of"),
        ("tables: {orders: {file: a, time_format: '%H:%M'}}", "time_format: must give the year"),
        ("tables: {orders: {file: a, time_format: '%d/%m %%Y'}}", "must give the year"),
    ],
)
def test_oddities_are_faults_of_the_manifest(text: str, words: str):
    with pytest.raises(ManifestError) as caught:
        manifest.parse(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 2_000


def test_aliases_cannot_stand_for_any_number_of_values():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    with pytest.raises(ManifestError, match="its aliases stand for more than 100,000 values"):
        manifest.parse("\n".join(lines))


def test_an_alias_may_be_used_as_people_do():
    text = "title: &t {en: Shop}\ncurrency: EUR\ntime_zone: UTC\ntables: {}\n"
    assert manifest.parse(text).title == {"en": "Shop"}


def test_a_fault_of_yaml_shows_nothing_of_the_text():
    with pytest.raises(ManifestError) as caught:
        manifest.parse("password: hunter2\nkey: [hunter2: {\n")
    assert "hunter2" not in str(caught.value)
    assert "line " in str(caught.value)
