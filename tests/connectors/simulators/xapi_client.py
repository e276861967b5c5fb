"""A client of the simulated statement store: it follows `more` until there is none."""

from collections import Counter
from typing import Any

from starlette.applications import Starlette

from tests.connectors.simulators.clients import Clock, Yuzhong

PATH = "/xapi/statements"


def settled() -> Clock:
    """A clock at which everything seeded is stored."""
    clock = Clock()
    clock.move(days=20)
    return clock


async def opened(app: Starlette) -> Yuzhong:
    """A client with a token that says its version."""
    yuzhong = Yuzhong(app)
    await yuzhong.authorize()
    yuzhong.http.headers["X-Experience-API-Version"] = "1.0.3"
    return yuzhong


async def ask(platform: Yuzhong, **given: Any) -> Any:
    """The body of a sound answer."""
    answer = await platform.http.get(PATH, params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def pages(platform: Yuzhong, **given: Any) -> list[list[Any]]:
    """Every page, following `more`."""
    body = await ask(platform, **given)
    found = [body["statements"]]
    while body["more"]:
        answer = await platform.http.get(body["more"])
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found.append(body["statements"])
    return found


async def everything(platform: Yuzhong, **given: Any) -> list[Any]:
    return [told for page in await pages(platform, **given) for told in page]


def verbs(statements: list[Any]) -> dict[str, int]:
    return dict(Counter(told["verb"]["display"]["en-US"] for told in statements))
