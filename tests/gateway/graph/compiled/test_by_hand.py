"""Cases by hand, each executed by graphql-core and as compiled code with the same answer and the same errors."""

import asyncio
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.graph.compiled import can_compile
from gateway.graph.compiled.planning import MOST_FIELDS
from gateway.graph.execution import Executor
from tests.gateway.graph.compiled.toy import LOG, Query

SCHEMA = strawberry.Schema(query=Query)
DEEP = "level deeper { maybe { late { deeper { level } } } }"


async def answered(text: str, variables: dict[str, Any] | None, *, compiled: bool) -> tuple[Any, list[Any], list[str]]:
    """Data, errors without their order, and the resolvers that were called."""
    executor = Executor(SCHEMA, compiled=compiled, warmup=0)
    executor.prepare(text)
    LOG.clear()
    execution = executor._execute(executor.prepare(text), "context", variables, None)  # type: ignore[arg-type]
    result = execution if isinstance(execution, ExecutionResult) else await execution
    plans = executor.prepare(text).plans
    assert (plans is not None) is compiled
    errors = [(one.path, one.message, one.locations) for one in result.errors or ()]
    return result.data, sorted(errors, key=repr), sorted(LOG)


@pytest.mark.parametrize(
    "text",
    [
        "{ plain __typename again: plain }",
        "{ pets { __typename ... on Animal { name } ... on Cat { lives color } ... on Dog { owner } } }",
        "{ pets { ... on Cat { sound } ... on Dog { name } } }",
        "{ animals { __typename name ... on Cat { lives kittens(count: 2) { name color } } ... on Dog { owner } } }",
        "{ animals { name sound } }",
        "{ rows { name owner } }",
        "{ strict { name lives } plain }",
        "{ strict { lives } }",
        "{ nulls numbers matrix }",
        "{ numbers again: numbers }",
        "{ arriving noList plain }",
        "{ awaitedObject { level late { level } } }",
        '{ doubled(word: "x") }',
        '{ echo a: echo(words: null) b: echo(words: ["x"], color: CRIMSON) }',
        f"{{ deep {{ {DEEP} }} strictDeep {{ {DEEP} }} }}",
        "{ deep { never } plain }",
        "{ deep { deeper { deeper { never } } } plain }",
        "{ deep { maybe { deeper { never } } level } }",
        "{ deep { level lateNever } plain }",
        "{ deep { maybe { lateNever level } level fails } }",
        "{ deep { deeper { lateNever fails } fails } plain }",
        "{ strictDeep { lateNever fails } plain }",
        "{ strictDeep { deeper { never } fails } plain deep { fails } }",
        "{ deep { fails never } plain }",
        "{ deep { never fails } plain }",
        "{ deep { slow lateNever } plain }",
        "{ deep { maybe { slow late { lateNever } } fails } }",
        "{ strictDeep { slow lateNever } deep { slow } }",
        "{ deep { asValue level } }",
        "{ pets { ... on Cat { a: kittens(count: -1) { name } } ... on Dog { name } } plain }",
        "{ pets { ... on Cat { kittens(count: 2) { kittens(count: 2) { name color } } } } }",
        "{ deep { late { late { late { fails lateNever } } maybe { fails } } } }",
    ],
)
async def test_answers_errors_and_calls_are_those_of_graphql_core(text: str) -> None:
    reference = await answered(text, None, compiled=False)
    assert await answered(text, None, compiled=True) == reference


@pytest.mark.parametrize("off", [True, False])
async def test_conditions_are_decided_by_the_variables_of_each_request(off: bool) -> None:
    text = "query($off: Boolean!, $on: Boolean! = true) { plain @skip(if: $off) deep @include(if: $on) { level } }"
    reference = await answered(text, {"off": off}, compiled=False)
    assert await answered(text, {"off": off}, compiled=True) == reference


async def test_one_executor_answers_every_choice_of_conditions() -> None:
    names = [f"v{at}" for at in range(4)]
    declared, fields = (
        ", ".join(f"${one}: Boolean!" for one in names),
        " ".join(f"a{one}: plain @include(if: ${one})" for one in names),
    )
    text = f"query({declared}) {{ __typename {fields} }}"
    executor = Executor(SCHEMA, warmup=0)
    for choice in range(16):
        variables = {one: bool(choice >> at & 1) for at, one in enumerate(names)}
        answer = await executor.execute(text, None, variables)  # type: ignore[arg-type]  # no field asks for it
        assert [key for key in answer.body["data"] if key != "__typename"] == [f"a{n}" for n in names if variables[n]]
    prepared = executor.prepare(text).plans
    assert prepared is not None
    assert len(prepared._made) == 8, "the others are executed by graphql-core"


async def test_an_operation_is_compiled_when_it_is_asked_for_again() -> None:
    executor = Executor(SCHEMA)
    plans = executor.prepare("{ plain }").plans
    assert plans is not None
    made = []
    for _ in range(3):
        await executor.execute("{ plain }", None)  # type: ignore[arg-type]  # no field asks for it
        made.append(len(plans._made))
    assert made == [0, 1, 1]


@pytest.mark.parametrize("text", ["{ __schema { queryType { name } } plain }", '{ __type(name: "Cat") { name } }'])
async def test_introspection_is_left_to_graphql_core(text: str) -> None:
    executor = Executor(SCHEMA, warmup=0)
    reference = await answered(text, None, compiled=False)
    answer = await executor.execute(text, None)  # type: ignore[arg-type]  # no field asks for it
    assert answer.body["data"] == reference[0]
    plans = executor.prepare(text).plans
    assert plans is not None
    assert list(plans._made.values()) == [None]


async def test_a_plan_that_is_too_large_is_left_to_graphql_core() -> None:
    text = "{ " + " ".join(f"a{n}: plain" for n in range(MOST_FIELDS + 1)) + " }"
    executor = Executor(SCHEMA, warmup=0)
    document = Executor(SCHEMA, compiled=False)
    limits = executor.limits.__class__(tokens=10**6, fields=10**6, aliases=10**6)
    executor.limits = document.limits = limits
    compiled = await executor.execute(text, None)  # type: ignore[arg-type]  # no field asks for it
    assert compiled.body == (await document.execute(text, None)).body  # type: ignore[arg-type]


async def test_a_canceled_request_cancels_what_it_awaits() -> None:
    executor = Executor(SCHEMA, warmup=0)
    LOG.clear()
    asked = executor.execute("{ deep { slow again: slow } }", None)  # type: ignore[arg-type]  # no field asks for it
    task = asyncio.ensure_future(asked)
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(LOG) == ["slow", "slow", "slow ended", "slow ended"]


class Watching(SchemaExtension):
    def resolve(self, _next: Any, root: Any, info: Any, *args: str, **kwargs: Any) -> Any:
        return _next(root, info, *args, **kwargs)


class Idle(SchemaExtension):
    pass


def _made() -> SchemaExtension:
    return Watching()


def _read(source: Any, name: str) -> Any:
    return getattr(source, name)


class OwnExecution(StrawberryGraphQLCoreExecutionContext):
    pass


@pytest.mark.parametrize(
    ("options", "possible"),
    [
        ({}, True),
        ({"extensions": [Idle]}, True),
        ({"extensions": [Watching]}, False),
        ({"extensions": [_made]}, False),
        ({"config": StrawberryConfig(default_resolver=_read)}, False),
        ({"execution_context_class": OwnExecution}, False),
    ],
)
async def test_schemas_whose_resolvers_are_wrapped_are_not_compiled(options: dict[str, Any], possible: bool) -> None:
    schema = strawberry.Schema(query=Query, **options)
    assert can_compile(schema) is possible
    assert (Executor(schema).prepare("{ plain }").plans is not None) is possible
