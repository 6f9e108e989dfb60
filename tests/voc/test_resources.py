"""What comes with the kit decides numbers: a report that used it is made anew where it changes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cxresearch.core import yaml_files
from cxresearch.voc import Codebook
from cxresearch.voc.resources import content

VOC = Path(__file__).parents[2] / "cxresearch" / "voc"
#: What only the training of the sentiment reads or writes.
TRAINING = {"sentences.csv", "sentiment.json"}

PROGRAM = """
from cxresearch import voc
from cxresearch.core import disk
texts = ["Mi chiamo Marco Rossi: ottimo! 👍", "Great", "Pacco in ritardo", "Late parcel"] * 9
voc.tag(texts, voc.Codebook.load())
voc.sentiment(texts)
voc.redact(texts)
voc.emerging_terms(texts, [place % 2 == 0 for place in range(len(texts))])
print(*(path.name for path in disk.noted_reads()), sep="\\n")
"""


def test_every_file_that_comes_with_the_kit_is_noted_where_it_is_read():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = {path.name for path in VOC.rglob("*.*") if path.suffix in {".yaml", ".npz"}}
    assert set(done.stdout.split()) >= files - TRAINING


@pytest.mark.parametrize(
    "path", sorted((VOC / "resources").rglob("*.yaml")), ids=lambda one: one.name
)
def test_the_fast_reader_reads_what_the_one_that_words_faults_reads(path):
    names = path.relative_to(VOC / "resources").parts
    assert content(*names) == yaml_files.load(path.read_text("utf-8"))


def test_the_codebook_of_the_kit_has_no_faults():
    path = VOC / "resources" / "codebooks" / "ecommerce.yaml"
    assert Codebook.load() == Codebook.parse(path.read_text("utf-8"))


FRENCH = """\
words: {3: [parfait], -3: [cassé]}
phrases: {-2: [en retard]}
marks: {}
stronger: [très]
weaker: [peu]
"""
IN_FRENCH = """
from cxresearch.voc.resources import LANGUAGES
from cxresearch.voc.texts.lexicon import word_score
from cxresearch.voc.texts.scores import plain_meaning
from cxresearch.voc.feedback import Feedback
from cxresearch.voc.voice import _SOURCES
scores = [word_score(text, "fr") for text in ("Très parfait", "Parfait", "Cassé et en retard")]
assert scores == sorted(scores, reverse=True) and scores[1] > 0 > scores[2], scores
assert word_score("Cassé", "en") == 0
assert plain_meaning("Rien à redire", "fr") == "Rien à redire"
print(*LANGUAGES, *(column.heading for column in _SOURCES if column.name == "fr"))
"""


def test_a_list_of_words_makes_a_language_of_the_kit_one_that_texts_are_judged_in(tmp_path):
    shutil.copytree(
        VOC.parent, tmp_path / "cxresearch", ignore=shutil.ignore_patterns("__pycache__")
    )
    registry = tmp_path / "cxresearch" / "core" / "languages.py"
    text = registry.read_text("utf-8")
    registry.write_text(
        text.replace(
            "LANGUAGES = {", 'LANGUAGES = {\n    "fr": Known("Français", "fr_FR", ("«", "»")),', 1
        ),
        "utf-8",
    )
    lexicons = tmp_path / "cxresearch" / "voc" / "resources" / "lexicons"
    (lexicons / "fr.yaml").write_text(FRENCH, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", IN_FRENCH], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["fr", "en", "it", "Français"]
