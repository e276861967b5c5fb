"""Answers kept as bytes and given again to who would be answered the same, for as long as nothing has changed."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson
from aiocache.base import BaseCache
from graphql import OperationDefinitionNode

from gateway.graph.context import FROM_MEMORY, GraphContext
from gateway.graph.execution import MAX_CACHED_TEXT, Answer, Executes
from gateway.graph.keeping import Keepable, keepable
from gateway.graph.prepared import Prepared, Reading
from gateway.graph.wrapping import Wrapping
from gateway.identity import Principal

MOST_BYTES = 256 * 1024
"""Of an answer that is kept."""
MOST_UNKEPT = 1_000
"""Questions of which is remembered that their answers could not be kept."""
UNKEPT_SECONDS = 5.0
"""How long nobody waits for an answer that somebody else computes after one that could not be kept."""
_STAMP = 8
"""Bytes before an answer that tell when it was made, in milliseconds since 1970."""
_HIT, _MISS, _BYPASS = "hit", "miss", "bypass"
X_CACHE: Mapping[str, Mapping[str, str]] = {name: {"X-Cache": name} for name in (_HIT, _MISS, _BYPASS)}
"""How an answer says where it came from."""
_Asked = tuple[Prepared, GraphContext, dict[str, Any] | None, str | None]
"""A document, the context, the variables and the name of the operation."""


class Generations(Protocol):
    """The state of everything that a kept answer may rest on."""

    def token(self) -> str | None:
        """One text that changes with any of it, cheap to ask for; None while it cannot be told."""
        ...


class Unkept:
    """Questions whose last answer could not be kept, such as one with errors while a platform is down.

    Who asks one of them soon after neither waits for others nor lets others wait, where each would compute its own in
    the end.
    """

    def __init__(self, entries: int = MOST_UNKEPT, seconds: float = UNKEPT_SECONDS) -> None:
        self._entries, self._seconds = entries, seconds
        self._until: dict[str, float] = {}

    def note(self, key: str, *, kept: bool) -> None:
        """Remember how it went; the oldest makes way."""
        self._until.pop(key, None)
        if not kept:
            if len(self._until) >= self._entries:
                del self._until[next(iter(self._until))]
            self._until[key] = time.monotonic() + self._seconds

    def holds(self, key: str) -> bool:
        """Whether the last answer could not be kept, and that was a moment ago."""
        return bool(self._until) and self._until.get(key, 0.0) > time.monotonic()


@dataclass(frozen=True, slots=True)
class Responses:
    """Where answers are kept while the application runs, and for how many seconds at most.

    `salt` is equal for processes that answer alike: those with the same schema and the same database.
    """

    cache: BaseCache
    generations: Generations
    seconds: int
    salt: str = ""
    computing: dict[str, "asyncio.Future[bytes | None]"] = field(default_factory=dict)
    """Answers that somebody computes at this moment, by key; None where there is nothing to share."""
    unkept: Unkept = field(default_factory=Unkept)


class KeptAnswer(Answer):
    """An answer that was kept, which is read only by who wants its body."""

    __slots__ = ("_text",)
    _text: bytes

    def __init__(self, text: bytes, headers: Mapping[str, str], name: str = "") -> None:
        for key, value in (("_text", text), ("executed", True), ("headers", headers), ("name", name)):
            object.__setattr__(self, key, value)  # answers do not change

    @property
    def body(self) -> dict[str, Any]:
        """The body, decoded."""
        decoded: dict[str, Any] = orjson.loads(self._text)
        return decoded

    @property
    def errors(self) -> list[dict[str, Any]]:
        """None: answers with errors are not kept."""
        return []

    def encoded(self) -> bytes:
        """The body as it was kept."""
        return self._text


class CachingExecutor(Wrapping):
    """Stands before an executor and answers what was answered before.

    Kept are answers without errors to queries of `gateway.graph.keeping`, by the document, the operation, its
    variables, what the viewer may be shown, and the generations of all they rest on. Viewers without any role share
    them; everybody else has only their own. Equal questions at one time are computed once; where whoever computes
    leaves, one of those who wait takes over, and where the answer could not be kept, each of them computes its own.
    """

    def __init__(self, inner: Executes, find: Callable[[], Responses | None]) -> None:
        super().__init__(inner)
        self._find = find
        self._keepable = Reading(self._read)

    async def execute(
        self,
        document: str | Prepared,
        context: GraphContext,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Answer:
        """Execute one operation, or give the answer that it had; never raises for anything that a client sent."""
        prepared = self.prepare(document) if isinstance(document, str) else document
        asked = (prepared, context, variables, operation_name)
        responses = self._find()
        if responses is None:
            return await self._inner.execute(*asked)
        key = self._key(responses, *asked)
        if key is None:
            return told(await self._inner.execute(*asked), _BYPASS)
        found = await responses.cache.get(key)
        if found is not None and len(found) > _STAMP:
            return _kept(found, key)
        while (computing := responses.computing.get(key)) is not None:
            shared = await asyncio.shield(computing)
            if shared is not None:
                return KeptAnswer(shared, {**X_CACHE[_HIT], "Age": "0"})
            if responses.unkept.holds(key):
                return told(await self._inner.execute(*asked), _MISS)
        if responses.unkept.holds(key):
            return told(await self._computed(responses, key, asked), _MISS)
        return told(await self._shared(responses, key, asked), _MISS)

    async def _shared(self, responses: Responses, key: str, asked: _Asked) -> Answer:
        """Execute and keep; who waits for the same goes on as soon as it is computed."""
        computing = responses.computing[key] = asyncio.get_running_loop().create_future()
        try:
            return await self._computed(responses, key, asked, computing)
        finally:
            del responses.computing[key]
            if not computing.done():
                computing.set_result(None)

    async def _computed(
        self, responses: Responses, key: str, asked: _Asked, computing: "asyncio.Future[bytes | None] | None" = None
    ) -> Answer:
        """Execute and keep, or note that it cannot be kept."""
        answer = await self._inner.execute(*asked)
        text = answer.encoded() if _may_be_kept(answer, asked[1]) else None
        responses.unkept.note(key, kept=text is not None)
        if computing is not None:
            computing.set_result(text)
        if text is not None and len(text) <= MOST_BYTES:
            stamp = int(time.time() * 1_000).to_bytes(_STAMP, "big")
            await responses.cache.set(key, stamp + text, ttl=responses.seconds)
        return answer

    def _key(
        self,
        responses: Responses,
        prepared: Prepared,
        context: GraphContext,
        variables: dict[str, Any] | None,
        operation_name: str | None,
    ) -> str | None:
        """What an answer is kept under; None where it is not, or the client wants none that was kept."""
        if context.fresh or len(prepared.text) > MAX_CACHED_TEXT:
            return None
        known = self._keepable.of(prepared, operation_name)
        if known is None or not known.holds(variables):
            return None
        token = responses.generations.token()
        if token is None:
            return None
        try:
            given = orjson.dumps(variables or {}, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            return None  # such as half of a surrogate pair, which is refused further on
        # none of them holds a NUL: JSON, a digest in hex, a GraphQL name, and texts of ours
        stated = f"{known.digest}\0{operation_name or ''}\0{visibility(context.principal)}\0{token}\0{responses.salt}"
        return hashlib.blake2b(b"%b\0%b" % (given, stated.encode()), digest_size=20).hexdigest()

    def _read(self, prepared: Prepared, operation: OperationDefinitionNode) -> Keepable | None:
        document = prepared.document
        return keepable(prepared.text, document, operation, self.schema._schema) if document else None


def visibility(principal: Principal) -> str:
    """What of a principal may change an answer: nothing without roles and teacher, else all that there is to them."""
    if not principal.grants and principal.teacher is None:
        return "public"
    grants = [(grant.role.value, grant.region) for grant in principal.grants]
    scopes = sorted(scope.value for scope in principal.scopes)
    return repr((principal.name, principal.client, principal.teacher, principal.purpose, grants, scopes))


def told(answer: Answer, outcome: str) -> Answer:
    """The answer, which says in a header whether it was kept."""
    return replace(answer, headers={**answer.headers, **X_CACHE[outcome]})


def _kept(found: bytes, key: str) -> KeptAnswer:
    made = int.from_bytes(found[:_STAMP], "big") / 1_000
    return KeptAnswer(
        found[_STAMP:], {**X_CACHE[_HIT], "Age": str(max(0, int(time.time() - made)))}, key + found[:_STAMP].hex()
    )


def _may_be_kept(answer: Answer, context: GraphContext) -> bool:
    """Whether an answer is whole: no error, nothing beside the data, no root field of it null, nobody's data shown."""
    body = answer.body
    if not answer.executed or body.keys() != {"data"} or body["data"] is None:
        return False
    whole = all(value is not None for value in body["data"].values()) and FROM_MEMORY not in context.made
    return whole and not context.disclosures.events(context.principal, context.request_id)
