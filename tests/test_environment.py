"""One list of packages: the lock has what the project asks for, and conda reads the same lock."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def locked() -> set[str]:
    return {canonical(line) for line in LOCK.splitlines() if re.match(r"[a-z0-9]", line)}


def test_the_lock_holds_every_package_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    asked = {canonical(one) for one in [*project["dependencies"], *extras]}
    assert {"pandas", "papermill", "nbval"} <= asked
    assert asked <= locked()


def test_every_locked_package_has_a_hash():
    for entry in re.split(r"\n(?=[a-z0-9])", LOCK.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_lock_names_no_address():
    assert "://" not in LOCK
    assert "index" not in "".join(line for line in LOCK.splitlines() if line.startswith("-"))


def test_conda_reads_the_same_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    pip = next(one["pip"] for one in environment["dependencies"] if isinstance(one, dict))
    assert pip == ["--requirement requirements.lock"]
    assert "python=3.11" in environment["dependencies"]
