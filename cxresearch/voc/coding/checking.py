"""Whether a codebook does what it says: overlaps, dead terms, examples that it misses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from cxresearch.voc.matching.codebook import Codebook, Theme
from cxresearch.voc.matching.matcher import parts_of
from cxresearch.voc.matching.tagging import evidence, hits_of_texts, tag
from cxresearch.voc.text.raw_text import as_list

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["finding", "theme", "language", "entry", "detail"]
_Finding = tuple[str, str, str, str, str]


def check_codebook(
    codebook: Codebook,
    texts: Iterable[Any] | None = None,
    language: str | Iterable[Any] | None = None,
) -> pd.DataFrame:
    """Review a codebook: what its examples and, where they are given, a study's texts show.

    Parameters
    ----------
    codebook : Codebook
        The codebook.
    texts : iterable of str, optional
        Texts of the study, to find the entries that are never met.
    language : str or iterable of str, optional
        As in :func:`cxresearch.voc.tag`.

    Returns
    -------
    pandas.DataFrame
        A row per finding, none where there is nothing to say: `finding`, `theme`, `language`,
        `entry` and `detail`. The findings are: overlap (an entry that other themes have too),
        example missed (an example its theme does not find), counter-example found, and dead (an
        entry that no text met).

    Examples
    --------
    >>> check_codebook(Codebook.load()).empty
    True
    """
    import pandas as pd

    rows = [*_overlaps(codebook), *_examples(codebook)]
    if texts is not None:
        rows += _dead(codebook, texts, language)
    return pd.DataFrame(rows, columns=_COLUMNS)


def _entries(theme: Theme) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the language and the words of each entry that makes a text be of a theme."""
    for how, by_language in theme.rules.items():
        for language, entries in by_language.items():
            for entry in entries:
                yield how, language, entry


def _overlaps(codebook: Codebook) -> Iterator[_Finding]:
    owners: dict[tuple[str, str, object], dict[str, str]] = defaultdict(dict)
    for key, theme in codebook.themes.items():
        for how, language, entry in _entries(theme):
            said = entry if how == "regex" else parts_of(entry)
            owners[how, language, said][key] = entry
    for (_, language, _), owned in owners.items():
        for key, entry in owned.items():
            if others := [other for other in owned if other != key]:
                yield "overlap", key, language, entry, f"also in {', '.join(others)}"


def _examples(codebook: Codebook) -> Iterator[_Finding]:
    for key, theme in codebook.themes.items():
        for language, texts in theme.examples.items():
            for text, found in zip(texts, tag(texts, codebook, language)[key], strict=True):
                if not found:
                    yield "example missed", key, language, text, "no entry holds"
        for language, texts in theme.counter_examples.items():
            found = evidence(texts, codebook, language)
            for hit in found[found["theme"] == key].to_dict("records"):
                rule = f"{hit['how']} {hit['rule']!r} holds"
                yield "counter-example found", key, language, texts[hit["text"]], rule


def _dead(
    codebook: Codebook, texts: Iterable[Any], language: str | Iterable[Any] | None
) -> Iterator[_Finding]:
    by_text = hits_of_texts(as_list(texts), codebook, language)
    alive = {(hit.theme, hit.how, hit.rule) for _, hits in by_text for hit in hits}
    for key, theme in codebook.themes.items():
        for how, spoken, entry in _entries(theme):
            if (key, how, entry) not in alive:
                yield "dead", key, spoken, entry, f"{how} that no text met"
