"""Each recipe of docs/contributing.md, done in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contributing.md").read_text("utf-8")
RECIPES = {
    title: text
    for title, text in re.findall(r"(?ms)^## (Add an? .+?)$\n(.*?)(?=^## |\Z)", PAGE)
    if title != "Add a language"  # tests/report does that one
}
#: What a block is for is said right before it.
_STEP = re.compile(
    r"""(?xs)
    (?: New\ file\ `(?P<new>[^`]+)`
      | In\ `(?P<file>[^`]+)`,\ (?P<where>after|in\ place\ of)\ `(?P<line>[^`]+)`
      | At\ the\ end\ of\ `(?P<end>[^`]+)`
      | (?P<run>Run)
    ):\n\n```(?P<kind>\w+)\n(?P<code>.*?)```"""
)
_COPIED = ("cxresearch", "tests", "notebooks", "pyproject.toml", "requirements.lock", "README.md")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository without its outputs and its data, and the environment it is run in."""
    # With its bytecode, which stays good: no module but those that change is compiled again.
    unwanted = shutil.ignore_patterns("*.ipynb_checkpoints", "reference", "real")
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=unwanted)
        else:
            shutil.copy(ROOT / name, tmp_path)
    shutil.copy(
        ROOT / "tests" / "reference" / "sanitize.cfg", _folder(tmp_path / "tests/reference")
    )
    _folder(tmp_path / "data")
    (tmp_path / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    return tmp_path


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def write(copy: Path, step: re.Match[str]) -> None:
    """Make the change to a file that a step asks for."""
    code = step["code"]
    if step["new"]:
        path = copy / step["new"]
        _folder(path.parent)
        assert not path.exists(), f"{step['new']} is there already"
        path.write_text(code, "utf-8")
        return
    path = copy / (step["file"] or step["end"])
    text = path.read_text("utf-8")
    if step["end"]:
        path.write_text(f"{text.rstrip()}\n\n{code}", "utf-8")
        return
    line = f"{step['line']}\n"
    assert f"\n{text}".count(f"\n{line}") == 1, f"{step['file']} has no single line {step['line']}"
    path.write_text(
        text.replace(line, f"{line}{code}" if step["where"] == "after" else code), "utf-8"
    )


def run(copy: Path, kind: str, code: str) -> None:
    """Run what a step says to run."""
    command = ["bash", "-euc", code] if kind == "sh" else [sys.executable, "-c", code]
    settings = {"PYTHONPATH": str(copy), "CX_ROOT": str(copy), "PYTHONDONTWRITEBYTECODE": ""}
    kept = {name: value for name, value in os.environ.items() if name != "CX_RAW"}
    done = subprocess.run(command, cwd=copy, env=kept | settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_recipe_for_all_that_is_added_often() -> None:
    kinds = {"a KPI", "a statistic", "a figure", "a notebook", "a loader"}
    assert {f"Add {kind}" for kind in kinds} <= RECIPES.keys()


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_works(title: str, copy: Path) -> None:
    steps = list(_STEP.finditer(RECIPES[title]))
    assert len(steps) == RECIPES[title].count("```") / 2, "a block of code that no step names"
    assert any(step["run"] for step in steps)
    for step in steps:
        if step["run"]:
            run(copy, step["kind"], step["code"])
        else:
            write(copy, step)
