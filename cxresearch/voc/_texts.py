"""What customers wrote, from any container, as text that can be read."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from cxresearch.core import validate

#: What a mail program leaves: comments, style sheets, and tags with a name. "<3" is none of them.
#: Each stops where the next of its kind begins, or a text of openings only would take hours.
_MARKUP = re.compile(
    r"<!--(?:(?!<!--(?!>)).)*?-->|"
    r"<(script|style)\b[^<>]{0,2000}>(?:(?!<(?:script|style)\b).)*?</\1\s*>|"
    r"</?[a-z][^<>]{0,2000}>",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
#: Controls but tab and line ends, the marks that turn the direction of writing, and what no file
#: can hold: halves of emoji, and the two codes that are no character.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)


def listed(texts: Iterable[Any], name: str = "texts") -> list[str]:
    """Return texts from any container as a list; a missing one (None, nan) is empty.

    Raises
    ------
    TypeError
        If `texts` is one text, or holds what is neither text nor missing.

    Examples
    --------
    >>> listed(["ok", None, float("nan")])
    ['ok', '', '']
    """
    if isinstance(texts, str | bytes):
        raise TypeError(f"{name} must be a sequence of texts; got one text, {texts!r:.60}")
    found = list(texts)
    wrong = [one for one in found if not (isinstance(one, str) or is_missing(one))]
    if wrong:
        rule = f"texts ({len(wrong)} of {len(found)} are not)"
        raise TypeError(f"{name} must be {rule}; got {wrong[0]!r:.60}")
    return [one if isinstance(one, str) else "" for one in found]


def per_text(values: str | Iterable[Any] | None, n: int, name: str) -> Sequence[str | None]:
    """Return one value per text: the same for all, or one each; a missing one is None.

    Raises
    ------
    ValueError
        If there are more or fewer values than texts.
    """
    if values is None or isinstance(values, str):
        return [values] * n
    found = [one or None for one in listed(values, name)]
    validate.one_of(f"the length of {name}", len(found), (n,))
    return found


def readable(text: str) -> str:
    """Return a text without markup and unseen characters, each letter as one character.

    Examples
    --------
    >>> readable("<p>Non &egrave; <b>arrivato</b></p>")
    ' Non è  arrivato  '
    """
    if "<" in text:
        text = _MARKUP.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def is_missing(value: Any) -> bool:
    """Return whether a value is None, nan, or what pandas has for them."""
    import pandas as pd

    return pd.api.types.is_scalar(value) and bool(pd.isna(value))
