"""The application with one slow page beside it, in a process of its own: `python -m … granian|uvicorn PORT`."""

import asyncio
import sys

import uvicorn
from granian import Granian
from granian.constants import Interfaces, Loops
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.application import create_app

SLOW_SECONDS = 1.5


async def slow(_request: Request) -> Response:
    """Something that takes its time."""
    await asyncio.sleep(SLOW_SECONDS)
    return PlainTextResponse("done")


def application() -> Starlette:
    """What is served, with the settings of the environment."""
    app = create_app()
    app.router.routes.append(Route("/slow", slow))
    return app


def main(server: str, port: int) -> None:
    """Serve until a signal comes."""
    place = f"{__spec__.name}:application" if __spec__ else ""
    if server == "uvicorn":
        uvicorn.run(place, factory=True, port=port, log_level="error")
    else:
        Granian(place, factory=True, port=port, interface=Interfaces.ASGI, loop=Loops.uvloop, log_enabled=False).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
