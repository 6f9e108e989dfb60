"""Write a simulated shop into a folder: ``python -m cxresearch.simulate FOLDER``."""

from __future__ import annotations

import argparse
from pathlib import Path

from cxresearch.core import disk
from cxresearch.simulate import Planted, plan, write_blocks
from cxresearch.simulate.clock import STUDY_DAYS
from cxresearch.simulate.truth import page


def main() -> None:
    """Read the arguments, simulate, write."""
    parser = argparse.ArgumentParser(prog="cxresearch.simulate", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where the exports go")
    parser.add_argument("--page", action="store_true", help="write docs/simulator.md instead")
    parser.add_argument("--seed", type=int, default=2026, help="same seed, same bytes")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=STUDY_DAYS)
    parser.add_argument("--clean", action="store_true", help="plant no faults in the files")
    chosen = parser.parse_args()
    if chosen.page:
        path = disk.project_root() / "docs" / "simulator.md"
        path.write_text(page(Planted()), encoding="utf-8", newline="\n")
        return
    if chosen.folder is None:
        parser.error("name the folder where the exports go")
    study = plan(
        seed=chosen.seed, customers=chosen.customers, days=chosen.days, faults=not chosen.clean
    )
    write_blocks(study, chosen.folder)


if __name__ == "__main__":
    main()
