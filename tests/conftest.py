"""What many tests need, and the order in which the workers of a run take them."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from cxresearch.core import disk

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The same examples in every run, however slow the machine, and no database left behind.
settings.register_profile("kit", derandomize=True, deadline=None, database=None)
settings.load_profile("kit")

#: What takes longest, first: a worker that took it last would be waited for.
LONG = (
    "tests/browser/test_reports.py",
    "tests/report/test_hostile_study.py",
    "tests/simulate",
    "tests/report/test_faults.py",
    "tests/report/test_build.py",
    "tests/docs/test_examples.py",
    "tests/experiments/test_any_data.py",
)
#: So many things are made before the collector looks for circles among them; by itself, 700.
COLLECT_AFTER = 50_000
#: Folders whose files share what is dear to make: one worker makes it and takes them all.
TOGETHER = ("tests/simulate",)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """Spare the garbage collector what is there to stay.

    A run holds all its tests to its end. To look at them again and again takes a tenth of the time
    in which they are collected, and a twentieth of that in which they run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)


def pytest_unconfigure() -> None:
    """Have it look at all once more: libraries tell what nobody gave back at the end."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((place for place, long in enumerate(LONG) if nodeid.startswith(long)), len(LONG))


class Together(LoadFileScheduling):
    """A file of tests, or a folder that shares something, goes to one worker whole."""

    def _split_scope(self, nodeid: str) -> str:
        return next(filter(nodeid.startswith, TOGETHER), super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together | None:
    """Hand out files in the order in which they are listed, not those of many tests first."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return Together(config, log)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder that the package takes for its own."""
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    monkeypatch.delenv("CX_RAW", raising=False)
    (tmp_path / "data").mkdir()
    return tmp_path


@pytest.fixture(scope="module")
def raw_data() -> Iterator[Path]:
    """The folder of real data, for a whole module; its tests are skipped where it is not."""
    folder = Path(os.environ.get("CX_RAW") or disk.project_root().parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("the folder of real data (CX_RAW) is not here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_RAW", str(folder))
        yield folder


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A Spark session of one's own, small, and in a time zone of its own."""
    sql = pytest.importorskip("pyspark.sql", reason="`make spark` has not installed pyspark")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("Spark needs Java, which is not here")
    folder = tmp_path_factory.mktemp("spark")
    options = {
        # Tables of a few hundred rows are not worth compiling anything for.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.driver.memory": "1g",
        "spark.local.dir": str(folder / "local"),
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "Europe/Rome",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    session = sql.SparkSession.builder.master("local[2]").config(map=options).getOrCreate()
    yield session
    session.stop()
