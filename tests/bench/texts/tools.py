"""Who does the tasks."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from tests.bench import tool

LANGUAGE, REDACTION, THEMES = "language", "redaction", "themes"
ENGLISH, ITALIAN = "words, English", "words, Italian"
VECTORS, VECTORS_AGAIN = "vectors", "vectors again"
ALL, ALL_AGAIN = "everything", "everything again"
TASKS = (
    *(LANGUAGE, REDACTION, THEMES, ENGLISH, ITALIAN),
    *(VECTORS, VECTORS_AGAIN, ALL, ALL_AGAIN),
)
#: The tasks that read what the one before kept, and must answer as it did.
AGAIN = {VECTORS_AGAIN: VECTORS, ALL_AGAIN: ALL}
#: The tasks that are on half the texts, those of one language.
HALVES = (ENGLISH, ITALIAN)
#: Those that take minutes, or read what such a one kept.
_LONG = (VECTORS, ALL, *AGAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(tool.Tool):
    """One way to do the tasks.

    Parameters
    ----------
    alike : float
        The least share of texts of which it must say the same as the kit.
    """

    once: tuple[str, ...] = _LONG
    alike: float = 1.0


def _peer(package: str, module: str, task: str, alike: float) -> Tool:
    name, program = f"{package} {version(package)}", f"{__package__}.{module}"
    return Tool(name=name, module=program, tasks=(task,), alike=alike)


KIT = Tool(name="cxresearch", module=f"{__package__}.by_kit", tasks=TASKS)
LANGID = _peer("py3langid", "by_py3langid", LANGUAGE, 0.97)
VADER = _peer("vaderSentiment", "by_vader", ENGLISH, 0.9)
TOOLS = (KIT, LANGID, VADER)


def texts_of(size: float) -> int:
    """Return how many texts there are of a size."""
    return round(size * 10_000)
