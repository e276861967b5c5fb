"""`shanhai demo`: simulators, harvest, gateway and a few answers, with one command."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Annotated

import typer

from gateway.access.key_store import KeyStore
from gateway.application import open_services
from gateway.cli.answers import show_answers, wait_until_ready
from gateway.cli.harvest import harvest_all, print_runs
from gateway.cli.options import DataDir, Host, Port, read_settings
from gateway.cli.output import console
from gateway.cli.serve import as_environment, refuse_taken_port
from gateway.cli.simulation import demo_secrets, demo_secrets_environment, simulators
from gateway.clock import utc_now
from gateway.harvesting import HarvestKind
from gateway.identity import Grant, Purpose, Role
from gateway.settings import Settings

_OF_ITS_OWN = {"database_url": None, "redis_url": None, "manifests": (), "secrets_file": None}
"""Simulated records never go where an operator keeps real ones, and real platforms are not asked."""
_SEALING_KEY = b64encode(sha256(b"shanhai demo").digest()).decode()
"""The same in every run, so that what one demo sealed the next can open; nothing here is worth a secret."""
_HARVESTED = (HarvestKind.FULL, HarvestKind.USAGE, HarvestKind.TRAINING)
_OFFICER = Grant(Role.TRAINING_OFFICER, "500000")
_KEY_LASTS = timedelta(days=1)
_SHARED = {f"SHANHAI_{name.upper()}" for name in _OF_ITS_OWN}


def demo(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    size: Annotated[int | None, typer.Option("--size", min=10, help="Records per simulated platform.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop after the answers instead of serving on.")] = False,
) -> None:
    """Start simulators of the platforms, harvest them, serve the gateway and print a few queries with their answers."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _end_in_order)
    settings = read_settings(host=host, port=port, data_dir=data_dir)
    refuse_taken_port(settings.host, settings.port)
    console.print(
        "The regional platforms publish no API that can be called from outside: simulators stand in for them, and for "
        "the files of the national platform, so that the demo needs no network."
    )
    with simulators(size) as reroutes:
        settings = settings.model_copy(
            update={**_OF_ITS_OWN, "data_dir": settings.data_dir / "demo", "reroutes": reroutes}
        )
        officer_key = asyncio.run(_harvest(settings))
        admin_key = token_urlsafe(12)
        with _gateway(settings, admin_key) as (address, process):
            show_answers(address, officer_key)
            console.print(
                f"\n[bold]GraphQL[/] {address}/graphql   [bold]schema[/] {address}/schema.graphql"
                f"   ready after {time.monotonic() - began:.0f} s\n"
                f"[bold]administrator key[/] {admin_key} (of this run only; send it as Authorization: Bearer)\n"
                f"[bold]training officer of 重庆[/] {officer_key} (for a day; with Shanhai-Purpose: "
                f"{Purpose.TRAINING_ADMINISTRATION})\n"
                f"[bold]in a terminal[/] {sys.argv[0]} usage report --measure views --by platform "
                f"--data-dir {settings.data_dir}",
                soft_wrap=True,
                highlight=False,
            )
            if not once:
                console.print("Press Ctrl-C to stop.")
                process.wait()


def _end_in_order(*_signal: object) -> None:
    raise SystemExit(143)  # so that the gateway and the simulators are ended too


async def _harvest(settings: Settings) -> str:
    """Harvest everything, and make a key by which the demo asks for training records."""
    async with open_services(settings, demo_secrets()) as services:
        print_runs([run for kind in _HARVESTED for run in await harvest_all(services, (), kind)])
        keys = KeyStore(services.database, utc_now, services.access.audit)
        made = await keys.create("demo", [_OFFICER], expires_at=utc_now() + _KEY_LASTS, by="demo")
    return made.text


@contextmanager
def _gateway(settings: Settings, admin_key: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    kept = {name: value for name, value in os.environ.items() if name not in _SHARED}
    environment = {
        **kept,
        **as_environment(settings),
        **demo_secrets_environment(),
        "SHANHAI_ADMIN_KEY": admin_key,
        "SHANHAI_SEALING_KEY": _SEALING_KEY,
        "SHANHAI_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen([sys.executable, "-m", "gateway.cli", "serve"], env=environment)  # ourselves
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host.replace('0.0.0.0', '127.0.0.1')}:{settings.port}"  # noqa: S104  # no address to ask at
    try:
        wait_until_ready(address, process)
        yield address, process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
