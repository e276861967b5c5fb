"""Recording a test: the first pages read live, with demonstration values for secrets, ready for `tests:`."""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
import yaml

from connectors.conformance.demonstration import Demonstration
from connectors.conformance.sampling import SectionName
from connectors.context import ConnectorContext
from connectors.errors import Unreachable
from connectors.manifest import ManifestConnector
from connectors.manifest.document import read_document
from connectors.manifest.transforms.reading import CHINA, zone_named
from connectors.records import HarvestPage, HarvestRequest, UsageRequest
from connectors.transport import Request, Response, Transport
from connectors.transport.urls import query_pairs

SHOWN_RECORDS = 3
"""Records that a recorded test expects field by field."""
_ANSWER_HEADERS = ("content-type", "link", "set-cookie", "last-modified")
_OWN_HEADERS = ("accept", "content-type", "content-length", "user-agent", "host", "accept-encoding")
Tape = list[tuple[Request, Response]]


async def record_test(
    connector: ManifestConnector,
    context: ConnectorContext,
    *,
    section: SectionName = "harvest",
    pages: int = 1,
    name: str = "recorded",
) -> dict[str, Any]:
    """A test of the first pages as `tests:` has it; raises `ConnectorError`, and `TooShort` for a secret.

    The answers are replayed with demonstration secrets, twice: what differs between the two, such as nonces, is not
    compared. A listing that goes on after the last page is expected to find nobody there.
    """
    now = context.now()
    shown = Demonstration(context.secrets)
    last = now.astimezone(zone_named(CHINA)).date() - timedelta(days=1)
    days = (last - timedelta(days=6), last)
    tape: Tape = []
    live = replace(context, transport=_Taping(context.transport, tape), now=lambda: now)
    await _read(connector, live, section, days, pages)
    tape = _demonstrated(connector, tape, shown)
    runs = []
    for _ in range(2):
        player = _Playing([answer for _, answer in tape])
        demo = ConnectorContext(context.platform, player, shown.secrets, lambda: now)
        read, open_ended = await _replayed(connector, demo, section, days)
        runs.append(player.asked)
    header = getattr(getattr(getattr(connector.document, section), "paging", None), "header", None)
    kept = (*_ANSWER_HEADERS, header.lower()) if header else _ANSWER_HEADERS
    exchanges = [
        {"request": _request(first, second), "response": _response(answer, kept)}
        for first, second, (_, answer) in zip(*runs, tape, strict=True)
    ]
    test: dict[str, Any] = {"name": name, "section": section, "now": now.isoformat()}
    if section == "usage":
        test["days"] = [day.isoformat() for day in days]
    if shown.secrets:
        test["secrets"] = shown.secrets
    return test | {"exchanges": exchanges, "expect": _expectation(read, open_ended=open_ended)}


def written(tests: Sequence[Mapping[str, Any]]) -> str:
    """Tests as the YAML of a manifest, with `tests:` above."""
    return yaml.dump(
        {"tests": list(tests)}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None
    )


class _Taping:
    """Keeps everything; what it kept goes through `Demonstration` before anybody sees it."""

    def __init__(self, inner: Transport, tape: Tape) -> None:
        self._inner, self._tape = inner, tape

    async def send(self, request: Request) -> Response:
        """Send and keep."""
        response = await self._inner.send(request)
        self._tape.append((request, response))
        return response

    async def aclose(self) -> None:
        """The inner one belongs to the caller."""


class _Playing:
    """Gives the answers in their order and notes what it is asked."""

    def __init__(self, answers: Sequence[Response]) -> None:
        self._answers = answers
        self.asked: list[Request] = []

    async def send(self, request: Request) -> Response:
        """The next answer; `Unreachable` after the last."""
        if len(self.asked) == len(self._answers):
            raise Unreachable("the recording has no answer left")
        self.asked.append(request)
        return replace(self._answers[len(self.asked) - 1], url=request.url)

    async def aclose(self) -> None:
        """Nothing is open."""


async def _read(
    connector: ManifestConnector, context: ConnectorContext, section: str, days: tuple[date, date], pages: int
) -> list[HarvestPage[Any]]:
    read: list[HarvestPage[Any]] = []
    async with aclosing(_listing(connector, context, section, days)) as listing:
        async for page in listing:
            read.append(page)
            if len(read) == pages:
                break
    return read


async def _replayed(
    connector: ManifestConnector, context: ConnectorContext, section: str, days: tuple[date, date]
) -> tuple[list[HarvestPage[Any]], bool]:
    """The pages of a whole replay, and whether the listing went on after the last answer."""
    read: list[HarvestPage[Any]] = []
    with suppress(Unreachable):
        async with aclosing(_listing(connector, context, section, days)) as listing:
            async for page in listing:
                read.append(page)  # noqa: PERF401  # what came before the end counts
        return read, False
    return read, True


async def _listing(
    connector: ManifestConnector, context: ConnectorContext, section: str, days: tuple[date, date]
) -> Any:
    listing: AsyncIterator[HarvestPage[Any]]
    if section == "usage":
        listing = connector.usage(context, UsageRequest(*days))
    elif section == "training":
        listing = connector.training(context, HarvestRequest())
    else:
        listing = connector.harvest(context, HarvestRequest())
    async for page in listing:
        yield page


def _demonstrated(connector: ManifestConnector, tape: Tape, shown: Demonstration) -> Tape:
    specs = connector.document.all_credentials()
    for asked, answered in tape:
        shown.learn(specs, asked, answered)
    return [
        (
            asked,
            replace(
                answered,
                body=shown.body(answered.body),
                headers={name: shown.text(value) for name, value in answered.headers.items()},
            ),
        )
        for asked, answered in tape
    ]


def _request(first: Request, second: Request) -> dict[str, Any]:
    """What both replays asked alike."""
    found: dict[str, Any] = {} if first.method == "GET" else {"method": first.method}
    found["path"] = urlsplit(first.url).path or "/"
    query = _alike(dict(query_pairs(first.url)), dict(query_pairs(second.url)))
    headers = _alike(first.headers, second.headers)
    plain = {name: value for name, value in headers.items() if name.lower() not in _OWN_HEADERS}
    found |= {key: value for key, value in (("query", query), ("headers", plain)) if value}
    with suppress(orjson.JSONDecodeError):
        one, other = orjson.loads(first.body), orjson.loads(second.body)
        body = _alike(one, other) if isinstance(one, dict) and isinstance(other, dict) else one
        if body:
            found["json"] = body
    return found


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if other.get(name) == value}


def _response(answer: Response, kept: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {} if answer.status == 200 else {"status": answer.status}
    headers = {name: value for name, value in answer.headers.items() if name in kept}
    if headers:
        found["headers"] = headers
    return found | (_body(answer.body) if answer.body else {})


def _body(body: bytes) -> dict[str, Any]:
    """A body in the most readable way in which it comes back as it was."""
    with suppress(orjson.JSONDecodeError):
        value = orjson.loads(body)
        if value is not None and _comes_back(value):
            return {"json": value}
    with suppress(UnicodeDecodeError):
        text = body.decode()
        if _comes_back(text):
            return {"text": text}
    return {"base64": base64.b64encode(body).decode()}


def _comes_back(value: Any) -> bool:
    read = read_document(yaml.dump({"body": value}, Dumper=_Dumper, allow_unicode=True, sort_keys=False))
    # records are stripped when a manifest is read, so text with blanks around it would not come back
    return read.value == {"body": value} and (not isinstance(value, str) or value == value.strip())


def _expectation(pages: Sequence[HarvestPage[Any]], *, open_ended: bool) -> dict[str, Any]:
    accepted = [one for page in pages for one in page.accepted]
    deleted = sorted(native_id for page in pages for native_id in page.deleted)
    unmapped = sorted({f"{note.field}: {note.value}" for one in accepted for note in one.unmapped})
    found: dict[str, Any] = {"accepted": len(accepted), "rejected": sum(len(page.rejected) for page in pages)}
    found |= {key: value for key, value in (("deleted", deleted), ("unmapped", unmapped)) if value}
    if open_ended:
        found["error"] = Unreachable.code
    return found | {"records": [orjson.loads(one.record.to_json()) for one in accepted[:SHOWN_RECORDS]]}


class _Dumper(yaml.SafeDumper):
    """YAML as manifests have it: no aliases, and text of several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:
        """Manifests have none."""
        del data
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
