"""The messages of each language, read from its catalogues: ``locale/<code>/*.po``."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

_LOCALE = Path(__file__).parent / "locale"


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Return the messages of `lang`, English words first; English itself has none."""
    messages: dict[str, str] = {}
    for message in _read(lang):
        ids, forms = _each(message.id), _each(message.string)
        messages |= {ids[0]: forms[0], ids[-1]: forms[-1]}
    return messages


@cache
def plurals(lang: str) -> GNUTranslations:
    """Return the messages of `lang` that have a form for one and others for more."""
    from babel.messages import Catalog
    from babel.messages.mofile import write_mo

    counted = Catalog(locale=lang)
    for message in _read(lang):
        if message.pluralizable:
            counted.add(message.id, message.string)
    file = io.BytesIO()
    write_mo(file, counted)
    file.seek(0)
    return GNUTranslations(file)


def _read(lang: str) -> Iterator[Any]:
    """Yield the messages of a language's catalogues that are translated."""
    from babel.messages.pofile import read_po

    for path in sorted((_LOCALE / lang).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=lang):
                if message.id and all(_each(message.string)):
                    yield message


def _each(forms: str | Sequence[str] | None) -> list[str]:
    """Return a message, or its forms for one and for more."""
    return [forms] if isinstance(forms, str) else list(forms or ())
