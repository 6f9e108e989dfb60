"""The command line: what can be asked of a study without opening a notebook."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cxresearch.errors import CxError, ManifestError, SchemaError
from cxresearch.study import manifest

app = typer.Typer(
    help="A research kit for e-commerce customer experience.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_FAILED = 1
_MISUSED = 2
_OPEN = 3


def _print_version(wanted: bool) -> None:
    if wanted:
        from cxresearch import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Start, check and build studies, list them, or print what a plan asks."""


@app.command()
def report(
    study: Annotated[str, typer.Argument(help="A folder below data/.")] = "demo",
    jobs: Annotated[int, typer.Option(min=1, help="How many reports to run at once.")] = 1,
    only: Annotated[str | None, typer.Option(help="The one report to build.")] = None,
) -> None:
    """Check a study's files, and build the reports of it that are not up to date.

    Exits with 1 if a report failed (its last good page is kept) or more than a fifth of a file's
    rows are rejected, with 2 if the study, what was asked of it or the folder of its reports
    cannot be used.
    """
    typer.echo(f"{study}: checking its files; the first time, each of them is loaded")
    from cxresearch.report import study_check
    from cxresearch.report.build import build

    try:
        checked = study_check.check_files(study, threshold=study_check.MOST_REJECTED)
        for line in checked.trouble():
            typer.echo(line)
        good = build(study, jobs=jobs, only=only)
    except CxError as error:
        _misused(error)
    if not good or any(map(checked.is_bad, checked.files)):
        raise typer.Exit(_FAILED)


@app.command()
def check(
    study: Annotated[str, typer.Argument(help="A folder below data/.")] = "demo",
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="The share of a source's rows that may be rejected.")
    ] = 0.05,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Load a study's files and say what its reports would stumble over.

    Exits with 1 if a table cannot be loaded or more of a source's rows are rejected than the
    threshold, with 2 if the study cannot be used.
    """
    from json import dumps

    from cxresearch.report import study_check

    try:
        found = study_check.check(study, threshold=threshold)
    except CxError as error:
        _misused(error)
    if json:
        typer.echo(dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(found.lines()))
    if not found.good:
        raise typer.Exit(_FAILED)


@app.command()
def new(
    study: Annotated[str, typer.Argument(help="The folder below data/ that is made.")],
    files: Annotated[list[Path], typer.Argument(help="The exports; they are copied there.")],
    currency: Annotated[str, typer.Option(help="The shop's currency, as ISO 4217.")] = "EUR",
    time_zone: Annotated[str, typer.Option(help="The shop's time zone.")] = "Europe/Rome",
) -> None:
    """Look at export files, write the study.yaml of a new study, and ask what they do not say.

    Exits with 1 if a file was not placed, with 2 if the study cannot be made.
    """
    from cxresearch.report.plan import name_reports
    from cxresearch.study import starting

    try:
        started = starting.start(study, files, currency=currency, time_zone=time_zone)
        reports = name_reports(study)
    except CxError as error:
        _misused(error)
    for file, tables in started.placed.items():
        typer.echo(f"{file}: {', '.join(tables) or 'not placed'}")
    for ask in started.asks:
        typer.echo(f"ask: {ask}")
    if reports:
        typer.echo(f"reports: {', '.join(reports)}")
    typer.echo(f"written: data/{study}/{manifest.FILE_NAME}; now: cxresearch check {study}")
    if not all(started.placed.values()):
        raise typer.Exit(_FAILED)


@app.command("new-notebook")
def new_notebook(
    study: Annotated[str, typer.Argument(help="A folder below data/.")],
    question: Annotated[str, typer.Argument(help="The question it answers: its title.")],
) -> None:
    """Write a notebook for a question of a study, with a first finding, among its reports.

    Exits with 2 if the study cannot be used, or has it already.
    """
    from cxresearch.report import own_notebook

    try:
        path = own_notebook.write(study, question)
    except (CxError, ValueError) as error:
        _misused(error)
    typer.echo(f"written: data/{study}/{own_notebook.FOLDER}/{path.name}")
    typer.echo(f"now: cxresearch report {study} --only {path.stem}")


@app.command()
def schema() -> None:
    """Print the JSON schema of study.yaml, for editors that complete and check YAML."""
    from json import dumps

    typer.echo(dumps(manifest.json_schema(), indent=2))


@app.command()
def studies() -> None:
    """List the studies in data/, each with its title and its tables."""
    broken = []
    for name in manifest.studies():
        try:
            content = manifest.read(name)
        except ManifestError as error:
            broken.append(error)
            continue
        tables = ", ".join(content.tables) or "no tables"
        typer.echo(f"{name}  {content.title_in('en')}  ({tables})")
    if broken:
        _misused(*broken)


@app.command()
def plan(
    study: Annotated[str, typer.Argument(help="A folder below data/.")],
    experiment: Annotated[str, typer.Argument(help="The name of an experiment in its manifest.")],
) -> None:
    """Print what an experiment's plan asks: customers and days, from the study's own history.

    Exits with 2 if the study or the experiment cannot be used.
    """
    from cxresearch.experiments import power_table
    from cxresearch.study import open_study

    try:
        found = power_table(open_study(study), experiment)
    except (CxError, ValueError) as error:
        _misused(error)
    typer.echo(f"{experiment}  plan {found.plan.digest}")
    typer.echo(
        f"{found.customers:,} customers in {found.days} days before {found.plan.start}, "
        f"{found.per_day:.1f} a day; confidence {found.plan.confidence:g}, "
        f"power {found.plan.power:g}"
    )
    typer.echo(str(found.table()))


@app.command()
def findings(
    study: Annotated[str, typer.Argument(help="A folder below data/.")] = "demo",
    top: Annotated[int, typer.Option(min=1, help="How many to print.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
    fail: Annotated[bool, typer.Option("--fail", help="Exit with 3 if a bad one is open.")] = False,
) -> None:
    """Print what moved in a study, the costliest open finding first.

    Exits with 2 if the study cannot be used.
    """
    from json import dumps

    from cxresearch.findings import findings as find
    from cxresearch.study import open_study

    try:
        found = find(open_study(study))
    except CxError as error:
        _misused(error)
    if as_json:
        typer.echo(dumps([one.to_dict() for one in found[:top]], indent=1, ensure_ascii=False))
    else:
        typer.echo(found.summary(top))
    if fail and any(one.hurts and one.state == "open" for one in found):
        raise typer.Exit(_OPEN)


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="A folder of records, as in reports/*/history/.")],
    after: Annotated[Path, typer.Argument(help="Another.")],
) -> None:
    """Print the numbers that differ between two builds, each with its cause.

    Of each report the findings that opened or closed come first. Exits with 2 if a folder holds no
    record.
    """
    from cxresearch.report.moved import compare

    try:
        found = compare(before, after)
    except ValueError as error:
        _misused(error)
    for one in found:
        moved = "" if one.before is one.after is None else f"  {one.before} -> {one.after}"
        typer.echo(f"{one.report}/{one.name}{moved}  {one.cause}")
    causes = Counter(one.cause for one in found)
    said = ", ".join(f"{count} {cause}" for cause, count in causes.most_common())
    typer.echo(f"{len(found)} differ" + (f": {said}" if said else ""))


@app.command(name="map")
def map_(
    study: Annotated[str, typer.Argument(help="A folder below data/.")] = "demo",
    to: Annotated[Path | None, typer.Option(help="The file: .svg, .pdf or .png.")] = None,
    stages: Annotated[str | None, typer.Option(help="A model of stages, such as wheel.")] = None,
    language: Annotated[str | None, typer.Option(help="Of its readers, such as it.")] = None,
) -> None:
    """Write the journey map on one sheet: SVG or PDF to print, PNG for slides.

    Exits with 2 if the study cannot be used, or the file is of another kind.
    """
    from cxresearch.core.languages import Language
    from cxresearch.journey_map import journey_map
    from cxresearch.study import open_study

    path = to or Path(f"{study}_journey_map.pdf")
    try:
        shop = open_study(study)
        code = Language(language or shop.language).code
        found = journey_map(shop, stages=stages)
        found.save(path, Language(code, shop.labels(code)))
    except (CxError, ValueError) as error:
        _misused(error)
    typer.echo(f"written: {path}")


@app.command()
def workshop(
    study: Annotated[str, typer.Argument(help="A folder below data/.")] = "demo",
    to: Annotated[Path | None, typer.Option(help="The sheet; by default in the folder.")] = None,
) -> None:
    """Write a sheet on which a workshop notes goals, hypotheses, to-be and owners of each stage.

    It comes back in by its name: ``map: workshop.xlsx`` in study.yaml. A sheet that is there
    already is not written over. Exits with 2 if the study cannot be used.
    """
    from cxresearch.journey_map import journey_map, map_notes
    from cxresearch.study import open_study

    path = to or manifest.path_of(study).with_name("workshop.xlsx")
    try:
        shop = open_study(study)
        if path.exists():
            raise SchemaError("map", [f"{path.name} is there already: move it, or name another"])
        notes = map_notes.notes_of(shop)
        found = journey_map(shop)
    except (CxError, ValueError) as error:
        _misused(error)
    languages = shop.languages or (shop.language,)
    map_notes.write_sheet(found.columns, notes, shop.manifest.stages, languages, path)
    typer.echo(f"written: {path}; fill it, then set map: {path.name} in study.yaml")


def _misused(*errors: Exception) -> NoReturn:
    for error in errors:
        typer.echo(str(error), err=True)
    raise typer.Exit(_MISUSED)
