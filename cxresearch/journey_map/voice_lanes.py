"""What customers say in a stage: what they write about, and where it hurts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cxresearch import voc
from cxresearch.core.remarks import Amount, Remark, Said, joined
from cxresearch.findings.finding import Finding
from cxresearch.journey_map.map_cells import Cell
from cxresearch.journey_map.map_sources import Sources

if TYPE_CHECKING:
    import pandas as pd

#: A quote that fills its cell is not read.
_LONGEST_QUOTE = 80


def wants(sources: Sources, stage: str) -> Cell:
    """Return what the texts of a stage are about: what its customers want or ask."""
    here = (sources.texts["stage"].map(sources.stage_of) == stage).to_numpy()
    n = int(sources.texts["customer_id"][here].nunique()) if here.any() else 0
    if n < sources.min_cell or sources.tags.empty:
        return Cell(stage=stage, lane="wants", why=Remark("no texts from here"))
    labels = voc.codebook_of(sources.study).labels()
    shares = sources.tags[here].mean().sort_values(ascending=False)
    says = [
        Remark(
            "{theme} {share}",
            {"theme": Said(labels[str(theme)]), "share": Amount(share, "share", 0)},
        )
        for theme, share in shares.head(2).items()
        if share > 0
    ]
    texts = Remark("of {n} texts", {"n": int(here.sum())})
    return Cell(
        stage=stage,
        lane="wants",
        says=(joined(says, ", "), texts) if says else (),
        n=n,
        grade="D",
        proof=sources.known("voice_of_customer"),
    )


def hurts(sources: Sources, stage: str, findings: tuple[Finding, ...]) -> Cell:
    """Return what hurts in a stage: its first finding, and a short complaint of that time."""
    bad = [one for one in findings if one.is_bad is not False]
    if not bad:
        return Cell(stage=stage, lane="hurts", why=Remark("no open critical point"))
    first = bad[0]
    says = [first.what]
    if quote := _quote(sources, stage, first):
        says.append(Remark("“{quote}”", {"quote": quote}))
    return Cell(
        stage=stage,
        lane="hurts",
        says=tuple(says),
        estimate=first.change,
        n=first.change.n,
        grade=first.grade,
        proof=sources.known(first.proof),
    )


def _quote(sources: Sources, stage: str, finding: Finding) -> str:
    """Return a short text of a stage that complains, drawn by chance, without personal data.

    It was written while the finding lasted, and is about what most complain of then.
    """
    texts = sources.texts
    written = (texts["stage"].map(sources.stage_of) == stage) & _meanwhile(texts, finding)
    written &= texts["text"].str.len() <= _LONGEST_QUOTE
    here = np.flatnonzero(written.to_numpy())
    if not len(here) or sources.tags.empty:
        return ""
    own, tags = texts.iloc[here], sources.tags.iloc[here]
    spans = voc.evidence(own["text"], voc.codebook_of(sources.study), own["language"])
    felt = voc.aspects(own["text"], spans, own["language"])
    complained = voc.complaints(tags.reset_index(drop=True), felt, clear=True)
    quotes = voc.theme_quotes(
        own["text"],
        complained,
        [str(complained.sum().idxmax())],
        clusters=own["customer_id"],
        count=1,
        min_cell=sources.min_cell,
        words=voc.words_of(sources.study),
    )
    return str(quotes["quote"].iloc[0]) if len(quotes) else ""


def _meanwhile(texts: pd.DataFrame, finding: Finding) -> pd.Series:
    """Return which texts were written in the months of a finding."""
    month = texts["month"].astype(str)
    first = f"{finding.since:%Y-%m}" if finding.since else ""
    last = f"{finding.until:%Y-%m}" if finding.until else "9999-12"
    return (month >= first) & (month <= last)
