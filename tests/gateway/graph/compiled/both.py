"""One operation on both ways: executed by graphql-core and as compiled code, and all that can be seen of it."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from gateway.graph.budget import Budget
from gateway.graph.context import GraphContext, GraphServices
from gateway.graph.execution import Executor
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Principal
from schema.identifiers import GlobalId, resource_id
from tests.gateway.graph.compiled.fickle import Fickle
from tests.gateway.graph.compiled.operations import Operation, Words
from tests.gateway.graph.records import RECORDS
from tests.gateway.graph.training.facts import ANALYST, CHONGQING, SICHUAN, THEMSELVES, Facts
from tests.gateway.graph.world import EXECUTOR, MemoryCatalog, World

REFERENCE = Executor(EXECUTOR.schema, compiled=False)
COMPILED = Executor(EXECUTOR.schema, warmup=0)
PRINCIPALS: tuple[Principal, ...] = (ANONYMOUS, ADMINISTRATOR, CHONGQING, SICHUAN, THEMSELVES, ANALYST)
FEW = (*RECORDS[:7], RECORDS[66], RECORDS[-1])
"""Records of every kind and tier, one of them found on two platforms."""


def _ids() -> tuple[str, ...]:
    facts = Facts()
    ours: dict[str, Iterable[str]] = {
        "Teacher": facts.teachers,
        "TrainingRecord": facts.records,
        "LedgerEntry": facts.entries,
        "Certificate": facts.certificates,
        "Region": ("500000", "500103", "1"),
        "Platform": ("chongqing", "zibo"),
        "Program": ("chengyu",),
        "Connector": ("zibo", "chongqing"),
        "HarvestRun": ("run-1", "run-2"),
    }
    named = [str(GlobalId(name, (one,))) for name, ids in ours.items() for one in ids]
    resources = [resource_id(one.platform, one.record.native_id) for one in FEW]
    return (*named, *resources, "nonsense")


WORDS: Words = {
    "String": ("", "勾股定理", "第1", "x"),
    "ID": _ids(),
    "Int": (0, 1, 2, 3, 5, 20, -1, 1_000),
    "Float": (0.5, 1),
    "Boolean": (True, False),
    "Date": ("2026-03-01", "2024-01-01", "no day"),
    "DateTime": ("2026-03-01T04:00:00Z", "no instant"),
    "Decimal": ("1.5", "x"),
    "first": (0, 1, 2, 3, 3, 5, 20, -1, 1_000),
    "after": ("c0", "c1", "r0", "no cursor"),
    "code": ("chongqing", "zibo", "500000", "500103", "chengyu", "title.missing", "none"),
    "nativeId": ("L-1", "YKT-0000000", "T2023-118", "none"),
    "measures": ("views", "views", "active_teachers", "nothing"),
    "regions": ("500000", "370300", "none"),
    "region": ("500000", "510000", "none"),
    "parent": ("500000", "none"),
    "platforms": ("chongqing", "yuzhong", "none"),
    "manifest": ("", "x: 1"),
}


@dataclass(frozen=True)
class Seen:
    """All that one execution showed and cost."""

    data: bytes
    errors: list[str]
    executed: bool
    budget: int
    disclosures: list[Any]


def services(seed: int) -> GraphServices:
    """Services whose answers depend on the seed; those of every fourth are honest."""
    world = World(catalog=MemoryCatalog(records=FEW))
    honest = world.services
    if seed % 4 == 0:
        return honest
    failing, lying = (40, 0) if seed % 4 == 1 else (15, 12) if seed % 4 == 2 else (0, 30)
    made: dict[str, Any] = {
        one.name: Fickle(getattr(honest, one.name), seed, failing=failing, lying=lying)
        for one in dataclasses.fields(honest)
        if one.name not in ("stopping", "checking", "audit", "live")
    }
    return dataclasses.replace(honest, **made)


async def seen(executor: Executor, operation: Operation, behind: GraphServices, who: Principal, units: int) -> Seen:
    """Execute it for somebody with so many units to spend."""
    context = GraphContext(behind, who, "trace-1", "https://gateway.example", budget=Budget(units))
    answer = await executor.execute(operation.text, context, operation.variables)
    errors = [orjson.dumps(one, option=orjson.OPT_SORT_KEYS).decode() for one in answer.body.get("errors", ())]
    events = sorted(map(repr, context.disclosures.events(who, "trace-1")))
    return Seen(
        data=orjson.dumps(answer.body.get("data", "none")),
        errors=sorted(errors),
        executed=answer.executed,
        budget=context.budget._left,
        disclosures=events,
    )


async def both(operation: Operation, behind: GraphServices, random: Random) -> tuple[Seen, Seen]:
    """The same operation executed by graphql-core and as compiled code."""
    prepared = COMPILED.prepare(operation.text)
    REFERENCE._cache[operation.text] = dataclasses.replace(prepared, plans=None)  # validating takes longest
    if len(REFERENCE._cache) > REFERENCE.cached_documents:
        REFERENCE._cache.popitem(last=False)
    who, units = random.choice(PRINCIPALS), random.choice((10_000, 10_000, 300))
    reference = await seen(REFERENCE, operation, behind, who, units)
    compiled = await seen(COMPILED, operation, behind, who, units)
    return reference, compiled
