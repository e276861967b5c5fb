"""`shanhai keys`: keys of the API, made, listed, rotated and revoked; a key itself is printed once."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import typer

from gateway.access.audit import AuditLog
from gateway.access.claims import ClaimRefused, grant_of
from gateway.access.key_store import KeyStore
from gateway.access.keys import CreatedKey, KeyView
from gateway.application import open_database_of
from gateway.application.tokens import identity_keys
from gateway.cli.options import AsJson, DataDir, our_id, read_settings, require_database
from gateway.cli.output import console, errors, print_json, print_table
from gateway.clock import CHINA, utc_now
from gateway.errors import InvalidInput
from gateway.identity import Grant, Scope
from gateway.settings import Settings

BY = "command line"
_SPAN = re.compile(r"(\d{1,5})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
LONGEST_SPAN = timedelta(days=3_660)
app = typer.Typer(help="Keys of the API; a key itself is printed once, when it is made.", no_args_is_help=True)

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The id that `shanhai keys list` shows, such as shk_….")]


@app.command("create")
def create_command(
    name: Annotated[str, typer.Option("--name", help="The office or program that holds it; no name of a person.")],
    role: Annotated[
        list[str],
        typer.Option("--role", help="ROLE, or ROLE:REGION such as TRAINING_OFFICER:500103; may be repeated."),
    ],
    read_only: Annotated[bool, typer.Option("--read-only", help="Good for queries alone, not for actions.")] = False,
    teacher: Annotated[str | None, typer.Option("--teacher", help="Our id of the teacher who holds it.")] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", help="A span such as 90d, or its last day as YYYY-MM-DD. [never]")
    ] = None,
    per_minute: Annotated[
        int | None, typer.Option("--per-minute", min=1, help="Requests a minute. [SHANHAI_KEY_REQUESTS]")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it; nobody can see it again."""
    settings = read_settings(data_dir=data_dir)
    grants = [_grant(text) for text in role]
    scopes = (Scope.READ,) if read_only else tuple(Scope)
    expires_at = _end(expires, utc_now()) if expires is not None else None
    holder = None if teacher is None else our_id("Teacher", teacher)

    async def work() -> CreatedKey:
        async with _open(settings) as keys:
            return await keys.create(
                name, grants, scopes=scopes, teacher=holder, per_minute=per_minute, expires_at=expires_at, by=BY
            )

    _print_created(asyncio.run(work()), as_json=as_json)


@app.command("list")
def list_command(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List keys, newest first: what they are good for, and how they stand; never a key itself."""
    settings, now = read_settings(data_dir=data_dir), utc_now()
    require_database(settings)

    async def work() -> list[KeyView]:
        async with _open(settings) as keys:
            return await keys.listed()

    found = asyncio.run(work())
    if as_json:
        print_json([_document(key, now) for key in found])
        return
    rows = [(key.id, key.name, _roles(key), _good_for(key), key.state(now), _day(key.expires_at)) for key in found]
    print_table("Keys", ("id", "name", "roles", "good for", "state", "expires"), rows)


@app.command("rotate")
def rotate_command(
    key_id: KeyId,
    overlap: Annotated[
        str, typer.Option("--overlap", help="How long the old key goes on, such as 7d, 12h or 0d.")
    ] = "7d",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a key that takes the place of another; the old one ends after the overlap."""
    settings, span = read_settings(data_dir=data_dir), _span(overlap, "--overlap")

    async def work() -> CreatedKey:
        async with _open(settings) as keys:
            return await keys.rotate(key_id, span, BY)

    _print_created(asyncio.run(work()), as_json=as_json)


@app.command("revoke")
def revoke_command(key_id: KeyId, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """End a key at once; those that took its place go on."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> KeyView:
        async with _open(settings) as keys:
            return await keys.revoke(key_id, BY)

    key = asyncio.run(work())
    if as_json:
        print_json(_document(key, utc_now()))
        return
    console.print(f"{key.id} was revoked {key.revoked_at:%Y-%m-%d %H:%M} UTC", markup=False, highlight=False)


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[KeyStore]:
    async with open_database_of(settings) as database:
        yield KeyStore(database, utc_now, AuditLog(database, identity_keys(settings), utc_now))


def _grant(text: str) -> Grant:
    try:
        return grant_of(text)
    except ClaimRefused as refused:
        raise InvalidInput(f"--role: {refused}") from None


def _span(text: str, option: str) -> timedelta:
    found = _SPAN.fullmatch(text.strip())
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    if span is None or span > LONGEST_SPAN:
        raise InvalidInput(f"{option}: {text[:40]!r} is no span such as 90d, 12h or 30m, of at most ten years")
    return span


def _end(text: str, now: datetime) -> datetime:
    """When a key expires: after a span, or with the end of its last day in China."""
    try:
        last = date.fromisoformat(text.strip())
    except ValueError:
        return now + _span(text, "--expires")
    return datetime.combine(last + timedelta(days=1), time(), CHINA)


def _print_created(made: CreatedKey, *, as_json: bool) -> None:
    """The key alone on standard output, so that it can be piped; what is said of it goes to standard error."""
    key = made.key
    if as_json:
        print_json({**_document(key, utc_now()), "key": made.text})
        return
    console.print(made.text, markup=False, highlight=False, soft_wrap=True)
    until = "until it is revoked" if key.expires_at is None else f"until {key.expires_at:%Y-%m-%d %H:%M} UTC"
    errors.print(f"{key.id} ({_roles(key)}) holds {until}", markup=False, highlight=False)
    errors.print("keep it now: it is not shown again", markup=False, highlight=False)


def _roles(key: KeyView) -> str:
    return ", ".join(grant.role if grant.region is None else f"{grant.role}:{grant.region}" for grant in key.grants)


def _good_for(key: KeyView) -> str:
    return ", ".join(scope.lower() for scope in Scope if scope in key.scopes)


def _day(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant:%Y-%m-%d}"


def _document(key: KeyView, now: datetime) -> dict[str, Any]:
    """A key for machines, without its secret."""
    return {
        "id": key.id,
        "name": key.name,
        "grants": [{"role": grant.role, "region": grant.region} for grant in key.grants],
        "scopes": [scope for scope in Scope if scope in key.scopes],
        "teacher": key.teacher,
        "per_minute": key.per_minute,
        "state": key.state(now),
        "created_at": key.created_at,
        "created_by": key.created_by,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "revoked_by": key.revoked_by,
        "rotated_from": key.rotated_from,
    }
