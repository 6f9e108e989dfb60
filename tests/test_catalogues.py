"""The Italian catalogues say every message once, whole, and with the same values."""

from __future__ import annotations

import string
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

import cxresearch

FOLDER = Path(cxresearch.__file__).parent / "core" / "locale" / "it"


def messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


def braces(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def faults(message: Message) -> list[str]:
    """Return what is wrong with one message."""
    english, italian = message.id, message.string
    if not isinstance(english, str) or not isinstance(italian, str):
        return [f"{english!r}: plural forms are not used"]
    found = []
    if not italian.strip():
        found.append(f"{english!r}: no translation")
    elif braces(english) != braces(italian):
        found.append(f"{english!r}: other values in {italian!r}")
    if message.fuzzy:
        found.append(f"{english!r}: fuzzy")
    return found


CATALOGUES = sorted(FOLDER.glob("*.po"))


def test_there_are_catalogues():
    assert CATALOGUES


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_every_message_is_whole(path: Path):
    found = messages(path)
    assert found
    assert [fault for message in found for fault in faults(message)] == []


def test_no_message_has_two_translations():
    said = defaultdict(set)
    for path in CATALOGUES:
        for message in messages(path):
            said[message.id].add(message.string)
    assert {english: ways for english, ways in said.items() if len(ways) > 1} == {}


@pytest.mark.parametrize(
    ("english", "italian", "fault"),
    [
        ("{n} orders", "{n} ordini", ""),
        ("a {{brace}}", "una {{graffa}}", ""),
        ("{n} orders", "{m} ordini", "other values"),
        ("{n} orders", "ordini", "other values"),
        ("orders", " ", "no translation"),
    ],
)
def test_a_faulty_message_is_found(english: str, italian: str, fault: str):
    found = " ".join(faults(Message(english, italian)))
    assert fault in found
    assert bool(fault) == bool(found)
