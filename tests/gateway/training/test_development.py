"""Hours of resources: only after review, split among all who developed them, and taken back with the resource."""

import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from gateway.storage import Database
from gateway.storage.tables import TrainingVersionRow
from gateway.training.ports import ResourceState
from schema.credit import RoundingMode
from tests.gateway.training.bank import Bank
from tests.gateway.training.rule import rounding, rule, shares
from tests.gateway.training.stored import NOON

VERSIONS = TrainingVersionRow.metadata.tables["training_versions"]
MADE: dict[str, Any] = {
    "kind": "RESOURCE_DEVELOPMENT",
    "unit": "ITEM",
    "quantity": Decimal(1),
    "resource_platform": "chongqing",
}
CQ1 = ("chongqing", "CQ-1")
DEVELOPMENT = rule(
    "develop",
    kind="RESOURCE_DEVELOPMENT",
    unit="ITEM",
    hours_per_unit="20",
    shares=shares(LEAD_DEVELOPER=3, DEVELOPER=1),
)


@pytest.fixture
async def bank(database: Database) -> Bank:
    made = Bank(database)
    await made.rules(rule(), DEVELOPMENT)
    await made.account("a1")
    await made.account("a2", platform="sichuan", region="500103")
    return made


async def test_a_resource_earns_only_after_review_and_until_it_is_withdrawn(bank: Bank) -> None:
    await bank.enter("r1", **MADE, resource_native_id="CQ-1", role="LEAD_DEVELOPER")
    for state in (ResourceState.UNKNOWN, ResourceState.PENDING):
        bank.resources.put(CQ1, state)
        assert await bank.posting.settle(bank.database, lambda: NOON) == 1
        assert await bank.awards("r1") == {}
    bank.resources.put(CQ1, ResourceState.APPROVED)
    assert await bank.posting.settle(bank.database, lambda: NOON) == 1
    assert await bank.awards("r1") == {"r1": 20}
    bank.resources.put(CQ1, ResourceState.WITHDRAWN)
    assert await bank.posting.settle(bank.database, lambda: NOON) == 1
    assert await bank.hours("r1") == ["20", "-20"]
    assert (await bank.lines("r1"))[-1].explanation == ("冲销：资源未通过审核或已下架",)
    assert await bank.posting.settle(bank.database, lambda: NOON) == 0


async def test_a_resource_that_nobody_names_earns_nothing(bank: Bank) -> None:
    assert await bank.enter("r1", kind="RESOURCE_DEVELOPMENT", unit="ITEM") == 0


async def test_hours_of_a_resource_are_split_among_all_who_developed_it(bank: Bank) -> None:
    bank.resources.put(CQ1, ResourceState.APPROVED)
    await bank.enter("r1", **MADE, resource_native_id="CQ-1", role="LEAD_DEVELOPER")
    assert await bank.awards("r1") == {"r1": 20}
    assert await bank.enter("r2", "a2", **MADE, resource_native_id="CQ-1", role="DEVELOPER") == 3
    assert await bank.awards("r1", "r2") == {"r1": 15, "r2": 5}
    await bank.account("a3")
    assert await bank.enter("r3", "a3", **MADE, resource_native_id="CQ-1", role="GUIDE") == 0, "weighs nothing"
    assert await bank.change("r2", "a2", state="REVOKED") == 3
    assert await bank.awards("r1", "r2") == {"r1": 20}


async def test_who_leaves_a_resource_by_a_correction_leaves_more_of_it_to_the_others(bank: Bank) -> None:
    bank.resources.put(CQ1, ResourceState.APPROVED)
    await bank.enter("r1", **MADE, resource_native_id="CQ-1", role="DEVELOPER")
    await bank.enter("r2", "a2", **MADE, resource_native_id="CQ-1", role="DEVELOPER", version=2)
    assert await bank.awards("r1", "r2") == {"r1": 10, "r2": 10}
    before = {"kind": "RESOURCE_DEVELOPMENT", "resource_platform": "chongqing", "resource_native_id": "CQ-1"}
    said = {"record_id": "r2", "version": 1, "at": NOON, "state": "RECOGNIZED", "content": json.dumps(before)}
    await bank.do(lambda connection: connection.execute(insert(VERSIONS), said))
    assert await bank.change("r2", "a2", resource_native_id="CQ-2") == 3
    assert await bank.awards("r1", "r2") == {"r1": 20}


async def test_one_teacher_never_gets_two_shares_of_one_resource(bank: Bank) -> None:
    bank.resources.put(CQ1, ResourceState.APPROVED)
    await bank.enter("r1", **MADE, resource_native_id="CQ-1", role="DEVELOPER", title="研发甲")
    await bank.enter("r2", **MADE, resource_native_id="CQ-1", role="LEAD_DEVELOPER", title="研发乙")
    await bank.enter("r3", "a2", **MADE, resource_native_id="CQ-1", role="DEVELOPER")
    assert await bank.awards("r1", "r2", "r3") == {"r2": 15, "r3": 5}


async def test_shares_that_are_rounded_down_never_exceed_the_whole(bank: Bank) -> None:
    await bank.rules(rule("d", unit="ITEM", hours_per_unit="10", rounding=rounding("0.1", RoundingMode.DOWN)))
    bank.resources.put(CQ1, ResourceState.APPROVED)
    for number in range(3, 9):
        await bank.account(f"a{number}", native_id=f"n{number}")
        await bank.enter(f"r{number}", f"a{number}", **MADE, resource_native_id="CQ-1")
    assert await bank.awards(*(f"r{number}" for number in range(3, 9))) == dict.fromkeys(
        (f"r{number}" for number in range(3, 9)), Decimal("1.6")
    )
