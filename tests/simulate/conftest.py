"""Two shops for all tests here, as usual and with no effect at all, and a small one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from cxresearch import simulate
from tests.simulate.measures import Seen


@pytest.fixture(scope="session")
def usual() -> simulate.Shop:
    return simulate.shop()


@pytest.fixture(scope="session")
def clean(usual: simulate.Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole study as it is written, without faults."""
    folder = tmp_path_factory.mktemp("clean")
    simulate.write(dataclasses.replace(usual, faults={}), folder)
    return folder


@pytest.fixture(scope="session")
def plain() -> simulate.Shop:
    return simulate.shop(effects=dict.fromkeys(simulate.Planted().switchable(), False))


@pytest.fixture(scope="session")
def seen(usual: simulate.Shop) -> Seen:
    return Seen(usual)


@pytest.fixture(scope="session")
def seen_plain(plain: simulate.Shop) -> Seen:
    return Seen(plain)


@pytest.fixture(scope="session")
def small() -> simulate.Shop:
    return simulate.shop(seed=7, customers=600)
