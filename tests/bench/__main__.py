"""`python -m tests.bench [--size MILLIONS...]`: measure, and write docs/benchmarks.md.

What was measured is kept, so that a large size may be measured apart; the page shows everything
that was measured on this machine with these versions, in an earlier checkout too.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tests.bench import experiments, journeys, machine, page, reports, texts, value

ROOT = Path(__file__).parents[2]
BENCHES: dict[str, Any] = {
    "journeys": journeys,
    "experiments": experiments,
    "texts": texts,
    "value": value,
    "reports": reports,
}


def main() -> None:
    """Measure the benches and sizes asked for, then write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--bench", nargs="+", choices=BENCHES, default=list(BENCHES))
    parser.add_argument(
        "--size",
        nargs="+",
        type=float,
        default=[1, 10],
        help="millions of rows or orders, tens of thousands of texts",
    )
    asked = parser.parse_args()
    folder = ROOT / ".cache" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    facts = machine.facts()
    for name in asked.bench:
        for size in getattr(BENCHES[name], "SIZES", asked.size):
            found = BENCHES[name].run(size, folder)
            record = {"facts": facts, "size": size, "found": found}
            (folder / f"{name}-{size:g}.json").write_text(json.dumps(record, indent=1), "utf-8")
    written = ROOT / "docs" / "benchmarks.md"
    old = written.read_text("utf-8")
    old = old if page.machine(facts) in old else ""
    sections = [page.HEAD, page.machine(facts)]
    for name, bench in BENCHES.items():
        records = [json.loads(path.read_text("utf-8")) for path in folder.glob(f"{name}-*.json")]
        known = {record["size"]: record["found"] for record in records if record["facts"] == facts}
        section = bench.section(dict(sorted(known.items())))
        sections.append(section if known else page.kept(old, section))
    written.write_text("\n".join(sections), "utf-8")


if __name__ == "__main__":
    main()
