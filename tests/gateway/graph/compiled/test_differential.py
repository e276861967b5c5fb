"""Compiled execution shows, costs and notes what graphql-core's execution does, whatever is asked."""

from collections import Counter
from random import Random

import pytest

from tests.gateway.graph.compiled.both import COMPILED, WORDS, both, services
from tests.gateway.graph.compiled.operations import Operations

WORLDS = [services(seed) for seed in range(16)]


async def compare(count: int, seed: int) -> Counter[str]:
    """Execute so many operations on both ways; tells what they were like."""
    random, found = Random(seed), Counter[str]()  # noqa: S311  # seeded, so that a failure comes again
    operations = Operations(COMPILED.schema._schema, WORDS, random)
    for _ in range(count):
        operation, behind = operations.make(), random.choice(WORLDS)
        reference, compiled = await both(operation, behind, random)
        assert compiled == reference, f"{operation.text}\n{operation.variables}"
        found["executed"] += reference.executed
        found["with errors"] += bool(reference.errors) and reference.executed
        found["with disclosures"] += bool(reference.disclosures)
        found["null as a whole"] += reference.data == b"null"
    return found


async def test_hundreds_of_operations_show_cost_and_note_the_same() -> None:
    found = await compare(300, seed=1)
    assert found["executed"] >= 240
    assert found["with errors"] >= 60


@pytest.mark.slow
async def test_ten_thousand_operations_show_cost_and_note_the_same() -> None:
    found = await compare(10_000, seed=2026)
    assert found["executed"] >= 8_000
    assert found["with errors"] >= 2_000
    assert found["with disclosures"] >= 200
