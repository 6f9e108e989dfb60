"""Every example of the README and of the guide prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import examples

GUIDE = sorted((examples.ROOT / "docs" / "guide").glob("*.md"))
WITH_EXAMPLES = [page for page in GUIDE if examples.blocks(page.read_text("utf-8"))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guide")


@pytest.fixture(scope="module")
def environment(folder: Path) -> dict[str, str]:
    return examples.lay_out(folder)


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_print_what_it_says(
    page: Path, folder: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    count, said = examples.run(page, folder)
    assert count > 0
    assert said == ""


def test_a_page_that_says_something_else_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n```pycon\n>>> 1 + 1\n3\n\n```\n")
    count, said = examples.run(page, tmp_path)
    assert count == 1
    assert 'page.md", line 4' in said


@pytest.mark.parametrize("page", [examples.README, *GUIDE], ids=lambda page: page.stem)
def test_every_block_of_code_is_of_a_kind_that_a_test_runs(page: Path) -> None:
    # The README's own are run by tests/test_readme.py.
    kinds = set(re.findall(r"^```(\w+)$", page.read_text("utf-8"), re.MULTILINE))
    assert kinds <= ({"sh", "python", "yaml"} if page == examples.README else {"pycon"})


@pytest.mark.parametrize("page", sorted((examples.ROOT / "docs").rglob("*.md")), ids=str)
def test_every_file_a_page_links_to_is_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
