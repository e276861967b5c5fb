"""Answers kept as bytes and given again to who would be answered the same, for as long as nothing has changed."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson
from aiocache.base import BaseCache

from gateway.graph.context import FROM_MEMORY, GraphContext
from gateway.graph.execution import MAX_CACHED_TEXT, Answer, Executes
from gateway.graph.keeping import Keepable, keepable
from gateway.graph.wrapping import Wrapping
from gateway.identity import Principal

MOST_BYTES = 256 * 1024
"""Of an answer that is kept."""
MOST_DOCUMENTS = 1_000
_STAMP = 8
"""Bytes before an answer that tell when it was made, in milliseconds since 1970."""
_HIT, _MISS, _BYPASS = "hit", "miss", "bypass"
X_CACHE: Mapping[str, Mapping[str, str]] = {name: {"X-Cache": name} for name in (_HIT, _MISS, _BYPASS)}
"""How an answer says where it came from."""


class Generations(Protocol):
    """The state of everything that a kept answer may rest on."""

    def token(self) -> str | None:
        """One text that changes with any of it, cheap to ask for; None while it cannot be told."""
        ...


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


class KeptAnswer(Answer):
    """An answer that was kept, which is read only by who wants its body."""

    __slots__ = ("_text",)
    _text: bytes

    def __init__(self, text: bytes, headers: Mapping[str, str]) -> None:
        for name, value in (("_text", text), ("executed", True), ("headers", headers)):
            object.__setattr__(self, name, value)  # answers do not change

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
    them; everybody else has only their own. Equal questions at one time are computed once.
    """

    def __init__(self, inner: Executes, find: Callable[[], Responses | None]) -> None:
        super().__init__(inner)
        self._find = find
        self._known: OrderedDict[tuple[str, str | None], Keepable | None] = OrderedDict()

    async def execute(
        self,
        text: str,
        context: GraphContext,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Answer:
        """Execute one operation, or give the answer that it had; never raises for anything that a client sent."""
        responses = self._find()
        if responses is None:
            return await self._inner.execute(text, context, variables, operation_name)
        key = self._key(responses, text, context, variables, operation_name)
        if key is None:
            return told(await self._inner.execute(text, context, variables, operation_name), _BYPASS)
        found = await responses.cache.get(key)
        if found is not None and len(found) > _STAMP:
            return _kept(found)
        if (computing := responses.computing.get(key)) is not None:
            shared = await asyncio.shield(computing)
            if shared is not None:
                return KeptAnswer(shared, {**X_CACHE[_HIT], "Age": "0"})
            return told(await self._inner.execute(text, context, variables, operation_name), _MISS)
        return told(await self._computed(responses, key, (text, context, variables, operation_name)), _MISS)

    async def _computed(
        self, responses: Responses, key: str, asked: tuple[str, GraphContext, dict[str, Any] | None, str | None]
    ) -> Answer:
        """Execute and keep; who waits for the same goes on as soon as it is computed."""
        computing = responses.computing[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._inner.execute(*asked)
            text = answer.encoded() if _may_be_kept(answer, asked[1]) else None
            computing.set_result(text)
            if text is not None and len(text) <= MOST_BYTES:
                stamp = int(time.time() * 1_000).to_bytes(_STAMP, "big")
                await responses.cache.set(key, stamp + text, ttl=responses.seconds)
        finally:
            del responses.computing[key]
            if not computing.done():
                computing.set_result(None)
        return answer

    def _key(
        self,
        responses: Responses,
        text: str,
        context: GraphContext,
        variables: dict[str, Any] | None,
        operation_name: str | None,
    ) -> str | None:
        """What an answer is kept under; None where it is not, or the client wants none that was kept."""
        if context.fresh or len(text) > MAX_CACHED_TEXT:
            return None
        known = self._read(text, operation_name)
        if known is None or not known.holds(variables):
            return None
        token = responses.generations.token()
        if token is None:
            return None
        try:
            given = orjson.dumps(variables or {}, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            return None  # such as half of a surrogate pair, which is refused further on
        # none of them holds a NUL: a digest in hex, a GraphQL name, JSON, and texts of ours
        parts = (known.digest, operation_name or "", visibility(context.principal), token, responses.salt)
        return hashlib.blake2b(b"\0".join((given, *(part.encode() for part in parts))), digest_size=20).hexdigest()

    def _read(self, text: str, operation_name: str | None) -> Keepable | None:
        known = self._known
        if (text, operation_name) in known:
            known.move_to_end((text, operation_name))
            return known[text, operation_name]
        prepared = self._inner.prepare(text)
        operation = None if prepared.errors else prepared.operation(operation_name)
        reading = None
        if operation is not None and prepared.document is not None:
            reading = keepable(text, prepared.document, operation, self.schema._schema)
        known[text, operation_name] = reading
        if len(known) > MOST_DOCUMENTS:
            known.popitem(last=False)
        return reading


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


def _kept(found: bytes) -> KeptAnswer:
    made = int.from_bytes(found[:_STAMP], "big") / 1_000
    return KeptAnswer(found[_STAMP:], {**X_CACHE[_HIT], "Age": str(max(0, int(time.time() - made)))})


def _may_be_kept(answer: Answer, context: GraphContext) -> bool:
    """Whether an answer is whole: no error, nothing beside the data, no root field of it null, nobody's data shown."""
    body = answer.body
    if not answer.executed or body.keys() != {"data"} or body["data"] is None:
        return False
    whole = all(value is not None for value in body["data"].values()) and FROM_MEMORY not in context.made
    return whole and not context.disclosures.events(context.principal, context.request_id)
