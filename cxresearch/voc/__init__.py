"""The voice of the customer: what people say in their own words, in Italian and English.

Every function takes texts from any container (a list, a column of a frame); a missing text is an
empty one.

==============  ==================================================================
reading         the texts of a study, what is left out of them, and of which period each is
language        in which of the study's languages is a text
redact          texts without what tells who wrote them
codebook        the themes a researcher looks for, as a file that is edited
checking        is the codebook sound, and does it do what its examples say
tagging         which themes a text is of, and the words that say so
sampling        which texts to code by hand
coding          sheets for coders, and what came back on them
learned         themes learnt from codes, where that beats the rules
sentiment       how customers feel about what they write of
aspects         the same for each theme, where a text points both ways
feelings        how customers feel about each theme, and which texts complain of it
encoder         texts as vectors, which keep what they mean
prevalence      the share of texts of each theme, the tagger's error counted
changes         whether that share changed
emerging        what is new: words, and groups of texts that no theme covers
outcomes        themes and sentiment against scores and returns; impact
recovery        whether support turned a bad experience
stages          themes by stage of the journey
of_study        the codebook and the codes that a study names
links           the score nearest to a text, the next order, and the contact with support
leading         which theme comes first, where it is separated from the second
quoting         a few texts of a theme, drawn by chance and redacted
tables          what a report shows of all this, one row each
train           learns the sentiment anew
==============  ==================================================================
"""

from cxresearch.voc._listed_words import Words
from cxresearch.voc._periods import Emerging, emerging_table
from cxresearch.voc.aspects import aspects
from cxresearch.voc.changes import Change, change, changes, changes_table, period_changes
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
from cxresearch.voc.emerging import emerging_clusters, emerging_terms
from cxresearch.voc.encoder import Encoder, encoder
from cxresearch.voc.feelings import complaints, theme_sentiment
from cxresearch.voc.language import detect_language
from cxresearch.voc.leading import Answer, Lead, answer, leader
from cxresearch.voc.learned import Tagger, learn
from cxresearch.voc.links import bought_again, contacts, nearest_score
from cxresearch.voc.model_card import F1Averages, ModelCard, f1_averages
from cxresearch.voc.of_study import codebook_of, codes_of, gold_of, words_of
from cxresearch.voc.outcomes import Effect, effects, impact_difference, nps_points
from cxresearch.voc.prevalence import Prevalence, Prevalences, prevalence
from cxresearch.voc.quoting import theme_quotes
from cxresearch.voc.reading import Reading, read_feedback, redaction_counts
from cxresearch.voc.recovery import Recovery, experiences, recovered, service_recovery
from cxresearch.voc.redact import personal_data, redact
from cxresearch.voc.sampling import draw_sample, suggest
from cxresearch.voc.sentiment import band_errors, sentiment, sentiment_table
from cxresearch.voc.stages import theme_by_stage
from cxresearch.voc.tables import (
    agreement_table,
    effects_table,
    recovery_table,
    share_notes,
    themes_table,
)
from cxresearch.voc.tagging import evidence, tag

__all__ = [
    "Answer",
    "Change",
    "Codebook",
    "Effect",
    "Emerging",
    "Encoder",
    "F1Averages",
    "Lead",
    "ModelCard",
    "Prevalence",
    "Prevalences",
    "Reading",
    "Recovery",
    "Tagger",
    "Theme",
    "Words",
    "adjudication_sheet",
    "agreement_table",
    "answer",
    "aspects",
    "band_errors",
    "bought_again",
    "change",
    "changes",
    "changes_table",
    "check_codebook",
    "codebook_of",
    "coder_agreement",
    "codes_of",
    "coding_sheet",
    "complaints",
    "contacts",
    "detect_language",
    "disagreements",
    "draw_sample",
    "effects",
    "effects_table",
    "emerging_clusters",
    "emerging_table",
    "emerging_terms",
    "encoder",
    "evidence",
    "experiences",
    "f1_averages",
    "gold_codes",
    "gold_of",
    "impact_difference",
    "leader",
    "learn",
    "nearest_score",
    "nps_points",
    "period_changes",
    "personal_data",
    "prevalence",
    "read_codes",
    "read_feedback",
    "recovered",
    "recovery_table",
    "redact",
    "redaction_counts",
    "sentiment",
    "sentiment_table",
    "service_recovery",
    "share_notes",
    "suggest",
    "tag",
    "theme_by_stage",
    "theme_quotes",
    "theme_sentiment",
    "themes_table",
    "words_of",
]
