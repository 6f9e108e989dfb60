"""One simulated year for all tests here, and a small shop where files are written."""

from __future__ import annotations

import pytest

from cxresearch import simulate


@pytest.fixture(scope="session")
def year() -> simulate.Shop:
    return simulate.shop()


@pytest.fixture(scope="session")
def small() -> simulate.Shop:
    return simulate.shop(seed=7, customers=400)
