"""Vectors of texts: what they mean, that they are the same on every run, and what is kept."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.core.disk import Cache
from cxresearch.voc.texts.encoder import READ, KeptEncoder, UniversalEncoder, encoder

TEXTS = ["Il pacco è in ritardo", "Great shoes", "Il pacco è in ritardo", "ottimo", ""]


class Counting:
    """An encoder that tells the length and the first letter, and counts what it was asked."""

    name = "counting-1"

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        found = [[len(text), ord(text[0]) if text else 0] for text in texts]
        return np.array(found, dtype=np.float32).reshape(len(texts), 2)


@pytest.fixture(scope="module")
def vectors():
    return UniversalEncoder().encode(TEXTS)


def test_a_text_is_a_vector_of_length_one(vectors):
    assert vectors.shape == (5, 512)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert UniversalEncoder().encode([]).shape == (0, 512)


def test_vectors_do_not_depend_on_order_or_on_copies(vectors):
    assert (vectors[0] == vectors[2]).all()
    back = UniversalEncoder().encode(TEXTS[::-1])
    assert (back[::-1] == vectors).all()


def test_a_long_text_is_read_at_its_beginning():
    long = "consegna lenta " * 100_000
    found = UniversalEncoder().encode([long, long[:READ]])
    assert (found[0] == found[1]).all()


def test_the_same_is_said_in_two_languages():
    pairs = [
        ("I would like a refund", "Vorrei un rimborso"),
        ("The size is too small", "La taglia è troppo piccola"),
        ("The website does not work", "Il sito non funziona"),
    ]
    english, italian = (UniversalEncoder().encode(side) for side in zip(*pairs, strict=True))
    nearness = english @ italian.T
    assert nearness.argmax(axis=1).tolist() == [0, 1, 2]


def test_no_text_is_encoded_twice(tmp_path):
    inner = Counting()
    cache = Cache(tmp_path, "a")
    first = KeptEncoder(inner, cache).encode(["due", "uno", "due"])
    assert sorted(inner.asked) == ["due", "uno"]
    again = KeptEncoder(inner, cache).encode(["uno", "tre"])
    assert sorted(inner.asked) == ["due", "tre", "uno"]
    assert first.tolist() == [[3, ord("d")], [3, ord("u")], [3, ord("d")]]
    assert again.tolist() == [[3, ord("u")], [3, ord("t")]]


def test_nothing_is_written_where_nothing_is_new(tmp_path):
    kept = KeptEncoder(Counting(), Cache(tmp_path, "a"))
    kept.encode(["uno"])
    (file,) = tmp_path.iterdir()
    before = file.stat()
    KeptEncoder(Counting(), Cache(tmp_path, "a")).encode(["uno"])
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert file.stat().st_ino == before.st_ino


def test_a_changed_table_takes_over_what_is_still_there(tmp_path):
    inner = Counting()
    KeptEncoder(inner, Cache(tmp_path, "old")).encode(["stays", "goes"])
    KeptEncoder(inner, Cache(tmp_path, "new")).encode(["stays", "comes"])
    assert inner.asked[2:] == ["comes"]
    (file,) = tmp_path.iterdir()
    assert file.name == "vectors-counting-1-new.npz"
    with np.load(file) as kept:
        assert len(kept["digests"]) == 2


def test_the_file_does_not_hold_the_texts(tmp_path):
    KeptEncoder(Counting(), Cache(tmp_path, "a")).encode(["mi chiamo Anna"])
    (file,) = tmp_path.iterdir()
    assert b"Anna" not in file.read_bytes()


def test_kept_vectors_are_those_that_are_made(tmp_path, vectors):
    keeping = encoder(Cache(tmp_path, "a"))
    assert keeping.name == encoder().name == "use-multilingual-3"
    made, kept = keeping.encode(TEXTS), encoder(Cache(tmp_path, "a")).encode(TEXTS)
    assert (made == vectors).all()
    assert (kept == vectors).all()


def test_half_an_emoji_is_no_fault(tmp_path):
    found = KeptEncoder(Counting(), Cache(tmp_path, "a")).encode(["\ud83d"])
    assert found.shape == (1, 2)
