"""Measure how often the kit is right: ``python -m cxresearch.calibrate [FILE]``."""

from __future__ import annotations

import sys
from pathlib import Path

from cxresearch.calibrate import (
    adjusted_lifts,
    breaks_page,
    enumerated,
    experiments_page,
    neutral_band_page,
    paths_page,
    redaction_page,
    simulated,
    tagged_page,
)
from cxresearch.calibrate.coverage_page import page
from cxresearch.core import disk


def main(path: Path) -> None:
    """Measure, print the page, and write it."""
    others = [
        *simulated.nps_differences(),
        *enumerated.csat_coverages(),
        *simulated.order_values(),
        *simulated.response_times(),
        *simulated.post_stratified(),
        *simulated.raked(),
    ]
    text = page(enumerated.nps_coverages(), others)
    text += experiments_page.section() + adjusted_lifts.section() + paths_page.section()
    text += tagged_page.section() + neutral_band_page.section() + redaction_page.section()
    text += breaks_page.section()
    print(text)  # noqa: T201
    with disk.replacing(path) as new:
        new.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    default = disk.project_root() / "docs" / "validity.md"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
