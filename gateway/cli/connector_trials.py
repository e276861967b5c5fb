"""`shanhai connectors preview`, `record` and `replay`: a manifest at its platform and against what was recorded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.conformance import Preview, check_live, examine_manifest, preview
from connectors.conformance.demonstration import TooShort
from connectors.conformance.live import LiveReport
from connectors.conformance.recording import record_test, written
from connectors.context import ConnectorContext
from connectors.errors import ConnectorError
from connectors.manifest import ManifestConnector, read_manifest
from connectors.manifest.document import read_document
from connectors.manifest.reading import needed_secrets
from gateway.application import egress_policy
from gateway.application.worlds import Worlds
from gateway.cli.connector_reports import print_findings, print_preview
from gateway.cli.options import AsJson, read_settings
from gateway.cli.output import console, errors, print_json
from gateway.errors import InvalidInput
from gateway.registry import Secrets, SecretStore
from gateway.registry.checking import without_secrets
from gateway.settings import Settings
from schema.findings import Finding, Severity
from schema.platforms import Capability

ManifestFile = Annotated[Path, typer.Argument(help="Manifest file.", show_default=False)]
MOST_RECORDS = 50
MOST_PAGES = 20


class SectionChoice(StrEnum):
    """A section of a manifest."""

    HARVEST = "harvest"
    TRAINING = "training"
    USAGE = "usage"


def preview_command(
    manifest: ManifestFile,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST_RECORDS, help="Records to show.")] = 5,
    capability: Annotated[
        Capability, typer.Option("--capability", help="What to read.", case_sensitive=False)
    ] = Capability.HARVEST,
    as_json: AsJson = False,
) -> None:
    """Read the first records from the platform and show what they become; nothing is stored."""
    connector = usable(read_text(manifest))
    if capability not in connector.capabilities:
        able = ", ".join(sorted(connector.capabilities))
        raise InvalidInput(f"--capability {capability}: {manifest} describes {able} only")
    shown = asyncio.run(_previewed(connector, read_settings(), capability, limit))
    if as_json:
        print_json(asdict(shown))
    else:
        print_preview(shown)
    if shown.failure is not None:
        raise typer.Exit(1)


def record_command(
    manifest: ManifestFile,
    out: Annotated[Path | None, typer.Option("--out", help="File to write the test to.")] = None,
    append: Annotated[bool, typer.Option("--append", help="Put the test into the manifest itself.")] = False,
    pages: Annotated[int, typer.Option("--pages", min=1, max=MOST_PAGES, help="Pages to read.")] = 1,
    section: Annotated[SectionChoice, typer.Option("--section", help="Section to read.")] = SectionChoice.HARVEST,
    name: Annotated[str | None, typer.Option("--name", help="Name of the test. [recorded DATE]")] = None,
) -> None:
    """Read the platform and write what came as a test, with demonstration values in the place of secrets."""
    if (out is None) != append:
        raise InvalidInput("say where the test goes: --out FILE or --append")
    text = read_text(manifest)
    connector = usable(text)
    if dict(connector.document.sections()).get(section.value) is None:
        raise InvalidInput(f"--section {section}: {manifest} has no such section")
    try:
        test = asyncio.run(_recorded(connector, read_settings(), section, pages, name))
    except TooShort as error:
        raise InvalidInput(str(error)) from None
    except ConnectorError as error:
        print_findings([Finding(error.code, str(error))], errors)
        raise typer.Exit(1) from None
    extended = appended(text, written([test]))
    if extended is None and append:
        raise InvalidInput(f"{manifest}: tests do not stand at its end; write with --out and paste by hand")
    target, content = (manifest, extended or "") if append else (out or manifest, written([test]))
    try:
        target.write_text(content, "utf-8")
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}") from None
    accepted, rejected = test["expect"]["accepted"], test["expect"]["rejected"]
    done = f"{target}: {len(test['exchanges'])} requests, {accepted} records accepted, {rejected} rejected"
    console.print(done, markup=False, highlight=False)


def replay_command(manifest: ManifestFile, as_json: AsJson = False) -> None:
    """Run the tests inside a manifest without a network; exits with 1 when something comes out otherwise."""
    text = read_text(manifest)
    connector = usable(text)
    report = asyncio.run(examine_manifest(text, source=str(manifest)))
    told = [finding for finding in report.findings if finding.code.startswith("test.")]
    failed = {_number(finding) for finding in told if finding.severity is Severity.ERROR}
    tests = [{"name": test.name, "ok": index not in failed} for index, test in enumerate(connector.document.tests)]
    if as_json:
        print_json({"ok": not failed, "tests": tests, "findings": [asdict(finding) for finding in told]})
    else:
        for test in tests:
            state = "[green]passed[/]" if test["ok"] else "[red]failed[/]"
            console.print(state, end="  ")
            console.print(str(test["name"]), markup=False, highlight=False)
        print_findings(told)
        if not tests:
            console.print("there are no tests in this manifest; `shanhai connectors record` writes one")
    if failed:
        raise typer.Exit(1)


def read_text(manifest: Path) -> str:
    """The text of a manifest file; raises `InvalidInput`."""
    try:
        return manifest.read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise InvalidInput(f"{manifest} cannot be read: {error}") from None


def usable(text: str) -> ManifestConnector:
    """The connector of a manifest; prints what is wrong and exits with 1 where there is none."""
    reading = read_manifest(text)
    if reading.connector is None:
        print_findings([finding for finding in reading.findings if finding.severity is Severity.ERROR], errors)
        raise typer.Exit(1)
    return reading.connector


def look(text: str, settings: Settings) -> LiveReport:
    """The live check of a manifest that can be used."""

    async def looked(connector: ManifestConnector) -> LiveReport:
        async with _world(connector, settings) as context:
            report = await check_live(connector, context)
            return replace(report, findings=without_secrets(report.findings, context.secrets.values()))

    return asyncio.run(looked(usable(text)))


def appended(text: str, tests: str) -> str | None:
    """A manifest with more tests at its end; None where its tests stand elsewhere or are not a block of YAML."""
    before = read_document(text)
    known = before.value.get("tests") or []
    if not known:
        joined = f"{text.rstrip()}\n\n{tests}" if "tests" not in before.value else None
    else:
        indent = " " * (before.values["/tests/0"].column - 3)
        lines = tests.splitlines()[1:]
        joined = "\n".join([text.rstrip(), *(indent + line if line else line for line in lines)]) + "\n"
    after = read_document(joined or "")
    added = read_document(tests).value["tests"]
    kept = not after.findings and after.value == {**before.value, "tests": [*known, *added]}
    return joined if kept else None


@asynccontextmanager
async def _world(connector: ManifestConnector, settings: Settings) -> AsyncIterator[ConnectorContext]:
    names = frozenset(needed_secrets(connector.document))
    store = SecretStore.from_file(settings.secrets_file)
    secrets = Secrets(store.for_platform(connector.platform.code, names))
    async with Worlds(settings, egress_policy(settings)).open(connector, secrets) as context:
        yield context


async def _previewed(connector: ManifestConnector, settings: Settings, capability: Capability, limit: int) -> Preview:
    async with _world(connector, settings) as context:
        return await preview(connector, context, capability=capability, limit=limit)


async def _recorded(
    connector: ManifestConnector, settings: Settings, section: SectionChoice, pages: int, name: str | None
) -> dict[str, Any]:
    async with _world(connector, settings) as context:
        named = name or f"recorded {context.now():%Y-%m-%d}"
        return await record_test(connector, context, section=section.value, pages=pages, name=named)


def _number(finding: Finding) -> int:
    """The number of the test a finding is about."""
    return int((finding.pointer or "").split("/")[2])
