"""How customers feel about what they write of, on one scale for Italian and English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import disk
from cxresearch.core.documented import documented
from cxresearch.stats.shares.proportions import proportion
from cxresearch.voc.resources import LANGUAGES, content, resource, resources
from cxresearch.voc.texts.encoder import READ, Encoder, KeptEncoder, UniversalEncoder
from cxresearch.voc.texts.kept_results import kept_results
from cxresearch.voc.texts.language import UNKNOWN, given_or_detected
from cxresearch.voc.texts.lexicon import MarkedText, emoji_score, without_marks, word_score
from cxresearch.voc.texts.raw_text import as_list, fold, one_by_one, readable
from cxresearch.voc.texts.salutation import end_of_salutation
from cxresearch.voc.texts.term_patterns import Sieve

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]


#: The neutral band: a sentiment from its negative to this is neither praise nor complaint. It is
#: the least multiple of .05 at which, on average over four sets that people labelled, at most one
#: neutral text in five is called a complaint (docs/decisions/012).
NEUTRAL = 0.2
NO_TEXT = "there is no text"
NO_WORDS = "there are no words"
OTHER_LANGUAGE = "the text is in a language that is not judged"
#: What stands in a rule of ``meant.yaml`` for one of its parts.
_PART = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What makes a sentiment of a vector and of the value of the words.

    Parameters
    ----------
    encoder : str
        The name of the encoder whose vectors it was learnt from.
    vector : ndarray, shape (d,)
        The weight of each number of a vector.
    words : float
        The weight of the value of the words.
    constant : float
        What is added.
    """

    encoder: str
    vector: NDArray[np.float32]
    words: float
    constant: float

    def score(self, vectors: NDArray[Any], words: Scores) -> Scores:
        """Return the sentiment of texts, -1 to 1, from their vectors and their words."""
        found = vectors @ self.vector + self.words * words + self.constant
        return np.clip(np.asarray(found, dtype=np.float64), -1.0, 1.0)


@documented
def sentiment(
    texts: Iterable[Any],
    language: str | Iterable[Any] | None = None,
    *,
    encoder: Encoder | None = None,
) -> Scores:
    """Judge how good or bad each text is about what it speaks of.

    Parameters
    ----------
    %(texts)s
    language : str or iterable of str, optional
        The language of all texts, or of each, ``"en"`` or ``"it"``; where it is not given it is
        detected.
    %(encoder)s

    Returns
    -------
    ndarray of float, shape (n,)
        From -1, as bad as can be, over 0, neither, to 1; nan where a text cannot be judged, for
        which :func:`sentiment_table` gives the reason.

    Raises
    ------
    %(not_texts)s
    ValueError
        If `language` has another length than `texts`, or the encoder is one for which nothing was
        learnt.

    Notes
    -----
    b'x + c w + a: x is the vector of the sentence encoder, w the value of the words (VADER with
    words of shops for English, a list of the kit for Italian), and b, c and a were learnt by ridge
    regression from sentences that people rated, of both languages at once
    (``cxresearch/calibrate/train_sentiment.py``). What is said by negation, wish or answer is read
    as it is meant ("could not be happier"). A mark in the text (stars, "10/10", "voto 9") counts
    as much as its words; emoji alone are scored as words are, s / sqrt(s**2 + 15). It is one number
    for a whole text: praise and complaint in one text add up to little, for which see
    :func:`cxresearch.voc.aspects`. Irony is not understood.

    References
    ----------
    Hutto & Gilbert (2014), VADER, ICWSM. Yang et al. (2020), ACL System Demonstrations, 87-94.

    Examples
    --------
    >>> good, bad, none = sentiment(["Non potrei essere più contenta", "It came broken", "📦"])
    >>> bool(good > 0.3), bool(bad < -0.2), bool(np.isnan(none))
    (True, True, True)
    """
    table = sentiment_table(texts, language, encoder=encoder)
    return np.array(table["sentiment"], dtype=np.float64)


def sentiment_table(
    texts: Iterable[Any],
    language: str | Iterable[Any] | None = None,
    *,
    encoder: Encoder | None = None,
) -> pd.DataFrame:
    """Judge each text, and say why one cannot be judged.

    Parameters
    ----------
    texts, language, encoder
        As in :func:`sentiment`.

    Returns
    -------
    pandas.DataFrame
        A row per text: `sentiment`, -1 to 1 or nan; `language`; `reason`, why there is none, else
        empty.

    Raises
    ------
    TypeError, ValueError
        As :func:`sentiment` does.

    Examples
    --------
    >>> sentiment_table(["", "📦", "Das Paket ist leider nicht angekommen"])["reason"].tolist()
    ['there is no text', 'there are no words', 'the text is in a language that is not judged']
    """
    found = [readable(text)[:READ] for text in as_list(texts)]
    return judge(found, given_or_detected(found, language, LANGUAGES), encoder)


def judge(texts: Sequence[str], spoken: Sequence[str], encoder: Encoder | None) -> pd.DataFrame:
    """Return how readable texts feel, as :func:`sentiment_table`; a text met twice is judged once.

    `spoken` are their languages. An encoder that keeps its vectors has how they feel kept too.
    """
    import pandas as pd

    using = encoder or UniversalEncoder()
    if using.name != (learnt := load_head().encoder):
        raise ValueError(f"encoder must be {learnt!r}; got {using.name!r}")
    pairs = list(zip(texts, spoken, strict=True))
    reasons = {pair: _reason(*pair) for pair in dict.fromkeys(pairs)}
    judged = [pair for pair, reason in reasons.items() if not reason]
    own, languages = ([pair[at] for pair in judged] for at in (0, 1))
    cache = using.cache if isinstance(using, KeptEncoder) else None
    with kept_results(cache, "feelings", _judged_by()) as kept:
        found = kept.of(own, partial(_scores, using), languages)
    scores = dict(zip(judged, found, strict=True))
    columns = {
        "sentiment": np.array([scores.get(pair, np.nan) for pair in pairs], dtype=np.float64),
        "language": list(spoken),
        "reason": [reasons[pair] for pair in pairs],
    }
    return pd.DataFrame(columns)


def _reason(text: str, language: str) -> str:
    """Return why a text cannot be judged; empty where it can."""
    if not text.strip():
        return NO_TEXT
    if not _has_words(text) and without_marks(text).mark is None and not emoji_score(text):
        return NO_WORDS
    return "" if language in (*LANGUAGES, UNKNOWN) else OTHER_LANGUAGE


def _scores(encoder: Encoder, texts: list[str], languages: list[str]) -> list[float]:
    """Return the sentiment of texts, each in its language."""
    if not texts:
        return []
    read = [without_marks(plain_meaning(*pair)) for pair in zip(texts, languages, strict=True)]
    plain = [one.text for one in read]
    # "Gentile" of whom one writes to praises nobody.
    told = [text[end_of_salutation(text) :] for text in plain]
    worded = list(zip(told, languages, strict=True))
    words = [word_score(*pair) for pair in one_by_one(worded, what="texts judged by their words")]
    scores = load_head().score(encoder.encode(plain), np.array(words))
    return [_with_marks(float(score), one) for score, one in zip(scores, read, strict=True)]


@cache
def _judged_by() -> list[str]:
    """Return what decides how a text feels, beside the code: the lists of words and the weights."""
    return [disk.sha256(path) for path in resources("lexicons") + resources("weights")]


def _with_marks(score: float, read: MarkedText) -> float:
    """Return the sentiment of a text: of its words and marks, or of its emoji if it has none."""
    if _has_words(read.text):
        return score if read.mark is None else (score + read.mark) / 2
    return emoji_score(read.text) if read.mark is None else read.mark


def _has_words(text: str) -> bool:
    return any(map(str.isalpha, text))


def band_errors() -> pd.DataFrame:
    """Return how the neutral band fares on rated sentences that nothing was learnt from.

    Returns
    -------
    pandas.DataFrame
        A row per set of sentences and per feeling that people gave them: `sentences`, `rated`
        (negative, neutral or positive), `n`, and the shares called `complaint` and `praise`, with
        their Wilson intervals of 95 % (`complaint_low`, ...).

    Examples
    --------
    >>> errors = band_errors().set_index(["sentences", "rated"])
    >>> bool(errors.loc[("English reviews", "neutral"), "complaint"] < 0.2)
    True
    """
    import pandas as pd

    card = json.loads(resource("weights", "sentiment.json").read_text("utf-8"))
    errors = pd.DataFrame(card["neutral_band"])
    for called in ("complaint", "praise"):
        counts = (errors[called] * errors["n"]).round()
        ends = [proportion(int(k), int(n)).ci for k, n in zip(counts, errors["n"], strict=True)]
        errors[f"{called}_low"] = [one.low for one in ends]
        errors[f"{called}_high"] = [one.high for one in ends]
    return errors


@cache
def load_head() -> Head:
    """Return the head that comes with the kit."""
    with np.load(resource("weights", "sentiment.npz")) as kept:
        return Head(
            encoder=str(kept["encoder"]),
            vector=kept["vector"],
            words=float(kept["words"]),
            constant=float(kept["constant"]),
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is said, as a pattern over a folded text, and what it means."""

    group: int
    said: re.Pattern[str]
    meant: str


@dataclass(frozen=True, slots=True)
class _Rules:
    """Rules in their order, by groups that hold only in a text with one of some letters."""

    cues: tuple[tuple[str, ...], ...]
    rules: tuple[_Rule, ...]
    sieve: Sieve
    plain: dict[str, str]
    opposites: list[str]


def plain_meaning(text: str, language: str) -> str:
    """Return a text with what is said by negation, wish or answer put in plain words.

    A text in a language that is not known is read by the rules of all.

    Examples
    --------
    >>> plain_meaning("Honestly, it could not be easier!", "en")
    'Honestly, it is very easy!'
    >>> plain_meaning("Sarebbe stato perfetto", "it")
    'purtroppo non e perfetto'
    """
    known = content("lexicons", "meant.yaml")
    for one in (language,) if language in LANGUAGES else LANGUAGES:
        if one in known:
            text = _apply_rules(text, one)
    return text


def _apply_rules(text: str, language: str) -> str:
    own = _rules(language)
    folded = fold(text)
    cued: dict[int, bool] = {}
    waiting = own.sieve.candidates(folded)
    while waiting:
        place = waiting.pop(0)
        rule = own.rules[place]
        if rule.group not in cued:
            cued[rule.group] = any(cue in folded for cue in own.cues[rule.group])
        if cued[rule.group] and (read := _replace(text, folded, rule, language)):
            text, folded = read, fold(read)
            waiting = [later for later in own.sieve.candidates(folded) if later > place]
    return text


def _replace(text: str, folded: str, rule: _Rule, language: str) -> str:
    """Return a text in which a rule was followed; empty where it holds nowhere."""
    pieces: list[str] = []
    end = 0
    for match in rule.said.finditer(folded):
        words = {"word": "", "more": ""} | {
            name: found for name, found in match.groupdict().items() if found
        }
        if words["more"]:
            words["more"] = _plain(words["more"], language)
            if not words["more"]:
                continue
        if "{opposite}" in rule.meant:
            words["opposite"] = _opposite(words["word"], language)
            if not words["opposite"]:
                continue
        pieces += [text[end : match.start()], rule.meant.format(**words)]
        end = match.end()
    return "".join([*pieces, text[end:]]) if end else ""


def _opposite(word: str, language: str) -> str:
    """Return "bad" of a good word, "good" of a bad one; empty of one that is neither."""
    value = word_score(word, language)
    bad, good = _rules(language).opposites
    return (bad if value > 0 else good) if value else ""


def _plain(comparative: str, language: str) -> str:
    """Return what a comparative is of, such as "happy" of "happier"; empty where it is none."""
    if known := _rules(language).plain.get(comparative):
        return known
    import simplemma

    lemma = simplemma.lemmatize(comparative, language)
    if lemma != comparative:
        return lemma
    bare = comparative[:-1]  # no list has "nicer", but one has "nice"
    return bare if bare.endswith("e") and simplemma.is_known(bare, language) else ""


@cache
def _rules(language: str) -> _Rules:
    own: dict[str, Any] = content("lexicons", "meant.yaml")[language]
    rules = tuple(
        _Rule(place, _compile(said, own["parts"]), meant)
        for place, group in enumerate(own["rules"])
        for said, meant in group["said"]
    )
    cues = tuple(tuple(group["cues"]) for group in own["rules"])
    sieve = Sieve([rule.said for rule in rules])
    return _Rules(cues, rules, sieve, own["plain"], own["opposites"])


def _compile(said: str, parts: dict[str, str]) -> re.Pattern[str]:
    """Return a pattern with its parts in their places."""
    return re.compile(_PART.sub(lambda part: parts.get(part[1], part[0]), said))
