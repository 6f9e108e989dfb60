from __future__ import annotations

import pytest

from tests.report import small_project
from tests.report.small_project import Project


@pytest.fixture(scope="session")
def first_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, int, str]:
    """A small project that is built once, with the build's exit status and what it said.

    It is to be copied, not changed.
    """
    project = small_project.create(tmp_path_factory.mktemp("built") / "project")
    status, said = project.report("--jobs", "2")
    return project, status, said
