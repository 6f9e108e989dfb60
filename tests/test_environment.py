"""One list of packages: the lock has what the project asks for, and conda reads the same lock."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
SPARK_LOCK = (ROOT / "requirements-spark.lock").read_text("utf-8")
LOCKS = pytest.mark.parametrize("lock", [LOCK, SPARK_LOCK], ids=["usual", "spark"])


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def locked(lock: str) -> set[str]:
    return {canonical(line) for line in lock.splitlines() if re.match(r"[a-z0-9]", line)}


def test_the_locks_hold_every_package_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = {canonical(one) for one in [*project["dependencies"], *extras["dev"]]}
    assert {"pandas", "papermill", "nbval"} <= asked
    assert asked <= locked(LOCK)
    assert {canonical(one) for one in extras["spark"]} <= locked(SPARK_LOCK)


def test_what_both_locks_hold_is_the_same():
    pinned = [set(re.findall(r"^[\w.-]+==\S+", lock, re.MULTILINE)) for lock in (LOCK, SPARK_LOCK)]
    shared = locked(LOCK) & locked(SPARK_LOCK)
    assert all(one in pinned[0] for one in pinned[1] if canonical(one) in shared)


def test_spark_is_installed_only_where_it_is_asked_for():
    assert "pyspark" not in locked(LOCK)


@LOCKS
def test_every_locked_package_has_a_hash(lock):
    for entry in re.split(r"\n(?=[a-z0-9])", lock.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@LOCKS
def test_the_lock_names_no_address(lock):
    assert "://" not in lock
    assert "index" not in "".join(line for line in lock.splitlines() if line.startswith("-"))


def test_conda_users_are_told_what_make_does_beside_the_lock():
    told = (ROOT / "environment.yml").read_text("utf-8")
    commands = re.findall(r"^#   (.*)$", told, re.MULTILINE)
    setup = (ROOT / "Makefile").read_text("utf-8").replace("--quiet ", "")
    assert len(commands) == 2
    assert all(re.sub(r"^(python -m|pip) ", "", command) in setup for command in commands)


def test_conda_reads_the_same_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    pip = next(one["pip"] for one in environment["dependencies"] if isinstance(one, dict))
    assert pip == ["--requirement requirements.lock"]
    assert "python=3.11" in environment["dependencies"]
