"""What a study's ``study.yaml`` may say: every fault is listed at once, with its key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator

from cxresearch.core import disk, validate, yaml_files
from cxresearch.core.yaml_files import STRICT, Day, Lang, Spelled, unknown
from cxresearch.errors import ManifestError
from cxresearch.study import plans, profiles, schema
from cxresearch.study.plans import Experiment
from cxresearch.study.sections import (
    Cart,
    Change,
    Label,
    ReportSpec,
    Scenario,
    Shares,
    StageNotes,
    Survey,
    TableName,
    Touchpoint,
    Voice,
)
from cxresearch.study.sources import Source, Sources, TimeZone, listed
from cxresearch.study.stage_models import DEFAULT, MODELS, placed

FILE_NAME = "study.yaml"


_CURRENCY = Spelled("[A-Z]{3}", "three capital letters, such as EUR")
_WORKBOOK = Spelled(r".*\.xlsx", "an .xlsx file")
#: The parts of a manifest that a notebook may need, beside the tables.
_NEEDED_PARTS = ("touchpoints", "funnel", "cart", "experiments")


def _stages(value: object) -> object:
    """Take the name of a model of stages as its stages."""
    if not isinstance(value, str):
        return value
    if value not in MODELS:
        raise ValueError(f"must be a list of stages, or one of {', '.join(MODELS)}")
    return list(MODELS[value].stages)


class Manifest(BaseModel):
    """A whole ``study.yaml``.

    `languages` are those of its pages, the main one first; `language` is the only one where it is
    not given. `labels` say what a reader calls a value of the data: a device, a channel, a variant.
    `groups` are the columns whose values make groups of customers: device, segment, region.
    `population` is what part of the customers has each value of a column, where no table says so:
    answers are weighted to it.
    `cyclic` says that the last of the `stages` leads to the first: the map is drawn round, too.
    `changes` are what the shop did, by day. `margin` is the share of revenue that it keeps once
    the goods are paid for.
    `map` is what people wrote of its stages, or the file of a workshop's sheet; `scenarios` are
    missions that have a map of their own, such as a return.
    `raw` names one more folder for the study's files, from the study's own folder or absolute.
    """

    model_config = STRICT

    title: Annotated[dict[Lang, str], Field(min_length=1)]
    currency: Annotated[str, _CURRENCY]
    time_zone: TimeZone
    language: Lang = "en"
    languages: tuple[Lang, ...] = ()
    labels: dict[str, Label] = {}
    min_cell: Annotated[int, Field(ge=1)] = 5
    as_of: Day | None = None
    raw: str | None = None
    stages: Annotated[tuple[str, ...], BeforeValidator(_stages)] = DEFAULT
    cyclic: bool = False
    tables: dict[TableName, Sources]
    touchpoints: dict[str, Touchpoint] = {}
    groups: list[str] = []
    population: dict[str, Shares] = {}
    changes: list[Change] = []
    margin: Annotated[float, Field(gt=0, le=1)] | None = None
    map: dict[str, StageNotes] | Annotated[str, _WORKBOOK] = {}
    scenarios: dict[str, Scenario] = {}
    funnel: list[str] = []
    cart: Cart | None = None
    surveys: list[Survey] = []
    voice: Voice = Voice()
    experiments: list[Experiment] = []
    reports: dict[str, ReportSpec] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_profiles(cls, content: Any) -> Any:
        """Add to each source that names a profile what the profile says."""
        tables = content.get("tables") if isinstance(content, dict) else None
        if not isinstance(tables, dict):
            return content
        merged = {}
        for table, sources in tables.items():
            several = listed(sources)
            if isinstance(several, list):
                several = [
                    profiles.with_profile(table, one) if isinstance(one, dict) else one
                    for one in several
                ]
            merged[table] = several
        return content | {"tables": merged}

    def title_in(self, lang: str) -> str:
        """Return the study's title in `lang`, else in the language it has."""
        return self.title.get(lang) or next(iter(self.title.values()))

    @property
    def all_labels(self) -> dict[str, dict[str, str]]:
        """The label of each value that has one, by language; that of an event goes first."""
        events = {name: one.label for name, one in self.touchpoints.items() if one.label}
        return self.labels | events

    def labels_in(self, lang: str) -> dict[str, str]:
        """Return what a reader calls each value that has a label, in `lang` or what there is."""
        return {
            value: said.get(lang) or next(iter(said.values()))
            for value, said in self.all_labels.items()
        }

    @property
    def is_cyclic(self) -> bool:
        """Whether the last stage leads to the first."""
        return self.cyclic or self.stages == MODELS["wheel"].stages

    @property
    def placed(self) -> dict[str, str]:
        """In which of its stages each of the default six falls."""
        last = self.touchpoints.get(next(iter(self.funnel[-1:]), ""))
        return placed(self.stages, last.stage if last else "")

    def role(self, stage: str) -> str:
        """Return which of the default six a stage of the study stands for; empty if for none."""
        return next((role for role, own in self.placed.items() if own == stage), "")

    def gives(self, need: str) -> bool:
        """Return whether the study has what a notebook needs: a table, or a part that is filled.

        Examples
        --------
        >>> text = "{title: {en: Shop}, currency: EUR, time_zone: Europe/Rome, tables: {}}"
        >>> parse(text).gives("events"), parse(text).gives("funnel")
        (False, False)
        """
        return need in self.tables or (need in _NEEDED_PARTS and bool(getattr(self, need)))


def needs() -> tuple[str, ...]:
    """Return all that a notebook may need: the canonical tables, and parts of the manifest."""
    return (*schema.TABLES, *_NEEDED_PARTS)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of ``study.yaml``, short forms included.

    Examples
    --------
    >>> json_schema()["$defs"]["Source"]["properties"]["first_by"]["anyOf"][1]
    {'type': 'string'}
    """
    return dict(_with_short_forms(Manifest.model_json_schema(by_alias=True)))


def _inner_keys() -> set[str]:
    """Return every key that stands in some part of the file."""
    parts = Manifest.model_json_schema(by_alias=True)["$defs"].values()
    return {key for part in parts for key in part.get("properties", {})}


def _with_short_forms(schema: Any) -> Any:
    """Return a schema in which one thing may stand for a list of one, a name for how it is made."""
    if isinstance(schema, list):
        return [_with_short_forms(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _with_short_forms(value) for key, value in schema.items()}
    if inner.get("$ref") == "#/$defs/Made":
        names = {"type": "array", "items": {"type": "string"}}
        return {"anyOf": [inner, {"type": "string"}, names]}
    by_name = inner.get("$ref") == "#/$defs/Counted"
    said_once = inner.get("type") == "object" and inner.get("minProperties") == 1
    if by_name or said_once:
        return {"anyOf": [inner, {"type": "string"}]}
    if inner.get("type") == "array" and "items" in inner:
        alone = inner["items"]
        mapping = [{"type": "object"}] if alone.get("$ref") == "#/$defs/Condition" else [alone]
        return {"anyOf": [inner, *mapping]}
    return inner


#: What stands for a required section that has faults while the others are checked.
_STAND_IN = {"title": {"en": "Study"}, "currency": "EUR", "time_zone": "UTC", "tables": {}}


def path_of(study: str | Path) -> Path:
    """Return where a study's manifest is."""
    return disk.project_root() / "data" / study / FILE_NAME


def studies() -> list[str]:
    """Return the names of the studies in ``data/``, sorted."""
    data = disk.project_root() / "data"
    return sorted(path.parent.name for path in data.glob(f"*/{FILE_NAME}"))


def read(study: str | Path) -> Manifest:
    """Read and check the manifest of a study.

    Parameters
    ----------
    study : str or Path
        The name of a folder below ``data/``; a path is any folder.

    Raises
    ------
    ManifestError
        If there is no such study, or its manifest has faults: all of them, each with its key.
    """
    if fault := _outside(study):
        raise ManifestError(validate.short(str(study)), [fault])
    path = path_of(study)
    if not path.is_file():
        known = studies()
        listed = ", ".join(known) or "none yet"
        fault = f"no {FILE_NAME} here; the studies are: {listed}{validate.meant(str(study), known)}"
        raise ManifestError(f"data/{study}", [fault])
    name = f"data/{study}/{FILE_NAME}"
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(name, [f"not readable as UTF-8: {error}"]) from error
    return parse(text, name=name)


def _outside(study: str | Path) -> str:
    """Return the fault of a name that leads out of ``data/``; a path is where its caller says."""
    if isinstance(study, Path):
        return ""
    data = disk.project_root() / "data"
    if Path(study).name != study or study == ".." or "\0" in study:
        return "a study is named by its folder below data/"
    if not (data / study).resolve().is_relative_to(data.resolve()):
        return "the folder is a link that leads out of data/; keep study.yaml in it, with raw:"
    return ""


def parse(text: str, *, name: str = FILE_NAME) -> Manifest:
    """Check the text of a manifest.

    Raises
    ------
    ManifestError
        With every fault found, each with its key and what is allowed. What depends on a section
        that has faults of its own is not looked at.

    Examples
    --------
    >>> parse("{title: {en: Shop}, currency: euro, time_zone: Europe/Rome, tables: {}}")
    Traceback (most recent call last):
    cxresearch.errors.ManifestError: study.yaml has 1 fault:
      currency: must be three capital letters, such as EUR; got 'euro'
    """
    return _parsed(text, name)


@lru_cache(maxsize=8)  # a build asks for the same text a dozen times
def _parsed(text: str, name: str) -> Manifest:
    try:
        content = yaml_files.load(text)
    except ValueError as error:
        raise ManifestError(name, [str(error)]) from error
    if isinstance(content, dict) and (odd := [key for key in content if not isinstance(key, str)]):
        raise ManifestError(name, [f"{validate.short(key)}: a key must be a text" for key in odd])
    faults, faulty = [], set()
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        faults = yaml_files.faults(error, content, Manifest.model_fields, _inner_keys())
        faulty = {str(one["loc"][0]) if one["loc"] else "" for one in error.errors()}
        if "" in faulty:
            raise ManifestError(name, faults) from None
        whole = {key: value for key, value in content.items() if key not in faulty}
        manifest = Manifest.model_validate(_STAND_IN | whole)
    faults += _faults_between(manifest, faulty)
    if faults:
        raise ManifestError(name, faults)
    return manifest


def _faults_between(manifest: Manifest, faulty: set[str]) -> Iterator[str]:
    """Yield the faults between sections that have none of their own."""
    for name, sources in manifest.tables.items():
        for i, source in enumerate(sources):
            key = f"tables.{name}.{i}" if len(sources) > 1 else f"tables.{name}"
            yield from _source_faults(key, schema.TABLES[name], source)
        if len({source.loader for source in sources}) > 1:
            yield f"tables.{name}: its sources must have one loader"
    if not faulty & {"touchpoints", "stages"}:
        for event, touchpoint in manifest.touchpoints.items():
            if touchpoint.stage not in manifest.stages:
                yield unknown(f"touchpoints.{event}.stage", touchpoint.stage, manifest.stages)
    if not faulty & {"map", "stages"} and not isinstance(manifest.map, str):
        for stage in manifest.map:
            if stage not in manifest.stages:
                yield unknown(f"map.{stage}", stage, manifest.stages)
    if not faulty & {"scenarios", "touchpoints"}:
        yield from _scenario_faults(manifest)
    if "touchpoints" not in faulty:
        yield from _touchpoint_faults(manifest)
    if "groups" not in faulty:
        yield from _group_faults(manifest)
    if "population" not in faulty:
        yield from _population_faults(manifest)
    if not faulty & {"tables", "touchpoints"}:
        yield from plans.faults(
            manifest.experiments, tables=manifest.tables, events=manifest.touchpoints
        )


def _scenario_faults(manifest: Manifest) -> Iterator[str]:
    """Yield the events and touchpoints of scenarios that the study does not have."""
    met = sorted({one.touchpoint for one in manifest.touchpoints.values()})
    for name, scenario in manifest.scenarios.items():
        for key, asked, known in (
            ("events", scenario.events, [*manifest.touchpoints]),
            ("touchpoints", scenario.touchpoints, met),
        ):
            for one in asked:
                if one not in known:
                    yield unknown(f"scenarios.{name}.{key}", one, known)


def _group_faults(manifest: Manifest) -> Iterator[str]:
    """Yield the groups that are a column of no table."""
    columns = sorted({name for table in schema.TABLES.values() for name in table.names})
    for i, column in enumerate(manifest.groups):
        if column not in columns:
            yield unknown(f"groups.{i}", column, columns)


def _population_faults(manifest: Manifest) -> Iterator[str]:
    """Yield the columns of the population that tell neither answers nor customers apart."""
    tables = (schema.TABLES[name] for name in ("surveys", "customers"))
    columns = sorted({name for table in tables for name in table.names})
    for column in manifest.population:
        if column not in columns:
            yield unknown(f"population.{column}", column, columns)


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
    for part in ("columns", "constants", "values", "own_way"):
        for name in getattr(source, part):
            if name not in table.names:
                yield unknown(f"{key}.{part}.{name}", name, table.names)
    for i, one in enumerate(source.melt):
        for name in (*one.columns, *one.constants):
            if name not in table.names:
                yield unknown(f"{key}.melt.{i}.{name}", name, table.names)
    for column in table.columns:
        names = source.values.get(column.name, {})
        given = {f"values.{column.name}.{text}": target for text, target in names.items()}
        if column.name in source.constants:
            constant = source.constants[column.name]
            given[f"constants.{column.name}"] = names.get(str(constant), str(constant))
        for place, value in given.items():
            if column.allowed and value not in column.allowed:
                yield unknown(f"{key}.{place}", value, column.allowed)
