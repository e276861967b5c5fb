"""Nodes of training by their ids, and how often the service is asked for a page."""

from dataclasses import replace

import pytest

from gateway.identity import ANONYMOUS
from tests.gateway.graph.training.facts import CHONGQING, RULE, SICHUAN, node_id
from tests.gateway.graph.world import World

NODES = {
    "Teacher": "teacher-1",
    "TrainingRecord": "joint-1",
    "LedgerEntry": "entry-1",
    "Certificate": "cert-1",
    "SharingAgreement": "agreement-1",
    "CreditRule": RULE.id,
}
PAGE = """
query($first: Int!) {
  trainingRecords(first: $first) {
    nodes {
      title teacher { id name school { name } }
      history { state } award { hours rule { code } record { title } recognitions { state } }
      ledger { hours reverses { hours } recognitions { state } } certificate { credential }
      sameActivity { credited { id } records { id } } platform { code } program { code } resource { title }
    }
  }
}
"""


async def test_every_type_is_found_by_its_id_in_the_order_asked() -> None:
    ids = [node_id(type_name, name) for type_name, name in NODES.items()]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    data = await World().data(query, {"ids": ids}, principal=CHONGQING)
    assert data["nodes"] == [{"__typename": name, "id": one} for name, one in zip(NODES, ids, strict=True)]


async def test_strangers_find_the_rule_only() -> None:
    ids = [node_id(type_name, name) for type_name, name in NODES.items()]
    data = await World().data(
        "query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }", {"ids": ids}, principal=ANONYMOUS
    )
    assert data["nodes"] == [None] * 5 + [{"__typename": "CreditRule"}]


@pytest.mark.parametrize("type_name", NODES)
async def test_unknown_ids_find_nothing(type_name: str) -> None:
    query = f'{{ nodes(ids: ["{node_id(type_name, "none")}", "{node_id(type_name, "")}"]) {{ id }} }}'
    assert await World().data(query, principal=CHONGQING) == {"nodes": [None, None]}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (("TrainingRecord.ledger",), {"entry-1", "entry-2", "entry-3"}),
        (("TrainingRecord.award",), {"entry-1"}),
        (("TrainingRecord.certificate",), {"cert-1"}),
        (("TrainingRecord.title",), set()),
    ],
)
async def test_lines_and_certificates_are_found_by_the_rights_on_their_record(
    fields: tuple[str, ...], found: set[str]
) -> None:
    world = World()
    agreed = world.agreements.stored
    agreed["agreement-1"] = replace(agreed["agreement-1"], fields=fields)
    names = {
        one: node_id("Certificate" if one == "cert-1" else "LedgerEntry", one)
        for one in ("entry-1", "entry-2", "entry-3", "cert-1")
    }
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    data = await world.data(query, {"ids": list(names.values())}, principal=SICHUAN)
    assert {one for one, node in zip(names, data["nodes"], strict=True) if node} == found
    shown = {coordinate for coordinates in world.audit.shown.values() for coordinate in coordinates}
    assert shown == (set(fields) if found else set())


async def calls_of_a_page(first: int) -> dict[str, int]:
    world = World()
    data = await world.data(PAGE, {"first": first}, principal=CHONGQING)
    assert len(data["trainingRecords"]["nodes"]) == first
    return dict(world.training.calls)


async def test_a_longer_page_costs_no_more_calls() -> None:
    few = await calls_of_a_page(27)
    assert few == await calls_of_a_page(28)
    assert few == {
        "records": 1, "teachers_by_id": 1, "history": 1, "awards": 1, "ledger": 1, "certificates": 1,
        "same_activity": 1, "entries_by_id": 1, "recognitions": 1, "records_by_id": 1,
    }  # fmt: skip


async def test_a_request_that_multiplies_is_refused() -> None:
    records = "records(first: 28) { nodes { id } }"
    page = f"trainingRecords(first: 28) {{ nodes {{ sameActivity {{ records {{ teacher {{ {records} }} }} }} }} }}"
    pages = " ".join(f"p{at}: {page}" for at in range(50))
    body = await World().answer(f"{{ {pages} }}", principal=CHONGQING)
    assert {error["extensions"]["code"] for error in body["errors"]} == {"LIMIT_EXCEEDED"}
