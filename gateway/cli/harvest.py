"""`shanhai harvest`: read platforms into the catalog, with progress and a report."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from gateway.application import Services, open_services
from gateway.cli.options import AsJson, DataDir, Manifests, read_settings
from gateway.cli.output import errors, print_json, print_table
from gateway.errors import InvalidInput
from gateway.harvesting import HarvestKind, HarvestRun, RunProgress, RunState
from gateway.registry import RegisteredConnector
from gateway.settings import Settings
from schema.platforms import Capability

Platforms = Annotated[list[str] | None, typer.Argument(help="Codes of platforms. [all]", show_default=False)]
Incremental = Annotated[bool, typer.Option("--incremental", help="Ask only for what changed since the last harvest.")]


def harvest(
    platforms: Platforms = None,
    incremental: Incremental = False,
    data_dir: DataDir = None,
    manifests: Manifests = None,
    as_json: AsJson = False,
) -> None:
    """Harvest platforms one after the other; exits with 1 when a run failed or stayed partial."""
    settings = read_settings(data_dir=data_dir, manifests=manifests)
    kind = HarvestKind.INCREMENTAL if incremental else HarvestKind.FULL
    runs = asyncio.run(_harvest(settings, platforms or (), kind))
    if as_json:
        print_json([asdict(run) for run in runs])
    else:
        print_runs(runs)
    if any(run.state is not RunState.SUCCEEDED for run in runs):
        raise typer.Exit(1)


async def _harvest(settings: Settings, codes: Sequence[str], kind: HarvestKind) -> list[HarvestRun]:
    async with open_services(settings) as services:
        return await harvest_all(services, codes, kind)


def chosen(services: Services, codes: Sequence[str]) -> list[RegisteredConnector]:
    """The connectors of these platforms, or all that list records; an unknown code is refused with those there are."""
    known = services.registry.connectors
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise InvalidInput(f"no connector for platform {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    listing = [code for code in sorted(known) if Capability.HARVEST in known[code].capabilities]
    return [known[code] for code in (codes or listing)]


async def harvest_all(services: Services, codes: Sequence[str], kind: HarvestKind) -> list[HarvestRun]:
    """Harvest, show progress on standard error, then bring the index up to the database."""
    runs: list[HarvestRun] = []
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors) as bars:
        for entry in chosen(services, codes):
            task = bars.add_task(entry.platform.name, total=None)

            def show(progress: RunProgress, task: TaskID = task) -> None:
                bars.update(task, completed=progress.seen, total=progress.expected)

            async with services.connector_context(entry) as context:
                run = await services.harvesting.run(entry.connector, context, kind=kind, progress=show)
            bars.update(task, completed=run.seen, total=max(run.seen, 1))
            runs.append(run)
        await services.catalog.catch_up()
    return runs


def print_runs(runs: Sequence[HarvestRun]) -> None:
    """One line per run, and why those failed that did."""
    columns = ("platform", "run", "seen", "new", "changed", "same", "gone", "refused")
    print_table(
        "Harvest",
        columns,
        [
            (
                run.platform,
                f"{run.kind} {run.state}",
                run.seen,
                run.created,
                run.updated,
                run.unchanged,
                run.withdrawn,
                run.quarantined,
            )
            for run in runs
        ],
    )
    for run in runs:
        if run.error:
            errors.print(f"{run.platform}: {run.error_code}: {run.error}", markup=False)
