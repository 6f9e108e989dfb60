"""What customers say in a stage: what they write about, and where it hurts."""

from __future__ import annotations

from cxresearch import voc
from cxresearch.core.remarks import Amount, Remark, Said, joined
from cxresearch.findings.finding import Finding
from cxresearch.journey_map.map_cells import Cell
from cxresearch.journey_map.map_sources import YOUNG, Sources
from cxresearch.journey_map.verbatims import meanwhile, quoted


def wants(sources: Sources, stage: str) -> Cell:
    """Return what the texts of a stage are about: what its customers want or ask."""
    stages = sources.texts["stage"].map(sources.stage_of)
    here = (stages == stage).to_numpy()
    n = int(sources.texts["customer_id"][here].nunique()) if here.any() else 0
    if n < sources.min_cell or sources.tags.empty:
        why = Remark("fewer than {least} customers write", {"least": sources.min_cell})
        if not here.any():
            is_placed = stages.notna().any() or stages.empty
            why = Remark("no texts from here" if is_placed else "no text names its touchpoint")
        return Cell(stage=stage, lane="wants", why=why)
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
        why = Remark("no open critical point")
        if not sources.is_judged(stage):
            why = YOUNG if sources.watched(stage) else Remark("nothing is watched")
        return Cell(stage=stage, lane="hurts", why=why)
    first = bad[0]
    says = [first.what]
    if quote := _quote(sources, stage, first):
        says.append(quote)
    return Cell(
        stage=stage,
        lane="hurts",
        says=tuple(says),
        estimate=first.change,
        n=first.change.n,
        grade=first.grade,
        proof=sources.known(first.proof),
    )


def _quote(sources: Sources, stage: str, finding: Finding) -> Remark | None:
    """Return a short text of a stage that complains, drawn by chance, without personal data.

    It was written while the finding lasted, and is about what most complain of then; one that a
    person has read on the study's coding sheets goes before one that nobody has.
    """
    texts = sources.texts
    here = ((texts["stage"].map(sources.stage_of) == stage) & meanwhile(texts, finding)).to_numpy()
    if not here.any():
        return None
    own, complained = texts[here], sources.complained[here]
    read = own.index.to_series().isin(sources.checked.index)
    if found := quoted(own, complained, sources.study, read=read):
        return Remark("“{quote}”", {"quote": found[0]})
    if found := quoted(own, complained, sources.study):
        return Remark("“{quote}” (not checked)", {"quote": found[0]})
    return None
