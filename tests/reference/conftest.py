"""The references are compared as `near` says, and their kernels show no progress.

Progress is shown on a slow machine alone.
"""

from __future__ import annotations

import os

import pytest

from tests.reference.near import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    os.environ["CX_NO_PROGRESS"] = "1"


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    os.environ.pop("CX_NO_PROGRESS", None)
