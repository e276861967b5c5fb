"""`shanhai secrets`: which secrets of connectors are sealed, and sealing them anew under another key."""

import asyncio
from dataclasses import asdict

import typer

from gateway.application import open_database_of
from gateway.cli.options import AsJson, DataDir, read_settings
from gateway.cli.output import console, errors, print_json, print_table
from gateway.clock import utc_now
from gateway.registry import Rotation, SealedSecret, Vault
from gateway.registry.credentials import listed, rotate
from gateway.settings import Settings

BY = "command line"
app = typer.Typer(help="Sealed secrets of connectors; their values are never shown.", no_args_is_help=True)


@app.command("list")
def list_command(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List sealed secrets: whose, under which key, and for which origins."""
    secrets = asyncio.run(_list(read_settings(data_dir=data_dir)))
    if as_json:
        print_json([asdict(secret) for secret in secrets])
        return
    print_table(
        "Sealed secrets",
        ("platform", "name", "key", "travels to", "set"),
        [
            (secret.platform, secret.name, secret.key_id, ", ".join(secret.origins), f"{secret.updated_at:%Y-%m-%d}")
            for secret in secrets
        ],
    )


@app.command("rotate")
def rotate_command(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Seal every secret anew under the first key; exits with 1 when a secret opens with none of the keys."""
    done = asyncio.run(_rotate(read_settings(data_dir=data_dir)))
    if as_json:
        print_json(asdict(done))
    else:
        console.print(f"{done.resealed} sealed anew, {done.current} had the first key already", highlight=False)
        for each in done.unreadable:
            errors.print(f"no key opens {each}; set it again", markup=False, highlight=False)
    if done.unreadable:
        raise typer.Exit(1)


async def _list(settings: Settings) -> list[SealedSecret]:
    async with open_database_of(settings) as database:
        return await listed(database)


async def _rotate(settings: Settings) -> Rotation:
    vault = Vault.from_setting(settings.sealing_key.get_secret_value() if settings.sealing_key else None)
    async with open_database_of(settings) as database:
        return await rotate(database, utc_now, vault, BY)
