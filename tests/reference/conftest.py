"""The kernels of the references show no progress, which they do on a slow machine alone."""

from __future__ import annotations

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    os.environ["CX_NO_PROGRESS"] = "1"


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    os.environ.pop("CX_NO_PROGRESS", None)
