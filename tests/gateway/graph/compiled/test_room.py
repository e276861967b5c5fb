"""Compiled plans are made once they are worth their time, and take no more memory than they have room for."""

from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import NonNullTypeNode, OperationDefinitionNode, OperationType, print_ast

from gateway.graph.compiled import Room
from gateway.graph.compiled.execution import CompiledExecution
from gateway.graph.compiled.plans import FIELDS_PER_WARMUP
from gateway.graph.execution import MAX_CACHED_TEXT, Executor
from gateway.graph.limits import Limits
from tests.gateway.graph.compiled.toy import Query
from tests.gateway.graph.world import EXECUTOR

SCHEMA = strawberry.Schema(query=Query)
ROOT = Path(__file__).parents[4]
OURS = sorted(
    [*ROOT.glob("gateway/web/graphiql/examples/*.graphql"), *ROOT.glob("tests/contract/graphql/operations/*.graphql")]
)

VALUES = {"Date": "2026-03-01", "DateTime": "2026-03-01T04:00:00Z"}


def filled(operation: OperationDefinitionNode) -> dict[str, Any]:
    """Values of the variables that have to be given; lists have one entry."""
    needed = [one for one in operation.variable_definitions or () if isinstance(one.type, NonNullTypeNode)]
    return {one.variable.name.value: VALUES.get(print_ast(one.type).strip("[]!"), "x") for one in needed}


async def ask(executor: Executor, text: str, **variables: Any) -> None:
    answer = await executor.execute(text, None, variables)  # type: ignore[arg-type]  # no field asks for it
    assert "errors" not in answer.body


def made(executor: Executor, text: str) -> int:
    """Plans of a document at this moment."""
    plans = executor.prepare(text).plans
    assert plans is not None
    return sum(one is not None for one in plans._made.values())


def wide(fields: int, name: str = "a") -> str:
    return "{ " + " ".join(f"{name}{at}: plain" for at in range(fields)) + " }"


def roomy(**options: Any) -> Executor:
    return Executor(SCHEMA, limits=Limits(aliases=1_000, fields=1_000, tokens=10_000), **options)


async def test_plans_that_were_not_used_for_longest_make_way() -> None:
    executor = roomy(warmup=0, room=Room(fields=10))
    first, second, third = wide(4, "a"), wide(4, "b"), wide(4, "c")
    for text in (first, second, first, third):
        await ask(executor, text)
    assert [made(executor, text) for text in (first, second, third)] == [1, 0, 1]
    assert executor.room._left == 2
    await ask(executor, second)
    assert [made(executor, text) for text in (first, second, third)] == [0, 1, 1]


async def test_a_plan_without_room_is_used_and_not_held() -> None:
    executor = roomy(warmup=0, room=Room(fields=3))
    await ask(executor, wide(4))
    assert (made(executor, wide(4)), executor.room._left) == (0, 3)


async def test_a_plan_that_made_way_is_made_again_only_after_as_many_executions_as_before() -> None:
    executor = roomy(warmup=2, room=Room(fields=5))
    seen = []
    for text in [wide(4, "a")] * 3 + [wide(4, "b")] * 3 + [wide(4, "a")] * 3:
        await ask(executor, text)
        seen.append((made(executor, wide(4, "a")), made(executor, wide(4, "b"))))
    assert seen == [(0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (0, 1), (0, 1), (0, 1), (1, 0)]


async def test_a_document_that_is_forgotten_gives_the_room_of_its_plans_back() -> None:
    executor = roomy(warmup=0, cached_documents=2)
    before = executor.room._left
    for name in "abcd":
        await ask(executor, wide(4, name))
    assert before - executor.room._left == 8
    assert {plans for plans, _ in executor.room._taken} == {one.plans for one in executor._cache.values()}


async def test_documents_are_kept_by_their_characters_too() -> None:
    executor = roomy(cached_characters=100)
    texts = [wide(4, name) for name in "abcd"]
    for text in texts:
        await ask(executor, text)
    kept = 100 // len(texts[0])
    assert list(executor._cache) == texts[-kept:]
    assert executor._characters == kept * len(texts[0])


async def test_a_document_that_is_not_kept_is_not_compiled() -> None:
    executor = roomy(warmup=0)
    text = wide(1) + " " * MAX_CACHED_TEXT
    await ask(executor, text)
    assert executor.prepare(text).plans is None
    assert executor.room._taken == {}


@pytest.mark.parametrize("times", [1, 2, 4])
async def test_a_plan_of_more_fields_is_asked_for_more_often_first(times: int) -> None:
    executor, text = roomy(), wide(FIELDS_PER_WARMUP * (times - 1) + 1)
    for _ in range(times):
        await ask(executor, text)
    assert made(executor, text) == 0
    await ask(executor, text)
    assert made(executor, text) == 1


async def test_each_further_choice_of_an_operation_is_asked_for_more_often_first() -> None:
    executor, text = roomy(), "query($a: Boolean!, $b: Boolean!) { plain @skip(if: $a) again: plain @skip(if: $b) }"
    seen = []
    for a, b in ((True, False), (False, True), (False, False)):
        executions = 0
        before = made(executor, text)
        while made(executor, text) == before:
            await ask(executor, text, a=a, b=b)
            executions += 1
        seen.append(executions)
    assert seen == [2, 3, 4]


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_query_of_our_own_clients_is_small_enough_to_be_compiled(path: Path) -> None:
    prepared = Executor(EXECUTOR.schema, warmup=0).prepare(path.read_text("utf-8"))
    assert prepared.document is not None
    assert prepared.plans is not None
    queries = [
        one
        for one in prepared.document.definitions
        if isinstance(one, OperationDefinitionNode) and one.operation is OperationType.QUERY
    ]
    for one in queries:
        prepared.plans._asked.clear()  # a document of more operations than are compiled is asked for one of them
        run = CompiledExecution.build(
            EXECUTOR.schema._schema,
            prepared.document,
            raw_variable_values=filled(one),
            operation_name=one.name.value if one.name else None,
        )
        assert isinstance(run, CompiledExecution)
        assert prepared.plans.find(run) is not None, one.name
