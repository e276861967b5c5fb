"""`shanhai database`: bring the database to the version this program needs."""

import asyncio

import typer

from gateway.application import open_database_of
from gateway.cli.options import DataDir, read_settings
from gateway.cli.output import console
from gateway.settings import Settings

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The database."""


@app.command("upgrade")
def upgrade_command(data_dir: DataDir = None) -> None:
    """Create or migrate the tables; safe to repeat."""
    asyncio.run(_upgrade(read_settings(data_dir=data_dir)))


async def _upgrade(settings: Settings) -> None:
    async with open_database_of(settings):
        console.print("database is current")
