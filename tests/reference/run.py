"""`python -m tests.reference.run FILE.json`: one line per case, both numbers where they differ."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tests.reference.cases import judge, read


def main(path: Path) -> int:
    """Print the verdict on every case and the totals; return 1 where one failed."""
    verdicts = [judge(case) for case in read(path)]
    for verdict in verdicts:
        detail = "; ".join(verdict.differences)
        line = f"{verdict.outcome:9}  {verdict.area:12}  {verdict.case}"
        print(f"{line}  {detail}".rstrip())  # noqa: T201
    totals = Counter(verdict.outcome for verdict in verdicts)
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(totals.items())))  # noqa: T201
    return 1 if totals["fail"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
