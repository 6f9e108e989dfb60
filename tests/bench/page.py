"""Tables of measurements as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

HEAD = """# Benchmarks

Written by `make bench`; every number comes from the run, none is typed. Each tool works in a fresh
process, several times where it is quick, and the run with the least CPU time is shown. Imports are
not counted; CPU seconds are those of all threads and children; memory is the most the process ever
held, libraries included. Trust ratios within a table, which were measured one after the other on
the same machine, not seconds.
"""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 2) -> str:
    """Return a table; the first columns, two unless said, are words, the others numbers."""
    rules = ["---" if place < words else "---:" for place in range(len(columns))]
    lines = [f"| {' | '.join(row)} |" for row in (columns, rules, *rows)]
    return "\n".join(lines) + "\n"


def machine(facts: Mapping[str, str]) -> str:
    """Return the facts of a machine in one line."""
    return "; ".join(f"{name} {value}" for name, value in facts.items()) + "\n"


def kept(old: str, empty: str) -> str:
    """Return the section of a page under the heading of an empty one; that where there is none."""
    heading = empty.partition("\n")[0]
    sections = re.split(r"^(?=## )", old, flags=re.MULTILINE)
    own = [one for one in sections if one.startswith(f"{heading}\n")]
    return own[0].rstrip("\n") + "\n" if own else empty
