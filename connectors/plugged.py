"""A plug-in at work: it is what it declared when it was loaded, and its code can end a run and nothing else."""

import asyncio
import inspect
import json
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.context import ConnectorContext
from connectors.credentials.contract import secret_value
from connectors.errors import ConnectorError, PagingError, Timeout, UpstreamFailure
from connectors.manifest.mapping import SHORTEST_REFUSED, rejection, told
from connectors.manifest.origins import Origin
from connectors.records import Accepted, HarvestPage, HarvestRequest, LiveAnswer, LiveQuery, Rejected, UsageRequest
from connectors.sketches import unusable_sketch
from connectors.transport import ClientCertificate, Limits, Redactor
from schema.findings import Finding
from schema.platforms import Capability, PlatformDescription
from schema.records import Record
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.usage import UsageFact

PAGE_SECONDS = 600.0
"""How long a plug-in may take for one page, or for the answer to a search."""
MOST_PAGES = 100_000
"""How many pages a listing may have."""
MESSAGE_CHARACTERS = 1_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_END = object()
_TELLS_A_SECRET = Finding("record.skipped", "the record repeats a secret that is used to ask for it")
R = TypeVar("R", bound=Record)
F = TypeVar("F", bound=HarvestPage[Any] | LiveAnswer)
T = TypeVar("T")


class PluginFailed(ConnectorError):
    """A plug-in did what no connector may, such as raising an error of its own; the log has the traceback."""


def _some(values: T) -> T:
    if not values:
        raise ValueError("name at least one")
    return values


class PluginTraits(BaseModel):
    """What a plug-in declares; read once, when it is loaded. `origins` are all that it may ask."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    platform: PlatformDescription
    version: Annotated[int, Field(ge=1, le=1_000_000_000)]
    capabilities: Annotated[frozenset[Capability], AfterValidator(_some)]
    origins: Annotated[tuple[Origin, ...], AfterValidator(_some)]
    limits: Limits = Limits()
    freshness: Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(days=366))] | None = None
    secret_names: frozenset[Annotated[str, Field(min_length=1)]] = frozenset()


class PluginConnector:
    """Satisfies every protocol of `connectors.contract`; what the plug-in cannot do is an `UpstreamFailure`.

    Raises `ConnectorError` subclasses only, without secrets: whatever else the plug-in raises becomes `PluginFailed`.
    """

    def __init__(
        self,
        inner: Any,
        traits: PluginTraits,
        *,
        most_pages: int = MOST_PAGES,
        page_seconds: float = PAGE_SECONDS,
    ) -> None:
        self._inner = inner
        self._traits = traits
        self._most_pages = most_pages
        self._page_seconds = page_seconds

    @property
    def platform(self) -> PlatformDescription:
        """The platform it speaks to."""
        return self._traits.platform

    @property
    def version(self) -> int:
        """Version of its mapping."""
        return self._traits.version

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        return self._traits.capabilities

    @property
    def limits(self) -> Limits:
        """How hard the platform may be asked."""
        return self._traits.limits

    @property
    def freshness(self) -> timedelta | None:
        """How old its harvest may become, None where nobody asks for it on a schedule."""
        return self._traits.freshness

    @property
    def origins(self) -> frozenset[str]:
        """The only origins that its transport asks."""
        return frozenset(self._traits.origins)

    @property
    def secret_names(self) -> frozenset[str]:
        """The secrets it needs."""
        return self._traits.secret_names

    def certificate(self, secrets: Mapping[str, str]) -> ClientCertificate | None:
        """None: only manifests show certificates."""
        del secrets
        return None

    def harvest(self, context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[HarvestPage]:
        """List resources."""
        return self._pages(Capability.HARVEST, ResourceRecord, context, request)

    def training(
        self, context: ConnectorContext, request: HarvestRequest
    ) -> AsyncIterator[HarvestPage[TrainingReport]]:
        """List training records."""
        return self._pages(Capability.TRAINING, TrainingReport, context, request)

    def usage(self, context: ConnectorContext, request: UsageRequest) -> AsyncIterator[HarvestPage[UsageFact]]:
        """List facts of usage."""
        return self._pages(Capability.USAGE, UsageFact, context, request)

    async def search(self, context: ConnectorContext, query: LiveQuery) -> LiveAnswer:
        """Ask the platform's own search."""
        with self._guarded(context):
            self._prepare(Capability.LIVE_SEARCH, context)
            answer = await self._in_time(self._inner.search(context, query))
            if not isinstance(answer, LiveAnswer):
                raise TypeError(f"search answered with {type(answer).__name__} where a LiveAnswer is due")
            _check_entries(answer, ResourceRecord)
            return _kept(answer, tuple(context.secrets.values()))

    async def _pages(
        self, capability: Capability, record: type[R], context: ConnectorContext, request: Any
    ) -> AsyncIterator[HarvestPage[R]]:
        listing: Any = None
        try:
            with self._guarded(context):
                self._prepare(capability, context)
                listing = _listing(getattr(self._inner, METHODS[capability])(context, request))
            for _ in range(self._most_pages):
                with self._guarded(context):
                    page = await self._in_time(anext(listing, _END))
                    if page is _END:
                        return
                    kept = _kept(_checked(page, record), tuple(context.secrets.values()))
                yield kept
            message = f"the listing does not end within {self._most_pages} pages"
            raise PagingError(message, platform=context.platform)
        finally:
            if hasattr(listing, "aclose"):
                with self._guarded(context):
                    await self._in_time(listing.aclose())

    def _prepare(self, capability: Capability, context: ConnectorContext) -> None:
        if capability not in self.capabilities:
            raise UpstreamFailure(f"the plug-in does not offer {capability}")
        for name in sorted(self.secret_names):
            secret_value(context.secrets, name, "/secret_names")

    async def _in_time(self, awaited: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._page_seconds) as limit:
                return await awaited
        except TimeoutError:
            if limit.expired():
                raise Timeout(f"the plug-in gave no answer within {self._page_seconds:g} seconds") from None
            raise

    @contextmanager
    def _guarded(self, context: ConnectorContext) -> Iterator[None]:
        """Let `ConnectorError` and cancellation out, and everything else as `PluginFailed`."""
        redactor = Redactor(context.secrets.values())
        try:
            yield
        except GeneratorExit:
            raise
        except ConnectorError as error:
            error.platform = error.platform or context.platform
            error.args = (redactor.text(str(error))[:MESSAGE_CHARACTERS],)
            raise
        except BaseException as error:  # SystemExit would end the process
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            # the original may quote a secret, so its text is told masked and the error itself not at all
            told = redactor.text("".join(traceback.format_exception(error)))
            context.log.error("the plug-in of %s failed: %s", context.platform, told)
            message = f"the plug-in ended unexpectedly with {type(error).__name__}"
            raise PluginFailed(message, platform=context.platform) from None


METHODS: Mapping[Capability, str] = {
    Capability.HARVEST: "harvest",
    Capability.INCREMENTAL: "harvest",
    Capability.TOMBSTONES: "harvest",
    Capability.LIVE_SEARCH: "search",
    Capability.USAGE: "usage",
    Capability.TRAINING: "training",
}
"""The method that each capability needs."""


def _listing(returned: Any) -> AsyncIterator[Any]:
    if inspect.iscoroutine(returned):
        returned.close()
        raise TypeError("the method never yields; write it as an async generator")
    return aiter(returned)


def _checked(page: object, record: type[R]) -> HarvestPage[R]:
    """The page, if it can be stored; raises `TypeError` or `ValueError` naming the first thing that is wrong."""
    if not isinstance(page, HarvestPage):
        raise TypeError(f"{type(page).__name__} was yielded where a HarvestPage is due")
    _check_entries(page, record)
    if not all(isinstance(native_id, str) for native_id in page.deleted):
        raise TypeError("deleted holds something else than native ids")
    if page.checkpoint is not None:
        json.dumps(dict(page.checkpoint))
    return page


def _check_entries(found: HarvestPage[Any] | LiveAnswer, record: type[Record]) -> None:
    for accepted in _entries(found):
        if not isinstance(accepted, Accepted) or not isinstance(accepted.record, record):
            raise TypeError(f"accepted holds something else than Accepted({record.__name__})")
        if not _DIGEST.fullmatch(accepted.digest):
            raise ValueError("digest is not a SHA-256 in hexadecimal")
    if not all(isinstance(rejected, Rejected) for rejected in found.rejected):
        raise TypeError("rejected holds something else than Rejected")


def _kept(found: F, secrets: tuple[str, ...]) -> F:
    """What may be kept, as of a manifest: nothing that the platform echoed of what it was shown, and no sketch that the
    library of sketches must not read.
    """
    telling = [secret for secret in secrets if len(secret) >= SHORTEST_REFUSED]
    accepted: list[Accepted[Any]] = []
    rejected = [rejection(one.native_id, one.findings, one.raw, secrets) for one in found.rejected]
    for one in _entries(found):
        refused = _refused(one.record, telling)
        if refused is not None:
            native_id = getattr(one.record, "native_id", None)
            rejected.append(rejection(native_id, (refused,), one.record.to_json().decode(), secrets))
        else:
            accepted.append(replace(one, unmapped=told(one.unmapped, secrets)) if one.unmapped else one)
    if isinstance(found, LiveAnswer):
        return replace(found, found=tuple(accepted), rejected=tuple(rejected))
    return replace(found, accepted=tuple(accepted), rejected=tuple(rejected))


def _entries(found: HarvestPage[Any] | LiveAnswer) -> Sequence[Any]:
    """What stands where accepted records are due; a plug-in gives no sightings, it reads before it answers."""
    return found.found if isinstance(found, LiveAnswer) else found.accepted


def _refused(record: Record, telling: Sequence[str]) -> Finding | None:
    if telling:
        text = record.to_json().decode()
        if any(secret in text for secret in telling):
            return _TELLS_A_SECRET
    sketch = record.sketch if isinstance(record, UsageFact) else None
    return unusable_sketch(sketch) if sketch is not None else None
