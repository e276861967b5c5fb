"""Who is let in over HTTP, for what, how often, and what is written down before an answer leaves."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.access.authentication import Credentials
from gateway.access.keys import Caller, KeyFault, new_key
from gateway.access.quotas import Allowance, Quotas
from gateway.errors import NotReady
from gateway.graph.context import GraphContext
from gateway.identity import Grant, Principal, Purpose, Role, Scope
from gateway.web import Authenticator, Rules
from tests.gateway.graph.connectors.partner import ZIBO, serving
from tests.gateway.graph.world import World
from tests.gateway.web.client import KEY, application, client_of, code_of, post, send

VIEWER = "{ viewer { name purpose grants { role region { id } } } }"
SUSPEND = f'mutation {{ suspendConnector(connectorId: "{ZIBO}", reason: "tests") {{ connector {{ state }} }} }}'
ADMIN = (Grant(Role.ADMIN),)


@dataclass
class OneKey:
    """Knows one key with these scopes and this limit."""

    scopes: frozenset[Scope] = frozenset(Scope)
    per_minute: int | None = None
    text: str = field(default_factory=new_key)

    async def find(self, text: str) -> Caller | KeyFault:
        principal = Principal("局 (shk_x)", grants=ADMIN, scopes=self.scopes, client="shk_x")
        return Caller(principal, self.per_minute) if text == self.text else KeyFault.UNKNOWN


async def ask(
    key: OneKey, query: str, world: World | None = None, times: int = 1, headers: dict[str, str] | None = None
) -> list[Any]:
    """Answers to the same query by this key, one after the other."""
    quotas = Quotas(1_000, ticks=lambda: 0)
    app = application(world or World(), authenticator=Authenticator(Credentials(None, key), Allowance(quotas)))
    async with client_of(app) as client:
        client.headers.update({"authorization": f"Bearer {key.text}", **(headers or {})})
        return [await client.post("/graphql", json={"query": query}) for _ in range(times)]


async def test_a_key_says_who_asks_and_the_header_says_for_what() -> None:
    [response] = await ask(OneKey(), VIEWER, headers={"shanhai-purpose": "COMPLAINT"})
    viewer = response.json()["data"]["viewer"]
    assert viewer == {
        "name": "局 (shk_x)",
        "purpose": Purpose.COMPLAINT,
        "grants": [{"role": "ADMIN", "region": None}],
    }


async def test_an_unknown_purpose_is_refused_with_the_purposes_there_are() -> None:
    world = World()
    response = await post("{ search { totalCount } }", world, **{"shanhai-purpose": "MARKETING"})
    assert (response.status_code, code_of(response)) == (400, "INVALID_PURPOSE")
    message = response.json()["errors"][0]["message"]
    assert all(purpose in message for purpose in Purpose)
    assert not world.catalog.calls
    assert (await post(VIEWER, None, **{"shanhai-purpose": ""})).json()["data"]["viewer"]["purpose"] is None


async def test_a_wrong_key_is_refused_in_one_way_whatever_was_wrong_with_it() -> None:
    key, other = OneKey(), new_key()
    answers = []
    for text in (other, key.text[:16] + other[16:], other[:16] + key.text[16:], "a.b.c", "planted"):
        [response] = await ask(key, VIEWER, headers={"authorization": f"Bearer {text}"})
        assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == 'Bearer realm="shanhai"'
        assert response.headers["cache-control"] == "no-store"
        assert text not in response.text
        answers.append(response.json()["errors"][0]["message"])
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    ("scopes", "query", "refused"),
    [
        ({Scope.READ}, VIEWER, False),
        ({Scope.READ}, SUSPEND, True),
        ({Scope.WRITE}, VIEWER, True),
        ({Scope.WRITE}, SUSPEND, False),
        ({Scope.READ, Scope.WRITE}, SUSPEND, False),
        (set(), VIEWER, True),
    ],
)
async def test_a_key_is_good_for_its_scopes_alone(scopes: set[Scope], query: str, refused: bool) -> None:
    world = await serving()
    before = dict(world.connectors.entries)
    [response] = await ask(OneKey(frozenset(scopes)), query, world)
    if not refused:
        assert "errors" not in response.json()
        return
    assert (response.status_code, code_of(response)) == (403, "SCOPE_MISSING")
    assert "data" not in response.json()
    assert world.connectors.done == []
    assert world.connectors.entries == before


async def test_the_operation_that_is_named_decides_which_scope_is_needed() -> None:
    world = await serving()
    both = f"query Q {VIEWER} mutation M {SUSPEND.removeprefix('mutation')}"
    app = application(world, authenticator=Authenticator(Credentials(None, key := OneKey(frozenset({Scope.READ})))))
    async with client_of(app) as client:
        client.headers["authorization"] = f"Bearer {key.text}"
        statuses = [
            (await client.post("/graphql", json={"query": both, "operationName": name})).status_code
            for name in ("Q", "M")
        ]
    assert statuses == [200, 403]
    assert world.connectors.done == []


async def test_a_client_that_asks_too_often_is_told_when_to_come_back() -> None:
    world = World()
    query = "{ search { totalCount } }"
    answers = await ask(OneKey(per_minute=2), query, world, times=4)
    assert [response.status_code for response in answers] == [200, 200, 429, 429]
    assert [response.headers["ratelimit"] for response in answers] == [
        '"minute";r=1;t=30',
        '"minute";r=0;t=60',
        '"minute";r=0;t=60',
        '"minute";r=0;t=60',
    ]
    assert {response.headers["ratelimit-policy"] for response in answers} == {'"minute";q=2;w=60'}
    assert code_of(answers[2]) == "QUOTA_EXCEEDED"
    assert answers[2].headers["retry-after"] == "30"
    assert answers[2].json()["errors"][0]["extensions"]["retryable"] is True
    assert "retry-after" not in answers[0].headers
    assert world.catalog.calls["search"] == 2


def counted(requests: int = 0, cost: int = 0) -> Allowance:
    """An allowance whose clock stands still."""
    return Allowance(
        Quotas(requests, ticks=lambda: 0) if requests else None, Quotas(cost, ticks=lambda: 0) if cost else None
    )


async def statuses(
    authenticator: Authenticator, times: int, headers: dict[str, str] | None = None, rules: Rules | None = None
) -> list[int]:
    async with client_of(application(World(), authenticator=authenticator, rules=rules)) as client:
        answers = [await client.post("/graphql", json={"query": VIEWER}, headers=headers) for _ in range(times)]
    return [response.status_code for response in answers]


async def test_without_an_allowance_for_them_who_sends_no_key_is_not_counted() -> None:
    authenticator = Authenticator(Credentials(KEY), counted(1))
    async with client_of(application(World(), authenticator=authenticator)) as client:
        answers = [await client.post("/graphql", json={"query": VIEWER}) for _ in range(5)]
    assert [response.status_code for response in answers] == [200] * 5
    assert not any("ratelimit" in response.headers for response in answers)


async def test_who_sends_no_key_is_counted_by_address_and_apart_from_keys() -> None:
    authenticator = Authenticator(Credentials(KEY), counted(2), counted(3))
    assert await statuses(authenticator, 4) == [200, 200, 200, 429]
    assert await statuses(authenticator, 3, {"authorization": f"Bearer {KEY}"}) == [200, 200, 429]
    proxied = Rules(trusted_proxies=1)
    one, other = ({"x-forwarded-for": f"6.6.6.6, 203.0.113.{number}"} for number in (7, 8))
    assert await statuses(authenticator, 4, one, proxied) == [200, 200, 200, 429]
    assert await statuses(authenticator, 1, other, proxied) == [200]
    assert await statuses(authenticator, 1, {"x-forwarded-for": "203.0.113.9"}) == [429], "nobody's word is taken"


async def test_credentials_that_are_refused_count_for_their_address_and_for_it_alone() -> None:
    authenticator, proxied = Authenticator(Credentials(KEY), counted(9), counted(3)), Rules(trusted_proxies=1)
    one, other = ({"x-forwarded-for": f"203.0.113.{number}"} for number in (7, 8))
    wrong = {"authorization": "Bearer wrong"}
    assert await statuses(authenticator, 4, {**one, **wrong}, proxied) == [401, 401, 401, 429]
    assert await statuses(authenticator, 1, one, proxied) == [429]
    assert await statuses(authenticator, 1, {**one, "authorization": f"Bearer {KEY}"}, proxied) == [200]
    assert await statuses(authenticator, 1, {**other, **wrong}, proxied) == [401]


async def test_what_operations_cost_is_counted_beside_requests() -> None:
    world, query = World(), "{ search(first: 80) { totalCount } }"
    authenticator = Authenticator(Credentials(KEY), anonymous=counted(10, 250))
    async with client_of(application(world, authenticator=authenticator)) as client:
        answers = [await client.post("/graphql", json={"query": query}) for _ in range(3)]
        small = await client.post("/graphql", json={"query": VIEWER})
    assert [response.status_code for response in (*answers, small)] == [200, 200, 429, 200]
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=10;w=60, "cost";q=250;w=60;qu="cost"'
    assert answers[1].headers["ratelimit"] == '"minute";r=8;t=12, "cost";r=50;t=48'
    assert code_of(answers[2]) == "COST_QUOTA_EXCEEDED"
    assert answers[2].headers["retry-after"] == "12"
    assert answers[2].headers["ratelimit"] == '"minute";r=7;t=18, "cost";r=50;t=48'
    assert small.headers["ratelimit"] == '"minute";r=6;t=24, "cost";r=49;t=49'
    assert world.catalog.calls["search"] == 2


async def test_an_operation_dearer_than_a_whole_minute_takes_the_whole_minute() -> None:
    authenticator = Authenticator(Credentials(KEY), anonymous=counted(0, 30))
    query = {"query": "{ search(first: 80) { totalCount } }"}
    async with client_of(application(World(), authenticator=authenticator)) as client:
        first, second = await client.post("/graphql", json=query), await client.post("/graphql", json=query)
    assert (first.status_code, first.headers["ratelimit"]) == (200, '"cost";r=0;t=60')
    assert (second.status_code, second.headers["retry-after"]) == (429, "60")


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("sent", "identifier"),
    [
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, TRACE),
        ({"traceparent": f"cc-{TRACE}-b7ad6b7169203331-01-what-the-future-will-be-like"}, TRACE),
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "x-request-id": "mine"}, "mine"),
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01-more"}, None),
        ({"traceparent": f"ff-{TRACE}-b7ad6b7169203331-01"}, None),
        ({"traceparent": f"00-{TRACE.upper()}-b7ad6b7169203331-01"}, None),
        ({"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"}, None),
        ({"traceparent": f"00-{TRACE}-{'0' * 16}-01"}, None),
        ({"traceparent": "nonsense"}, None),
    ],
)
async def test_a_trace_that_was_begun_elsewhere_is_continued(sent: dict[str, str], identifier: str | None) -> None:
    response = await post("{ nothing }", None, **sent)
    assert code_of(response) == "GRAPHQL_VALIDATION_FAILED"
    told = response.headers["x-request-id"]
    assert told == identifier if identifier else re.fullmatch("[0-9a-f]{32}", told) and told != TRACE


async def test_answers_to_somebody_are_kept_by_no_cache_and_tell_what_they_depend_on() -> None:
    somebody, nobody = await post(VIEWER, None, authorization=f"Bearer {KEY}"), await post(VIEWER)
    assert somebody.headers["cache-control"] == "no-store"
    assert "cache-control" not in nobody.headers
    assert nobody.headers["vary"] == "Accept, Accept-Encoding, Authorization, Shanhai-Purpose, Shanhai-Cost"
    broken = await send("POST", "/graphql", content=b"{", headers={"authorization": f"Bearer {KEY}"})
    assert (broken.status_code, broken.headers["cache-control"]) == (415, "no-store")


async def test_the_purpose_is_a_header_that_no_foreign_page_can_send() -> None:
    response = await send("GET", "/graphql", params={"query": VIEWER}, headers={"shanhai-purpose": "AUDIT"})
    assert response.json()["data"]["viewer"]["purpose"] == "AUDIT"


@pytest.mark.parametrize("failure", [OSError("disk"), NotReady("not open"), RuntimeError("planted-secret")])
async def test_where_the_audit_log_cannot_be_written_nothing_is_answered(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_context: GraphContext) -> None:
        raise failure

    monkeypatch.setattr(GraphContext, "settle", fail)
    response = await post("{ search { totalCount } }")
    assert (response.status_code, code_of(response)) == (503, "NOT_READY")
    assert "data" not in response.json()
    assert response.json()["errors"][0]["extensions"]["retryable"] is True
    assert "planted-secret" not in response.text


async def test_the_log_is_written_after_the_operation_and_before_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    world, seen = World(), list[int]()

    async def note(_context: GraphContext) -> None:
        seen.append(world.catalog.calls["search"])

    monkeypatch.setattr(GraphContext, "settle", note)
    response = await post("{ search { totalCount } }", world)
    assert response.status_code == 200
    assert seen == [1]


async def test_keys_of_an_issuer_that_cannot_be_had_are_a_reason_to_come_back() -> None:
    class Away:
        async def principal(self, _token: str) -> Principal:
            raise NotReady("the keys of the issuer of tokens cannot be had now; try again in a minute")

    authenticator = Authenticator(Credentials(KEY, None, Away()))
    async with client_of(application(World(), authenticator=authenticator)) as client:
        response = await client.post("/graphql", json={"query": VIEWER}, headers={"authorization": "Bearer a.b.c"})
    assert (response.status_code, code_of(response)) == (503, "NOT_READY")
    assert "data" not in response.json()


async def test_credentials_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    planted = "shk_aaaaaaaaaaaa_" + "planted" * 6 + "x"
    for text in (planted, "planted.planted.planted", "planted"):
        await post(VIEWER, None, authorization=f"Bearer {text}")
    assert "planted" not in caplog.text
