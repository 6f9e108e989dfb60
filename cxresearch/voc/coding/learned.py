"""Themes by rules, and by what coders' decisions teach where that is shown to be better."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.voc.coding.model_card import F1Averages, ModelCard, f1_averages, model_card
from cxresearch.voc.texts.encoder import Encoder, UniversalEncoder
from cxresearch.voc.texts.raw_text import as_list, readable

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    Truths = NDArray[np.bool_]
    Chances = NDArray[np.float64]
    Codes = NDArray[np.float64]


#: Columns beside the themes in a table of codes.
_BESIDE = ("text_id", "drawn", "probability")
#: Coded texts that must be of a theme, and that must not be, before a model is tried.
_FEWEST = 10
#: Inverse strength of the penalty; measured on hotel sentences and complaints about airlines.
_FREEDOM = 1.0
#: Chances from which a text may be taken to be of a theme.
_THRESHOLDS = np.linspace(0.2, 0.7, 26)


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """A model of one theme, and the chance from which a text is of it."""

    classifier: LogisticRegression
    threshold: float


@dataclass(frozen=True, slots=True, eq=False)
class Tagger:
    """Finds themes: by rule, or by a model where that is better.

    Parameters
    ----------
    cards : tuple of ModelCard
        One per theme.
    """

    cards: tuple[ModelCard, ...]
    _features: Features = field(repr=False)
    _models: dict[str, _Model] = field(repr=False)
    _encoder: Encoder = field(repr=False)

    def tag(self, texts: Iterable[Any], rules: pd.DataFrame) -> pd.DataFrame:
        """Return which themes each text is of.

        Parameters
        ----------
        texts : iterable of str, length n
            The texts.
        rules : pandas.DataFrame
            What the rules found in them, as :func:`cxresearch.voc.tag` returns it.

        Returns
        -------
        pandas.DataFrame
            As `rules`, with the columns of the themes that have a model replaced by what it finds.
        """
        found = self.chances(texts, rules)
        tags = rules.copy()
        for theme, model in self._models.items():
            tags[theme] = found[theme].to_numpy() >= model.threshold
        return tags

    def chances(self, texts: Iterable[Any], rules: pd.DataFrame) -> pd.DataFrame:
        """Return how likely each text is of each theme that has a model, 0-1.

        The classes were weighed alike, so these rank texts; they are no shares.
        """
        import pandas as pd

        chances = pd.DataFrame(0.0, index=rules.index, columns=list(self._models))
        if not chances.empty:
            x = self._features.of(*_inputs(texts, rules, self._encoder))
            for theme, model in self._models.items():
                chances[theme] = model.classifier.predict_proba(x)[:, 1]
        return chances

    def to_frame(self) -> pd.DataFrame:
        """Return one row per theme."""
        import pandas as pd

        return pd.DataFrame([card.to_dict() for card in self.cards])

    @property
    def f1(self) -> F1Averages:
        """The micro, macro and weighted F1 over the themes."""
        return f1_averages(self.cards)

    def _repr_html_(self) -> str:
        tables = (self.to_frame(), self.f1.to_frame())
        return "".join(one.to_html(index=False, float_format="{:.3g}".format) for one in tables)


@documented
def learn(
    texts: Iterable[Any],
    rules: pd.DataFrame,
    codes: pd.DataFrame,
    *,
    encoder: Encoder | None = None,
    folds: int = 5,
    confidence: float = 0.95,
) -> Tagger:
    """Learn themes from coded texts, and use what is learnt where it beats the rule.

    Parameters
    ----------
    texts : iterable of str, length n
        The coded texts.
    rules : pandas.DataFrame
        What the rules found in them: a column of truths per theme.
    codes : pandas.DataFrame
        What the coders said, in the same order: a column of 1, 0 or nan (not coded) for each theme
        that was coded. The columns `text_id`, `drawn` and `probability` of
        :func:`cxresearch.voc.gold_codes` may be there.
    %(encoder)s
    folds : int, default 5
        Into how many parts the texts are cut; each is judged by what the others teach. Equal
        texts are in one part, and the order of the texts does not matter.
    %(confidence)s

    Returns
    -------
    Tagger
        With a card per theme.

    Raises
    ------
    ValueError
        If the lengths differ, a theme was coded that has no rule, a code is none, or an argument is
        none of what is allowed.

    Notes
    -----
    Logistic regression, one theme against the rest with both weighed alike, on the words and
    pairs of words (tf-idf), the hits of all rules, and the vector of the sentence encoder. A text
    is of a theme from the chance that gave the best F1 in the other parts. F1 is
    2 hits / (found + there), a ratio of sums over texts, whose interval is Wilson's on the
    effective sample size. Being chosen for its F1 flatters what is used, a little.

    Examples
    --------
    >>> import pandas as pd
    >>> late = [f"{when} in ritardo" for when in "abcdefghijklmnop"]
    >>> fine = [f"{when} tutto bene" for when in "abcdefghijklmnop"]
    >>> rules = pd.DataFrame({"delivery": [False] * 32})
    >>> codes = pd.DataFrame({"delivery": [True] * 16 + [False] * 16})
    >>> tagger = learn(late + fine, rules, codes)
    >>> tagger.cards[0].used, tagger.cards[0].value
    ('model', 1.0)
    >>> tagger.tag(["sempre in ritardo"], pd.DataFrame({"delivery": [False]}))["delivery"].tolist()
    [True]
    """
    validate.share("confidence", confidence)
    validate.whole("folds", folds, low=2)
    using = encoder or UniversalEncoder()
    found, hits, vectors = _inputs(texts, rules, using)
    validate.one_of("the number of rows of codes", len(codes), (len(found),))
    truths = _truths(codes, list(rules.columns))
    learnable = {theme: truth for theme, truth in truths.items() if _can_be_learnt(truth)}
    parts = _parts(found, folds)
    unseen = _chances_by_fold(found, hits, vectors, learnable, parts)
    features = Features.fit(found)
    x = features.of(found, hits, vectors)
    models = {
        theme: _Model(_fit(x, truth), _best_threshold(unseen[theme], truth))
        for theme, truth in learnable.items()
    }
    cards = tuple(
        model_card(
            theme,
            rule=hits[:, place],
            truth=truths.get(theme),
            model=_cross_validated_tags(unseen[theme], truths[theme], parts)
            if theme in models
            else None,
            terms=features.strongest(models[theme].classifier.coef_[0]) if theme in models else (),
            confidence=confidence,
        )
        for place, theme in enumerate(rules.columns)
    )
    used = {card.theme: models[card.theme] for card in cards if card.used == "model"}
    return Tagger(cards, features, used, using)


def _inputs(
    texts: Iterable[Any], rules: pd.DataFrame, encoder: Encoder
) -> tuple[list[str], Truths, NDArray[np.float32]]:
    """Return texts as they can be read, the hits of the rules, and the vectors."""
    found = [readable(text) for text in as_list(texts)]
    validate.one_of("the number of rows of rules", len(rules), (len(found),))
    return found, rules.to_numpy(dtype=bool), encoder.encode(found)


def _truths(codes: pd.DataFrame, themes: list[str]) -> dict[str, Codes]:
    """Return the codes of each theme that was coded."""
    coded = [name for name in codes.columns if name not in _BESIDE]
    for theme in coded:
        validate.one_of("the columns of codes", theme, themes)
    return {theme: validate.answers(theme, codes[theme].to_numpy(float), 0, 1) for theme in coded}


def _can_be_learnt(truth: Codes) -> bool:
    return min(int((truth == 1).sum()), int((truth == 0).sum())) >= _FEWEST


def _parts(texts: Sequence[str], folds: int) -> NDArray[np.int_]:
    """Return the part of each text, whatever the order; equal texts are in one part."""
    digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
    ranks = {digest: rank for rank, digest in enumerate(sorted(set(digests)))}
    return np.array([ranks[digest] % folds for digest in digests])


def _chances_by_fold(
    texts: Sequence[str],
    hits: Truths,
    vectors: NDArray[np.float32],
    truths: dict[str, Codes],
    parts: NDArray[np.int_],
) -> dict[str, Chances]:
    """Return the chances of each theme, of each text by what the other parts teach."""
    chances = {theme: np.zeros(len(texts)) for theme in truths}
    for part in np.unique(parts):
        out = parts == part
        kept = [text for text, is_out in zip(texts, out, strict=True) if not is_out]
        left = [text for text, is_out in zip(texts, out, strict=True) if is_out]
        features = Features.fit(kept)
        x = features.of(kept, hits[~out], vectors[~out])
        x_out = features.of(left, hits[out], vectors[out])
        for theme, truth in truths.items():
            if {0.0, 1.0} <= set(truth[~out]):
                chances[theme][out] = _fit(x, truth[~out]).predict_proba(x_out)[:, 1]
    return chances


def _fit(x: Any, truth: Codes) -> LogisticRegression:
    """Return what the texts that were coded teach."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_FREEDOM, class_weight="balanced", max_iter=1000)
    coded = np.flatnonzero(~np.isnan(truth))
    return model.fit(x[coded], truth[coded] == 1)


def _best_threshold(chances: Chances, truth: Codes) -> float:
    """Return the chance from which F1 is best; the nearest to one half of those that tie."""
    coded = ~np.isnan(truth)
    found, there = chances[coded] >= _THRESHOLDS[:, None], truth[coded] == 1
    f1 = 2 * (found & there).sum(axis=1) / np.maximum(found.sum(axis=1) + there.sum(), 1)
    best = _THRESHOLDS[f1 >= f1.max() - 1e-12]
    return float(best[np.argmin(np.abs(best - 0.5))])


def _cross_validated_tags(chances: Chances, truth: Codes, parts: NDArray[np.int_]) -> Truths:
    """Return what is found in each part from the threshold that is best in the others."""
    found = np.zeros(len(truth), dtype=bool)
    for part in np.unique(parts):
        out = parts == part
        found[out] = chances[out] >= _best_threshold(chances[~out], truth[~out])
    return found


#: How much the vector weighs beside the words, both of length 1; measured.
_VECTOR_WEIGHT = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The words that were met, and how rare each of them is."""

    words: TfidfVectorizer | None

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Features:
        """Return the features of texts: words and pairs of words that are in two at least."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = TfidfVectorizer(
            sublinear_tf=True, ngram_range=(1, 2), min_df=2, strip_accents="unicode"
        )
        try:
            return cls(words.fit(texts))
        except ValueError:  # no word is in two texts
            return cls(None)

    def of(self, texts: Sequence[str], hits: NDArray[np.bool_], vectors: NDArray[Any]) -> Any:
        """Return the features of each text as a sparse matrix, the words first."""
        from scipy import sparse

        others = sparse.csr_matrix(np.hstack([hits, _VECTOR_WEIGHT * vectors]))
        return (
            sparse.hstack([self.words.transform(texts), others]).tocsr() if self.words else others
        )

    def strongest(self, weights: NDArray[Any], count: int = 8) -> tuple[str, ...]:
        """Return the words with the largest weights above 0, the largest first."""
        if self.words is None:
            return ()
        names = self.words.get_feature_names_out()
        order = np.argsort(-weights[: len(names)], kind="stable")[:count]
        return tuple(str(names[place]) for place in order if weights[place] > 0)
