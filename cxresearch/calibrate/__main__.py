"""Measure how often the kit is right: ``python -m cxresearch.calibrate [SECTION ...]``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from pathlib import Path

from cxresearch.calibrate import (
    adjusted_lifts,
    breaks_page,
    coverage_page,
    experiments_page,
    path_cells,
    planted_shops,
    redaction,
    shuffled_logs,
    tagged,
    train_sentiment,
    value_page,
)
from cxresearch.core import disk

#: What is measured, in the order of the page; each is long, so each can be measured alone.
SECTIONS: dict[str, Callable[[], str]] = {
    "intervals": coverage_page.section,
    "experiments": experiments_page.section,
    "adjusted_lifts": adjusted_lifts.section,
    "paths": path_cells.section,
    "theme_shares": tagged.section,
    "sentiment": train_sentiment.section,
    "redaction": redaction.section,
    "breaks": lambda: breaks_page.section(breaks_page.file()),
    "findings": lambda: planted_shops.section(planted_shops.file()),
    "shuffled_logs": lambda: shuffled_logs.section(shuffled_logs.file()),
    "value": value_page.section,
}


def measure(path: Path, names: Collection[str]) -> None:
    """Measure the named sections and write them into the page; the others stay as they are."""
    kept = sections_of(path.read_text("utf-8")) if path.is_file() else {}
    for name in names:
        kept[name] = SECTIONS[name]()
        parts = [f"<!-- {one} -->\n{kept[one].strip()}\n" for one in SECTIONS if one in kept]
        with disk.replacing(path) as new:
            new.write_text("\n".join([coverage_page.HEAD, *parts]), encoding="utf-8", newline="\n")


def sections_of(page: str) -> dict[str, str]:
    r"""Return the sections of a written page by name.

    Examples
    --------
    >>> sections_of("# Title\n\n<!-- paths -->\n## Paths\n\n<!-- value -->\n## Value\n")
    {'paths': '## Paths\n\n', 'value': '## Value\n'}
    """
    marked = page.split("<!-- ")[1:]
    return {name: text.lstrip("\n") for name, _, text in (one.partition(" -->") for one in marked)}


def main() -> None:
    """Read the arguments, measure, write."""
    parser = argparse.ArgumentParser(prog="cxresearch.calibrate", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument(
        "--page", type=Path, default=disk.project_root() / "docs" / "validity.md", help="the page"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    measure(chosen.page, chosen.sections or [*SECTIONS])


if __name__ == "__main__":
    main()
