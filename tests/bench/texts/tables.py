"""What was measured of texts, as the page shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.bench import page
from tests.bench.records import Found
from tests.bench.texts.tools import (
    ALL,
    ALL_AGAIN,
    ENGLISH,
    HALVES,
    KIT,
    TASKS,
    THEMES,
    VECTORS,
    VECTORS_AGAIN,
    texts_of,
)

INTRODUCTION = """## Texts

What customers wrote, made from a seed: half English, half Italian, 15 words each with some slips of
the finger, no two texts alike, so that nothing is looked up that was worked out before.
*language* tells which of the two a text is in, or that it is in neither; py3langid, which the kit
asks, names one of 140. *redaction* replaces personal data. *themes* finds by the rules of the
kit's codebook which of 13 themes a text is of. *words* is the part of the sentiment that words
have, for the half in that language: of English by VADER with the kit's words of shops, beside VADER
as it comes. *vectors* encodes the texts on one core, and keeps the vectors. *everything* is
language, redaction, themes, sentiment, and the share of each theme from 200 coded texts with the
tagger's error in its interval. *again* is the same in a new process, with the vectors kept. Texts
per second are per second of CPU, thus of one core. That the peers agree with the kit, and the kit
with itself, is checked in every run.
"""


def whole(found: Mapping[float, Found]) -> str:
    """Return the part of the page about texts."""
    if not found:
        return INTRODUCTION + "\nNothing has been measured on this machine yet.\n"
    parts = [INTRODUCTION, "### What was aimed at\n", _aims(found)]
    for size, tools in found.items():
        parts += [f"### {texts_of(size):,} texts\n", page.table(_COLUMNS, _rows(size, tools))]
    return "\n".join(parts)


_COLUMNS = ("task", "by", "seconds", "CPU s", "MiB", "texts / s", "CPU / kit")


def _aims(found: Mapping[float, Found]) -> str:
    rows: tuple[tuple[str, str, Callable[[float, Found], str]], ...] = (
        ("themes, texts per second", "at least 4,000", _speed_of(THEMES)),
        ("words of English, texts per second", "at least 10,000", _speed_of(ENGLISH)),
        ("vectors, texts per second", "at least 400", _speed_of(VECTORS)),
        ("vectors again, CPU seconds", "seconds", _cpu_s_of(VECTORS_AGAIN)),
        ("everything, CPU seconds", "", _cpu_s_of(ALL)),
        ("everything again, CPU seconds", "", _cpu_s_of(ALL_AGAIN)),
        ("everything, MiB", "", lambda _, tools: f"{tools[KIT.name][ALL].peak_mb:,.0f}"),
    )
    columns = ["", "aim", *(f"{texts_of(size):,}" for size in found)]
    return page.table(
        columns,
        ((name, aim, *(value(*one) for one in found.items())) for name, aim, value in rows),
    )


def _speed_of(task: str) -> Callable[[float, Found], str]:
    return lambda size, tools: _speed(size, task, tools[KIT.name][task].cpu_s)


def _cpu_s_of(task: str) -> Callable[[float, Found], str]:
    return lambda _, tools: f"{tools[KIT.name][task].cpu_s:.1f}"


def _speed(size: float, task: str, cpu_s: float) -> str:
    return f"{texts_of(size) / (2 if task in HALVES else 1) / cpu_s:,.0f}"


def _rows(size: float, tools: Found) -> Iterator[list[str]]:
    """Yield a row per task and tool, one task after the other."""
    for task in TASKS:
        for tool, measures in tools.items():
            if task not in measures:
                continue
            one = measures[task]
            beside = f"{one.cpu_s / tools[KIT.name][task].cpu_s:.2f}"
            numbers = [f"{one.seconds:.2f}", f"{one.cpu_s:.2f}", f"{one.peak_mb:,.0f}"]
            yield [task, tool, *numbers, _speed(size, task, one.cpu_s), beside]
