"""The words, and pairs of words, that say what a text is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import yaml_files
from cxresearch.voc._shipped import shipped
from cxresearch.voc._words import fold, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What stands in the place of personal data is no word of the customer.
_PLACEHOLDER = re.compile(r"\[[^\[\]]{1,40}\]")
_SHORTEST = 2
#: How far apart two words may be to be read together: "pagamento con la carta".
_REACH = 3
_OF_GROUP = 6


def terms_of(text: str) -> set[str]:
    """Return the words of a text, and what two of them say together across a small word.

    Examples
    --------
    >>> sorted(terms_of("Errore di pagamento con la carta"))
    ['carta', 'errore', 'errore di pagamento', 'pagamento', 'pagamento con la carta']
    """
    found: set[str] = set()
    folded = fold(_PLACEHOLDER.sub(" . ", text))
    for clause in re.split(r"[.,;:!?()\n]+", folded):
        placed = list(words(clause))
        full = [place for place, word in enumerate(placed) if _is_full(word[0])]
        found |= {placed[place][0] for place in full}
        found |= {
            " ".join(word[0] for word in placed[first : second + 1])
            for first, second in pairwise(full)
            if second - first <= _REACH
        }
    return found


def class_terms(texts: Sequence[str], labels: NDArray[np.int_]) -> list[tuple[str, ...]]:
    """Return, for each group of texts, the words that tell it from the others.

    They are those with the highest share of the group's texts times
    log(1 + texts per group / texts with the word), single words only.

    Examples
    --------
    >>> class_terms(["gift card lost", "gift card", "blue colour"], np.array([0, 0, 1]))
    [('card', 'gift', 'lost'), ('blue', 'colour')]
    """
    own = [{term for term in terms_of(text) if " " not in term} for text in texts]
    overall = Counter(term for terms in own for term in terms)
    count = int(labels.max()) + 1
    found = []
    for label in range(count):
        members = [terms for terms, of in zip(own, labels, strict=True) if of == label]
        inside = Counter(term for terms in members for term in terms)
        weight = {
            term: times / len(members) * np.log1p(len(texts) / count / overall[term])
            for term, times in inside.items()
        }
        best = sorted(weight, key=lambda term: (-round(weight[term], 12), term))
        found.append(tuple(best[:_OF_GROUP]))
    return found


def _is_full(word: str) -> bool:
    return len(word) >= _SHORTEST and not word.isdigit() and word not in _stop_words()


@cache
def _stop_words() -> frozenset[str]:
    file = shipped("lexicons", "stop_words.yaml")
    return frozenset(
        word for found in yaml_files.load(file.read_text("utf-8")).values() for word in found
    )
