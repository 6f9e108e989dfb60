"""Measure how often the kit is right: ``python -m cxresearch.calibrate [FILE]``."""

from __future__ import annotations

import sys
from pathlib import Path

from cxresearch.calibrate import (
    adjusted_lifts,
    breaks_page,
    coverages,
    experiments_page,
    path_cells,
    planted_shops,
    redaction,
    tagged,
    train_sentiment,
    value_page,
)
from cxresearch.calibrate.coverage_page import page
from cxresearch.core import disk


def main(path: Path) -> None:
    """Measure, print the page, and write it."""
    others = [
        *coverages.nps_differences(),
        *coverages.csat_coverages(),
        *coverages.order_values(),
        *coverages.response_times(),
        *coverages.post_stratified(),
        *coverages.raked(),
    ]
    text = page(coverages.nps_coverages(), others)
    text += experiments_page.section() + adjusted_lifts.section() + path_cells.section()
    text += tagged.section() + train_sentiment.section() + redaction.section()
    text += (
        breaks_page.section() + planted_shops.section(planted_shops.file()) + value_page.section()
    )
    print(text)  # noqa: T201
    with disk.replacing(path) as new:
        new.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    default = disk.project_root() / "docs" / "validity.md"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
