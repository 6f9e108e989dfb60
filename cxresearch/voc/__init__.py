"""The voice of the customer: what people say in their own words, in Italian and English.

Every function takes texts from any container (a list, a column of a frame); a missing text is an
empty one.

============  ====================================================================
feedback      the texts of a study, its codebook, codes and words
voice         the texts of a study, read once, with what people coded of them
score_themes  what promoters write of, and detractors
*_results     what a study's customers write: of themes, by period, with what goes with them
texts         what a text says: its words, language and vector, its themes, how it feels
redaction     texts without personal data, and a few of them quoted
coding        texts coded by people: samples, sheets, agreement, a tagger learnt
estimates     shares and their changes, what is new, what goes with scores and orders
resources     the files that come with the kit: codebook, word lists, weights
============  ====================================================================
"""

from cxresearch.voc.coding.codes import (
    adjudication_sheet,
    coder_agreement,
    coding_sheet,
    disagreements,
    gold_codes,
    read_codes,
)
from cxresearch.voc.coding.learned import Tagger, learn
from cxresearch.voc.coding.model_card import F1Averages, ModelCard, f1_averages
from cxresearch.voc.coding.sampling import draw_sample, suggest
from cxresearch.voc.estimates.associations import (
    Association,
    associations,
    associations_table,
    impact_difference,
    nps_points,
)
from cxresearch.voc.estimates.changes import Change, change, changes, changes_table, period_changes
from cxresearch.voc.estimates.emerging import (
    Emerging,
    emerging_clusters,
    emerging_table,
    emerging_terms,
)
from cxresearch.voc.estimates.prevalence import Prevalence, Prevalences, prevalence
from cxresearch.voc.estimates.recovery import (
    Recovery,
    bought_again,
    contacts,
    experiences,
    nearest_score,
    recovery_gain,
    recovery_table,
    service_recovery,
)
from cxresearch.voc.estimates.theme_tables import (
    Lead,
    agreement_table,
    leader,
    share_notes,
    theme_by_stage,
    themes_table,
)
from cxresearch.voc.feedback import (
    Feedback,
    codebook_of,
    codes_of,
    gold_of,
    read_feedback,
    words_of,
)
from cxresearch.voc.outcome_results import (
    NpsLosses,
    OrdersLost,
    SupportRecovery,
    answer,
    next_step,
    nps_losses,
    orders_lost,
    support_recovery,
    weightiest,
)
from cxresearch.voc.period_results import Emerged, ThemeChanges, emerged, theme_changes
from cxresearch.voc.redaction.kinds import Words
from cxresearch.voc.redaction.quotes import theme_quotes
from cxresearch.voc.redaction.redact import personal_data, redact, redaction_counts
from cxresearch.voc.score_themes import themes_by_score
from cxresearch.voc.texts.codebook import Codebook, Theme
from cxresearch.voc.texts.encoder import Encoder, encoder
from cxresearch.voc.texts.language import detect_language
from cxresearch.voc.texts.raw_text import customer_words
from cxresearch.voc.texts.scores import band_errors, sentiment, sentiment_table
from cxresearch.voc.texts.tagging import check_codebook, evidence, tag
from cxresearch.voc.texts.theme_sentiment import aspects, complaints, theme_sentiment
from cxresearch.voc.theme_results import (
    ThemeShares,
    ThemeStages,
    agreement,
    complaint_quotes,
    feelings,
    neutral_band,
    other_ways,
    sentiment_by_month,
    theme_shares,
    theme_stages,
)
from cxresearch.voc.voice import Reading, Voice, read, voice_of

__all__ = [
    "Association",
    "Change",
    "Codebook",
    "Emerged",
    "Emerging",
    "Encoder",
    "F1Averages",
    "Feedback",
    "Lead",
    "ModelCard",
    "NpsLosses",
    "OrdersLost",
    "Prevalence",
    "Prevalences",
    "Reading",
    "Recovery",
    "SupportRecovery",
    "Tagger",
    "Theme",
    "ThemeChanges",
    "ThemeShares",
    "ThemeStages",
    "Voice",
    "Words",
    "adjudication_sheet",
    "agreement",
    "agreement_table",
    "answer",
    "aspects",
    "associations",
    "associations_table",
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
    "complaint_quotes",
    "complaints",
    "contacts",
    "customer_words",
    "detect_language",
    "disagreements",
    "draw_sample",
    "emerged",
    "emerging_clusters",
    "emerging_table",
    "emerging_terms",
    "encoder",
    "evidence",
    "experiences",
    "f1_averages",
    "feelings",
    "gold_codes",
    "gold_of",
    "impact_difference",
    "leader",
    "learn",
    "nearest_score",
    "neutral_band",
    "next_step",
    "nps_losses",
    "nps_points",
    "orders_lost",
    "other_ways",
    "period_changes",
    "personal_data",
    "prevalence",
    "read",
    "read_codes",
    "read_feedback",
    "recovery_gain",
    "recovery_table",
    "redact",
    "redaction_counts",
    "sentiment",
    "sentiment_by_month",
    "sentiment_table",
    "service_recovery",
    "share_notes",
    "suggest",
    "support_recovery",
    "tag",
    "theme_by_stage",
    "theme_changes",
    "theme_quotes",
    "theme_sentiment",
    "theme_shares",
    "theme_stages",
    "themes_by_score",
    "themes_table",
    "voice_of",
    "weightiest",
    "words_of",
]


def __dir__() -> list[str]:
    return __all__
