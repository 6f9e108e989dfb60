"""Write below each example of the guide what it prints now.

Run by `make reference`, after a change that is meant to move numbers; read the difference before
committing it.
"""

from __future__ import annotations

import doctest
import io
import os
import re
import tempfile
import traceback
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

from tests.docs import examples


def printed(source: str, names: dict[str, Any]) -> str:
    """Run one example and return what it prints, or how it fails."""
    with redirect_stdout(io.StringIO()) as output:
        try:
            exec(compile(source, "example", "single"), names)
        except Exception as error:
            said = "".join(traceback.format_exception_only(error))
            return f"Traceback (most recent call last):\n    ...\n{said}"
    return "\n".join(line or "<BLANKLINE>" for line in output.getvalue().splitlines())


def rewritten(block: str, names: dict[str, Any]) -> str:
    """Return a block of examples with what they print now."""
    lines = []
    for example in doctest.DocTestParser().get_examples(block):
        first, *others = example.source.rstrip("\n").split("\n")
        lines += [f">>> {first}", *(f"... {other}".rstrip() for other in others)]
        lines += filter(None, [printed(example.source, names).rstrip("\n")])
    return "\n".join([*lines, "", ""])


def refresh(page: Path) -> None:
    """Rewrite one page."""
    names: dict[str, Any] = {}
    text = re.sub(
        r"(?s)(?<=```pycon\n).*?(?=```)",
        lambda found: rewritten(found.group(), names),
        page.read_text("utf-8"),
    )
    page.write_text(text, "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        os.environ.update(examples.lay_out(Path(folder)))
        for guide_page in sorted((examples.ROOT / "docs" / "guide").glob("*.md")):
            refresh(guide_page)
            print(f"wrote {guide_page.relative_to(examples.ROOT)}")  # noqa: T201
