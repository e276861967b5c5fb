"""Which sharing agreements are listed to whom, and how a list is narrowed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import Forbidden
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Role
from gateway.storage import Database
from schema.credit import AgreementState
from tests.gateway.access.stored_agreements import (
    CHENGDU,
    CHONGQING,
    NEIJIANG,
    SICHUAN,
    YUZHONG,
    ZIBO,
    Clock,
    lay_down,
    service,
)
from tests.gateway.access.test_agreements import DRAFT, GIVER, someone


async def test_agreements_are_listed_to_offices_above_and_within_their_sides(database: Database) -> None:
    agreements, identifier = service(database).agreements, await lay_down(database)
    seeing = (Role.TRAINING_OFFICER, Role.ADMIN, Role.ANALYST)
    relations = {
        None: True, "100000": True, SICHUAN: True, NEIJIANG: True, CHONGQING: True, YUZHONG: True,
        ZIBO: False, "370000": False, "999999": False,
    }  # fmt: skip
    asking = [(someone(role, region), listed) for role in Role for region, listed in relations.items()]
    for who, listed in [*asking, (ANONYMOUS, False)]:
        if not who.grants or who.grants[0].role not in seeing:
            with pytest.raises(Forbidden, match="TRAINING_OFFICER, ADMIN, ANALYST"):
                await agreements.list(who, None, None)
            with pytest.raises(Forbidden):
                await agreements.by_id(who, [identifier])
            continue
        wanted = [identifier] if listed else []
        assert [each.id for each in await agreements.list(who, None, None)] == wanted, who
        assert list(await agreements.by_id(who, [identifier, "b"])) == wanted, who


async def test_a_list_is_narrowed_by_sides_and_by_states_of_today(database: Database) -> None:
    clock = Clock()
    agreements = service(database, clock).agreements
    other = replace(DRAFT, to_region=ZIBO, valid_to=None)
    first = await agreements.propose(GIVER, DRAFT)
    clock.now += timedelta(minutes=1)
    second = await agreements.propose(GIVER, other)
    clock.now += timedelta(days=3)

    async def listed(regions: list[str] | None, states: list[AgreementState] | None) -> list[str]:
        return [each.id for each in await agreements.list(ADMINISTRATOR, regions, states)]

    assert await listed(None, None) == [second.id, first.id]
    assert await listed([ZIBO], None) == [second.id]
    assert await listed([SICHUAN, CHENGDU], None) == [second.id, first.id]
    assert await listed([CHENGDU], None) == []
    assert await listed([], None) == []
    assert await listed(None, [AgreementState.EXPIRED]) == [first.id]
    assert await listed(None, [AgreementState.PROPOSED]) == [second.id]
    assert await listed(None, []) == []
