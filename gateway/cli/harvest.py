"""`shanhai harvest`: read platforms into the database, with progress and a report."""

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
from gateway.harvesting import HarvestKind, HarvestKindUnsupported, HarvestRun, RunProgress, RunState
from gateway.registry import RegisteredConnector
from gateway.settings import LONGEST_SPAN, Settings
from schema.platforms import Capability

Platforms = Annotated[list[str] | None, typer.Argument(help="Codes of platforms. [all]", show_default=False)]
Incremental = Annotated[bool, typer.Option("--incremental", help="Ask only for what changed since the last harvest.")]
Usage = Annotated[bool, typer.Option("--usage", help="Harvest what platforms count instead of their resources.")]
Training = Annotated[bool, typer.Option("--training", help="Harvest training records of teachers instead.")]
Days = Annotated[
    int | None, typer.Option("--days", min=1, max=LONGEST_SPAN, help="With --usage: days to ask for, at least.")
]

NEEDED = {HarvestKind.USAGE: Capability.USAGE, HarvestKind.TRAINING: Capability.TRAINING}
"""What a connector must be able to; resources need the capability HARVEST."""


def harvest(
    platforms: Platforms = None,
    incremental: Incremental = False,
    usage: Usage = False,
    training: Training = False,
    days: Days = None,
    data_dir: DataDir = None,
    manifests: Manifests = None,
    as_json: AsJson = False,
) -> None:
    """Harvest platforms one after the other; exits with 1 when a run failed or stayed partial."""
    settings = read_settings(data_dir=data_dir, manifests=manifests)
    runs = asyncio.run(_harvest(settings, platforms or (), _kind(incremental, usage, training, days), days))
    if as_json:
        print_json([asdict(run) for run in runs])
    else:
        print_runs(runs)
    if any(run.state is not RunState.SUCCEEDED for run in runs):
        raise typer.Exit(1)


def _kind(incremental: bool, usage: bool, training: bool, days: int | None) -> HarvestKind:
    if incremental + usage + training > 1:
        raise InvalidInput(
            "--incremental, --usage and --training exclude each other; usage is asked for by days, training by changes "
            "where the platform can tell them"
        )
    if days is not None and not usage:
        raise InvalidInput("--days goes with --usage")
    if usage or training:
        return HarvestKind.USAGE if usage else HarvestKind.TRAINING
    return HarvestKind.INCREMENTAL if incremental else HarvestKind.FULL


async def _harvest(settings: Settings, codes: Sequence[str], kind: HarvestKind, days: int | None) -> list[HarvestRun]:
    async with open_services(settings) as services:
        return await harvest_all(services, codes, kind, days=days)


def chosen(services: Services, codes: Sequence[str], kind: HarvestKind = HarvestKind.FULL) -> list[RegisteredConnector]:
    """The connectors of these platforms, or all that are able to this kind of run.

    An unknown code is refused with those there are, and so is one without the usage or training that is asked for.
    """
    known = services.registry.connectors
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise InvalidInput(f"no connector for platform {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    needed = NEEDED.get(kind, Capability.HARVEST)
    able = [code for code in sorted(known) if needed in known[code].capabilities]
    if kind in NEEDED and (without := [code for code in codes if code not in able]):
        what = kind.lower()
        raise HarvestKindUnsupported(f"no {what} is told by {', '.join(without)}; it is by {', '.join(able) or 'none'}")
    return [known[code] for code in (codes or able)]


async def harvest_all(
    services: Services, codes: Sequence[str], kind: HarvestKind, *, days: int | None = None
) -> list[HarvestRun]:
    """Harvest, show progress on standard error, then bring the index up to the database; `days` are of usage."""
    runs: list[HarvestRun] = []
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors) as bars:
        for entry in chosen(services, codes, kind):
            task = bars.add_task(entry.platform.name, total=None)

            def show(progress: RunProgress, task: TaskID = task) -> None:
                bars.update(task, completed=progress.seen, total=progress.expected)

            async with services.connector_context(entry) as context:
                run = await services.harvesting.run(entry.connector, context, kind=kind, progress=show, days=days)
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
