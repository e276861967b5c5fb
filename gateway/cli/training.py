"""`shanhai training`: accounts of one person, corrections and erasures, and the rules and ledger of the credit bank."""

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Connection

from gateway.application.credit_bank import CreditBank, open_credit_bank
from gateway.cli.options import AsJson, DataDir, our_id, read_settings
from gateway.cli.output import console, errors, print_json, print_table
from gateway.errors import InvalidInput
from gateway.settings import Settings
from gateway.training.credit.rules import load_rules
from gateway.training.people.links import LinkOutcome, NationalId, links
from gateway.training.people.renaming import rename
from gateway.training.records.auditing import done
from schema.credit import CreditRule

BY = "command line"
COLUMNS = ("platform", "nativeId", "nationalId")
MOST_LINES = 100_000
PORTION = 200
"""Lines of national ids that are imported in one transaction."""
_Made = TypeVar("_Made")
app = typer.Typer(help="Teachers and their records: links, corrections, erasure, rules, ledger.", no_args_is_help=True)

Reason = Annotated[str, typer.Option("--reason", help="Why, without names or numbers of people.")]
Teacher = Annotated[str, typer.Argument(metavar="TEACHER", help="Id of a teacher as GraphQL or `links` shows it.")]


@app.command("link")
def link_command(
    file: Annotated[Path, typer.Option("--file", help="CSV of platform,nativeId,nationalId; - is standard input.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Link accounts of one person by national ids, of which only keyed hashes are kept; then delete the file."""
    rows = list(_read_rows(file))
    outcome = _run(read_settings(data_dir=data_dir), partial(_link, rows=rows))
    if as_json:
        print_json(asdict(outcome))
    else:
        console.print(f"{outcome.marked} accounts have a pseudonym now; {len(outcome.links)} links were made")
        for line, why in outcome.refused:
            errors.print(f"line {line}: {why}", markup=False, highlight=False)
    if outcome.refused:
        raise typer.Exit(1)


@app.command("links")
def links_command(
    teacher: Annotated[str | None, typer.Option("--teacher", help="Only those of this teacher.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List links, newest first, by ids of ours: what each rests on, and whether it was undone."""
    named = None if teacher is None else our_id("Teacher", teacher)

    async def work(bank: CreditBank) -> list[dict[str, object]]:
        async with bank.database.reading() as connection:
            return [asdict(link) for link in await connection.run_sync(links, named)]

    found = _run(read_settings(data_dir=data_dir), work)
    if as_json:
        print_json(found)
        return
    columns = ("id", "account", "platform", "from_teacher", "to_teacher", "evidence", "linked_at", "undone_at")
    print_table("Links", columns, [[link[name] for name in columns] for link in found])


@app.command("unlink")
def unlink_command(
    link: Annotated[str, typer.Argument(metavar="LINK", help="Id of a link, as `links` shows it.")],
    reason: Reason,
    data_dir: DataDir = None,
) -> None:
    """Undo a link that was wrong; the account is its own person again, and hours are worked out anew."""

    def undo(bank: CreditBank) -> Awaitable[str]:
        return bank.do(lambda connection, now: bank.linking.undo(connection, now, link, BY, reason))

    person = _run(read_settings(data_dir=data_dir), undo)
    console.print(f"link {link} is undone; the account is teacher {person} again", markup=False, highlight=False)


@app.command("rename")
def rename_command(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Id of an account, as `links` shows it.")],
    name: Annotated[str | None, typer.Option("--name", help="The right name.")] = None,
    school: Annotated[str | None, typer.Option("--school", help="The right name of the school.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Put name or school of an account right; it stands until the platform reports something new of the teacher."""

    def work(bank: CreditBank) -> Awaitable[str]:
        def write(connection: Connection, now: datetime) -> str:
            return rename(connection, now, bank.access, account, name=name, school=school, by=BY)

        return bank.do(write)

    person = _run(read_settings(data_dir=data_dir), work)
    console.print(f"account {account} of teacher {person} is put right", markup=False, highlight=False)


@app.command("erase")
def erase_command(
    teacher: Teacher,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Erase a person for good: names, ids, titles and certificates; lines of the ledger stay, by ids of ours."""
    named = our_id("Teacher", teacher)
    if not yes:
        typer.confirm(f"Erase teacher {named}? It cannot be undone.", abort=True)

    async def erase(bank: CreditBank) -> int:
        erased = await bank.do(lambda connection, now: bank.erasing.erase(connection, now, named, reason, BY))
        await bank.database.checkpoint()
        return erased

    records = _run(read_settings(data_dir=data_dir), erase)
    console.print(f"teacher {named} is erased, with {records} records", markup=False, highlight=False)


@app.command("reconcile")
def reconcile_command(data_dir: DataDir = None) -> None:
    """Work out every award anew and write the lines that are missing; 0 where all was right."""

    async def work(bank: CreditBank) -> int:
        followed = await bank.posting.settle(bank.database, bank.clock)
        written = await bank.posting.repost_all(bank.database, bank.clock)
        detail = {"lines": written, "resources": followed}
        event = done("reconcileLedger", BY, (), detail)
        await bank.do(lambda connection, now: bank.access.append(connection, now, event))
        return written

    written = _run(read_settings(data_dir=data_dir), work)
    console.print(f"{written} lines were written to the ledger", highlight=False)


@app.command("rules")
def rules_command(
    region: Annotated[
        str | None, typer.Option("--region", help="GB/T 2260 code: of it and what lies around it.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the credit rules in force; samples are examples, published by nobody."""

    async def work(bank: CreditBank) -> tuple[CreditRule, ...]:
        async with bank.database.reading() as connection:
            return (await connection.run_sync(load_rules)).listed(region)

    found = _run(read_settings(data_dir=data_dir), work)
    if as_json:
        print_json([rule.model_dump(mode="json", by_alias=True) for rule in found])
        return
    columns = ("rule", "", "region", "from", "to", "kind", "unit", "hours", "caps", "source")
    print_table("Credit rules", columns, [_rule_row(rule) for rule in found])


def _rule_row(rule: CreditRule) -> tuple[object, ...]:
    caps = ", ".join(f"{cap.scope} {cap.hours.normalize():f}" for cap in rule.caps)
    sample = "sample" if rule.sample else ""
    span = (rule.valid_from, rule.valid_to)
    return (rule.id, sample, rule.region, *span, rule.kind, rule.unit, f"{rule.hours_per_unit:f}", caps, rule.source)


async def _link(bank: CreditBank, rows: list[tuple[int, NationalId]]) -> LinkOutcome:
    """Import lines in portions, each a transaction, so that others need not wait for the whole file."""
    marked, links, refused = 0, list[str](), list[tuple[int, str]]()
    for start in range(0, len(rows), PORTION):
        some = rows[start : start + PORTION]
        outcome = await bank.do(partial(_set_national_ids, bank=bank, rows=some))
        marked += outcome.marked
        links += outcome.links
        refused += outcome.refused
    return LinkOutcome(marked, tuple(links), tuple(refused))


def _set_national_ids(
    connection: Connection, now: datetime, *, bank: CreditBank, rows: list[tuple[int, NationalId]]
) -> LinkOutcome:
    return bank.linking.set_national_ids(connection, now, rows, BY)


def _read_rows(file: Path) -> Iterable[tuple[int, NationalId]]:
    """Lines of the file with their numbers; what is wrong is told without what stands there."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    reader = csv.reader(text.splitlines())
    if tuple(cell.strip() for cell in next(reader, [])) != COLUMNS:
        raise InvalidInput(f"{file}, line 1: the first line has to be {','.join(COLUMNS)}")
    for number, cells in enumerate(reader, 2):
        if number > MOST_LINES:
            raise InvalidInput(f"{file}: more than {MOST_LINES} lines; split it")
        if len(cells) == len(COLUMNS):
            yield number, NationalId(*cells)
        elif cells:
            raise InvalidInput(f"{file}, line {number}: {len(cells)} cells where {len(COLUMNS)} are due")


def _run(settings: Settings, work: Callable[[CreditBank], Awaitable[_Made]]) -> _Made:
    async def opened() -> _Made:
        async with open_credit_bank(settings) as bank:
            return await work(bank)

    return asyncio.run(opened())
