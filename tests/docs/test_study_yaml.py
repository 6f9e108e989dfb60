"""The page on study.yaml has every key that there is, and says which must be given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cxresearch.study import manifest

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "study_yaml.md"
SCHEMA = manifest.json_schema()
PARTS = {"The study": SCHEMA, **SCHEMA["$defs"]}


def sections() -> dict[str, str]:
    """Return the text of each section by its heading."""
    parts = re.split(r"^#{2,3} (.+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def keys(section: str) -> tuple[list[str], list[str]]:
    """Return the keys of a section's table, and those of them that are bold."""
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")][1:]
    every = "\n".join(cells)
    return re.findall(r"`(\w+)`", every), re.findall(r"\*\*`(\w+)`\*\*", every)


def test_every_part_has_a_section():
    assert sorted(sections()) == sorted(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_a_section_has_every_key_once(part):
    listed, bold = keys(sections()[part])
    assert sorted(listed) == sorted(PARTS[part]["properties"])
    assert sorted(bold) == sorted(PARTS[part].get("required", []))
