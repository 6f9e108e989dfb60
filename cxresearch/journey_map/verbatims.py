"""What customers wrote, word for word: short, without personal data, each read at most once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cxresearch import voc
from cxresearch.findings.finding import Finding

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: A quote that fills its cell is not read.
LONGEST = 80


def complaints_about(
    study: Study,
    texts: pd.DataFrame,
    tags: pd.DataFrame,
    stage_of: Mapping[str, str],
    findings: Iterable[Finding],
) -> pd.DataFrame:
    """Return which short texts complain of which theme, of those that a finding may quote.

    Parameters
    ----------
    study : Study
        The study.
    texts, tags : pandas.DataFrame
        The texts that can be read, and which themes each is of.
    stage_of : mapping of str to str
        The stage of the map for each stage of the study.
    findings : iterable of Finding
        What may be illustrated.

    Returns
    -------
    pandas.DataFrame
        As `tags`, true where a text was written in the stage and the months of a bad finding and
        complains of the theme.
    """
    import pandas as pd

    stages = texts["stage"].map(stage_of)
    asked = pd.Series(False, index=texts.index)
    for one in findings:
        if one.is_bad is not False:
            asked |= (stages == stage_of.get(one.stage)) & meanwhile(texts, one)
    asked &= texts["text"].str.len() <= LONGEST
    found = pd.DataFrame(False, index=tags.index, columns=tags.columns)
    here = asked.to_numpy()
    if not here.any() or tags.empty:
        return found
    own = texts[here]
    cache = study.cache("feedback")
    spans = voc.evidence(own["text"], voc.codebook_of(study), own["language"], cache=cache)
    memory = voc.encoder(cache)
    felt = voc.aspects(own["text"], spans, own["language"], encoder=memory)
    found.loc[here] = voc.complaints(tags[here].reset_index(drop=True), felt, clear=True).to_numpy()
    return found


def meanwhile(texts: pd.DataFrame, finding: Finding) -> pd.Series[Any]:
    """Return which texts were written in the months of a finding."""
    month = texts["month"].astype(str)
    first = f"{finding.since:%Y-%m}" if finding.since else ""
    last = f"{finding.until:%Y-%m}" if finding.until else "9999-12"
    return (month >= first) & (month <= last)


def checked(study: Study) -> pd.DataFrame:
    """Return what people coded of the texts on the study's sheets, by text; each was read.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    pandas.DataFrame
        Index `text_id`; per theme whether the text is of it. Without rows where no sheet is named.
    """
    codebook = voc.codebook_of(study)
    gold = voc.gold_of(study, codebook).set_index("text_id")
    found: pd.DataFrame = gold[list(codebook.themes)] == 1
    return found


def quoted(
    texts: pd.DataFrame,
    tags: pd.DataFrame,
    study: Study,
    *,
    read: pd.Series[bool] | None = None,
    count: int = 1,
) -> tuple[str, ...]:
    """Return quotes of the themes that most of some texts are of, one each.

    None is picked by what it says: see :func:`cxresearch.voc.theme_quotes`. A theme that too few
    customers wrote of is not quoted.

    Parameters
    ----------
    texts, tags : pandas.DataFrame
        The texts, and which themes each is of.
    study : Study
        The study.
    read : Series of bool, optional
        Which texts may be drawn; by default all.
    count : int
        The most quotes.
    """
    drawn = slice(None) if read is None else read.to_numpy()
    wrote = texts["customer_id"].fillna(texts.index.to_series())
    of = tags.to_numpy(bool)
    writers = {str(name): wrote[of[:, place]].nunique() for place, name in enumerate(tags)}
    themes = [name for name, n in writers.items() if n >= study.manifest.min_cell]
    order = tags[themes].sum().sort_values(ascending=False, kind="stable").index
    found = voc.theme_quotes(
        texts["text"][drawn],
        tags[themes].reset_index(drop=True)[drawn].reset_index(drop=True),
        [str(theme) for theme in order],
        clusters=texts["customer_id"][drawn],
        count=1,
        min_cell=1,
        words=voc.words_of(study),
    )
    return tuple(dict.fromkeys(found["quote"]))[:count]
