"""What a model sees of texts: their words, what the rules found, and their meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.feature_extraction.text import TfidfVectorizer

#: How much the vector weighs beside the words, both of length 1; measured.
_VECTOR_WEIGHT = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The words that were met, and how rare each of them is.

    Parameters
    ----------
    words : TfidfVectorizer or None
        None where the texts had no word twice.
    """

    words: TfidfVectorizer | None

    @classmethod
    def learnt(cls, texts: Sequence[str]) -> Features:
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
