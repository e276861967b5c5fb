"""graphql-transport-ws by real servers: what a connection does, and every way in which it ends."""

import asyncio
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from gateway.access.authentication import Credentials
from gateway.access.quotas import Allowance, Quotas
from gateway.errors import NotReady
from gateway.web import Authenticator
from gateway.web.bodies import MAX_BODY
from gateway.web.identity import Admitted
from gateway.web.streaming.conversation import MOST_OPERATIONS, Patience
from tests.gateway.web.client import KEY
from tests.gateway.web.streaming.served import CODES, MUCH, STREAM, begin, closed, greet, hear, say, serving

SERVERS = pytest.mark.parametrize("server", ["uvicorn", "granian"])
SLOW = {"max_queue": 1, "compression": None, "close_timeout": 0.1}
HARVESTS = "{ harvestRuns(first: 1) { totalCount } }"


def platform_of(message: dict[str, Any]) -> str:
    assert message["type"] == "next"
    code: str = message["payload"]["data"]["searchStream"]["source"]["platform"]["code"]
    return code


@SERVERS
async def test_a_subscription_is_told_event_by_event_and_completed(server: str) -> None:
    async with serving(server) as served, served.connect() as socket:
        assert socket.subprotocol == "graphql-transport-ws"
        await greet(socket)
        await begin(socket, "a")
        messages = [await hear(socket) for _ in range(4)]
        assert [platform_of(one) for one in messages[:3]] == CODES
        assert messages[3] == {"id": "a", "type": "complete"}
        assert {one["id"] for one in messages} == {"a"}
        assert (served.live.begun, served.live.ended) == (1, 1)


async def test_two_subscriptions_at_once_are_told_apart_by_their_ids() -> None:
    async with serving(held=True) as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "a")
        await begin(socket, "b")
        await served.begun(2)
        for _ in range(6):
            served.live.gate.release()
        messages = [await hear(socket) for _ in range(8)]
        for identifier in ("a", "b"):
            mine = [one for one in messages if one["id"] == identifier]
            assert [platform_of(one) for one in mine[:3]] == CODES
            assert [one["type"] for one in mine] == ["next"] * 3 + ["complete"]


async def test_nothing_follows_the_clients_complete_and_the_resolver_has_ended_once() -> None:
    async with serving(held=True) as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "a")
        served.live.gate.release()
        assert platform_of(await hear(socket)) == "chongqing"
        await say(socket, type="complete", id="a")
        await served.ended(1)
        for _ in range(9):
            served.live.gate.release()
        await say(socket, type="ping")
        assert await hear(socket) == {"type": "pong"}


async def test_an_id_is_free_again_after_either_side_has_completed_it() -> None:
    async with serving(held=True) as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "a")
        await say(socket, type="complete", id="a")
        await begin(socket, "a", "{ __typename }")
        assert await hear(socket) == {"id": "a", "type": "next", "payload": {"data": {"__typename": "Query"}}}
        assert await hear(socket) == {"id": "a", "type": "complete"}
        await begin(socket, "a", "{ __typename }")
        assert (await hear(socket))["type"] == "next"
        await say(socket, type="complete", id="unheard of")
        assert (await hear(socket))["type"] == "complete"


@SERVERS
async def test_a_client_that_leaves_ends_every_resolver_once(server: str) -> None:
    async with serving(server, held=True) as served:
        async with served.connect() as socket:
            await greet(socket)
            for identifier in ("a", "b", "c"):
                await begin(socket, identifier)
            await served.begun(3)
            socket.transport.abort()
        await served.ended(3)
    await served.left()


async def test_queries_and_actions_are_one_next_and_a_complete() -> None:
    async with serving() as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "q", "query($c: String!) { platform(code: $c) { code } }", c="zibo")
        assert await hear(socket) == {"id": "q", "type": "next", "payload": {"data": {"platform": {"code": "zibo"}}}}
        assert await hear(socket) == {"id": "q", "type": "complete"}
        await begin(socket, "m", 'mutation { retireConnector(connectorId: "x") { errors { code } } }')
        answer = await hear(socket)
        assert (answer["type"], answer["payload"]["data"]) == ("next", {"retireConnector": None})
        assert answer["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert await hear(socket) == {"id": "m", "type": "complete"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nowhere }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ platform(", "GRAPHQL_PARSE_FAILED"),
        ("subscription { searchStream { don } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { searchStream(first: 101) { done } }", "LIMIT_EXCEEDED"),
        ("subscription { harvestProgress { id } }", "FORBIDDEN"),
        ("query A { __typename } query B { __typename }", "GRAPHQL_OPERATION_UNKNOWN"),
    ],
)
async def test_what_is_refused_is_one_error_with_its_code_and_nothing_follows(query: str, code: str) -> None:
    async with serving() as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "a", query)
        refused = await hear(socket)
        assert (refused["id"], refused["type"]) == ("a", "error")
        (error,) = refused["payload"]
        assert error["extensions"]["code"] == code
        assert len(error["extensions"]["traceId"]) == 32
        await say(socket, type="ping", payload={"n": 1})
        assert await hear(socket) == {"type": "pong", "payload": {"n": 1}}


async def test_a_source_that_fails_is_masked_and_ends_its_operation_only() -> None:
    async with serving() as served, served.connect() as socket:
        served.live.failure = RuntimeError("password=hunter2")
        await greet(socket)
        await begin(socket, "a")
        assert platform_of(await hear(socket)) == "chongqing"
        failed = await hear(socket)
        assert failed["type"] == "error"
        assert failed["payload"][0]["extensions"]["code"] == "INTERNAL"
        assert "hunter2" not in str(failed)
        await begin(socket, "b", "{ __typename }")
        assert (await hear(socket))["id"] == "b"


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": f"Bearer {KEY}", "Purpose": "AUDIT"},
        {"headers": {"authorization": f"Bearer {KEY}", "shanhai-purpose": "AUDIT"}},
        {"headers": {"Authorization": f"Bearer {KEY}", "Shanhai-Purpose": "AUDIT"}},
        {"authorization": None, "shanhai-purpose": "AUDIT", "headers": {"AUTHORIZATION": f"Bearer {KEY}"}},
        {"authorization": f"Bearer {KEY}", "purpose": "AUDIT", "headers": {"authorization": "Bearer other"}},
    ],
)
async def test_who_asks_is_heard_as_clients_write_it(payload: dict[str, Any]) -> None:
    async with serving() as served, served.connect(additional_headers={"purpose": "prefetch"}) as socket:
        await greet(socket, **payload)
        await begin(socket, "a", "{ viewer { name purpose } }")
        assert (await hear(socket))["payload"]["data"]["viewer"] == {"name": "administrator", "purpose": "AUDIT"}


async def test_who_asks_is_said_once_in_the_first_message_or_in_a_header() -> None:
    bearer = f"Bearer {KEY}"
    async with serving() as served:
        async with served.connect() as socket:
            await greet(socket)
            await begin(socket, "a", HARVESTS)
            assert (await hear(socket))["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        async with served.connect() as socket:
            await greet(socket, authorization=bearer, purpose="AUDIT")
            await begin(socket, "a", "{ viewer { name purpose } }")
            viewer = {"name": "administrator", "purpose": "AUDIT"}
            assert (await hear(socket))["payload"] == {"data": {"viewer": viewer}}
        async with served.connect(additional_headers={"authorization": bearer, "shanhai-purpose": "AUDIT"}) as socket:
            await greet(socket)
            await begin(socket, "a", "{ viewer { name purpose } }")
            assert (await hear(socket))["payload"] == {"data": {"viewer": viewer}}


async def test_every_operation_counts_as_a_request() -> None:
    async with (
        serving(authenticator=Authenticator(Credentials(KEY), Allowance(Quotas(2)))) as served,
        served.connect() as socket,
    ):
        await greet(socket, authorization=f"Bearer {KEY}")
        await begin(socket, "a", "{ __typename }")
        assert [(await hear(socket))["type"] for _ in range(2)] == ["next", "complete"]
        await begin(socket, "b", "{ __typename }")
        refused = await hear(socket)
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "QUOTA_EXCEEDED")
        assert refused["payload"][0]["extensions"]["retryable"] is True


async def test_more_operations_than_a_connection_may_have_are_refused_one_by_one() -> None:
    async with serving(held=True) as served, served.connect() as socket:
        await greet(socket)
        for number in range(MOST_OPERATIONS + 1):
            await begin(socket, f"s{number}")
        refused = await hear(socket)
        assert (refused["id"], refused["type"]) == (f"s{MOST_OPERATIONS}", "error")
        assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        await served.begun(MOST_OPERATIONS)
        await say(socket, type="complete", id="s0")
        await begin(socket, "again")
        await served.begun(MOST_OPERATIONS + 1)
    await served.ended(MOST_OPERATIONS + 1)


@SERVERS
async def test_what_a_slow_client_does_not_take_is_not_asked_for(server: str) -> None:
    async with serving(server) as served, served.connect(**SLOW) as socket:
        served.tell_much()
        await greet(socket)
        await begin(socket, "a", MUCH)
        assert 0 < await served.stalled() < 2_500
        assert served.live.ended == 0
        socket.transport.abort()
    await served.ended(1)


async def test_a_client_that_takes_nothing_is_given_up() -> None:
    patience = Patience(send=0.2)
    async with serving(patience=patience) as served, served.connect(**SLOW) as socket:
        served.tell_much()
        await greet(socket)
        await begin(socket, "a", MUCH)
        await served.ended(1)
        assert served.live.told < 2_500


async def test_signs_of_life_are_pings_that_need_no_answer() -> None:
    async with serving(patience=Patience(keep_alive=0.01)) as served, served.connect() as socket:
        await greet(socket)
        assert [await hear(socket) for _ in range(3)] == [{"type": "ping"}] * 3
        await say(socket, type="pong")
        assert await hear(socket) == {"type": "ping"}


@SERVERS
@pytest.mark.parametrize(
    ("messages", "code", "says"),
    [
        (["{"], 4400, "not JSON"),
        (["[]"], 4400, "a message is an object"),
        (['{"type": "start"}'], 4400, "a message is an object with a type of connection_init"),
        ([b'{"type": "ping"}'], 4400, "text frames"),
        (['{"type": "connection_init", "payload": "key"}'], 4400, "payload of connection_init must be an object"),
        (['{"type": "connection_init", "payload": {"authorization": 1}}'], 4400, "must be text"),
        (['{"type": "subscribe", "id": "a", "payload": {"query": "{ __typename }"}}'], 4401, "connection_init"),
        (['{"type": "connection_init", "payload": {"authorization": "Bearer x"}}'], 4403, "UNAUTHENTICATED"),
        (['{"type": "connection_init", "payload": {"Authorization": "Bearer x"}}'], 4403, "UNAUTHENTICATED"),
        (['{"type": "connection_init", "payload": {"headers": {"authorization": "Bearer x"}}}'], 4403, "UNAUTH"),
        (['{"type": "connection_init", "payload": {"Headers": {"AUTHORIZATION": "Bearer x"}}}'], 4403, "UNAUTH"),
        (['{"type": "connection_init", "payload": {"headers": {"Shanhai-Purpose": "X"}}}'], 4403, "INVALID_PURPOSE"),
        (['{"type": "connection_init", "payload": {"headers": "Bearer x"}}'], 4400, "must be an object"),
        (['{"type": "connection_init", "payload": {"purpose": "CURIOSITY"}}'], 4403, "INVALID_PURPOSE"),
    ],
)
async def test_a_first_message_that_cannot_be_closes_the_connection(
    server: str, messages: list[str | bytes], code: int, says: str
) -> None:
    async with serving(server) as served, served.connect() as socket:
        for message in messages:
            await socket.send(message)
        found, reason = await closed(socket)
        assert found == code
        assert says in reason
    await served.left()


@pytest.mark.parametrize(
    ("message", "code", "says"),
    [
        ({"type": "connection_init"}, 4429, "too many initialisation requests"),
        ({"type": "subscribe", "id": "a", "payload": {"query": STREAM}}, 4409, "subscriber for a already exists"),
        ({"type": "subscribe", "id": "", "payload": {"query": STREAM}}, 4400, "1 to 128 characters"),
        ({"type": "subscribe", "id": "x" * 129, "payload": {"query": STREAM}}, 4400, "1 to 128 characters"),
        ({"type": "subscribe", "payload": {"query": STREAM}}, 4400, "the id of subscribe"),
        ({"type": "subscribe", "id": "b"}, 4400, "payload of subscribe must be an object"),
        ({"type": "subscribe", "id": "b", "payload": {}}, 4400, "INVALID_REQUEST: `query` is missing"),
        ({"type": "subscribe", "id": "b", "payload": {"query": STREAM, "variables": []}}, 4400, "`variables` must be"),
        ({"type": "complete"}, 4400, "the id of complete"),
        ({"type": "ping", "payload": 1}, 4400, "payload of ping"),
        ({"type": "ping", "payload": {"x": "y" * MAX_BODY}}, 1009, "characters"),
    ],
)
async def test_a_later_message_that_cannot_be_closes_the_connection_and_ends_its_operations(
    message: dict[str, Any], code: int, says: str
) -> None:
    async with serving(held=True) as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "a")
        await served.begun(1)
        await say(socket, **message)
        found, reason = await closed(socket)
        assert found == code
        assert says in reason
        await served.ended(1)


async def test_a_client_that_does_not_say_who_it_is_is_closed() -> None:
    async with serving(patience=Patience(init=0.05)) as served, served.connect() as socket:
        assert await closed(socket) == (4408, "connection initialisation timeout")


@SERVERS
@pytest.mark.parametrize("offered", [["graphql-ws"], None])
async def test_another_subprotocol_is_not_acceptable(server: str, offered: list[str] | None) -> None:
    async with serving(server) as served, served.connect(subprotocols=offered) as socket:
        code, reason = await closed(socket)
        assert code == 4406
        assert "graphql-transport-ws" in reason


async def test_a_connection_for_which_there_is_no_room_is_told_to_come_again() -> None:
    async with serving(most=1) as served, served.connect() as first:
        await greet(first)
        async with served.connect() as second:
            code, reason = await closed(second)
            assert code == 1013
            assert "try again" in reason
        assert served.places.taken == 1


class Failing(Authenticator):
    """Whom to let in cannot be found out."""

    def __init__(self, failure: Exception) -> None:
        super().__init__(Credentials(None))
        self._failure = failure

    async def admit(self, authorization: str | None, purpose: str | None, address: str | None = None) -> Admitted:
        raise self._failure


@pytest.mark.parametrize(
    ("failure", "code", "says"),
    [
        (NotReady("the keys of the issuer cannot be had"), 1013, "NOT_READY: the keys of the issuer"),
        (RuntimeError("password=hunter2"), 4500, "something went wrong here"),
    ],
)
async def test_a_fault_of_ours_closes_the_connection_without_a_trace(failure: Exception, code: int, says: str) -> None:
    async with serving(authenticator=Failing(failure)) as served, served.connect() as socket:
        await say(socket, type="connection_init")
        found, reason = await closed(socket)
        assert found == code
        assert reason.startswith(says)


async def test_an_action_is_carried_out_to_its_end_though_its_client_has_left() -> None:
    async with serving() as served:
        begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def retire(**_arguments: Any) -> Any:
            begun.set()
            await go_on.wait()
            done.set()
            raise NotReady("told to nobody")

        served.world.connectors.retire = retire  # type: ignore[method-assign]
        socket = await served.connect()
        await greet(socket, authorization=f"Bearer {KEY}")
        identifier = "Q29ubmVjdG9yAHppYm8"
        await begin(socket, "m", f'mutation {{ retireConnector(connectorId: "{identifier}") {{ errors {{ code }} }} }}')
        await asyncio.wait_for(begun.wait(), 5)
        await say(socket, type="complete", id="m")
        socket.transport.abort()
        await served.left()
        assert not done.is_set()
        go_on.set()
        await asyncio.wait_for(done.wait(), 5)


@SERVERS
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://127.0.0.1:PORT", True),
        ("http://page.example", True),
        ("http://evil.example", False),
        ("http://127.0.0.1:1", False),
        ("null", False),
    ],
)
async def test_only_pages_of_ours_and_of_listed_origins_may_connect(
    server: str, origin: str | None, allowed: bool
) -> None:
    async with serving(server, origins=("http://page.example",)) as served:
        sent = origin.replace("PORT", str(served.port)) if origin else None
        if allowed:
            async with served.connect(origin=sent) as socket:
                await greet(socket)
        else:
            with pytest.raises(InvalidStatus) as refused:
                await served.connect(origin=sent)
            assert refused.value.response.status_code == 403
