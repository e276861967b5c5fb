"""Who is let in: the keys of the database, the tokens of an issuer, and how often each may ask."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from connectors.errors import ConnectorError
from connectors.transport import EgressPolicy, Limits, Request, Transport, open_transport
from gateway.access.audit import AuditLog
from gateway.access.authentication import Credentials
from gateway.access.jwks import MOST_BYTES, Fetch, KeySet, KeysUnavailable
from gateway.access.key_store import KeyStore
from gateway.access.quotas import open_allowance
from gateway.access.teachers import TeacherDirectory
from gateway.access.tokens import TokenReader, TokenRules
from gateway.clock import Clock, utc_now
from gateway.errors import InvalidInput
from gateway.keyed import KeyedHash, secret_key
from gateway.settings import Settings
from gateway.storage import Database
from gateway.web import Authenticator

LIMITS = Limits(requests_per_second=10, burst=10, timeout_seconds=8, attempt_seconds=4, retries=1, max_bytes=MOST_BYTES)
"""Of what is asked of an issuer, while who sent a token waits."""


@asynccontextmanager
async def open_authenticator(
    settings: Settings, database: Database, keys: KeyedHash, policy: EgressPolicy, clock: Clock = utc_now
) -> AsyncIterator[Authenticator]:
    """Who lets requests in; raises InvalidInput for settings that name an issuer by half."""
    admin_key = settings.admin_key.get_secret_value() if settings.admin_key else None
    rules = token_rules(settings)
    async with AsyncExitStack() as stack:
        tokens = None
        if rules is not None:
            transport = _open(settings, policy)
            stack.push_async_callback(transport.aclose)
            key_set = KeySet(_fetching(transport), clock, rules.issuer, settings.oidc_jwks_url)
            stack.push_async_callback(key_set.aclose)
            tokens = TokenReader(rules, key_set, clock, TeacherDirectory(database, keys).find)
        known = open_allowance(settings.key_requests, settings.key_cost, settings.redis_url, "key")
        stack.push_async_callback(known.aclose)
        anonymous = open_allowance(
            settings.anonymous_requests, settings.anonymous_cost, settings.redis_url, "anonymous"
        )
        stack.push_async_callback(anonymous.aclose)
        store = KeyStore(database, clock, AuditLog(database, keys, clock))
        yield Authenticator(Credentials(admin_key, store, tokens), known, anonymous)


def identity_keys(settings: Settings) -> KeyedHash:
    """The keyed hashes behind pseudonyms of teachers and the audit log, whose key replicas share."""
    chosen = settings.identity_key.get_secret_value() if settings.identity_key else None
    return KeyedHash(secret_key(chosen, settings.data_dir / "identity.key", "SHANHAI_IDENTITY_KEY"))


def token_rules(settings: Settings) -> TokenRules | None:
    """Whose tokens are accepted; None where no issuer is set."""
    if settings.oidc_issuer is None:
        return None
    if not settings.oidc_audience:
        raise InvalidInput("SHANHAI_OIDC_AUDIENCE: say what the tokens of SHANHAI_OIDC_ISSUER must be meant for")
    return TokenRules(settings.oidc_issuer, settings.oidc_audience, settings.oidc_algorithms)


def _open(settings: Settings, policy: EgressPolicy) -> Transport:
    """The way to the issuer, whose own origin the operator has named and may therefore be private."""
    named = (_origin(url) for url in (settings.oidc_issuer, settings.oidc_jwks_url) if url is not None)
    try:
        return open_transport(LIMITS, settings.reroutes, policy=policy.allowing(named))
    except ConnectorError as error:
        raise InvalidInput(f"SHANHAI_OIDC_ISSUER: {error}") from None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _fetching(transport: Transport) -> Fetch:
    async def fetch(url: str) -> bytes:
        request = Request("GET", url, {"Accept": "application/json"}, timeout=LIMITS.timeout_seconds)
        try:
            response = await transport.send(request)
        except ConnectorError as error:
            raise KeysUnavailable(f"{error.code}: {error}") from None
        if response.status != 200:
            raise KeysUnavailable(f"the issuer answers with status {response.status}")
        return response.body

    return fetch
