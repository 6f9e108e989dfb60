"""What was found in texts is kept: no text is read twice, and no text is in the file."""

from __future__ import annotations

import pytest

from cxresearch.core import disk
from cxresearch.core.disk import Cache
from cxresearch.voc.redaction.redact import Words, identifiers_of
from cxresearch.voc.texts.codebook import Codebook
from cxresearch.voc.texts.kept_results import kept_results
from cxresearch.voc.texts.tagging import hits_of_texts

ASKED: list[str] = []


@pytest.fixture(autouse=True)
def nothing_asked():
    ASKED.clear()


def lengths(texts, by):
    ASKED.extend(texts)
    return [len(text) + len(one) for text, one in zip(texts, by, strict=True)]


def found(folder, key, texts, *, name="lengths", decides=None, by=""):
    with kept_results(Cache(folder, key), name, decides) as kept:
        return kept.of(texts, lengths, by)


def test_no_text_is_read_twice(tmp_path):
    assert found(tmp_path, "a", ["due", "uno", "due", "tre!"]) == [3, 3, 3, 4]
    assert found(tmp_path, "a", ["tre!", "quattro"]) == [4, 7]
    assert ASKED == ["due", "uno", "tre!", "quattro"]


def test_what_is_looked_for_is_told_apart(tmp_path):
    assert found(tmp_path, "a", ["uno", "uno", "due"], by=["en", "it", "it"]) == [5, 5, 5]
    assert found(tmp_path, "a", ["uno", "due"], by="it") == [5, 5]
    assert ASKED == ["uno", "uno", "due"]


def test_other_rules_find_anew_and_take_the_place(tmp_path):
    found(tmp_path, "a", ["uno"], decides="one codebook")
    found(tmp_path, "a", ["uno"], decides="another")
    assert ASKED == ["uno", "uno"]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_changed_table_takes_over_what_is_still_there(tmp_path):
    found(tmp_path, "old", ["stays", "goes"])
    assert found(tmp_path, "new", ["stays", "comes!"]) == [5, 6]
    assert ASKED == ["stays", "goes", "comes!"]
    (file,) = tmp_path.iterdir()
    assert "new" in file.name
    assert b"goes" not in file.read_bytes()
    assert b"stays" not in file.read_bytes()


def test_a_damaged_file_is_said_and_made_anew(tmp_path):
    found(tmp_path, "a", ["uno"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.warns(UserWarning, match="is damaged; it is made anew"):
        assert found(tmp_path, "a", ["uno"]) == [3]
    assert ASKED == ["uno", "uno"]
    assert found(tmp_path, "a", ["uno"]) == [3]
    assert ASKED == ["uno", "uno"]


def test_nothing_is_written_where_nothing_is_new(tmp_path):
    found(tmp_path, "a", ["uno"])
    (file,) = tmp_path.iterdir()
    before = file.stat().st_mtime_ns, file.stat().st_ino
    found(tmp_path, "a", ["uno"])
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_without_a_cache_all_is_found(tmp_path):
    with kept_results(None, "lengths") as kept:
        assert kept.of(["uno", "\ud83d"], lengths) == [3, 1]
    assert list(tmp_path.iterdir()) == []


def test_kept_hits_are_those_that_are_found(tmp_path):
    texts = ["Il pacco è in ritardo", "The parcel never came", "ok", "<b>Nessun</b> rimborso", ""]
    spoken = ["it", "en", "unknown", "it", "other"]
    codebook, cache = Codebook.load(), Cache(tmp_path, "a")
    plain = hits_of_texts(texts, codebook, spoken)
    made, kept = (hits_of_texts(texts, codebook, spoken, cache) for _ in range(2))
    assert plain == made == kept
    assert any(hit.negated for one in kept for hit in one.hits)
    assert kept[4].hits == []


def test_kept_personal_data_are_those_of_the_study_s_words(tmp_path):
    texts = ["Ho scritto ad anna@example.com", "Pacco lasciato da Zorzi", "ok"]
    plain = identifiers_of(texts)
    for _ in range(2):
        assert identifiers_of(texts, cache=Cache(tmp_path, "a")) == plain
    (file,) = tmp_path.iterdir()
    assert b"anna" not in file.read_bytes()
    own = identifiers_of(texts, words=Words(always=("Zorzi",)), cache=Cache(tmp_path, "a"))
    assert [len(one.identifiers) for one in plain] == [1, 0, 0]
    assert [len(one.identifiers) for one in own] == [1, 1, 0]


def test_the_code_that_decides_is_noted_as_read_though_nothing_imports_it(tmp_path):
    found(tmp_path, "a", ["uno"])
    names = {path.name for path in disk.noted_reads()}
    assert {"finders.py", "names.py", "matcher.py"} <= names
