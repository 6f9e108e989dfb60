"""In which of the study's languages a text is written, where that can be seen."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.voc.resources import LANGUAGES
from cxresearch.voc.texts.raw_text import as_list, one_by_one, per_text, readable

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is said of a text in a language that is none of the study's.
OTHER = "other"
#: What is said of a text that is too short, or too much like two languages.
UNKNOWN = "unknown"

#: A text of fewer words is not judged: of two words, one in 30 is taken for the other language.
_FEWEST_WORDS = 3
#: Log-likelihood by which one study language must lead the next.
_LEAD = 4.0
#: Log-likelihood by which another language must lead the study's. Measured: 1 in 100 Italian
#: sentences and English tweets reaches 2, French, Spanish, German and Polish ones 40 to 110.
FOREIGN_LEAD = 12.0
#: The beginning of a long text decides.
_READ = 2000
_WORD = re.compile(r"[^\W\d_]+")
#: Addresses, mentions and hashtags are in no language.
_NO_LANGUAGE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+")


@documented
def detect_language(
    texts: Iterable[Any],
    languages: Sequence[str] = LANGUAGES,
    *,
    customer_languages: str | Iterable[Any] | None = None,
    foreign_lead: float = FOREIGN_LEAD,
) -> NDArray[np.object_]:
    """Detect the language of each text.

    Parameters
    ----------
    %(texts)s
    languages : sequence of str, optional
        The study's languages, by ISO 639-1 code; by default English and Italian.
    customer_languages : str or iterable of str, length n, optional
        The language each customer is known to use, for the texts that do not show it;
        a missing one, or one that is not of the study, is none.
    foreign_lead : float, default 12.0
        The log-likelihood by which another language must lead those of the study; less where
        other languages are known to be common among the texts.

    Returns
    -------
    ndarray of object, shape (n,)
        One of `languages`; ``"other"`` for a text in a language outside the study; ``"unknown"``
        for one whose language cannot be seen and whose customer's is not known.

    Raises
    ------
    %(not_texts)s
    ValueError
        If `languages` is empty or holds a code that is not known, or `customer_languages` has
        another length.

    Notes
    -----
    Naive Bayes over byte n-grams (py3langid), on the first 2,000 characters without addresses,
    mentions and hashtags. The language is unknown of a text of two words or less, and of one in
    which a study language leads the next by less than 4 units of log-likelihood; it is another
    one where that leads the study's by `foreign_lead` or more. A text in two languages is of the
    one that fills more of it.

    References
    ----------
    Lui & Baldwin (2012), langid.py, ACL System Demonstrations, 25-30.

    Examples
    --------
    >>> detect_language(["The parcel came two days late", "Il pacco non arriva", "ok"]).tolist()
    ['en', 'it', 'unknown']
    >>> detect_language(["top"], customer_languages=["it"]).tolist()
    ['it']
    """
    found = as_list(texts)
    validate.whole("the number of languages", len(languages), low=1)
    for language in languages:
        validate.one_of("languages", language, _identifier().labels)
    known = per_text(customer_languages, len(found), "customer_languages")
    detected = np.empty(len(found), dtype=object)
    pairs = list(zip(found, known, strict=True))
    for place, (text, of_customer) in enumerate(one_by_one(pairs, what="texts by language")):
        language = _language(text, languages, foreign_lead)
        inherits = language == UNKNOWN and of_customer in languages
        detected[place] = of_customer if inherits else language
    return detected


def is_language(code: str) -> bool:
    """Return whether a code is that of a language that can be detected.

    Examples
    --------
    >>> is_language("pt"), is_language("n/a")
    (True, False)
    """
    return code in _identifier().labels


def _language(text: str, languages: Sequence[str], foreign_lead: float) -> str:
    plain = _NO_LANGUAGE.sub(" ", readable(text)[:_READ])
    words = _WORD.findall(plain)
    # Scripts without spaces write a whole sentence as one word.
    if len(words) < _FEWEST_WORDS and all(word.isascii() or _is_latin(word) for word in words):
        return UNKNOWN
    ranked = _identifier().rank(" ".join(words))  # the likeliest first
    scores = dict(ranked)
    own = sorted(languages, key=lambda language: -scores[language])
    foreign = next(score for language, score in ranked if language not in languages)
    if foreign - scores[own[0]] >= foreign_lead:
        return OTHER
    lead = scores[own[0]] - scores[own[1]] if len(own) > 1 else math.inf
    return own[0] if lead >= _LEAD else UNKNOWN


def _is_latin(word: str) -> bool:
    """Return whether a word is in Latin letters, which all lie below the first Greek one."""
    return max(word) < "\N{GREEK CAPITAL LETTER HETA}"


def given_or_detected(
    texts: Sequence[str], language: str | Iterable[Any] | None, languages: Sequence[str]
) -> list[str]:
    """Return the language of each text: as given for all or for each, else detected."""
    given = per_text(language, len(texts), "language")
    unknown = [text for text, one in zip(texts, given, strict=True) if one is None]
    # Reading the model of languages takes half a second.
    detected = iter(detect_language(unknown, languages) if unknown else ())
    return [next(detected) if one is None else one for one in given]


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
