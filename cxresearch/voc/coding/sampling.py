"""Which texts to code: a random sample with known probabilities, or the ones that teach most."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.study import plain_frames
from cxresearch.voc.redaction.kinds import NO_WORDS, Words
from cxresearch.voc.redaction.redact import redact
from cxresearch.voc.resources import LANGUAGES
from cxresearch.voc.texts.language import given_or_detected
from cxresearch.voc.texts.raw_text import is_missing, readable

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import ArrayLike, NDArray

#: How a text came to be coded. Only those drawn at random stand for all texts.
RANDOM, SUGGESTED = "random", "suggested"

#: Suggestions are looked for among so many times the texts asked for.
_POOL = 10


def draw_sample(
    feedback: IntoFrame,
    n: int | Mapping[Any, int],
    *,
    by: str | None = None,
    words: Words = NO_WORDS,
    key: str | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Draw texts to code at random, each with a probability that is known.

    Parameters
    ----------
    feedback : frame of any kind
        `text_id` and `text`, `language` where it is known, and the column `by`.
    n : int or mapping
        How many texts; with `by`, shared out as evenly as the groups allow, or the number for
        each group.
    by : str, optional
        The column whose groups are drawn from one by one, so that rare ones are there.
    words, key
        As in :func:`cxresearch.voc.redact`.
    seed : int, default 0
        The same seed draws the same texts, whatever the order of the rows.

    Returns
    -------
    pandas.DataFrame
        `text_id`, `text` (redacted), `language`, `by`, `probability` (with which the text was
        drawn) and `drawn` ("random"), in random order.

    Raises
    ------
    SchemaError
        If columns are missing, or a `text_id` is missing or there twice.
    ValueError
        If more texts are asked for than there are, or for a group that is not there.

    Notes
    -----
    Texts with nothing in them cannot be coded and are left out before drawing. A draw within
    groups must be weighted by 1 / probability to stand for all texts.

    Examples
    --------
    >>> import pandas as pd
    >>> texts = pd.DataFrame({"text_id": ["a", "b", "c"], "text": ["ok", "Mi chiamo Anna", None]})
    >>> sample = draw_sample(texts, 2)
    >>> sorted(sample["text"]), sample["probability"].tolist()
    (['Mi chiamo [name]', 'ok'], [1.0, 1.0])
    """
    import pandas as pd

    texts = _texts(feedback, by)
    generator = np.random.default_rng(seed)
    groups: dict[Any, list[dict[str, Any]]] = {}
    for text in texts:
        groups.setdefault(text[by] if by else None, []).append(text)
    sizes = {group: len(members) for group, members in groups.items()}
    drawn = []
    for group, count in _allocation(n, sizes, by).items():
        chosen = generator.choice(sizes[group], count, replace=False)
        probability = count / sizes[group] if count else math.nan
        drawn += [groups[group][place] | {"probability": probability} for place in chosen]
    drawn = [drawn[place] for place in generator.permutation(len(drawn))]
    columns = ["text_id", "text", "language", *([by] if by else []), "probability", "drawn"]
    wrote = [text["text"] for text in drawn]
    languages = given_or_detected(wrote, [text.get("language") for text in drawn], LANGUAGES)
    shown = [
        text | {"text": redacted, "language": language, "drawn": RANDOM}
        for text, redacted, language in zip(
            drawn, redact(wrote, words=words, key=key), languages, strict=True
        )
    ]
    return pd.DataFrame(shown, columns=columns)


def suggest(
    text_ids: Sequence[Any],
    probabilities: ArrayLike,
    n: int,
    *,
    vectors: ArrayLike | None = None,
) -> pd.DataFrame:
    """Suggest which texts to code next: the ones a tagger is least sure of, unlike one another.

    Parameters
    ----------
    text_ids : sequence, length m
        The texts that are not coded yet.
    probabilities : array_like of float, shape (m, themes)
        The tagger's probability of each theme, 0-1.
    n : int
        How many texts to suggest; all of them where there are fewer.
    vectors : array_like of float, shape (m, d), optional
        The texts as vectors, near where the texts are alike; without them only the uncertainty
        counts.

    Returns
    -------
    pandas.DataFrame
        `text_id`, `uncertainty` (0 sure, 1 undecided), `probability` (nan: none is known) and
        `drawn` ("suggested"), the first to code first.

    Raises
    ------
    ValueError
        If lengths differ, or a probability is outside 0 to 1.

    Notes
    -----
    **They are no random sample and never count as one**: they sit where the tagger errs. The
    uncertainty is the largest over themes of 1 - abs(2 p - 1). Of the 10 n most uncertain, one
    after the other is taken whose uncertainty times distance (1 - cosine) from the nearest taken
    is largest. Texts that tie are in the order of `text_id`, not of the rows.

    References
    ----------
    Lewis & Gale (1994), SIGIR, 3-12 (uncertainty). Sener & Savarese (2018), ICLR (distance).

    Examples
    --------
    >>> suggest(["a", "b", "c"], [[0.9], [0.5], [0.1]], 1)["text_id"].tolist()
    ['b']
    """
    import pandas as pd

    validate.whole("n", n, low=1)
    chances = np.asarray(probabilities, dtype=float)
    validate.one_of("the rows of probabilities", len(chances), (len(text_ids),))
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("probabilities must be between 0 and 1, and none missing")
    uncertainty = (1 - np.abs(2 * chances - 1)).max(axis=1, initial=0)
    ranked = sorted(range(len(text_ids)), key=lambda row: (-uncertainty[row], str(text_ids[row])))
    if vectors is not None:
        validate.one_of("the rows of vectors", len(np.asarray(vectors)), (len(text_ids),))
        pool = np.array(ranked[: n * _POOL], dtype=int)
        near = np.asarray(vectors, dtype=float)[pool]
        ranked = pool[_spread(near, uncertainty[pool], n)].tolist()
    chosen = ranked[:n]
    return pd.DataFrame(
        {
            "text_id": [text_ids[row] for row in chosen],
            "uncertainty": uncertainty[chosen],
            "probability": math.nan,
            "drawn": SUGGESTED,
        }
    )


def _spread(vectors: NDArray[np.float64], worth: NDArray[np.float64], n: int) -> list[int]:
    """Return the rows of up to `n` vectors, each far from those before it."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    nearest = np.full(len(unit), 2.0)
    chosen: list[int] = []
    left = np.ones(len(unit), dtype=bool)
    while left.any() and len(chosen) < n:
        best = int(np.argmax(np.where(left, worth * nearest, -1)))
        chosen.append(best)
        left[best] = False
        nearest = np.minimum(nearest, 1 - unit @ unit[best])
    return chosen


def _texts(feedback: IntoFrame, by: str | None) -> list[dict[str, Any]]:
    """Return the texts that have something in them, by id."""
    needed = ["text_id", "text", *([by] if by else [])]
    found = plain_frames.lazy(feedback, "feedback", needed)
    names = [*needed, *({"language"} & set(found.collect_schema().names()) - set(needed))]
    rows = frames.rows(found.select(names))
    ids = [row["text_id"] for row in rows]
    faults = []
    if missing := sum(is_missing(one) for one in ids):
        faults.append(f"text_id: {missing} of {len(ids)} rows have none")
    often = Counter(one for one in ids if not is_missing(one))
    if twice := [one for one, times in often.items() if times > 1]:
        faults.append(f"text_id: {len(twice)} are there more than once, such as {twice[0]!r}")
    if faults:
        raise SchemaError("feedback", faults)
    there = [row for row in rows if isinstance(row["text"], str) and readable(row["text"]).strip()]
    return sorted(there, key=lambda row: str(row["text_id"]))


def _allocation(
    n: int | Mapping[Any, int], sizes: Mapping[Any, int], by: str | None
) -> dict[Any, int]:
    """Return how many texts to draw from each group."""
    if isinstance(n, Mapping):
        for group, count in n.items():
            validate.one_of(f"a group of {by}", group, tuple(sizes))
            validate.between(
                f"n of {group}", validate.whole(f"n of {group}", count), 0, sizes[group]
            )
        return dict(n)
    validate.between("n", validate.whole("n", n, low=1), 1, sum(sizes.values()))
    # The smallest groups first: what they cannot give is left for the rest.
    shares, left = {}, n
    ordered = sorted(sizes, key=lambda group: (sizes[group], str(group)))
    for place, group in enumerate(ordered):
        shares[group] = min(sizes[group], left // (len(ordered) - place))
        left -= shares[group]
    return shares
