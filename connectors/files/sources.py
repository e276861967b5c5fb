"""Where files come from: a list of addresses, an index over HTTP, the drop folder."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Protocol
from urllib.parse import urljoin, urlsplit

from pydantic import Field

from connectors.errors import Malformed, PagingError, Transient
from connectors.extraction import JmesPath, compile_expression
from connectors.files.folders import MOST_FILES, QUIET, DroppedFile, dropped
from connectors.protocols.exchange import NotFound
from connectors.protocols.guards import CapGuard, OriginGuard
from connectors.protocols.listing import Upstream
from connectors.protocols.readers import BYTES, JSON, BodyReader
from connectors.transport import Request, Response
from connectors.transport.urls import with_query, without_query
from schema.records import Record

FileUrl = Annotated[str, Field(pattern=r"^/(?:[^/#\s][^#\s]*)?$")]
"""A path below the origin, with a query where one is needed."""
CHINA = timezone(timedelta(hours=8))
MILLISECONDS = 100_000_000_000
"""From here on, a number of seconds would be after the year 5000."""


class IndexSpec(Record):
    """`index: {path: /drop/index.json, files: files, url: name, modified: modified}`

    `files` is a path to the list, `url` and `modified` are paths on an entry; addresses are relative to the index.
    """

    path: FileUrl
    files: JmesPath = "@"
    url: JmesPath = "@"
    modified: JmesPath | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file by its name; `read` gives its bytes, None where it is missing and may be."""

    name: str
    read: Callable[[], Awaitable[bytes | None]]
    modified: datetime | None = None


class Source(Protocol):
    """Names the files of one run in their order."""

    async def files(self) -> list[SourceFile]:
        """The files; raises `ConnectorError`."""


class _Http:
    """Asks for files, on the origins of the manifest only."""

    def __init__(
        self, upstream: Upstream, guard: CapGuard, parameters: Mapping[str, str | int], *, skipping: bool
    ) -> None:
        self._upstream, self._guard, self._skipping = upstream, guard, skipping
        self._parameters = {name: str(value) for name, value in parameters.items()}
        self._origins = OriginGuard(upstream.origins)

    async def ask(self, url: str, reader: BodyReader) -> tuple[Response, Any]:
        """The judged answer."""
        self._origins.check(url)
        self._guard.before_request()
        asked = with_query(url, self._parameters) if self._parameters else url
        request = Request("GET", asked, {"accept": reader.accept}, timeout=self._upstream.timeout)
        response, body = await self._upstream.exchange.ask(request, reader)
        self._guard.after_answer(len(response.body))
        return response, body

    def file(self, name: str, url: str, modified: datetime | None = None) -> SourceFile:
        """A file to be asked for."""

        async def read() -> bytes | None:
            try:
                body: bytes = (await self.ask(url, BYTES))[1]
            except NotFound:
                if self._skipping:
                    return None
                raise
            return body

        return SourceFile(name, read, modified)


class FromList:
    """The files a manifest names."""

    def __init__(
        self,
        paths: Sequence[str],
        upstream: Upstream,
        guard: CapGuard,
        parameters: Mapping[str, str | int],
        *,
        skipping: bool,
    ) -> None:
        self._paths, self._origin = paths, upstream.origin
        self._http = _Http(upstream, guard, parameters, skipping=skipping)

    async def files(self) -> list[SourceFile]:
        """All of them, in the order of the manifest."""
        return [self._http.file(path, self._origin + path) for path in self._paths]


class FromIndex:
    """The files an index lists, only those changed since an instant where there is one and the index says when."""

    def __init__(
        self,
        spec: IndexSpec,
        upstream: Upstream,
        since: datetime | None,
        guard: CapGuard,
        parameters: Mapping[str, str | int],
        *,
        skipping: bool,
    ) -> None:
        self._spec, self._upstream, self._since = spec, upstream, since
        self._http = _Http(upstream, guard, parameters, skipping=skipping)

    async def files(self) -> list[SourceFile]:
        """Those of the index in its order."""
        spec = self._spec
        response, body = await self._http.ask(self._upstream.origin + spec.path, JSON)
        entries = compile_expression(spec.files)(body)
        if not isinstance(entries, list):
            raise Malformed(f"{spec.path}: the index holds no list of files at {spec.files!r} (index.files)")
        if len(entries) > MOST_FILES:
            raise PagingError(f"{spec.path}: the index lists more than {MOST_FILES:,} files")
        address, modified = compile_expression(spec.url), compile_expression(spec.modified or "`null`")
        found = []
        for entry in entries:
            url = address(entry)
            if not isinstance(url, str) or not url.strip():
                raise Malformed(f"{spec.path}: an entry has no address at {spec.url!r} (index.url)")
            changed = instant(modified(entry))
            if self._since is None or changed is None or changed >= self._since:
                complete = urljoin(response.url, url.strip())
                found.append(self._http.file(named(complete), complete, changed))
        if len({file.name for file in found}) < len(found):
            raise PagingError(f"{spec.path}: the index lists a file twice")
        return found


class FromFolder:
    """The files in the drop folder, only those changed since an instant where there is one.

    A file that is still being written is left for the next run, where only changes are asked for; a whole listing
    without it would be incomplete, and is tried again later.
    """

    def __init__(self, pattern: str, upstream: Upstream, since: datetime | None, guard: CapGuard) -> None:
        self._pattern, self._upstream, self._since, self._guard = pattern, upstream, since, guard

    async def files(self) -> list[SourceFile]:
        """Those that match, by name."""
        found = await asyncio.to_thread(dropped, self._upstream.folder, self._pattern)
        now = self._upstream.now()
        quiet = []
        for file in found:
            if self._since is not None and file.modified < self._since:
                continue
            if abs((now - file.modified).total_seconds()) >= QUIET:
                quiet.append(self._file(file))
            elif self._since is None:
                raise Transient(f"{file.name}: was changed less than {QUIET:g} seconds ago and may not be complete yet")
        return quiet

    def _file(self, file: DroppedFile) -> SourceFile:
        async def read() -> bytes:
            self._guard.before_request()
            body = await asyncio.to_thread(file.read)
            self._guard.after_answer(len(body))
            return body

        return SourceFile(file.name, read, file.modified)


def named(url: str) -> str:
    """An address as a name that may be told and kept; its query, which may hold a signature, is a digest only."""
    query = urlsplit(url).query
    return without_query(url) + (f"?{hashlib.sha256(query.encode()).hexdigest()[:12]}" if query else "")


def instant(written: Any) -> datetime | None:
    """An instant in ISO 8601 (China's time without a zone) or as an epoch number; None for anything else."""
    try:
        if isinstance(written, int | float) and not isinstance(written, bool):
            return datetime.fromtimestamp(written / 1000 if written >= MILLISECONDS else written, UTC)
        if not isinstance(written, str):
            return None
        found = datetime.fromisoformat(written.strip())
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=CHINA)
