"""The parts of what is found in a study, one after the other: a program of tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cxresearch as cx
from cxresearch import journeys
from cxresearch.findings import scan, trial_findings, watch
from cxresearch.findings.experience_findings import known_experiences
from cxresearch.findings.weeks import weeks_of
from tests.bench import measured
from tests.bench.reports import TASKS

_CONFIDENCE = 0.95


def tasks(study: Path, _: Path) -> Mapping[str, Callable[[], Any]]:
    """Return the tasks on a study, whose folder is given; each needs those before it."""
    shop = cx.open_study(study)
    weeks = cache(lambda: weeks_of(shop))
    rows = cache(lambda: watch.unit_rows(shop, weeks()))
    series = cache(lambda: watch.series_of(rows()))
    done: tuple[Callable[[], Any], ...] = (
        lambda: int(shop.summary()["rows"].sum()),
        lambda: len(journeys.prepare_study(shop).events),
        lambda: sum(len(one.week) for one in rows()),
        lambda: len(series()),
        lambda: scan.scanned(series(), weeks().count).judged,
        lambda: len(trial_findings.trial_findings(shop, _CONFIDENCE)[0]),
        lambda: len(known_experiences(shop, _CONFIDENCE)),
    )
    return dict(zip(TASKS, done, strict=True))


if __name__ == "__main__":
    measured.main(tasks)
