"""One Chromium for the browser tests of a module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import sample

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


# Not for the session: while Playwright is there, nothing else of its process can use asyncio.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one on this machine the tests are skipped."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"needs one of {', '.join(_NAMES)} on the PATH")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def sample_pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of the sample notebook, by name."""
    return sample.write_pages(tmp_path_factory.mktemp("pages"))
