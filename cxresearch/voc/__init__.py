"""The voice of the customer: what people say in their own words, in Italian and English.

Every function takes texts from any container (a list, a column of a frame); a missing text is an
empty one.

==============  ==================================================================
language        in which of the study's languages is a text
redact          texts without what tells who wrote them
codebook        the themes a researcher looks for, as a file that is edited
checking        is the codebook sound, and does it do what its examples say
tagging         which themes a text is of, and the words that say so
sampling        which texts to code by hand
coding          sheets for coders, and what came back on them
==============  ==================================================================
"""

from cxresearch.voc.checking import check_codebook
from cxresearch.voc.codebook import Codebook, Theme
from cxresearch.voc.coding import (
    adjudication_sheet,
    coder_agreement,
    coding_sheet,
    disagreements,
    gold_codes,
    read_codes,
)
from cxresearch.voc.language import detect_language
from cxresearch.voc.redact import personal_data, redact
from cxresearch.voc.sampling import draw_sample, suggest
from cxresearch.voc.tagging import evidence, tag

__all__ = [
    "Codebook",
    "Theme",
    "adjudication_sheet",
    "check_codebook",
    "coder_agreement",
    "coding_sheet",
    "detect_language",
    "disagreements",
    "draw_sample",
    "evidence",
    "gold_codes",
    "personal_data",
    "read_codes",
    "redact",
    "suggest",
    "tag",
]
