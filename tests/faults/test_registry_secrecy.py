"""The hunt for secrets: planted in every kind of credential, echoed by the platform in every way, found nowhere."""

import logging
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.faults.echo import RUNTIME, STRANGER, Echo, spellings
from tests.journeys.gateway import running
from tests.journeys.partner import ADMIN_KEY, SEALING_KEY, Partner, connector_id, credentials, partner_settings
from tests.journeys.river import HOME, on_loopback

KEY = "key/7f3a+=&{x}-planted"
QUOTED = 'key/"7f3a"\\+=&{x}-planted'
PASSWORD = "pä/ssw+rd' &=勾股-planted"
CLIENT = "client:s3cr/et+=&-planted"
REPLACED = "replaced/7f3a+=&-planted"
LIMITS = "limits: {requestsPerSecond: 1000, retries: 0}\nfailures: [{status: 5xx, outcome: stop, message: error}]\n"
KINDS = {
    "header": ("{kind: apiKey, secret: platformKey}", {"platformKey": KEY}),
    "query": ("{kind: apiKey, in: query, name: apiKey, secret: platformKey}", {"platformKey": KEY}),
    "plainName": ("{kind: apiKey, in: query, name: k, secret: platformKey}", {"platformKey": KEY}),
    "basic": (
        "{kind: basic, username: account, password: password}",
        {"account": "planted-account", "password": PASSWORD},
    ),
    "oauth": (
        "{kind: oauth2, tokenUrl: /token, clientId: clientId, clientSecret: clientSecret}",
        {"clientId": "planted-client-id", "clientSecret": CLIENT},
    ),
    "session": (
        "{kind: session, login: {url: /login, json: {account: {secret: account}, password: {secret: password}}},"
        " token: {path: data.token}, send: {in: header, name: X-Session}}",
        {"account": "planted-account", "password": PASSWORD},
    ),
}
WATCH = """query W($id: ID!, $node: ID!) {
  connector(id: $id) { state credentials { name set updatedAt } health { state lastError }
    versions { manifest report { findings { message found expected suggestion } resolved } }
    runs { nodes { state error errorCode } } drift { field message } unmappedValues { field value example }
    quarantine(first: 100) { nodes { nativeId raw findings { code message pointer expected found suggestion } } } }
  search(first: 100) { nodes { id nativeId title summary provenance { digest unmapped } } }
  suggest(prefix: "你好") { text } node(id: $node) { id }
  validateManifest(manifest: "credentials: {secret: 1}") { findings { message found } } }"""


def manifest(version: int, spec: str, *, origin: str = HOME, path: str = "/items") -> str:
    """A manifest whose records hold everything the platform echoes."""
    return (
        f"manifest: 1\nversion: {version}\n"
        'platform: {code: river, name: 江城云课堂, region: "500000", simulated: true}\n'
        f"origin: {origin}\ncredentials: {spec}\n{LIMITS}"
        f"harvest:\n  protocol: rest\n  request: {{path: {path}}}\n  records: items\n"
        "  paging: {kind: nextUrl, next: next}\n"
        "  fields:\n    nativeId: id\n    title: title\n    kind: {constant: LESSON}\n    summary: note\n"
        "    subjects: subject\n"
    )


@dataclass
class Hunted:
    """Everything a gateway said and kept."""

    texts: list[str] = field(default_factory=list)
    folder: Path = Path()
    open_files: list[str] = field(default_factory=list)

    async def listen(self, response: httpx.Response) -> None:
        """Keep an answer."""
        self.texts.append((await response.aread()).decode() + str(response.headers))

    def found(self, planted: tuple[str, ...]) -> list[str]:
        """Where which secret stands, in which spelling."""
        files = [(str(path), path.read_bytes()) for path in self.folder.rglob("*") if path.is_file()]
        places = [*files, *((f"text {n}", text.encode()) for n, text in enumerate(self.texts))]
        needles = {spelling for one in planted for spelling in spellings(one)}
        return [
            f"{each} in {name}: …{held[max(0, at - 80) : at + 120]!r}"
            for name, held in places
            for each in needles
            if (at := held.find(each.encode())) >= 0
        ]


async def whole_life(partner: Partner, platform: Echo, spec: str, values: dict[str, str]) -> None:
    """Register, try, harvest, fail, and look at everything; refusals are part of it."""
    good, first = credentials(values), manifest(1, spec)
    await partner.act("registerConnector", manifest=first, credentials=credentials({**values, "nobody": KEY}))
    await partner.act("registerConnector", manifest=first, credentials=[*good, *good])
    inline = "".join(f'{{name: "{name}", value: "{name}-{REPLACED}"}} ' for name in values)
    for body in (
        {"query": f'mutation {{ registerConnector(manifest: "x", credentials: [{inline}]) {{ connectors }} }}'},
        {"query": f'mutation {{ registerConnector(manifest: "x", credentials: [{inline} }}'},
        {"query": "mutation($c: [CredentialInput!]) { testRead(manifest: 1, credentials: $c) { __typename } }",
         "variables": {"c": [{"name": "x", "value": [KEY, REPLACED]}, {"name": REPLACED}, KEY]}},
    ):  # fmt: skip
        response = await partner.client.http.post("/graphql", json=body, headers=partner.headers)
        assert response.json()["errors"]
    await partner.register(first, values)
    for platform.status in (401, 500, 403, 200):
        await partner.act("verifyConnector", connectorId=connector_id("river"))
        await partner.act("testRead", manifest=first, connectorId=connector_id("river"), limit=50)
        await partner.act("testRead", manifest=first, credentials=good, limit=50)
    platform.silent = True
    assert (await partner.do("verifyConnector", "river"))["report"]["ok"]
    await partner.do("activateConnector", "river")
    platform.silent = False
    for platform.status in (200, 500, 401):
        await partner.harvest("river")
        await partner.ask(WATCH, id=connector_id("river"), node=connector_id("river"))
    platform.status = 200
    await partner.do("publishConnectorVersion", "river", manifest=manifest(2, spec, path="/led-away"))
    await partner.act("verifyConnector", connectorId=connector_id("river"))
    await partner.act("activateConnector", connectorId=connector_id("river"))
    await partner.harvest("river")


async def lead_away(partner: Partner, spec: str, stranger: Echo) -> None:
    """Publish versions that go to another host: the secrets stay where they were set for."""
    moved = manifest(3, spec, origin=STRANGER)
    await partner.act("testRead", manifest=moved, connectorId=connector_id("river"))
    await partner.act("publishConnectorVersion", connectorId=connector_id("river"), manifest=moved, canary=True)
    await partner.act("publishConnectorVersion", connectorId=connector_id("river"), manifest=moved)
    await partner.act("verifyConnector", connectorId=connector_id("river"))
    await partner.act("activateConnector", connectorId=connector_id("river"))
    for number, (old, new) in enumerate((("/token", f"{STRANGER}/token"), ("/login", f"{STRANGER}/login")), 4):
        if old in spec:
            elsewhere = manifest(number, spec.replace(old, new))
            await partner.act("testRead", manifest=elsewhere, connectorId=connector_id("river"))
            await partner.act("publishConnectorVersion", connectorId=connector_id("river"), manifest=elsewhere)
            await partner.act("verifyConnector", connectorId=connector_id("river"))
            await partner.act("activateConnector", connectorId=connector_id("river"))
    await partner.act("startHarvest", connectorId=connector_id("river"))
    await partner.ended("river")
    await partner.ask(WATCH, id=connector_id("river"), node=connector_id("river"))
    await partner.act(
        "setCredentials", connectorId=connector_id("river"), credentials=credentials({"nobody": REPLACED})
    )


async def hunt(
    kind: str, values: dict[str, str], platform: Echo, folder: Path, caplog: pytest.LogCaptureFixture
) -> tuple[Hunted, Echo]:
    """Lead a whole life with these secrets, and keep everything that was said and stored."""
    hunted, stranger = Hunted(folder=folder), Echo(platform.planted)
    caplog.set_level(logging.DEBUG)
    async with (
        on_loopback(platform.app()) as home,
        on_loopback(stranger.app()) as away,
        running(partner_settings(folder, {HOME: home, STRANGER: away})) as client,
    ):
        client.http.event_hooks["response"].append(hunted.listen)
        partner = Partner(client)
        await whole_life(partner, platform, KINDS[kind][0], values)
        await lead_away(partner, KINDS[kind][0], stranger)
        hunted.open_files = hunted.found(platform.planted)
    hunted.texts.append(caplog.text)
    return hunted, stranger


@pytest.mark.parametrize("kind", KINDS)
async def test_no_planted_secret_is_found_anywhere(
    kind: str,
    tmp_path: Path,
    sqlite_template: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    values = KINDS[kind][1]
    secrets = tuple(value for name, value in values.items() if name not in ("account", "clientId"))
    pairs = (":".join(values.values()), ":".join(map(quote_plus, values.values())))
    planted = (*secrets, *(pairs if len(values) > 1 else ()), RUNTIME, REPLACED)
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    platform = Echo(planted)
    hunted, stranger = await hunt(kind, values, platform, tmp_path, caplog)
    hunted.texts += capfd.readouterr()
    assert any(tells(carried, secrets) for carried in platform.heard), "never sent"
    assert hunted.open_files == []
    assert hunted.found((*planted, ADMIN_KEY, SEALING_KEY)) == []
    assert [carried for carried in stranger.heard if tells(carried, planted)] == []


@pytest.mark.parametrize("kind", ["header", "session"])
async def test_no_secret_in_disguise_is_found_anywhere(
    kind: str, tmp_path: Path, sqlite_template: Path, caplog: pytest.LogCaptureFixture
) -> None:
    values = dict.fromkeys(KINDS[kind][1], QUOTED)
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    hunted, _ = await hunt(kind, values, Echo((QUOTED, RUNTIME), disguised=True), tmp_path, caplog)
    assert hunted.found((QUOTED, RUNTIME)) == []


async def test_a_link_that_repeats_the_key_is_followed_but_not_kept(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    pages: list[tuple[str, bool]] = []
    broken = ["3"]

    async def items(request: Request) -> JSONResponse:
        page = request.query_params.get("page", "1")
        pages.append((page, request.query_params.get("apiKey") == KEY))
        if page in broken:
            return JSONResponse({"error": "come back later"}, 503)
        following = f"{HOME}/items?page={int(page) + 1}&apiKey={quote_plus(KEY)}" if page < "4" else None
        return JSONResponse({"items": [{"id": page, "title": "课", "subject": "数学"}], "next": following})

    hunted = Hunted(folder=tmp_path)
    async with (
        on_loopback(Starlette(routes=[Route("/items", items)])) as home,
        running(partner_settings(tmp_path, {HOME: home})) as client,
    ):
        partner = Partner(client)
        retried = manifest(1, KINDS["query"][0]).replace("outcome: stop", "outcome: retry")
        await partner.serve("river", retried, KINDS["query"][1])
        interrupted = await partner.harvest("river")
        assert (interrupted["state"], interrupted["created"]) == ("PARTIAL", 2)
        assert hunted.found((KEY,)) == []
        broken.clear()
        pages.clear()
        resumed = await partner.harvest("river")
    assert (resumed["id"], resumed["state"], resumed["created"]) == (interrupted["id"], "SUCCEEDED", 4)
    assert pages == [("3", True), ("4", True)]
    assert hunted.found((KEY,)) == []


def tells(text: str, secrets: Iterable[str]) -> bool:
    """Whether a text holds one of these secrets in any spelling."""
    return any(each in text for secret in secrets for each in spellings(secret))


def pem() -> tuple[str, str]:
    """A certificate of a platform's client, and its private key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "river")]), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = dated.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()
    return certificate, private


async def test_a_private_key_is_found_nowhere(
    tmp_path: Path, sqlite_template: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    certificate, private = pem()
    lines = tuple(line for line in private.splitlines() if "---" not in line)
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    hunted, platform = Hunted(folder=tmp_path), Echo(lines)
    caplog.set_level(logging.DEBUG)
    spec = "{kind: mutualTls, certificate: platformCertificate, key: platformCertificateKey}"
    async with (
        on_loopback(platform.app()) as home,
        running(partner_settings(tmp_path, {HOME: home, STRANGER: home})) as client,
    ):
        client.http.event_hooks["response"].append(hunted.listen)
        partner = Partner(client)
        await partner.register(
            manifest(1, spec), {"platformCertificate": certificate, "platformCertificateKey": private}
        )
        asked: dict[str, Any] = {"connectorId": connector_id("river")}
        await partner.act("verifyConnector", **asked)
        await partner.act("testRead", manifest=manifest(1, spec), **asked)
        broken = {"platformCertificate": certificate, "platformCertificateKey": private[:60] + private[64:]}
        await partner.do("setCredentials", "river", credentials=credentials(broken))
        await partner.act("verifyConnector", **asked)
        await partner.act("testRead", manifest=manifest(1, spec), **asked)
        heard = len(platform.heard)
        await partner.act("testRead", manifest=manifest(2, spec, origin=STRANGER), **asked)
        assert len(platform.heard) == heard > 0
    hunted.texts += [caplog.text, *capfd.readouterr()]
    pieces = tuple(line[start : start + 24] for line in lines for start in (0, 30) if len(line) > start + 24)
    assert hunted.found(pieces) == []
