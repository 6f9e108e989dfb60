"""Learn the sentiment head anew: ``CX_RAW=folder python -m cxresearch.calibrate.train_sentiment``.

It needs two sets of sentences that people rated:

- ``sentences.csv``, beside this module: sentences about shops invented for this kit, each
  in English and in Italian, from -1 to 1;
- ``vader_ground_truth/amazonReviewSnippets_GroundTruth.txt`` in the folder named by ``CX_RAW``:
  3,708 sentences of product reviews, each rated by 20 people from -4 to 4 (Hutto & Gilbert 2014,
  https://github.com/cjhutto/vaderSentiment, MIT licence). The file is not part of the kit.

It writes ``voc/resources/weights/sentiment.npz`` and, beside it, what was learnt from what and how
well it does on sentences it never saw. Every fifth invented sentence and every third review are
never learnt from. The same files give the same weights.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.calibrate.coverage_page import table
from cxresearch.core import disk
from cxresearch.stats.shares.proportions import proportion
from cxresearch.voc import band_errors
from cxresearch.voc.resources import resource
from cxresearch.voc.texts.encoder import Encoder, UniversalEncoder
from cxresearch.voc.texts.lexicon import without_marks, word_score
from cxresearch.voc.texts.scores import NEUTRAL, Head, plain_meaning

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    import pandas as pd


WEIGHTS = resource("weights", "sentiment.npz").parent
SENTENCES = Path(__file__).with_name("sentences.csv")
REVIEWS = Path("vader_ground_truth") / "amazonReviewSnippets_GroundTruth.txt"
REVIEWS_SHA256 = "11a9807a0974a2506a2d3b4851eaf69b3d6d20688ce4923adda2312a4f6dd6c2"

#: What holds the weights near 0, and how much more an invented sentence counts than one of a
#: review, of which there are more. Measured: half and twice of either move no figure by .02.
_PENALTY, _OWN_WEIGHT = 12.0, 2.0
_REVIEW_SCALE = 4.0
_FOLDS = 5
#: What people rated as neither good nor bad: within half a point of their nine.
_NEUTRAL_RATING = 0.125
_NAMES = {
    "reviews": "English reviews",
    "en": "invented sentences, English",
    "it": "invented sentences, Italian",
}


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """Rated sentences, ready to learn from.

    Parameters
    ----------
    features : ndarray, shape (n, d + 1)
        The vector of each sentence and the value of its words.
    ratings : ndarray, shape (n,)
        From -1 to 1.
    groups : ndarray of int, shape (n,)
        What belongs together: a review, a sentence and its translation.
    held_out : ndarray of bool, shape (n,)
        What is never learnt from.
    weight : float
        How much each sentence counts.
    marks : ndarray, shape (n,)
        The mark its writer gives in it, -1 to 1; nan where there is none.
    """

    features: Array
    ratings: Array
    groups: NDArray[np.int_]
    held_out: NDArray[np.bool_]
    weight: float
    marks: Array


def main(raw: Path, folder: Path = WEIGHTS) -> dict[str, Any]:
    """Learn, write the weights and what is known of them, and return the latter."""
    encoder = UniversalEncoder()
    sets = {
        "reviews": reviews(raw / REVIEWS, encoder),
        "en": invented("en", encoder),
        "it": invented("it", encoder),
    }
    head = learn(list(sets.values()), encoder.name)
    card = {
        "encoder": head.encoder,
        "sources": {
            SENTENCES.name: disk.sha256(SENTENCES),
            REVIEWS.name: disk.sha256(raw / REVIEWS),
        },
        "learnt_from": {name: int((~one.held_out).sum()) for name, one in sets.items()},
        "held_out": {name: _measured(head, one) for name, one in sets.items()},
        "translations": _apart(head, sets["en"], sets["it"]),
        "neutral_band": [
            row for name, one in sets.items() for row in _band(head, _NAMES[name], one)
        ],
    }
    with disk.replacing(folder / "sentiment.npz") as beside, beside.open("wb") as file:
        np.savez(
            file,
            encoder=np.array(head.encoder),
            vector=head.vector,
            words=np.float32(head.words),
            constant=np.float32(head.constant),
        )
    with disk.replacing(folder / "sentiment.json") as beside:
        beside.write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    return card


def reviews(path: Path, encoder: Encoder) -> Rated:
    """Read the rated sentences of reviews; every third review is held out.

    Raises
    ------
    ValueError
        If the file is another one than the weights were learnt from.
    """
    if (found := disk.sha256(path)) != REVIEWS_SHA256:
        raise ValueError(f"{path.name} must have SHA-256 {REVIEWS_SHA256}; got {found}")
    rows = [line.split("\t", 2) for line in path.read_text("utf-8").splitlines()]
    groups = np.array([int(name.split("_")[0]) for name, _, _ in rows])
    return Rated(
        features=_features([text for _, _, text in rows], "en", encoder),
        marks=_marks([text for _, _, text in rows], "en"),
        ratings=np.array([float(rating) for _, rating, _ in rows]) / _REVIEW_SCALE,
        groups=groups,
        held_out=groups % 3 == 0,
        weight=1.0,
    )


def invented(language: str, encoder: Encoder) -> Rated:
    """Read the invented sentences in a language; every fifth is held out, in both languages."""
    import pandas as pd

    table = pd.read_csv(SENTENCES)
    places = np.arange(len(table))
    return Rated(
        features=_features(table[language].tolist(), language, encoder),
        marks=_marks(table[language].tolist(), language),
        ratings=table["sentiment"].to_numpy(dtype=float),
        # Beside the numbers of the reviews.
        groups=-1 - places,
        held_out=places % 5 == 4,
        weight=_OWN_WEIGHT,
    )


def learn(sets: list[Rated], encoder: str) -> Head:
    """Learn a head by ridge regression, on the scale of the ratings.

    Ridge regression pulls what it predicts towards the middle. The slope of the ratings on what
    is predicted for groups it did not learn from says by how much, and is put right.
    """
    x = np.vstack([one.features[~one.held_out] for one in sets])
    y = np.concatenate([one.ratings[~one.held_out] for one in sets])
    groups = np.concatenate([one.groups[~one.held_out] for one in sets])
    weights = np.concatenate([np.full((~one.held_out).sum(), one.weight) for one in sets])
    unseen = np.empty_like(y)
    for fold in range(_FOLDS):
        out = groups % _FOLDS == fold
        slopes, constant = _ridge(x[~out], y[~out], weights[~out])
        unseen[out] = x[out] @ slopes + constant
    stretch, shift = np.polyfit(unseen, y, 1, w=np.sqrt(weights))
    slopes, constant = _ridge(x, y, weights)
    return Head(
        encoder=encoder,
        vector=(stretch * slopes[:-1]).astype(np.float32),
        words=float(stretch * slopes[-1]),
        constant=float(stretch * constant + shift),
    )


def _ridge(x: Array, y: Array, weights: Array) -> tuple[Array, float]:
    """Return slopes and constant; the constant is not held near 0."""
    centre = np.average(x, axis=0, weights=weights)
    level = float(np.average(y, weights=weights))
    away = x - np.asarray(centre, dtype=np.float64)
    matrix = away.T @ (weights[:, None] * away) + _PENALTY * np.eye(x.shape[1])
    slopes = np.asarray(np.linalg.solve(matrix, away.T @ (weights * (y - level))))
    return slopes, level - float(centre @ slopes)


def _features(said: list[str], language: str, encoder: Encoder) -> Array:
    texts = [without_marks(plain_meaning(text, language)).text for text in said]
    values = np.array([word_score(text, language) for text in texts])
    return np.column_stack([encoder.encode(texts), values])


def _marks(said: list[str], language: str) -> Array:
    found = (without_marks(plain_meaning(text, language)).mark for text in said)
    return np.array([np.nan if mark is None else mark for mark in found])


def _score(head: Head, rated: Rated) -> Array:
    features = rated.features[rated.held_out]
    scores, marks = head.score(features[:, :-1], features[:, -1]), rated.marks[rated.held_out]
    return np.where(np.isnan(marks), scores, (scores + marks) / 2)


def _measured(head: Head, rated: Rated) -> dict[str, float]:
    """Return how sentences that were held out are judged: correlation and mean error."""
    found, ratings = _score(head, rated), rated.ratings[rated.held_out]
    return {
        "n": len(ratings),
        "r": round(float(np.corrcoef(found, ratings)[0, 1]), 3),
        "mean_error": round(float(np.mean(found - ratings)), 3),
        "mean_absolute_error": round(float(np.mean(np.abs(found - ratings))), 3),
    }


def _band(head: Head, name: str, rated: Rated) -> list[dict[str, Any]]:
    """Return, by how held-out sentences were rated, what share the neutral band calls what."""
    found, ratings = _score(head, rated), rated.ratings[rated.held_out]
    groups = {
        "negative": ratings < -_NEUTRAL_RATING,
        "neutral": np.abs(ratings) <= _NEUTRAL_RATING,
        "positive": ratings > _NEUTRAL_RATING,
    }
    return [
        {
            "sentences": name,
            "rated": feeling,
            "n": int(chosen.sum()),
            "complaint": round(float((found[chosen] < -NEUTRAL).mean()), 3),
            "praise": round(float((found[chosen] > NEUTRAL).mean()), 3),
        }
        for feeling, chosen in groups.items()
    ]


def _apart(head: Head, english: Rated, italian: Rated) -> dict[str, float]:
    """Return how far held-out sentences are judged from their translations, Italian first."""
    apart = _score(head, italian) - _score(head, english)
    return {
        "n": len(apart),
        "mean_difference": round(float(np.mean(apart)), 3),
        "mean_absolute_difference": round(float(np.mean(np.abs(apart))), 3),
    }


_HEAD = """
## Sentiment: what the neutral band calls a complaint

A text is called a complaint where its sentiment is below -{band:g}, praise where it is above
{band:g}, and neither between them. The sentences are those that nothing was learnt from, each rated
by people; neutral is a rating within an eighth of the middle of the scale, which goes from -1 to 1.
A cell is the share of the sentences of a row and its Wilson interval of 95 %.

"""
_READING = """
- Of the neutral sentences of all sets, {neutral:.0%} are called complaints; of the negative ones,
  {missed:.0%} are not. The band is wide on purpose: a page that shows a question as a complaint is
  worse than one that misses a mild complaint.
- 20 people rated each sentence of the reviews, which are one of four sets by which the band was
  chosen (`docs/decisions/012`). Sentences of one review are alike, so the intervals of the reviews
  are a little short. The invented sentences are the kit's own, rated by who wrote them, and few.
"""


def section() -> str:
    """Return the part of the page about the neutral band."""
    errors = band_errors()
    return (
        _HEAD.format(band=NEUTRAL)
        + band_table(errors)
        + _READING.format(neutral=called(errors, "neutral"), missed=1 - called(errors, "negative"))
    )


def called(errors: pd.DataFrame, rated: str) -> float:
    """Return the share of sentences of a rating, over all sets, that are called complaints.

    Examples
    --------
    >>> import pandas as pd
    >>> errors = pd.DataFrame({"rated": ["neutral"] * 2, "n": [30, 10], "complaint": [0.1, 0.5]})
    >>> called(errors, "neutral")
    0.2
    """
    rows = errors[errors["rated"] == rated]
    return float((rows["complaint"] * rows["n"]).sum() / rows["n"].sum())


def band_table(errors: pd.DataFrame) -> str:
    """Return one row per set of sentences and rating: what share is called what.

    Examples
    --------
    >>> import pandas as pd
    >>> print(band_table(pd.DataFrame({"sentences": ["reviews"], "rated": ["neutral"], "n": [10],
    ...     "complaint": [0.1], "praise": [0.0]})))
    | sentences | rated | n | called a complaint | called praise |
    | --- | --- | --- | --- | --- |
    | reviews | neutral | 10 | 0.100 (0.018 to 0.404) | 0.000 (0.000 to 0.278) |
    <BLANKLINE>
    """
    rows = (
        (
            *(str(one[name]) for name in ("sentences", "rated", "n")),
            *(_share(one[name], one["n"]) for name in ("complaint", "praise")),
        )
        for one in errors.to_dict("records")
    )
    return table(["sentences", "rated", "n", "called a complaint", "called praise"], rows)


def _share(share: float, n: int) -> str:
    found = proportion(round(share * n), n)
    return f"{found.value:.3f} ({found.ci.low:.3f} to {found.ci.high:.3f})"


if __name__ == "__main__":
    if "CX_RAW" not in os.environ:
        sys.exit(f"CX_RAW must name the folder that holds {REVIEWS}; see `pydoc {__spec__.name}`")
    print(json.dumps(main(Path(os.environ["CX_RAW"])), indent=1))  # noqa: T201
