"""Which themes of a codebook texts speak of, by which words, and a review of the codebook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.voc.texts.codebook import Codebook, Theme
from cxresearch.voc.texts.kept_results import kept_results
from cxresearch.voc.texts.language import OTHER, UNKNOWN, given_or_detected
from cxresearch.voc.texts.matcher import Hit, Matcher, longest_hits, parts_of
from cxresearch.voc.texts.raw_text import as_list, one_by_one, readable

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.disk import Cache


#: Codebooks whose words are kept ready.
_KEPT = 8
_COLUMNS = ["finding", "theme", "language", "entry", "detail"]
_Finding = tuple[str, str, str, str, str]


@documented
def tag(
    texts: Iterable[Any],
    codebook: Codebook,
    language: str | Iterable[Any] | None = None,
    *,
    cache: Cache | None = None,
) -> pd.DataFrame:
    """Find which themes each text speaks of.

    Parameters
    ----------
    texts : iterable of str, length n
        The texts; a missing one is empty, and of no theme.
    codebook : Codebook
        The themes and their rules.
    language : str or iterable of str, optional
        The language of all texts, or of each; where it is not given it is detected.
    cache : Cache, optional
        Where what is found is kept, as in ``shop.cache("feedback")``, so that no text of a study
        is read twice.

    Returns
    -------
    pandas.DataFrame
        A row per text and a column of truths per theme, in the order of the codebook; the index
        is that of `texts` where it is a pandas Series.

    Raises
    ------
    %(not_texts)s
    ValueError
        If `language` is one text that is no language of the codebook, or has another length.

    Notes
    -----
    A text is of a theme where a term (as written), a lemma (any inflection) or a regular
    expression of the theme holds outside its exclusions; case, accents, apostrophes and markup do
    not matter. To deny is to speak of it: "no problem with the delivery" is of the delivery,
    unless the theme drops what is negated. A text is read by the rules of its language, and one
    whose language is unknown by the rules of all. One in a language outside the codebook is
    of no theme, for the rules cannot read it: it is no part of the texts that shares are of
    (:meth:`cxresearch.voc.Feedback.readable`).

    Examples
    --------
    >>> tags = tag(["The parcel came late", "Nessun problema con il reso"], Codebook.load())
    >>> [tags.columns[row].tolist() for row in tags.to_numpy()]
    [['delivery'], ['returns']]
    """
    import pandas as pd

    index = texts.index if isinstance(texts, pd.Series) else None
    return tags_of(hits_of_texts(as_list(texts), codebook, language, cache), codebook, index)


def evidence(
    texts: Iterable[Any],
    codebook: Codebook,
    language: str | Iterable[Any] | None = None,
    *,
    cache: Cache | None = None,
) -> pd.DataFrame:
    """Return the words by which texts were found to be of themes.

    Parameters
    ----------
    texts, codebook, language, cache
        As in :func:`tag`.

    Returns
    -------
    pandas.DataFrame
        A row per place: `text` (its place in `texts`, from 0), `theme`, `start` and `end` (in the
        text without markup and unseen characters), `quote`, `how` (term, lemma or regex), `rule`
        (the entry of the codebook) and `negated`.

    Raises
    ------
    TypeError, ValueError
        As :func:`tag` does.

    Examples
    --------
    >>> found = evidence(["Nessun problema con il reso"], Codebook.load(), "it")
    >>> found[["theme", "quote", "negated"]].to_dict("records")
    [{'theme': 'returns', 'quote': 'il reso', 'negated': True}]
    """
    return spans_of(hits_of_texts(as_list(texts), codebook, language, cache))


class TextHits(NamedTuple):
    """A text without markup and unseen characters, and where rules hold in it."""

    text: str
    hits: list[Hit]


def hits_of_texts(
    texts: list[str],
    codebook: Codebook,
    language: str | Iterable[Any] | None,
    cache: Cache | None = None,
) -> list[TextHits]:
    """Return where rules hold in each text; what was written twice is read once."""
    rules = codebook.model_dump_json()
    spoken = languages_by(codebook, texts, language)
    with kept_results(cache, "themes", rules) as kept:
        found = kept.of(texts, partial(_hits_in, rules), spoken)
    return [
        TextHits(readable(text), [Hit(*hit) for hit in hits])
        for text, hits in zip(texts, found, strict=True)
    ]


def _hits_in(rules: str, texts: list[str], spoken: list[str]) -> Iterator[list[Hit]]:
    """Yield where the rules for its language hold in each text; of one unknown, those for all."""
    matchers = _matchers(rules)
    pairs = list(zip(texts, spoken, strict=True))
    for text, code in one_by_one(pairs, what="texts tagged"):
        plain = readable(text)
        readers = matchers.values() if code == UNKNOWN else [matchers.get(code)]
        yield [hit for reader in readers if reader for hit in reader.hits(plain)]


def tags_of(hits: Sequence[TextHits], codebook: Codebook, index: Any = None) -> pd.DataFrame:
    """Return which themes each text is of, as :func:`tag` does."""
    import pandas as pd

    themes = {theme: place for place, theme in enumerate(codebook.themes)}
    tags = np.zeros((len(hits), len(themes)), dtype=bool)
    for row, (_, of_text) in enumerate(hits):
        for hit in of_text:
            tags[row, themes[hit.theme]] = True
    return pd.DataFrame(tags, columns=list(themes), index=index)


def spans_of(hits: Sequence[TextHits]) -> pd.DataFrame:
    """Return the words by which texts are of themes, as :func:`evidence` does."""
    import pandas as pd

    rows = [
        (row, theme, start, end, text[start:end], *said)
        for row, (text, of_text) in enumerate(hits)
        for theme, start, end, *said in longest_hits(of_text)
    ]
    columns = ["text", "theme", "start", "end", "quote", "how", "rule", "negated"]
    return pd.DataFrame(rows, columns=columns)


def languages_by(
    codebook: Codebook, texts: list[str], language: str | Iterable[Any] | None
) -> list[str]:
    """Return the language of each text: as given, else detected."""
    if isinstance(language, str):
        validate.one_of("language", language, (*codebook.languages, OTHER, UNKNOWN))
    return given_or_detected(texts, language, codebook.languages)


@lru_cache(maxsize=_KEPT)
def _matchers(codebook: str) -> dict[str, Matcher]:
    """Return what reads each language of a codebook, which is given as JSON to be a key."""
    read = Codebook.model_validate_json(codebook)
    return {language: Matcher(read, language) for language in read.languages}


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
