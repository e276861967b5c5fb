"""A registry at work: a real platform in this process, a database, and manifests that speak to it."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector
from connectors.transport import assemble, in_process
from gateway.registry import ConnectorOutcome, RegistryService, Secrets, SecretStore, Vault
from gateway.storage import Database

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
BY = "陈老师"
SECRET = "hunter2-planted-secret"
KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(range(1, 33))).decode()
HOME, AWAY = "https://api.river.example", "https://api.elsewhere.example"


def manifest(
    version: int = 1,
    *,
    code: str = "river",
    name: str = "江城云课堂",
    origin: str = HOME,
    others: tuple[str, ...] = (),
    secret: str | None = "platformKey",  # noqa: S107  # a name, not a value
    title: str = "title",
) -> str:
    """A manifest that lists `/items`, with a secret in a header unless told otherwise."""
    credentials = f"credentials: {{kind: apiKey, in: header, name: X-Api-Key, secret: {secret}}}\n" if secret else ""
    return (
        f"manifest: 1\nversion: {version}\n"
        f'platform: {{code: {code}, name: {name}, region: "500000", simulated: true}}\n'
        f"origin: {origin}\notherOrigins: [{', '.join(others)}]\n{credentials}"
        "harvest:\n  protocol: rest\n  request: {path: /items}\n  records: items\n"
        f"  fields:\n    nativeId: id\n    title: {title}\n    kind: {{constant: LESSON}}\n    summary: note\n"
    )


@dataclass
class Platform:
    """Answers `/items`; `asked` holds host and key of every request, and the first `echoes` records hold the key."""

    records: int = 3
    key: str | None = SECRET
    echoes: int = 0
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/items", self._items)])

    async def _items(self, request: Request) -> JSONResponse:
        given = request.headers.get("x-api-key")
        self.asked.append((request.url.hostname or "", given))
        if self.key is not None and given != self.key:
            return JSONResponse({"error": f"key {given} is refused"}, 401)
        notes = [f"you sent {given}" if number < self.echoes else "勾股定理" for number in range(self.records)]
        items = [{"id": f"r{number}", "title": f"第{number}课", "note": note} for number, note in enumerate(notes)]
        return JSONResponse({"items": items})


@dataclass
class Desk:
    """A registry service over a platform; the clock moves by one minute with each look at it."""

    database: Database
    platform: Platform = field(default_factory=Platform)
    keys: str | None = KEY
    operator: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    plugins: frozenset[str] = frozenset()
    folder: Path | None = None
    crash: Exception | None = None
    opened: list[Secrets] = field(default_factory=list)
    service: RegistryService = field(init=False)
    _minutes: int = 0

    def __post_init__(self) -> None:
        store = SecretStore(self.operator, self.environment)
        vault = Vault.from_setting(self.keys)
        self.service = RegistryService(self.database, self.now, vault, self._open, store, self.plugins)

    def now(self) -> datetime:
        self._minutes += 1
        return START + timedelta(minutes=self._minutes)

    @asynccontextmanager
    async def _open(self, connector: ManifestConnector, secrets: Secrets) -> AsyncIterator[ConnectorContext]:
        self.opened.append(secrets)
        if self.crash is not None:
            raise self.crash
        transport = assemble(in_process(self.platform.app()), connector.limits)
        try:
            yield ConnectorContext(
                connector.platform.code,
                transport,
                secrets.values,
                secret_origins=secrets.origins,
                folder=self.folder,
                now=later,
            )
        finally:
            await transport.aclose()

    async def register(self, text: str | None = None, secret: str | None = SECRET) -> ConnectorOutcome:
        given = {"platformKey": secret} if secret else {}
        return done(await self.service.register(text or manifest(), given, BY))

    async def activated(self, text: str | None = None) -> ConnectorOutcome:
        """Register, verify and activate."""
        await self.register(text)
        done(await self.service.verify("river", None, BY))
        return done(await self.service.activate("river", None, BY))

    async def installed(self, folder: Path, text: str | None = None) -> None:
        """Take a manifest out of the operator's directory."""
        folder.mkdir(exist_ok=True)  # noqa: ASYNC240  # a small file on a local disk
        (folder / "river.yaml").write_text(text or manifest(), "utf-8")
        await self.service.synchronize_files([folder], builtin=False)
        assert (await self.service.snapshot()).rejected == ()

    async def published(self, version: int, *, verify: bool = True, activate: bool = False) -> None:
        """Publish a further version, and perhaps verify and activate it."""
        done(await self.service.publish("river", manifest(version), False, BY))
        if verify:
            done(await self.service.verify("river", version, BY))
        if activate:
            done(await self.service.activate("river", version, BY))

    async def actions(self, code: str = "river") -> list[tuple[str, int | None]]:
        return [(event.action, event.version) for event in await self.service.events(code)]


def later() -> datetime:
    """A moment at which what was dropped just now is complete."""
    return datetime.now(UTC) + timedelta(hours=1)


def done(outcome: ConnectorOutcome) -> ConnectorOutcome:
    """An outcome that is no refusal."""
    assert outcome.refusals == ()
    assert outcome.connector is not None
    return outcome


def codes(outcome: ConnectorOutcome) -> list[str]:
    """The codes of an outcome that changed nothing."""
    assert outcome.connector is None
    return [refusal.code for refusal in outcome.refusals]
