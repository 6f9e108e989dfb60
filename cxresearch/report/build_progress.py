"""What a build says while it runs: live lines on a terminal, plain whole lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol

from cxresearch.core.languages import Language

if TYPE_CHECKING:
    from rich.table import Table

_REASONS_SHOWN = 3


def because(reasons: list[str], *, lang: str = "en") -> str:
    """Return the reasons of a build, which are in `lang`, as one line tells them.

    Examples
    --------
    >>> because(["a.csv changed", "b.csv changed", "c.csv changed", "d.csv changed"])
    'a.csv changed; b.csv changed; c.csv changed; and 1 more'
    """
    more = len(reasons) - _REASONS_SHOWN
    rest = [Language(lang).plural("and {n} more", "and {n} more", more)] if more > 0 else []
    return "; ".join([*reasons[:_REASONS_SHOWN], *rest])


class Progress(Protocol):
    """Where a build tells how it goes."""

    def __enter__(self) -> Progress:
        """Begin."""

    def __exit__(self, *error: object) -> None:
        """End, whatever happened."""

    def say(self, line: str) -> None:
        """Tell one thing for good."""

    def began(self, report: str) -> None:
        """Tell that a report has begun to run."""

    def cell(self, report: str, number: int, count: int) -> None:
        """Tell to which of its cells a report has come."""

    def ended(self, report: str) -> None:
        """Tell that a report runs no more."""


class Lines:
    """Progress as plain lines, each written at once, so that two builds never mix within one."""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the lines as they are."""

    def say(self, line: str) -> None:
        """Write a line."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def began(self, report: str) -> None:
        """Say nothing: a log wants what was done, not what is being done."""

    def cell(self, report: str, number: int, count: int) -> None:
        """Say nothing."""

    def ended(self, report: str) -> None:
        """Say nothing."""


class Live:
    """Progress as one line per running report, below what was said for good."""

    def __init__(self) -> None:
        from rich.live import Live as RichLive

        self._running: dict[str, tuple[float, str]] = {}
        self._live = RichLive(get_renderable=self._table, refresh_per_second=4, transient=True)

    def __enter__(self) -> Live:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def say(self, line: str) -> None:
        """Write a line above those of the running reports."""
        self._live.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def began(self, report: str) -> None:
        """Add a line."""
        self._running[report] = (time.monotonic(), "starting")
        self._live.refresh()

    def cell(self, report: str, number: int, count: int) -> None:
        """Show how far a report is."""
        self._running[report] = (self._running[report][0], f"cell {number} of {count}")

    def ended(self, report: str) -> None:
        """Take its line away."""
        del self._running[report]
        self._live.refresh()

    def _table(self) -> Table:
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        for report, (began, where) in list(self._running.items()):
            table.add_row("  running", report, where, f"{time.monotonic() - began:.1f} s")
        return table


def on_this_output() -> Progress:
    """Return live progress on a terminal, plain lines elsewhere."""
    return Live() if sys.stdout.isatty() else Lines()
