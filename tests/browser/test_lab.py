"""JupyterLab for real: `make lab` serves the kit's kernel, and a notebook runs in the browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
NOTEBOOK = "03_funnel_and_paths.ipynb"
#: A cold kernel imports its libraries while other tests use the machine.
PATIENCE_MS = 120_000
#: JupyterLab takes cells that are out of sight out of the page.
EVERY_CELL_IN_THE_PAGE = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}


def wait_until_it_answers(address: str) -> None:
    """Return once the server takes requests; it tells its address a moment earlier."""
    for _ in range(100):
        try:
            urlopen(f"{address}/api").close()
        except URLError:
            time.sleep(0.2)
        else:
            return


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that `make lab` started over a copy of the notebook."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(ROOT / "notebooks" / NOTEBOOK, folder)
    options = (
        "--no-browser --allow-root --ip=127.0.0.1 --port=0 --IdentityProvider.token=secret "
        f"--ServerApp.root_dir={folder}"
    )
    settings = folder / "JUPYTER_CONFIG_DIR" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(EVERY_CELL_IN_THE_PAGE))
    private = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    private |= {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "HOME": str(folder / "home")}
    with subprocess.Popen(
        ["make", "lab", f"LAB_OPTIONS={options}"],
        cwd=ROOT,
        env=os.environ | private,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        try:
            assert server.stderr is not None
            told = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stderr)
            address = next(found[0] for found in told if found)
            wait_until_it_answers(address)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def test_the_kits_kernel_is_registered(lab: str) -> None:
    with urlopen(f"{lab}/api/kernelspecs?token=secret") as answer:
        assert '"cxresearch"' in answer.read().decode()


def test_a_notebook_runs_from_top_to_bottom(lab: str, page: Page) -> None:
    page.goto(f"{lab}/lab/tree/{NOTEBOOK}?token=secret")
    expect(page.locator(".jp-Toolbar-kernelName").first).to_contain_text(
        "cxresearch", timeout=PATIENCE_MS
    )
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    outputs = page.locator(".jp-OutputArea-output")
    expect(outputs.locator("svg, img").first).to_be_visible(timeout=PATIENCE_MS)
    expect(outputs.locator("table").first).to_be_visible(timeout=PATIENCE_MS)
    expect(outputs.filter(has_text="95% CI").first).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator(".jp-OutputArea-output[data-mime-type*='error']").count() == 0
