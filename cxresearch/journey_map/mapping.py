"""The journey map of a study: stages by lanes, computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.core.languages import Language
from cxresearch.engine.windows import DAY_US
from cxresearch.findings.finding import Finding, Findings
from cxresearch.findings.voice_measures import tagged_texts
from cxresearch.findings.watch import findings
from cxresearch.journey_map import map_html
from cxresearch.journey_map.arrivals import arrivals
from cxresearch.journey_map.feelings import moments_of_truth
from cxresearch.journey_map.lanes import Sources, columns
from cxresearch.journey_map.map_cells import LANES, StageColumn
from cxresearch.study.stage_models import StageModel, stage_model

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class JourneyMap:
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
    found : Findings
        The findings behind it.
    language : Language
        The study's own language, with its labels.
    """

    title: dict[str, str]
    first_day: date
    last_day: date
    model: StageModel
    columns: tuple[StageColumn, ...]
    found: Findings
    language: Language = field(default_factory=Language)

    @property
    def top(self) -> Finding | None:
        """The finding that the map is headed by: the costliest open one; None where none is."""
        return self.found.open[0] if self.found.open else None

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
                        "says": "; ".join(str(one) for one in cell.says),
                        "value": value.value if value else math.nan,
                        "low": value.ci.low if value else math.nan,
                        "high": value.ci.high if value else math.nan,
                        "unit": value.unit if value else "",
                        "n": cell.n,
                        "grade": cell.grade,
                        "measured": cell.is_measured and not cell.is_assumed,
                        "why": str(cell.why) if cell.why else "",
                        "proof": cell.proof,
                    }
                )
        return pd.DataFrame(rows)

    def html(self, language: Language | None = None) -> str:
        """Return the map as HTML, with its style, for a page or a notebook."""
        return map_html.html(self.columns, language or self.language)

    def __repr__(self) -> str:
        states = ", ".join(f"{one.stage} {one.state or 'calm'}" for one in self.columns)
        return f"<JourneyMap: {states}>"

    def _repr_html_(self) -> str:
        return self.html()


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
    ValueError
        If there is no such model, or `confidence` is not strictly between 0 and 1.
    """
    import pandas as pd

    validate.share("confidence", confidence)
    own = study.manifest.stages
    model = stage_model(own if stages is None else stages, own)
    found = findings(study, confidence=confidence)
    weeks = found.calendar
    if weeks is None:
        raise ValueError("the study has no table with days, so there is nothing to map")
    texts, tags = pd.DataFrame(columns=["text", "stage", "customer_id"]), pd.DataFrame()
    if study.has("feedback"):
        texts, tags = tagged_texts(study)
    sources = Sources(
        study=study,
        weeks=weeks,
        series=found.series,
        found=found,
        reached=arrivals(study, model.of_default),
        stage_of=model.of_default,
        texts=texts,
        tags=tags,
        moments=moments_of_truth(study, min_cell=study.manifest.min_cell, confidence=confidence),
        last_us=((weeks.last_day - _EPOCH).days + 1) * DAY_US,
        confidence=confidence,
    )
    return JourneyMap(
        title={code: study.manifest.title_in(code) for code in study.languages or ("en",)},
        first_day=weeks.first_day,
        last_day=weeks.last_day,
        model=model,
        columns=columns(sources, model.stages),
        found=found,
        language=Language(study.language, study.labels(study.language)),
    )
