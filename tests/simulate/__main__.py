"""Write what plain pandas finds of each planted effect: ``python -m tests.simulate``."""

from __future__ import annotations

from cxresearch import simulate
from cxresearch.core import disk
from tests.simulate.measures import MEASURES, Found, Seen

PATH = disk.project_root() / "docs" / "simulator_seen.md"
_HEAD = """\
<!-- Written by `python -m tests.simulate`; a test holds it. -->
# What plain pandas finds of each planted effect

The tables of the demo's shop (seed 2026, 20,000 people) are read as an analyst would, without the
kit: the value of each effect that was [planted](simulator.md), what the tables say with its
standard error, and what the same computation says of a shop with every effect switched off. How
each is computed stands in `tests/simulate/measures.py`. Shares, differences of shares, ratios, or
counts per 1,000 people, as planted.

| effect | planted | found | without | found without |
| --- | --- | --- | --- | --- |
"""


def page(seen: Seen, seen_plain: Seen) -> str:
    """Return the page in Markdown."""
    rows = (
        f"| {one.name} | {one.planted(seen):.3f} | {_shown(one.found(seen))} "
        f"| {one.none:.3f} | {_shown(one.found(seen_plain))} |\n"
        for one in MEASURES
    )
    return _HEAD + "".join(rows)


def _shown(found: Found) -> str:
    value, error = (round(number, 3) + 0.0 for number in found)
    return f"{value:.3f} ({error:.3f})"


def main() -> None:
    """Draw both shops, and write the page."""
    none = dict.fromkeys(simulate.Planted().switchable(), False)
    text = page(Seen(simulate.shop()), Seen(simulate.shop(effects=none)))
    PATH.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
