"""What was found in a study: kept by one report, and put first on the pages of the others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from cxresearch.core.languages import capital
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark, Said, Sentence
from cxresearch.core.table import Column, Table
from cxresearch.report import page, sidecar

#: How many findings a summary shows.
_MOST = 5
_ALONE = ("what", "footnote")
_COLUMNS = (
    Column("worth", "What it is worth"),
    Column("sure", "How sure we are"),
    Column("next", "What to do next"),
)


class Found(Protocol):
    """One finding, as :class:`cxresearch.findings.Finding` is."""

    @property
    def what(self) -> Remark:
        """What moved, in a sentence."""

    @property
    def cost(self) -> Remark:
        """What it is worth in a month."""

    @property
    def step(self) -> Remark:
        """What to do next."""

    @property
    def grounds(self) -> Remark:
        """How it is known."""

    @property
    def hurts(self) -> bool:
        """Whether something must be fixed now."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready fields."""


class AllFound(Protocol):
    """What was found in a study, as :class:`cxresearch.findings.Findings` is."""

    @property
    def judged(self) -> int:
        """How many series could be judged."""

    @property
    def scope(self) -> Remark:
        """How much was looked at."""

    def __iter__(self) -> Iterator[Found]:
        """Yield the findings by rank."""


def record_findings(findings: AllFound) -> None:
    """Keep the findings of a study in the report's sidecar, in every language of its pages.

    Parameters
    ----------
    findings : Findings
        From :func:`cxresearch.findings`.
    """
    kept = []
    for one in findings:
        said = {"what": one.what, "cost": one.cost, "step": one.step, "grounds": one.grounds}
        fields = one.to_dict()
        said["footnote"] = Remark(
            "{cost}; {confidence} CI. Evidence {grounds}.",
            {
                "cost": one.cost,
                "confidence": Amount(fields["change"]["confidence"], "share", 0),
                "grounds": one.grounds,
            },
        )
        kept.append({**fields, "hurts": one.hurts, "words": _in_words(said)})
    words = _in_words({"scope": findings.scope})
    page.keep_findings({"found": kept, "judged": findings.judged, "words": words})


def _in_words(said: Mapping[str, Remark]) -> dict[str, dict[str, str]]:
    """Return remarks in every language of the page, labels as they stand: no quote marks.

    What stands alone, a sentence or what is under it, begins with a capital.
    """
    return {
        language.code: {
            name: capital(remark.words(language)) if name in _ALONE else remark.words(language)
            for name, remark in said.items()
        }
        for language in page.languages()
    }


def lead(study: str, report: str = "") -> None:
    """Let the costliest open finding lead the page, before its own answer.

    Where a report that this one reads has kept findings, and one is open whose proof is on this
    page, it becomes the headline; the page's own headline is said below it, but that of a page of
    all reports. A difference that has always been, of unknown worth, leads no page. Outside of a
    build, which says what a report reads, nothing leads.

    Parameters
    ----------
    study : str
        The name of the study.
    report : str
        The report whose findings may lead; by default all.
    """
    for one in _open(study):
        if _may_lead(one) and report in ("", one["proof"]):
            page.lead_with(_said(one, "what"), _said(one, "footnote"), alone=not report)
            return


def to_do(study: str, report: str, *, elsewhere: bool = True) -> list[Sentence]:
    """Return what the costliest open finding asks for, to be said first of what a page asks for.

    On a page that is not its proof, what it is comes with it. Where nothing is open, and outside of
    a build, nothing is said.

    Parameters
    ----------
    study : str
        The name of the study.
    report : str
        The report that says it.
    elsewhere : bool, default True
        Whether what is open on another page is said where this one has nothing.
    """
    found = _open(study)
    own = next((one for one in found if one["proof"] == report and _may_lead(one)), None)
    if own is not None:
        return [Sentence("{step}", {"step": _said(own, "step")})]
    return [
        Sentence(
            "{what} {step}" if one["proof"] == report else "Open on another page: {what} {step}",
            {"what": _said(one, "what"), "step": _said(one, "step")},
        )
        for one in found[:1]
        if elsewhere or one["proof"] == report
    ]


def scope(study: str) -> list[Sentence]:
    """Return how much was looked at for findings, where a report looked for them.

    Parameters
    ----------
    study : str
        The name of the study.
    """
    return [Sentence("{scope}", {"scope": _said(one, "scope")}) for one in _kept(study)[:1]]


def open_findings(study: str) -> Remark:
    """Return how many findings of a study hurt now, or that none does, or that none could be seen.

    How much was looked at stands where :func:`findings` has no rows.

    Parameters
    ----------
    study : str
        The name of the study.
    """
    kept = _kept(study)
    if not kept:
        return Remark("No report of the study looks for findings.")
    if count := sum(one["hurts"] for one in _found(kept)):
        return Remark("Open findings: {count}.", {"count": count})
    # A record of a report that an older kit built does not say how much was judged.
    is_judged = any(one.get("judged") for one in kept)
    return Remark("Nothing is open.") if is_judged else Remark("Nothing is judged yet.")


def findings(study: str) -> Table | Missing:
    """Return what the reports of a study found: what hurts, its worth, how sure, what next.

    Parameters
    ----------
    study : str
        The name of the study.
    """
    kept = _kept(study)
    if not kept:
        return Missing("no report of the study looks for findings")
    return _table(
        [one for one in _found(kept) if one["is_bad"] is not False],
        Column("hurts", "What hurts"),
        "What hurts, the costliest open finding first",
        {"scope": _said(kept[0], "scope")},
    )


def good_news(study: str) -> list[Table]:
    """Return a table of what became better, or would by an experiment; none where nothing did.

    Parameters
    ----------
    study : str
        The name of the study.
    """
    found = [one for one in _found(_kept(study)) if one["is_bad"] is False]
    if not found:
        return []
    return [
        _table(
            found,
            Column("works", "What works or was tested"),
            "What works, and what was tested",
            {},
        )
    ]


def _table(
    found: Sequence[Mapping[str, Any]], first: Column, caption: str, values: Mapping[str, Said]
) -> Table:
    import pandas as pd

    columns = (first, *_COLUMNS)
    rows = [
        [_said(one, "what"), _said(one, "cost"), _said(one, "grounds"), _said(one, "step")]
        for one in found[:_MOST]
    ]
    return Table(
        frame=pd.DataFrame(rows, columns=[column.name for column in columns]),
        columns=columns,
        caption=caption,
        nothing="{scope}",
        values={} if rows else values,
    )


def _kept(study: str) -> list[Mapping[str, Any]]:
    """Return what each report of the study that looked for findings kept."""
    return [record.findings for record in sidecar.records(study) if record.findings is not None]


def _open(study: str) -> list[Mapping[str, Any]]:
    """Return the findings that are open, by rank; outside of a build none."""
    if sidecar.READS_VARIABLE not in os.environ:
        return []
    return [one for one in _found(_kept(study)) if one["hurts"]]


def _may_lead(one: Mapping[str, Any]) -> bool:
    """Whether a finding is a break, or known to cost; the rest has always been."""
    return one["state"] == "open" or one["worth"]["value"] is not None


def _found(kept: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for each in kept for one in each["found"]]


def _said(one: Mapping[str, Any], name: str) -> Said:
    return Said({code: words[name] for code, words in one["words"].items()})
