"""`shanhai serve`: the gateway through granian."""

import asyncio
import os
import socket
from collections.abc import Mapping

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from gateway.application import open_database_of
from gateway.cli.options import DataDir, Host, Manifests, Port, read_settings
from gateway.errors import InvalidInput
from gateway.registry import SecretStore
from gateway.settings import Settings


def serve(host: Host = None, port: Port = None, data_dir: DataDir = None, manifests: Manifests = None) -> None:
    """Serve GraphQL until interrupted; `uvicorn --factory gateway.application:create_app` serves the same."""
    settings = read_settings(host=host, port=port, data_dir=data_dir, manifests=manifests)
    refuse_taken_port(settings.host, settings.port)
    asyncio.run(_prepare(settings))
    os.environ.update(as_environment(settings))
    Granian(
        "gateway.application:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=settings.workers,
        log_level=LogLevels(settings.log_level.lower()),
        log_access=False,
        websockets=True,
        respawn_failed_workers=True,
    ).serve()


async def _prepare(settings: Settings) -> None:
    SecretStore.from_file(settings.secrets_file)
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
