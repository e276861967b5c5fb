"""`shanhai connectors`: which connectors there are, and what is wrong with a manifest."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from connectors.conformance import check_sample, examine_manifest
from gateway.cli.connector_drafts import new
from gateway.cli.connector_reports import print_findings, print_report
from gateway.cli.connector_trials import (
    ManifestFile,
    SectionChoice,
    look,
    preview_command,
    read_text,
    record_command,
    replay_command,
)
from gateway.cli.options import AsJson, Manifests, read_settings
from gateway.cli.output import console, errors, print_json, print_table
from gateway.errors import InvalidInput
from gateway.registry import Registry

app = typer.Typer(help="Connectors and their manifests.", no_args_is_help=True)


@app.command("list")
def list_connectors(manifests: Manifests = None, as_json: AsJson = False) -> None:
    """List connectors, and the manifests and plug-ins that were left out; exits with 1 when any was."""
    settings = read_settings(manifests=manifests)
    registry = Registry.load(settings.manifests, builtin=settings.builtin_platforms)
    entries = [registry.connectors[code] for code in sorted(registry.connectors)]
    if as_json:
        print_json(
            {
                "connectors": [
                    {**entry.platform.model_dump(mode="json", by_alias=True), "source": entry.source}
                    for entry in entries
                ],
                "rejected": [asdict(rejected) for rejected in registry.rejected],
            }
        )
    else:
        print_table(
            "Connectors",
            ("code", "platform", "region", "version", "can", "simulated", "manifest"),
            [
                (
                    entry.platform.code,
                    entry.platform.name,
                    entry.platform.region,
                    entry.connector.version,
                    ", ".join(sorted(entry.capabilities)),
                    "yes" if entry.platform.simulated else "no",
                    entry.source,
                )
                for entry in entries
            ],
        )
    for rejected in () if as_json else registry.rejected:
        errors.print(f"left out: {rejected.source}", style="red", markup=False)
        print_findings(rejected.findings, errors)
    if registry.rejected:
        raise typer.Exit(1)


@app.command()
def check(
    manifest: ManifestFile,
    live: Annotated[bool, typer.Option("--live", help="Also read the first page from the platform.")] = False,
    sample: Annotated[
        Path | None, typer.Option("--sample", help="Also map the records of this recorded answer of the platform.")
    ] = None,
    section: Annotated[
        SectionChoice, typer.Option("--section", help="Section the sample belongs to.")
    ] = SectionChoice.HARVEST,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a manifest, with line and column; exits with 1 when it cannot be used."""
    text = read_text(manifest)
    report = asyncio.run(examine_manifest(text, source=str(manifest)))
    findings, ok, coverage = list(report.findings), report.ok, report.coverage
    if sample is not None and ok:
        tried = asyncio.run(check_sample(text, _bytes(sample), section.value))
        findings += [finding for finding in tried.findings if finding not in findings]
        ok, coverage = tried.ok, tried.coverage
    if live and ok:
        looked = look(text, read_settings())
        findings, ok = [*findings, *looked.findings], looked.ok
        coverage = coverage if sample is not None else looked.coverage
    if as_json:
        told = {"ok": ok, "findings": findings, "coverage": coverage}
        print_json({**asdict(report), **told})
    else:
        print_report(report, findings, coverage)
        console.print("[green]usable[/]" if ok else "[red]not usable[/]")
    if not ok:
        raise typer.Exit(1)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"--sample {path} cannot be read: {error.strerror}") from None


app.command("preview")(preview_command)
app.command("record")(record_command)
app.command("replay")(replay_command)
app.command("new")(new)
