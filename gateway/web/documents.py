"""Documents that clients name instead of sending: trusted ones of the operator's files, and those they sent before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import orjson
from starlette.requests import HTTPConnection

from gateway.errors import InvalidInput
from gateway.graph.prepared import SHA256, document_hash
from gateway.identity import Principal
from gateway.web.refusals import Refusal
from gateway.web.requests import DOCUMENT_ID, GraphRequest

KEPT_SECONDS = 24 * 3600
"""How long a document that a client sent by itself is kept."""
LONGEST_KEPT = 20_000
"""Bytes of such a document; with 1,000 of them in memory that is 20 MB at most."""
APOLLO = "apollo-persisted-query-manifest"
_NO_STORE = {"Cache-Control": "no-store"}
"""Caches may keep a 404 to a GET for a while, and what is not known now may be known then."""


class Kept(Protocol):
    """A bounded cache of bytes by text, such as gateway.cache opens."""

    async def get(self, key: str) -> bytes | None:
        """The bytes kept under a key; None where there are none, or no longer."""
        ...

    async def set(self, key: str, value: bytes, ttl: float) -> Any:
        """Keep bytes for so many seconds at most."""
        ...


@dataclass(frozen=True, slots=True)
class Documents:
    """Finds the document of a request.

    `trusted` are the operator's by their ids. With `only_trusted` no other is answered but to administrators. `find`
    gives where automatically persisted queries are kept; without it there are none.
    """

    trusted: Mapping[str, str] = field(default_factory=dict)
    only_trusted: bool = False
    find: Callable[[HTTPConnection], Kept] | None = None

    async def resolved(self, asked: GraphRequest, request: HTTPConnection, principal: Principal) -> GraphRequest:
        """The request with its document; raises Refusal where it has none, or none that may be executed.

        It has a hash only where the document was sent with it.
        """
        if asked.document_id is not None:
            return replace(asked, query=self._named(asked.document_id), query_hash=None)
        if asked.query_hash is not None:
            query = await self._hashed(asked, asked.query_hash, request)
            return replace(asked, query=query, query_hash=asked.query_hash if asked.query else None)
        if self.only_trusted and not principal.is_administrator and document_hash(asked.query) not in self.trusted:
            raise Refusal("DOCUMENT_NOT_TRUSTED", "only documents that the operator has listed are answered here")
        return asked

    async def keep(self, asked: GraphRequest, request: HTTPConnection) -> None:
        """Keep a document that was sent with its hash, and is valid, for those who will send the hash alone."""
        if asked.query_hash and self.find is not None and not self.only_trusted:
            text = asked.query.encode()
            if len(text) <= LONGEST_KEPT:
                await self.find(request).set(asked.query_hash, text, ttl=KEPT_SECONDS)

    def name_of(self, text: str, operation_name: str | None) -> str | None:
        """The operation's name where the document is a trusted one: those are few, and known before anybody asks."""
        return operation_name if document_hash(text) in self.trusted else None

    def _named(self, document_id: str) -> str:
        text = self.trusted.get(document_id)
        if text is None:
            message = f"there is no document {document_id[:100]!r} among those listed here"
            raise Refusal("DOCUMENT_UNKNOWN", message, _NO_STORE)
        return text

    async def _hashed(self, asked: GraphRequest, query_hash: str, request: HTTPConnection) -> str:
        trusted = self.trusted.get(SHA256 + query_hash)
        if asked.query and document_hash(asked.query) != SHA256 + query_hash:
            raise Refusal("PERSISTED_QUERY_MISMATCH", "`sha256Hash` is not the hash of `query`")
        if trusted is not None:
            return trusted
        if self.only_trusted or self.find is None:
            # the words that Apollo's clients look for, before they send whole documents again
            raise Refusal("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
        if asked.query:
            return asked.query
        found = await self.find(request).get(query_hash)
        text = found.decode("utf-8", "replace") if found else ""
        if document_hash(text) != SHA256 + query_hash:  # gone, or a shared cache that others can write into
            raise Refusal("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", _NO_STORE)
        return text


def read_documents(paths: Sequence[Path], faults: Callable[[str], Sequence[str]]) -> dict[str, str]:
    """The documents of these files by id, and each by `sha256:` and its hash too.

    A file is a JSON object of texts by id, as GraphQL Code Generator and Relay write it, or Apollo's manifest. `faults`
    tells what is wrong with a document. Raises InvalidInput that names the file and the id.
    """
    found: dict[str, str] = {}
    for path in paths:
        for document_id, text in _entries(path):
            where = f"SHANHAI_TRUSTED_DOCUMENTS: {path}: {document_id[:100]!r}"
            if not DOCUMENT_ID.fullmatch(document_id):
                raise InvalidInput(f"{where} is no document id: letters, digits and `-._~`, or `sha256:` and a hash")
            own = document_hash(text)
            if document_id.startswith(SHA256) and document_id != own:
                raise InvalidInput(f"{where} is not the hash of its document, which is {own}")
            if found.get(document_id, text) != text:
                raise InvalidInput(f"{where} names two documents")
            if wrong := faults(text):
                raise InvalidInput(f"{where}: {wrong[0]}")
            found[document_id] = found[own] = text
    return found


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """Ids and texts of one file."""
    where = f"SHANHAI_TRUSTED_DOCUMENTS: {path}"
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{where}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{where}: not JSON: {error}") from None
    if isinstance(content, dict) and content.get("format") == APOLLO:
        operations = content.get("operations")
        rows = operations if isinstance(operations, list) else [None]
        pairs = [(one.get("id"), one.get("body")) if isinstance(one, dict) else (None, None) for one in rows]
    else:
        pairs = list(content.items()) if isinstance(content, dict) else [(None, None)]
    for document_id, text in pairs:
        if not isinstance(document_id, str) or not isinstance(text, str):
            raise InvalidInput(f"{where}: write an object of documents by id, or Apollo's manifest of operations")
        yield document_id, text
