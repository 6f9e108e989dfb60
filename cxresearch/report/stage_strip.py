"""The journey map as a strip: kept by the report that has the map, shown by those that read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.report import page, sidecar

#: The sign of each state: it is never said by a colour alone.
_SIGNS = {"critical": "▲ critical, open", "past": "▽ was critical, now back", "": ""}
_STYLE = """
.cx-strip{--bad:#a4262c;--badbg:#fdf1f1;--past:#6f530f;--line:#dde3e8;--mut:#55616d;display:grid;grid-template-columns:repeat(var(--stages),minmax(0,1fr));gap:4px;margin:.8rem 0;padding:0;list-style:none;font-size:.82rem;line-height:1.3}
@media(prefers-color-scheme:dark){.cx-strip{--bad:#ff9b93;--badbg:#321a1b;--past:#e0c064;--line:#343d46;--mut:#a5b0bb}}
.cx-strip li{margin:0;padding:.4rem .55rem;border:1px solid var(--line);border-radius:4px}
.cx-strip .critical{border:2px solid var(--bad);background:var(--badbg)}
.cx-strip .past{border:2px dashed var(--past)}
.cx-strip a{display:block;color:inherit;font-weight:650;text-decoration:none}
.cx-strip a:hover{text-decoration:underline}
.cx-strip b{font-size:1.15rem;letter-spacing:-.02em}
.cx-strip .critical b,.cx-strip .critical .state{color:var(--bad)}
.cx-strip .state{display:block;font-size:.75rem;font-weight:650;color:var(--past)}
.cx-strip small{color:var(--mut);font-size:.75rem}
.cx-strip .counted{display:block}
@media screen and (max-width:760px){.cx-strip{display:flex;flex-direction:column}.cx-strip .critical{order:-2}.cx-strip .past{order:-1}}
@media print{.cx-strip{--bad:#a4262c;--badbg:#fff;--past:#6f530f;--line:#c4cad0;--mut:#444;break-inside:avoid;font-size:.68rem}.cx-strip li{padding:.3rem}}
"""  # noqa: E501 - a rule a line
_PICTURE = (
    ".cx-stages rect{fill:none;stroke:#8a949d}"
    ".cx-stages .critical{fill:#a4262c;stroke:#a4262c}"
    ".cx-stages .past{stroke:#6f530f;stroke-width:2;stroke-dasharray:5 3}"
    "@media(prefers-color-scheme:dark){.cx-stages .critical{fill:#ff9b93}"
    ".cx-stages .past{stroke:#e0c064}}"
)


class Stage(Protocol):
    """One stage of a journey map, as :class:`cxresearch.journey_map.map_cells.StageColumn` is."""

    @property
    def stage(self) -> str:
        """The stage."""

    @property
    def state(self) -> str:
        """Whether a finding is open there, or was: ``"critical"``, ``"past"`` or nothing."""

    @property
    def brief(self) -> Mapping[str, Remark]:
        """What it is called, its number, what the number is of, its interval and n."""

    def numbers(self) -> list[dict[str, Any]]:
        """Return its cells that have a number, as JSON-ready fields."""


def record_stages(stages: Sequence[Stage]) -> None:
    """Keep the stages of a journey map in the report's sidecar, with every number of the map.

    Parameters
    ----------
    stages : sequence of StageColumn
        From :func:`cxresearch.journey_map`, in their order.
    """
    page.keep_stages(
        [
            {
                "stage": one.stage,
                "state": one.state,
                "numbers": one.numbers(),
                "words": {
                    language.code: {name: said.words(language) for name, said in one.brief.items()}
                    for language in page.languages()
                },
            }
            for one in stages
        ]
    )


def strip(study: str) -> Strip | Missing:
    """Return the journey map of a study as a strip: one box per stage, in one line.

    Parameters
    ----------
    study : str
        The name of the study.
    """
    for record in sidecar.records(study):
        if record.stages is not None:
            return Strip(record.stages, record.report)
    return Missing("no report of the study has a journey map")


@dataclass(frozen=True, slots=True)
class Strip:
    """The stages of a journey map in one line, each a link to its column.

    Parameters
    ----------
    stages : sequence of dict
        The stages, as a record keeps them.
    report : str
        The report that has the map.
    """

    stages: Sequence[Mapping[str, Any]]
    report: str

    def html(self, language: Language) -> str:
        """Return the strip as HTML with its style."""
        boxes = "".join(
            self._box(one, place, language) for place, one in enumerate(self.stages, start=1)
        )
        return (
            f"<style>{_STYLE}</style>"
            f'<ol class="cx-strip" style="--stages:{len(self.stages)}">{boxes}</ol>'
        )

    def picture(self) -> str:
        """Return the strip as a small picture that says nothing: its page does."""
        boxes = "".join(
            f'<rect class="{one["state"]}" x="{40 * place + 2}" y="2" width="34" height="46"/>'
            for place, one in enumerate(self.stages)
        )
        return (
            f'<svg viewBox="0 0 {40 * len(self.stages)} 50" aria-hidden="true" class="cx-stages">'
            f"<style>{_PICTURE}</style>{boxes}</svg>"
        )

    def _box(self, stage: Mapping[str, Any], place: int, language: Language) -> str:
        words = stage["words"]
        said = words.get(language.code) or next(iter(words.values()))
        state = language.text(_SIGNS[stage["state"]]) if stage["state"] else ""
        parts = ("name", "number", "measures", "counted")
        name, number, measures, counted = (escape(said[part]) for part in parts)
        state = f'<span class="state">{escape(state)}</span>' if state else ""
        shown = f"<b>{number}</b> " if number else ""
        return (
            f'<li class="{stage["state"]}"><a href="{escape(self.report)}.html#cx-stage-0-{place}">'
            f"{place} {name}</a>{state}{shown}<small>{measures}</small>"
            f'<small class="counted">{counted}</small></li>'
        )

    def __repr__(self) -> str:
        return ", ".join(f"{one['stage']} {one['state'] or 'calm'}" for one in self.stages)
