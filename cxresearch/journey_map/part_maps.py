"""The map of some of the customers: of a persona, of those on one mission."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from cxresearch.core.remarks import Remark, Said
from cxresearch.engine import frames
from cxresearch.findings import worth
from cxresearch.findings.finding import Finding
from cxresearch.findings.finding_words import sentence
from cxresearch.findings.fires import Key
from cxresearch.findings.shifts import change
from cxresearch.findings.watch import NOW_WEEKS, series_by
from cxresearch.findings.watched_series import WHOLE, Series
from cxresearch.journey_map.behaviours import BEHAVIOURS, behaviours, of_known
from cxresearch.journey_map.feelings import moments_of_truth
from cxresearch.journey_map.lanes import columns
from cxresearch.journey_map.map_cells import Cell, StageColumn
from cxresearch.journey_map.map_sources import Sources
from cxresearch.journey_map.personas import TRAIT, Personas, personas
from cxresearch.journey_map.verbatims import LONGEST, quoted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cxresearch.study import Study
    from cxresearch.study.sections import Scenario

_YEAR_WEEKS = 52
_OF_ALL = Remark("known of all customers only")
_NOT_OF_SOME = Remark("worth is known for all customers, not for a part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission:
    """The customers of one scenario, and their map.

    Parameters
    ----------
    name : str
        The scenario, as study.yaml names it.
    label : Remark
        What a reader calls it.
    n : int
        How many customers have been on it.
    columns : tuple of StageColumn
        Their map.
    """

    name: str
    label: Remark
    n: int
    columns: tuple[StageColumn, ...]

    @property
    def about(self) -> Remark:
        """Who they are, in a line."""
        return Remark("{n} customers had this journey", {"n": self.n})


def persona_maps(sources: Sources, answers: pd.DataFrame, stages: tuple[str, ...]) -> Personas:
    """Return the customers who behave alike, each group with its map.

    Parameters
    ----------
    sources : Sources
        What the map of all customers is made of.
    answers : pandas.DataFrame
        From :func:`cxresearch.journey_map.feelings.after_answers`.
    stages : tuple of str
        The stages of the map.
    """
    study = sources.study
    if not (study.has("orders") and study.has("orders", "customer_id")):
        return Personas()
    who = behaviours(study, sources.last_us, confidence=sources.confidence)
    part_of = dict(zip(who.customers.index, who.customers["behaviour"], strict=True))
    series = series_by(sources.counted, TRAIT, part_of)
    maps, quotes = {}, {}
    for name in BEHAVIOURS:
        ids = set(who.customers.index[who.customers["behaviour"] == name])
        if len(ids) >= max(sources.min_cell, 1):
            own = {key: one for (key, group), one in series.items() if group == (TRAIT, name)}
            maps[name] = columns(_of(sources, own, ids, answers), stages)
            quotes[name] = _quotes(sources, ids)
    return personas(
        study, who, series, maps, quotes, sources.weeks.count, confidence=sources.confidence
    )


def mission_maps(
    sources: Sources, answers: pd.DataFrame, stages: tuple[str, ...]
) -> tuple[Mission, ...]:
    """Return the map of each scenario of a study that enough customers have been on.

    Parameters
    ----------
    sources, answers, stages
        As in :func:`persona_maps`.
    """
    study, found = sources.study, []
    for name, scenario in study.manifest.scenarios.items():
        ids = travellers(study, scenario)
        if len(ids) < max(sources.min_cell, 1):
            continue
        series = series_by(sources.counted, TRAIT, dict.fromkeys(ids, name))
        own = {key: one for (key, _), one in series.items()}
        label = Remark("{mission}", {"mission": Said(scenario.label)})
        made = columns(_of(sources, own, ids, answers), stages)
        found.append(Mission(name=name, label=label, n=len(ids), columns=made))
    return tuple(found)


def travellers(study: Study, scenario: Scenario) -> set[str]:
    """Return the customers with an event that is all that a scenario asks.

    Parameters
    ----------
    study : Study
        The study.
    scenario : Scenario
        One of its scenarios.
    """
    if not study.has("events") or (scenario.devices and not study.has("events", "device")):
        return set()
    met = study.manifest.touchpoints
    names = [
        event
        for event, one in met.items()
        if (not scenario.events or event in scenario.events)
        and (not scenario.touchpoints or one.touchpoint in scenario.touchpoints)
    ]
    events = of_known(study, "events", nw.col("event").is_in(names))
    if scenario.first:
        events = events.filter(nw.col("ts_us") == nw.col("ts_us").min().over("customer_id"))
    if scenario.devices:
        events = events.filter(nw.col("device").is_in(scenario.devices))
    return {str(row["customer_id"]) for row in frames.rows(frames.distinct(events, "customer_id"))}


def _quotes(sources: Sources, ids: Collection[str]) -> tuple[str, ...]:
    """Return two quotes of some customers, of texts that people have read on coding sheets."""
    texts, coded = sources.texts, sources.checked
    own = texts[_are_of(texts["customer_id"], ids) & texts.index.isin(coded.index)]
    own = own[own["text"].str.len() <= LONGEST]
    return quoted(own, coded.loc[own.index], sources.study, count=2) if len(own) else ()


def _are_of(customers: pd.Series | pd.Index, ids: Collection[str]) -> NDArray[np.bool_]:
    """Return which rows are of some customers: pandas makes a text of Arrow of each of the ids."""
    return np.array([one in ids for one in customers.tolist()], dtype=bool)


def _of(
    sources: Sources, own: Mapping[str, Series], ids: Collection[str], answers: pd.DataFrame
) -> Sources:
    """Return what the map of some of the customers is made of."""
    written = _are_of(sources.texts["customer_id"], ids)
    here = {(name, WHOLE): replace(one, group=WHOLE) for name, one in own.items()}
    return replace(
        sources,
        series=here,
        nps=None,
        backstage=Cell(stage="", lane="behind", why=_OF_ALL),
        found=tuple(_found_among(sources, here)),
        reached=sources.reached[_are_of(sources.reached.index, ids)],
        texts=sources.texts[written],
        tags=sources.tags[written] if len(sources.tags) else sources.tags,
        complained=sources.complained[written] if len(sources.tags) else sources.complained,
        moments=moments_of_truth(
            answers[_are_of(answers["customer_id"], ids)],
            min_cell=sources.min_cell,
            confidence=sources.confidence,
        ),
    )


def _found_among(sources: Sources, series: Mapping[Key, Series]) -> Iterator[Finding]:
    """Yield the findings that some of the customers show too, with their own numbers."""
    weeks = sources.weeks
    for one in sources.found:
        own = series.get((one.measure, WHOLE))
        if own is None or one.since is None or one.state == "standing":
            continue
        start = weeks.week(one.since)
        end = weeks.week(one.until) if one.until else weeks.count
        before, during = (max(0, start - _YEAR_WEEKS), start), (start, end)
        moved = change(own, before, during, confidence=sources.confidence)
        clear = moved.ci.low * moved.ci.high > 0 and moved.value * one.change.value > 0
        if not clear or moved.n < sources.min_cell:
            continue
        confidence, now = sources.confidence, (max(0, weeks.count - NOW_WEEKS), weeks.count)
        levels = [own.estimate(*part, confidence=confidence) for part in (before, during, now)]
        yield replace(
            one,
            what=sentence(own.measure, "", levels[0], levels[1], one.since, one.until),
            group=WHOLE,
            change=moved,
            before=levels[0],
            during=levels[1],
            now=levels[2],
            worth=worth.unknown(one.worth.unit, sources.confidence, _NOT_OF_SOME),
            grade="C" if one.grade == "B" else one.grade,
            series=own,
        )
