"""A gateway that serves in processes of its own, to be ended by signals."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx

from gateway.application import Services
from tests.journeys.gateway import Client
from tests.journeys.partner import ADMIN_KEY, SEALING_KEY, Partner
from tests.services.availability import free_port

PATIENCE = 40.0


class ServingProcess:
    """`shanhai serve` with its workers, in a process group of its own."""

    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient) -> None:
        self.process, self.http = process, http
        self.partner = Partner(Client(http, cast("Services", SimpleNamespace())))

    async def ready(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.returncode is None:
            with suppress(httpx.HTTPError):
                if (await self.http.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
        raise AssertionError(f"not ready; exit status {self.process.returncode}")

    async def end(self, number: signal.Signals, *, group: bool = False) -> int:
        """Send a signal, to the whole group if asked, and wait for the end; gives the exit status."""
        if self.process.returncode is None:
            (os.killpg if group else os.kill)(self.process.pid, number)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@asynccontextmanager
async def serving(directory: Path, reroutes: Mapping[str, str], **more: Any) -> AsyncIterator[ServingProcess]:
    """Serve from a directory; whatever is left of it is killed at the end."""
    port = free_port()
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "data_dir": directory,
        "reroutes": ",".join(f"{origin}={target}" for origin, target in reroutes.items()),
        "builtin_platforms": "false",
        "schedule": "false",
        "admin_key": ADMIN_KEY,
        "sealing_key": SEALING_KEY,
        "log_level": "WARNING",
        **more,
    }
    environment = {f"SHANHAI_{name.upper()}": str(value) for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.cli", "serve"),
        env={**os.environ, **environment},
        start_new_session=True,
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            served = ServingProcess(process, http)
            await served.ready()
            yield served
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
