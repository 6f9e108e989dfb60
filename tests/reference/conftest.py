"""The references are compared as `near` says, with what a build of the same run has run.

Kernels show no progress, which is shown on a slow machine alone.
"""

from __future__ import annotations

import os

import pytest

from tests.reference import near
from tests.reference.replayed import BuiltNotebook


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Compare every cell of the references so."""
    near.pytest_collection_modifyitems(items)
    for item in items:
        if isinstance(item, near.NearCell):
            item.parent.__class__ = BuiltNotebook


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    os.environ["CX_NO_PROGRESS"] = "1"


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    os.environ.pop("CX_NO_PROGRESS", None)
