"""What no single key of a manifest shows: that one part of it fits the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cxresearch import plans, schema
from cxresearch._sections import unknown

if TYPE_CHECKING:
    from cxresearch.manifest import Manifest, Source


def found(manifest: Manifest, faulty: set[str]) -> Iterator[str]:
    """Yield the faults between sections that have none of their own."""
    for name, source in manifest.tables.items():
        yield from _source_faults(f"tables.{name}", schema.TABLES[name], source)
    if not faulty & {"touchpoints", "stages"}:
        for event, touchpoint in manifest.touchpoints.items():
            if touchpoint.stage not in manifest.stages:
                yield unknown(f"touchpoints.{event}.stage", touchpoint.stage, manifest.stages)
    if "touchpoints" not in faulty:
        yield from _touchpoint_faults(manifest)
    if not faulty & {"tables", "touchpoints"}:
        yield from plans.faults(
            manifest.experiments, tables=manifest.tables, events=manifest.touchpoints
        )


def _touchpoint_faults(manifest: Manifest) -> Iterator[str]:
    """Yield the events and the touchpoints that are named and are none of the study's."""
    events = {f"funnel.{i}": event for i, event in enumerate(manifest.funnel)}
    if manifest.cart:
        events |= {f"cart.{key}": event for key, event in manifest.cart}
    for key, event in events.items():
        if event not in manifest.touchpoints:
            yield unknown(key, event, manifest.touchpoints)
    places = {one.touchpoint for one in manifest.touchpoints.values()}
    for i, survey in enumerate(manifest.surveys):
        if survey.touchpoint and survey.touchpoint not in places:
            yield unknown(f"surveys.{i}.touchpoint", survey.touchpoint, sorted(places))


def _source_faults(key: str, table: schema.Table, source: Source) -> Iterator[str]:
    """Yield the columns that a table does not have, and the values that a column may not have."""
    for part in ("columns", "constants", "values"):
        for name in getattr(source, part):
            if name not in table.names:
                yield unknown(f"{key}.{part}.{name}", name, table.names)
    for column in table.columns:
        names = source.values.get(column.name, {})
        given = {f"values.{column.name}.{text}": target for text, target in names.items()}
        if column.name in source.constants:
            constant = source.constants[column.name]
            given[f"constants.{column.name}"] = names.get(str(constant), str(constant))
        for place, value in given.items():
            if column.allowed and value not in column.allowed:
                yield unknown(f"{key}.{place}", value, column.allowed)
