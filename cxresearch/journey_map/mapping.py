"""The journey map of a study: stages by lanes, computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.results import Estimate, with_unit
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.findings.finding import GRADES, Finding, Findings
from cxresearch.findings.voice_measures import tagged_texts
from cxresearch.findings.watch import findings
from cxresearch.journey_map import map_html
from cxresearch.journey_map.arrivals import arrivals
from cxresearch.journey_map.backstage import backstage
from cxresearch.journey_map.feelings import after_answers, moments_of_truth
from cxresearch.journey_map.lanes import columns
from cxresearch.journey_map.map_cells import LANES, StageColumn, said_stage
from cxresearch.journey_map.map_notes import notes_of, with_notes
from cxresearch.journey_map.map_sources import Sources
from cxresearch.journey_map.part_maps import Mission, mission_maps, persona_maps
from cxresearch.journey_map.personas import ALL, Personas
from cxresearch.journey_map.verbatims import checked, complaints_about
from cxresearch.study.stage_models import StageModel, stage_model
from cxresearch.survey import satisfaction

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: What a reader calls each lane.
_LANES = {
    "who": Remark("Who is there"),
    "next": Remark("Time to the next stage"),
    "indicator": Remark("Indicator"),
    "trend": Remark("Week by week"),
    "wants": Remark("What they write about"),
    "satisfaction": Remark("Satisfaction"),
    "truth": Remark("Moment of truth"),
    "hurts": Remark("Pain points"),
    "todo": Remark("What to do"),
    "behind": Remark("Behind the scenes"),
}
_COLUMNS = (
    Column("stage", "Stage"),
    Column("lane", "Lane"),
    Column("says", "What it says"),
    Column("value", "Number", role="estimate"),
    Column("n", "n", role="people"),
    Column("known", "How sure we are"),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class JourneyMap(Tabular):
    """Where customers are, what they feel, where it hurts and what to do, stage by stage.

    Parameters
    ----------
    title : mapping of str to str
        The shop's name in each language.
    first_day, last_day : date
        The days it covers.
    model : StageModel
        Its stages.
    columns : tuple of StageColumn
        The stages with their cells.
    personas : Personas
        Customers who behave alike, each with a map of its own.
    found : Findings
        The findings behind it.
    missions : tuple of Mission
        The scenarios of the study, each with a map of its own.
    language : Language
        The study's own language, with its labels.
    """

    title: dict[str, str]
    first_day: date
    last_day: date
    model: StageModel
    columns: tuple[StageColumn, ...]
    personas: Personas
    found: Findings
    missions: tuple[Mission, ...] = ()
    language: Language = field(default_factory=Language)

    @property
    def top(self) -> Finding | None:
        """The finding that the map is headed by: the costliest open one; None where none is."""
        return next((one for one in self.found if one.hurts), None)

    @property
    def headline(self) -> Remark:
        """What the map says first."""
        if self.top:
            return self.top.what
        return Remark("No open critical moment." if self.found.judged else "Nothing is judged yet.")

    @property
    def footnote(self) -> Remark:
        """What stands under the headline: worth, interval, n, how it is known, days."""
        days: dict[str, Value] = {"first": self.first_day, "last": self.last_day}
        shop = Remark("{first} to {last}", days)
        if self.top is None:
            return Remark("{scope} {days}.", {"scope": self.found.scope, "days": shop})
        top = self.top
        return Remark(
            "{cost}; {confidence} CI. Evidence {grounds}. {days}.",
            {
                "cost": top.cost,
                "confidence": Amount(top.worth.confidence, "share", 0),
                "grounds": top.grounds,
                "days": shop,
            },
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per cell: what it says, the number, its n, grade, state and proof."""
        import pandas as pd

        rows = []
        for column in self.columns:
            for lane in LANES:
                cell = column.cells[lane]
                value = cell.estimate
                rows.append(
                    {
                        "stage": column.stage,
                        "lane": lane,
                        "state": column.state,
                        "says": "; ".join(str(one) for one in cell.says if one.message)
                        or "; ".join(f"{one.said} ({one.counted})" for one in cell.points),
                        "value": value.value if value else math.nan,
                        "low": value.ci.low if value else math.nan,
                        "high": value.ci.high if value else math.nan,
                        "unit": value.unit if value else "",
                        "n": cell.n,
                        "grade": cell.grade,
                        "measured": cell.is_measured,
                        "assumed": "; ".join(str(one) for one in cell.assumed),
                        "why": str(cell.why) if cell.why else "",
                        "proof": cell.proof,
                    }
                )
        return pd.DataFrame(rows)

    def could_see(self) -> Table:
        """Return how small a lasting change would have been found, by the stages of the map."""
        shown = self.found.could_see()
        of = self.model.stage_of
        stages: Any = shown.frame["stage"].map(lambda stage: said_stage(of.get(stage, stage)))
        return replace(shown, frame=shown.frame.assign(stage=stages))

    def table(self) -> Table:
        """Return the cells that hold a number, one a row."""
        import pandas as pd

        rows = []
        for column in self.columns:
            for lane in LANES:
                cell = column.cells[lane]
                known = Remark(GRADES[cell.grade]) if cell.grade else Remark("counted")
                rows += [
                    {
                        "stage": said_stage(column.stage),
                        "lane": _LANES[lane],
                        "says": what,
                        **with_unit("value", one),
                        "n": one.n or cell.n,
                        "known": known,
                    }
                    for _, what, one in cell.numbers
                ]
        names = [part for column in _COLUMNS for part in column.parts]
        return Table(
            frame=pd.DataFrame(rows, columns=names),
            columns=_COLUMNS,
            caption="The numbers of the map",
            nothing="The map has no numbers.",
        )

    def html(self, language: Language | None = None, *, is_linked: bool = True) -> str:
        """Return the map as HTML, with its style and a switch of personas, without a script.

        Parameters
        ----------
        language : Language, optional
            The language of its readers; by default the study's own.
        is_linked : bool, default True
            Whether cells link to the reports that have the numbers.
        """
        views = [map_html.View(name=ALL, about=Remark(""), columns=self.columns)]
        views += [
            map_html.View(name=one.label, about=one.about, columns=one.columns)
            for one in (*self.personas, *self.missions)
        ]
        return map_html.html(
            views,
            language or self.language,
            is_linked=is_linked,
            is_cyclic=self.model.is_cyclic,
        )

    def save(self, path: str | Path, language: Language | None = None) -> None:
        """Write the map on one sheet: ``.svg`` or ``.pdf`` as A4 landscape, ``.png`` for a slide.

        Parameters
        ----------
        path : str or Path
            The file.
        language : Language, optional
            The language of its readers; by default the study's own.

        Raises
        ------
        ValueError
            If the file is of another kind.
        """
        from cxresearch.journey_map import map_sheet

        readers = language or self.language
        shop = self.title.get(readers.code) or next(iter(self.title.values()))
        sheet = map_sheet.Sheet(
            title=self.headline, footnote=self.footnote, shop=shop, columns=self.columns
        )
        map_sheet.write(sheet, Path(path), readers)

    def __repr__(self) -> str:
        states = ", ".join(f"{one.stage} {one.state or 'calm'}" for one in self.columns)
        return f"<JourneyMap: {states}>"

    def _repr_html_(self) -> str:
        return self.html(is_linked=False)


def journey_map(
    study: Study,
    *,
    stages: str | Sequence[str] | None = None,
    confidence: float = 0.95,
) -> JourneyMap:
    """Return the journey map of a study.

    Parameters
    ----------
    study : Study
        From :func:`cxresearch.open_study`.
    stages : str or sequence of str, optional
        A model of stages by its name (``"six"``, ``"five_to_advocacy"``, ``"five_to_loyalty"``,
        ``"wheel"``); by default the study's own.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    JourneyMap
        Each cell with its n, its grade and its proof; what the study cannot tell says so.

    Raises
    ------
    SchemaError
        If the sheet that ``map`` in study.yaml names cannot be read.
    ValueError
        If there is no such model, or `confidence` is not strictly between 0 and 1.
    """
    import pandas as pd

    validate.share("confidence", confidence)
    shop = study.manifest
    model = stage_model(shop.stages if stages is None else stages, shop.stages, shop.placed)
    model = replace(model, is_cyclic=model.is_cyclic or (stages is None and shop.is_cyclic))
    found = findings(study, confidence=confidence)
    weeks = found.calendar
    if weeks is None:
        raise ValueError("the study has no table with days, so there is nothing to map")
    texts = pd.DataFrame(columns=["text", "stage", "customer_id", "language", "month"])
    tags = complained = coded = pd.DataFrame()
    if study.has("feedback"):
        texts, tags = tagged_texts(study)
        complained = complaints_about(study, texts, tags, model.stage_of, found)
        coded = checked(study)
    answers = after_answers(study)
    sources = Sources(
        study=study,
        weeks=weeks,
        series=found.series,
        counted=found.counted,
        found=found.rows,
        reached=arrivals(study, model.stage_of),
        stage_of=model.stage_of,
        texts=texts,
        tags=tags,
        complained=complained,
        checked=coded,
        reports=frozenset(study.manifest.reports),
        backstage=backstage(
            study,
            model.stage_of.get(shop.placed.get("service", ""), ""),
            proof="kpi_scorecard" if "kpi_scorecard" in study.manifest.reports else "",
            confidence=confidence,
        ),
        moments=moments_of_truth(answers, min_cell=study.manifest.min_cell, confidence=confidence),
        last_us=weeks.end_us,
        confidence=confidence,
        nps=_weighted_nps(study, confidence),
    )
    return JourneyMap(
        title={code: study.manifest.title_in(code) for code in study.languages or ("en",)},
        first_day=weeks.first_day,
        last_day=weeks.last_day,
        model=model,
        columns=with_notes(columns(sources, model.stages), notes_of(study), model.stage_of),
        personas=persona_maps(sources, answers, model.stages),
        missions=mission_maps(sources, answers, model.stages),
        found=found,
        language=Language(study.language, study.labels(study.language)),
    )


def _weighted_nps(study: Study, confidence: float) -> Estimate | None:
    """Return the NPS of the last 12 months as the page on satisfaction leads with it."""
    found = satisfaction(study, confidence=confidence)
    if isinstance(found, Missing) or not (found.is_nps_of_all and found.weighted):
        return None
    return found.level_of_all
