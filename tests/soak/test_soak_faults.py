"""The faults of `tests/report/test_faults.py`, at many more moments; run by `make soak`."""

from __future__ import annotations

import pytest

from tests.report import faults, small_project
from tests.report.small_project import Project

BUILDS = 24


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = small_project.create(tmp_path_factory.mktemp("soak") / "project")
    status, said = made.report("--jobs", "2")
    assert status == 0, said
    return made


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 100 + BUILDS))
def test_no_moment_is_a_bad_one(project: Project, seed: int) -> None:
    good = project.files()
    with (project.root / "requirements.lock").open("a") as file:
        file.write(f"# {seed}\n")
    done = faults.interrupt(project, seed)
    faults.assert_nothing_is_lost(project, good, done)
    status, said = project.report("--jobs", "2")
    assert status == 0, f"{done}: {said}"
    faults.assert_records_match_pages(project, done)
