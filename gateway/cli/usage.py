"""`shanhai usage`: reports in the terminal and as files, and the lake that they are answered from."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from gateway.application import open_services
from gateway.cli.options import AsJson, DataDir, read_settings, require_database
from gateway.cli.output import console, print_json
from gateway.cli.usage_figures import figures, measures
from gateway.cli.usage_questions import (
    By,
    Every,
    From,
    Kinds,
    MeasureCodes,
    Modes,
    Order,
    PlatformCodes,
    ProgramCodes,
    RegionCodes,
    Stages,
    Subjects,
    To,
    question,
    usage_filter,
)
from gateway.cli.usage_reports import print_report, report_document
from gateway.errors import InvalidInput, NotReady
from gateway.settings import Settings
from gateway.statistics import ExportFormat, ReportPage, ReportQuestion
from gateway.statistics.lake import Snapshot

app = typer.Typer(help="Usage statistics: reports, exports, measures and published figures.", no_args_is_help=True)
app.command("measures")(measures)
app.command("figures")(figures)

First = Annotated[int, typer.Option("--first", help="Rows to show, at most 1000.")]
Chart = Annotated[bool, typer.Option("--chart/--no-chart", help="Draw a bar for each row.")]
FileFormat = Annotated[str | None, typer.Option("--format", help="csv, parquet or xlsx. [the ending of the file]")]
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write.")]


@app.command("report")
def report_command(
    measure: MeasureCodes = None,
    by: By = None,
    interval: Every = None,
    first_day: From = None,
    last_day: To = None,
    platform: PlatformCodes = None,
    region: RegionCodes = None,
    program: ProgramCodes = None,
    stage: Stages = None,
    subject: Subjects = None,
    kind: Kinds = None,
    mode: Modes = None,
    order: Order = None,
    first: First = 100,
    chart: Chart = True,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print a report: what platforms count, put together where that is valid."""
    wanted = usage_filter(
        first_day, last_day, platforms=platform, regions=region, programs=program, stages=stage, subjects=subject,
        kinds=kind, modes=mode,
    )  # fmt: skip
    asked = question(measure, by, interval, order, wanted)
    page = asyncio.run(_report(_settings(data_dir), asked, first))
    if as_json:
        print_json(report_document(page))
    else:
        print_report(page, asked, charts=chart)


@app.command("export")
def export_command(
    output: Output,
    file_format: FileFormat = None,
    measure: MeasureCodes = None,
    by: By = None,
    interval: Every = None,
    first_day: From = None,
    last_day: To = None,
    platform: PlatformCodes = None,
    region: RegionCodes = None,
    program: ProgramCodes = None,
    stage: Stages = None,
    subject: Subjects = None,
    kind: Kinds = None,
    mode: Modes = None,
    order: Order = None,
    data_dir: DataDir = None,
) -> None:
    """Write all rows of a report to a file, one cell in each line."""
    wanted = usage_filter(
        first_day, last_day, platforms=platform, regions=region, programs=program, stages=stage, subjects=subject,
        kinds=kind, modes=mode,
    )  # fmt: skip
    asked = question(measure, by, interval, order, wanted)
    chosen, settings = _chosen(file_format, output), _settings(data_dir)
    try:
        with tempfile.TemporaryDirectory(dir=output.absolute().parent) as folder:
            made = asyncio.run(_export(settings, asked, chosen, Path(folder)))
            made.replace(output)  # the file is there whole or not at all
    except OSError as error:
        raise InvalidInput(f"--output {output}: {error.strerror}") from None
    console.print(f"{output}: {output.stat().st_size:,} bytes", markup=False, highlight=False, soft_wrap=True)


@app.command("lake")
def lake_command(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print the Parquet files of the lake as a query that DuckDB takes as it stands."""
    snapshot = asyncio.run(_snapshot(_settings(data_dir)))
    files = [str(part.facts.resolve()) for part in snapshot.partitions]
    if as_json:
        print_json({"generation": snapshot.generation, "asOf": snapshot.as_of, "files": files})
        return
    rows = sum(part.rows for part in snapshot.partitions)
    typer.echo(f"-- {rows:,} facts in {len(files)} files, as of {snapshot.as_of:%Y-%m-%d %H:%M:%S} UTC")
    if files:
        listed = ",\n    ".join("'" + path.replace("'", "''") + "'" for path in files)
        typer.echo("SELECT platform, measure, date_trunc('month', day)::DATE AS month, sum(value) AS total")
        typer.echo(f"FROM read_parquet([\n    {listed}\n])\nWHERE measure = 'views' GROUP BY ALL ORDER BY ALL;")


@app.command("rebuild")
def rebuild_command(data_dir: DataDir = None) -> None:
    """Make the lake anew from the facts in the database; a running gateway keeps its own, so stop it first."""
    snapshot = asyncio.run(_rebuild(_settings(data_dir)))
    console.print(f"{len(snapshot.partitions)} months of platforms were written anew", highlight=False)


async def _report(settings: Settings, asked: ReportQuestion, first: int) -> ReportPage:
    async with open_services(settings) as services:
        return await services.statistics.report(asked, first=first)


async def _export(settings: Settings, asked: ReportQuestion, file_format: ExportFormat, folder: Path) -> Path:
    async with open_services(settings) as services:
        return await services.statistics.export(asked, file_format, folder)


async def _snapshot(settings: Settings) -> Snapshot:
    async with open_services(settings) as services:
        return services.statistics.lake.snapshot


async def _rebuild(settings: Settings) -> Snapshot:
    async with open_services(settings) as services:
        before = services.statistics.lake.snapshot
        await services.statistics.rebuild()
        after = services.statistics.lake.snapshot
    if before.partitions and after.generation == before.generation:
        raise NotReady(f"another process keeps the lake in {settings.lake_dir}; stop the gateway, then try again")
    return after


def _chosen(file_format: str | None, output: Path) -> ExportFormat:
    """The format asked for, or that of the file's ending."""
    word = file_format or output.suffix.removeprefix(".")
    if word.upper() in ExportFormat.__members__:
        return ExportFormat[word.upper()]
    raise InvalidInput(f"--format: {word!r} is unknown; possible are {', '.join(ExportFormat).lower()}")


def _settings(data_dir: Path | None) -> Settings:
    """The settings of a gateway that is there already: asking must not make an empty database."""
    settings = read_settings(data_dir=data_dir)
    require_database(settings)
    return settings
