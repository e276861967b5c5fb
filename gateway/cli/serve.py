"""`shanhai serve`: the gateway through granian or uvicorn, in processes that are watched and started again."""

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from gateway.application import create_app, open_database_of
from gateway.cli.options import DataDir, Host, Manifests, Port, read_settings
from gateway.errors import InvalidInput
from gateway.logs import logging_config
from gateway.registry import SecretStore, Vault
from gateway.settings import Settings

KEPT_ALIVE_SECONDS = 75
"""How long uvicorn keeps an idle connection: longer than proxies before it do, so that none sends into a closed one."""
_WORKER = "gateway.cli.serve:worker"


def serve(host: Host = None, port: Port = None, data_dir: DataDir = None, manifests: Manifests = None) -> None:
    """Serve GraphQL until interrupted; `uvicorn --factory gateway.application:create_app` serves the same."""
    settings = read_settings(host=host, port=port, data_dir=data_dir, manifests=manifests)
    refuse_taken_port(settings.host, settings.port)
    asyncio.run(_prepare(settings))
    os.environ.update(as_environment(settings))
    (_by_uvicorn if settings.server == "uvicorn" else _by_granian)(settings)


def _by_granian(settings: Settings) -> None:
    Granian(
        _WORKER,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=settings.workers,
        log_level=LogLevels(settings.log_level.lower()),
        log_dictconfig=logging_config(settings.log_level, settings.log_format),
        log_access=False,
        websockets=True,
        respawn_failed_workers=True,
    ).serve()


def _by_uvicorn(settings: Settings) -> None:
    """Serve in as many processes, also where it is one: whoever dies is replaced, and the parent ends with 0."""
    config = uvicorn.Config(
        _WORKER,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        log_level=settings.log_level.lower(),
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom proxies are trusted to name is read by the gateway itself
        timeout_keep_alive=KEPT_ALIVE_SECONDS,
    )
    Multiprocess(config, [config.bind_socket()]).run()


def worker() -> Starlette:
    """The application of one process, which when it has started keeps all that is there for good.

    The collector then looks only at what requests make, of which it finds little.
    """
    app = create_app()
    opening: Any = app.router.lifespan_context  # Starlette's type is a union of two kinds of lifespans

    @asynccontextmanager
    async def lifespan(served: Any) -> AsyncIterator[None]:
        async with opening(served):
            gc.collect()
            gc.freeze()
            yield

    app.router.lifespan_context = lifespan
    return app


async def _prepare(settings: Settings) -> None:
    create_app(
        settings
    )  # settings that cannot be are told here, in a line, and not by workers that die again and again
    SecretStore.from_file(settings.secrets_file)
    Vault.from_setting(settings.sealing_key.get_secret_value() if settings.sealing_key else None)
    async with open_database_of(settings):
        pass  # migrated once, before several workers would try


def as_environment(settings: Settings) -> Mapping[str, str]:
    """The settings as the environment that worker processes inherit."""
    values = {
        "SHANHAI_HOST": settings.host,
        "SHANHAI_PORT": str(settings.port),
        "SHANHAI_DATA_DIR": str(settings.data_dir),
        "SHANHAI_MANIFESTS": ",".join(str(path) for path in settings.manifests),
        "SHANHAI_REROUTES": ",".join(f"{origin}={target}" for origin, target in settings.reroutes.items()),
    }
    return {name: value for name, value in values.items() if value}


def refuse_taken_port(host: str, port: int) -> None:
    """Say so plainly when somebody listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InvalidInput(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from None
