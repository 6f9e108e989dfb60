"""Spare each process of a run the import of what no test needs.

pyproject.toml has it loaded before all other plugins.
"""

from __future__ import annotations

from typing import Any

import pytest


def do_without(channel: object = None) -> None:  # noqa: ARG001 - execnet gives it
    """Have a grammar of web addresses count as missing.

    JupyterLab's server brings it, and nbval imports it by way of nbformat where it is there: 2 of
    the 9 CPU seconds in which a process has all tests at hand.
    """
    import sys

    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Have each worker do without it before it looks for its plugins."""
    node.gateway.remote_exec(do_without).waitclose()


do_without()
