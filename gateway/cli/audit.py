"""`shanhai audit`: prove that the audit log was not tampered with, and list its lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from gateway.access.audit import AuditEntry, AuditLog
from gateway.access.audit_report import AuditHead, AuditReport
from gateway.application import open_database_of
from gateway.application.tokens import identity_keys
from gateway.cli.options import AsJson, DataDir, our_id, read_settings, require_database
from gateway.cli.output import console, errors, print_json, print_table
from gateway.clock import CHINA, utc_now
from gateway.errors import InvalidInput
from gateway.settings import Settings
from schema.errors import InvalidIdentifier
from schema.identifiers import GlobalId

app = typer.Typer(help="The audit log: who was shown and who did what, and for which purpose.", no_args_is_help=True)


@app.command("verify")
def verify_command(
    head: Annotated[
        str | None, typer.Option("--head", help="A head as printed before and kept elsewhere, <sequence>:<hash>.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check every line, their order and the counter, and print the head; exits with 1 where something is wrong."""
    settings, anchor = read_settings(data_dir=data_dir), None if head is None else AuditHead.parse(head)

    async def work() -> AuditReport:
        async with _open(settings) as log:
            return await log.verify(anchor)

    report = asyncio.run(work())
    if as_json:
        print_json({"sound": report.is_sound, **asdict(report)})
    else:
        _print_report(report)
    if not report.is_sound:
        raise typer.Exit(1)


@app.command("list")
def list_command(
    subject: Annotated[
        str | None,
        typer.Option("--subject", help="About whom or what: an id that GraphQL shows, or Teacher:<id>."),
    ] = None,
    principal: Annotated[str | None, typer.Option("--principal", help="Who asked, by the whole name.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="The first day in China, or an instant with its zone, as ISO 8601.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Lines at most.")] = 50,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List lines, newest first."""
    settings, first = read_settings(data_dir=data_dir), None if since is None else _instant(since)
    about = None if subject is None else _subject(subject)

    async def work() -> list[AuditEntry]:
        async with _open(settings) as log:
            return await log.entries(subject=about, principal=principal, since=first, limit=limit)

    found = asyncio.run(work())
    if as_json:
        print_json([_document(entry) for entry in found])
        return
    columns = ("line", "when", "who", "purpose", "action", "outcome", "subjects", "fields", "detail")
    print_table("Audit log", columns, [_cells(entry) for entry in found])


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[AuditLog]:
    require_database(settings)
    async with open_database_of(settings) as database:
        yield AuditLog(database, identity_keys(settings), utc_now)


def _subject(text: str) -> str:
    """A subject as lines hold it, such as `Teacher:0f3c…`, also from an id that GraphQL shows."""
    kind, _, name = text.partition(":")
    if name:
        return f"{kind}:{name if kind == 'ApiKey' else our_id(kind, name)}"
    try:
        named = GlobalId.parse(text)
    except InvalidIdentifier:
        raise InvalidInput(
            f"--subject: {text[:60]!r} is no subject: give an id that GraphQL shows, or such as Teacher:<id>"
        ) from None
    return f"{named.type_name}:{named.parts[0]}"


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
        at = at.replace(tzinfo=CHINA) if at.tzinfo is None else at
        at.astimezone(CHINA) - timedelta(days=1)  # what is near the ends of the calendar cannot be compared
    except (ValueError, OverflowError):
        raise InvalidInput(f"--since: {text[:40]!r} is no day such as 2026-11-01 and no instant in ISO 8601") from None
    return at


def _print_report(report: AuditReport) -> None:
    for problem in report.problems:
        where = "log" if problem.sequence is None else f"line {problem.sequence}"
        errors.print(f"{where}: {problem.what}", markup=False, highlight=False, soft_wrap=True)
    if report.found > len(report.problems):
        errors.print(f"and {report.found - len(report.problems)} more", highlight=False)
    if report.rows and report.found >= report.rows:
        errors.print("every line is wrong: is SHANHAI_IDENTITY_KEY the key it was written with?", highlight=False)
    verdict = "sound" if report.is_sound else f"NOT sound, {report.found} problems"
    console.print(f"{report.rows} lines, {verdict}", highlight=False)
    console.print(f"head {report.head}", markup=False, highlight=False, soft_wrap=True)


def _cells(entry: AuditEntry) -> tuple[object, ...]:
    event = entry.event
    when = f"{entry.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    detail = ", ".join(f"{name} {value}" for name, value in event.detail.items())
    subjects, fields = "\n".join(event.subjects), "\n".join(event.fields)
    return (entry.sequence, when, event.principal, event.purpose, event.action, event.outcome, subjects, fields, detail)


def _document(entry: AuditEntry) -> dict[str, Any]:
    """A line for machines."""
    return {"sequence": entry.sequence, "at": entry.at, **asdict(entry.event)}
