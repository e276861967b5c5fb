"""The xAPI 1.0.3 statement store of 渝中: filters on `stored`, pages by `more`, voiding."""

import base64
import binascii
import json
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from starlette.requests import Request

from connectors.simulators.simulation import Json, Simulation
from connectors.simulators.yuzhong.statements import ORIGIN, VERBS, Entry, Statement, iso, seeded, statement, voiding

PATH = "/xapi/statements"
VERSION = "1.0.3"
MAX_PAGE = 500
FILTERS = frozenset({"since", "until", "ascending", "limit", "verb", "activity", "agent", "format", "attachments"})
SINGLE = ("statementId", "voidedStatementId")
LAST_ID = "~"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class XapiError(Exception):
    """A request that the store does not answer: the HTTP status and what is wrong."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status


class StatementStore:
    """The statements; `absolute_more` makes `more` a whole URL instead of one relative to the host."""

    def __init__(self, simulation: Simulation, seed: int, size: int) -> None:
        self._simulation, self._seed, self._size = simulation, seed, size
        self._added = 0
        self.absolute_more = False

    @cached_property
    def _entries(self) -> list[Entry]:
        return list(seeded(self._seed, self._size))

    @cached_property
    def _voids(self) -> dict[str, int]:
        """When each voided statement was voided."""
        voids = (entry for entry in self._entries if _voids(entry.statement))
        return {entry.statement["object"]["id"]: entry.stored for entry in voids}

    def add(self, verb: str, actor: str, *, timestamp: int | None = None, **parts: Any) -> str:
        """Store a statement now (`timestamp`, epoch milliseconds, may lie days before) and give its id."""
        now = self._simulation.milliseconds()
        return self._store(
            statement(self._number(), now if timestamp is None else timestamp, now, verb, actor, **parts)
        )

    def void(self, voided: str) -> str:
        """Void a statement now and give the id of the voiding one; ValueError for a voiding or unknown statement."""
        if not any(entry.statement["id"] == voided and not _voids(entry.statement) for entry in self._entries):
            raise ValueError(f"{voided} is no statement that can be voided")
        now = self._simulation.milliseconds()
        self._voids.setdefault(voided, now)
        return self._store(voiding(self._number(), voided, now))

    def answer(self, request: Request) -> Json:
        """Answer GET /xapi/statements."""
        now = self._simulation.milliseconds()
        headers = {"X-Experience-API-Version": VERSION, "X-Experience-API-Consistent-Through": iso(now)}
        try:
            if not request.headers.get("x-experience-api-version", "").startswith("1.0"):
                raise XapiError("header X-Experience-API-Version must be 1.0.x")
            return Json(self._found(dict(request.query_params), now), headers=headers)
        except XapiError as wrong:
            body = {"error": "invalid_request", "error_description": str(wrong)}
            return Json(body, wrong.status, headers)

    def _found(self, given: dict[str, str], now: int) -> Statement:
        for name in SINGLE:
            if name in given:
                if len(given) > 1:
                    raise XapiError(f"{name} stands alone")
                return self._one(given[name], now, voided=name == SINGLE[1])
        after: tuple[int, str] | None = None
        if "cursor" in given:
            if len(given) > 1:
                raise XapiError("cursor stands alone")
            given, after = _opened(given["cursor"])
        if foreign := set(given) - FILTERS:
            raise XapiError(f"parameter {sorted(foreign)[0]} is not supported")
        if given.get("format", "exact") != "exact" or given.get("attachments", "false") != "false":
            raise XapiError("only format=exact and attachments=false are offered")
        return self._page(given, after, now)

    def _page(self, given: Mapping[str, str], after: tuple[int, str] | None, now: int) -> Statement:
        limit, rising = _limit(given), _flag(given, "ascending")
        matches = _matcher(given)
        found: list[Entry] = []
        more = ""
        span = self._span(given, after, now, rising)
        for entry in span:
            voided = self._voids.get(entry.statement["id"], now + 1) <= now
            if voided or not matches(entry.statement):
                continue
            if len(found) == limit:
                more = f"{PATH}?cursor={_sealed(given, found[-1])}"
                break
            found.append(entry)
        if more and self.absolute_more:
            more = f"{ORIGIN}{more}"
        return {"statements": [entry.statement for entry in found], "more": more}

    def _span(self, given: Mapping[str, str], after: tuple[int, str] | None, now: int, rising: bool) -> Sequence[Entry]:
        """What was stored after `since` up to `until`, beyond the cursor, in the order asked for."""
        entries = self._entries
        since, until = _stored(given, "since"), _stored(given, "until")
        first = 0 if since is None else bisect_right(entries, (since, LAST_ID), key=_key)
        last = bisect_right(entries, (now if until is None else min(now, until), LAST_ID), key=_key)
        if after is not None and rising:
            first = max(first, bisect_right(entries, after, key=_key))
        elif after is not None:
            last = min(last, bisect_left(entries, after, key=_key))
        span = entries[first:last]
        return span if rising else span[::-1]

    def _one(self, wanted: str, now: int, *, voided: bool) -> Statement:
        for entry in self._entries:
            if entry.statement["id"] == wanted and entry.stored <= now:
                if voided == (self._voids.get(wanted, now + 1) <= now):
                    return entry.statement
                break
        raise XapiError(f"no {'voided ' if voided else ''}statement {wanted}", 404)

    def _number(self) -> str:
        self._added += 1
        return f"{self._seed}/added/{self._added}"

    def _store(self, entry: Entry) -> str:
        insort(self._entries, entry, key=_key)
        identity: str = entry.statement["id"]
        return identity


def _key(entry: Entry) -> tuple[int, str]:
    return entry.key


def _voids(told: Statement) -> bool:
    return bool(told["verb"]["id"] == VERBS["voided"])


def _matcher(given: Mapping[str, str]) -> Callable[[Statement], bool]:
    verb, activity = given.get("verb"), given.get("activity")
    account = _account(given["agent"]) if "agent" in given else None

    def matches(told: Statement) -> bool:
        return (
            (verb is None or told["verb"]["id"] == verb)
            and (activity is None or told["object"].get("id") == activity)
            and (account is None or told["actor"]["account"] == account)
        )

    return matches


def _account(text: str) -> Any:
    """The account of an agent given as JSON; actors are told by account only, so another kind matches nobody."""
    try:
        agent = json.loads(text)
        identifiers = [name for name in ("mbox", "mbox_sha1sum", "openid", "account") if name in agent]
        (identifier,) = identifiers
        return agent[identifier]
    except (ValueError, TypeError, KeyError):
        raise XapiError("agent must be JSON with one of mbox, mbox_sha1sum, openid and account") from None


def _limit(given: Mapping[str, str]) -> int:
    text = given.get("limit", "0")
    if not text.isascii() or not text.isdigit():
        raise XapiError("limit must be a whole number from 0, which is the maximum of the server")
    return min(int(text), MAX_PAGE) or MAX_PAGE


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise XapiError(f"{name} must be true or false")
    return text == "true"


def _stored(given: Mapping[str, str], name: str) -> int | None:
    """A bound on `stored` as epoch milliseconds; what is finer counts as its millisecond."""
    if name not in given:
        return None
    try:
        moment = datetime.fromisoformat(given[name])
        return (moment - EPOCH) // timedelta(milliseconds=1)
    except (ValueError, TypeError):  # the second where there is no zone
        raise XapiError(f"{name} must be an ISO 8601 instant with a zone") from None


def _sealed(given: Mapping[str, str], last: Entry) -> str:
    state = json.dumps([dict(given), *last.key], ensure_ascii=True)
    return base64.urlsafe_b64encode(state.encode()).decode().rstrip("=")


def _opened(cursor: str) -> tuple[dict[str, str], tuple[int, str]]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        given, stored, identity = json.loads(text)
        return {str(name): str(value) for name, value in given.items()}, (int(stored), str(identity))
    except (binascii.Error, ValueError, TypeError, AttributeError):
        raise XapiError("cursor is not one of ours") from None
