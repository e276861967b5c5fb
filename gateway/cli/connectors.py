"""`shanhai connectors`: which connectors there are, and what is wrong with a manifest."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.conformance import ManifestReport, check_live, check_manifest
from connectors.context import ConnectorContext
from connectors.manifest import read_manifest
from connectors.transport import open_transport
from gateway.cli.options import AsJson, Manifests, read_settings
from gateway.cli.output import console, errors, print_json, print_table
from gateway.errors import InvalidInput
from gateway.registry import Registry, SecretStore
from gateway.settings import Settings
from schema.findings import Finding

app = typer.Typer(help="Connectors and their manifests.", no_args_is_help=True)


@app.command("list")
def list_connectors(manifests: Manifests = None, as_json: AsJson = False) -> None:
    """List connectors and the manifests that were left out; exits with 1 when any was."""
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
    manifest: Annotated[Path, typer.Argument(help="Manifest file.")],
    live: Annotated[bool, typer.Option("--live", help="Also read the first page from the platform.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a manifest, with line and column; exits with 1 when it cannot be used."""
    try:
        text = manifest.read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise InvalidInput(f"{manifest} cannot be read: {error}") from None
    report = check_manifest(text, source=str(manifest))
    findings, ok = report.findings, report.ok
    if live and ok:
        seen_ok, seen = asyncio.run(_look(text, read_settings()))
        findings, ok = (*findings, *seen), ok and seen_ok
    if as_json:
        print_json({**asdict(report), "ok": ok, "findings": [asdict(finding) for finding in findings]})
    else:
        _print_report(report, findings, ok)
    if not ok:
        raise typer.Exit(1)


async def _look(text: str, settings: Settings) -> tuple[bool, tuple[Finding, ...]]:
    reading = read_manifest(text)
    if reading.connector is None:
        return False, reading.findings
    code = reading.connector.platform.code
    secrets = SecretStore.from_file(settings.secrets_file).for_platform(code, frozenset(reading.secret_names))
    transport = open_transport(reading.connector.limits, settings.reroutes)
    try:
        report = await check_live(reading.connector, ConnectorContext(code, transport, secrets))
    finally:
        await transport.aclose()
    return report.ok, report.findings


def _print_report(report: ManifestReport, findings: Sequence[Finding], ok: bool) -> None:
    print_findings(findings)
    mapped = [one.field for one in report.coverage if one.mapped]
    others = [one.field for one in report.coverage if not one.mapped]
    console.print(
        f"maps {len(mapped)} of {len(report.coverage)} fields; not mapped: {', '.join(others) or 'none'}",
        highlight=False,
    )
    console.print("[green]usable[/]" if ok else "[red]not usable[/]")


def print_findings(findings: Sequence[Finding], console: Console = console) -> None:
    """Each finding where it stands, with what was expected and the nearest spelling."""
    for finding in findings:
        place = f"{finding.line}:{finding.column} " if finding.line is not None else ""
        console.print(f"{finding.severity:<7} {place}{finding.code} {finding.message}", markup=False, highlight=False)
        for label, value in (
            ("at", finding.pointer),
            ("expected", finding.expected),
            ("found", finding.found),
            ("did you mean", finding.suggestion),
        ):
            if value:
                console.print(f"        {label}: {value}", markup=False, highlight=False)
