"""Values of credentials never come back: not in data, errors or the log, whatever was wrong with the request."""

import logging
from typing import Any

import pytest

from gateway.graph.errors import unquoted
from gateway.identity import ADMINISTRATOR
from gateway.registry.records import ConnectorOutcome
from tests.gateway.graph.connectors.partner import ACTIONS, PLANTED, ZIBO, act, ask, document, serving, variables
from tests.gateway.graph.registry import MemoryConnectors
from tests.gateway.graph.world import World
from tests.gateway.web.client import KEY, application, client_of

NUMBER = 5550001
MALFORMED: list[Any] = [
    [{"name": "password", "value": NUMBER}],
    [{"name": "password", "value": [PLANTED]}],
    [{"name": "password", "value": {"secret": PLANTED}}],
    [{"name": "password", "value": PLANTED, "note": "x"}],
    [{"name": "password", "value": PLANTED}, {"name": "account"}],
    [{"password": PLANTED}],
    {"password": PLANTED},
    PLANTED,
    [PLANTED],
    NUMBER,
    [[PLANTED]],
    [None, {"name": "password", "value": PLANTED}],
]


def assert_hidden(*shown: object) -> None:
    for one in shown:
        assert PLANTED not in str(one)
        assert str(NUMBER) not in str(one)


@pytest.mark.parametrize("action", ["registerConnector", "testRead", "setCredentials"])
@pytest.mark.parametrize("malformed", MALFORMED)
async def test_malformed_credentials_are_refused_without_repeating_them(
    action: str, malformed: Any, caplog: pytest.LogCaptureFixture
) -> None:
    world = await serving()
    body = await world.answer(document(action), variables(c=malformed), principal=ADMINISTRATOR)
    (error, *_) = body["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VARIABLES_INVALID"
    assert error["message"].startswith("Variable '$c' has invalid value")
    assert "data" not in body
    assert_hidden(body, caplog.text)
    assert world.connectors.done == []


INLINE = [
    f'[{{name: "password" "{PLANTED}"}}]',
    f'[{{name: "password", value: "{PLANTED}"]',
    f'[{{name: "password", value: "{PLANTED}\n"}}]',
    f"[{{name: \"password\", value: '{PLANTED}'}}]",
    f'"{PLANTED}" "{PLANTED}"',
    f'"{PLANTED}"',
    f"{NUMBER}",
    f'[{{name: "password", value: {NUMBER}}}]',
    f'[{{name: "password", value: ["{PLANTED}"]}}]',
    f'[{{name: "password", value: "{PLANTED}", note: 1}}]',
    f'[{{value: "{PLANTED}"}}]',
    f'[{{name: "password", value: "{PLANTED}"}}, {{name: "account", value: $unknown}}]',
    f'[{{name: "password", value: "{PLANTED}"}}, {{name: "account", value: $v}}]',
    f'[{{name: "password", value: "{PLANTED}", value: "{PLANTED}"}}]',
]


@pytest.mark.parametrize("literal", INLINE)
async def test_credentials_written_into_a_document_that_is_wrong_are_not_repeated(
    literal: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = await serving()
    call = f'setCredentials(connectorId: "{ZIBO}", credentials: {literal}) {{ errors {{ code }} }}'
    text = f'mutation($v: String = "x") {{ {call} }}'
    body = await world.answer(text, {"v": None}, principal=ADMINISTRATOR)
    codes = {error["extensions"]["code"] for error in body["errors"]}
    assert codes <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_VARIABLES_INVALID"}
    assert_hidden(body, caplog.text)
    assert world.connectors.done == []


async def test_a_secret_in_a_variable_of_another_type_is_not_repeated() -> None:
    call = (
        f'setCredentials(connectorId: "{ZIBO}", credentials: {{name: "password", value: $v}}) {{ errors {{ code }} }}'
    )
    body = await (await serving()).answer(f"mutation($v: String!) {{ {call} }}", {"v": NUMBER}, principal=ADMINISTRATOR)
    assert body["errors"][0]["message"] == (
        "Variable '$v' has invalid value; what was sent is not repeated, since actions carry secrets"
    )


@pytest.mark.parametrize("action", ACTIONS)
async def test_no_action_tells_the_sealed_values(action: str, caplog: pytest.LogCaptureFixture) -> None:
    world = await serving(versions=2)
    used = {name: value for name, value in variables().items() if f"${name}" in document(action)}
    with caplog.at_level(logging.DEBUG):
        accepted = await act(world, document(action), used)
        refused = await act(world, document(action), {**used, **({"m": "x: 1"} if "m" in used else {})})
        twice = {"c": [*variables()["c"], *variables()["c"]]} if "c" in used else {}
        again = await act(world, document(action), {**used, **twice})
    assert_hidden(accepted, refused, again, caplog.text)


async def test_no_query_tells_the_sealed_values() -> None:
    world = await serving(versions=2)
    data = await ask(
        world,
        "{ connectors { nodes { id credentials { name set updatedAt } versions { manifest digest report { resolved"
        " findings { message found } } } runs { nodes { error } } quarantine { nodes { raw } } drift { message } } } }",
    )
    assert data["connectors"]["nodes"][0]["credentials"][1]["set"] is True
    assert_hidden(data)


class Careless(MemoryConnectors):
    """Falls over with what it was given in its hands."""

    async def set_credentials(self, *, platform: str, values: Any, by: str) -> ConnectorOutcome:
        raise RuntimeError(f"cannot seal {values}")


async def test_an_unexpected_failure_is_logged_with_its_place_but_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World(connectors=Careless())
    used = {"id": ZIBO, "c": variables()["c"]}
    with caplog.at_level(logging.DEBUG):
        body = await world.answer(document("setCredentials"), used, principal=ADMINISTRATOR)
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL"
    (record,) = [one for one in caplog.records if one.name == "shanhai.graph"]
    assert "request trace-1 failed at ['setCredentials'] with RuntimeError" in record.getMessage()
    assert "in set_credentials" in record.getMessage()
    assert_hidden(body, caplog.text)


async def test_nothing_is_repeated_over_http_either(caplog: pytest.LogCaptureFixture) -> None:
    world = await serving()
    headers = {"authorization": f"Bearer {KEY}"}
    with caplog.at_level(logging.DEBUG):
        async with client_of(application(world)) as client:
            for malformed in MALFORMED:
                body = {"query": document("setCredentials"), "variables": {"id": ZIBO, "c": malformed}}
                response = await client.post("/graphql", json=body, headers=headers)
                assert "errors" in response.json()
                assert_hidden(response.text)
            torn = f'{{"query": "mutation", "variables": {{"c": "{PLANTED}"'
            response = await client.post(
                "/graphql", content=torn, headers={**headers, "content-type": "application/json"}
            )
            assert response.status_code == 400
            assert_hidden(response.text)
    assert_hidden(caplog.text)


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Variable '$c' has invalid value at [0]: not 5", "Variable '$c' has invalid value at [0]"),
        ("Syntax Error: Expected Name, found String 'x'.", "Syntax Error"),
        ("Expected value of type 'C' to be an object, found: \"x\".", "Expected value of type 'C' to be an object"),
    ],
)
def test_a_message_is_kept_up_to_the_value(message: str, kept: str) -> None:
    assert unquoted(message) == f"{kept}; what was sent is not repeated, since actions carry secrets"


def test_a_message_without_a_value_is_kept() -> None:
    message = "Cannot query field 'x' on type 'Mutation'. Did you mean 'testRead'?"
    assert unquoted(message) == message


async def test_queries_go_on_telling_what_was_wrong() -> None:
    code, message = await World().refusal("query($n: Int!) { connectors(first: $n) { totalCount } }", {"n": "many"})
    assert code == "GRAPHQL_VARIABLES_INVALID"
    assert "many" in message
