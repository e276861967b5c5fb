"""The graph over the product's own credit bank, on both databases: from the form of an officer to the certificate."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from gateway.graph.context import GraphServices
from gateway.identity import ANONYMOUS, Principal
from gateway.storage import Database
from gateway.training.certificates import open_keys
from gateway.training.service import TrainingService, open_training
from tests.contract.graphql.test_operations import ENTERED
from tests.gateway.graph.training.facts import node_id
from tests.gateway.graph.world import World
from tests.gateway.training.guards import FixedGuard, by_agreement, officer, own, receiving
from tests.gateway.training.reads import RULES, put, stock
from tests.gateway.training.stored import KEYS, NOON, Resources

YUZHONG, SICHUAN = officer("500103"), officer("510000")
T1 = node_id("Teacher", "yz")
ERRORS = "errors { code message path }"


@dataclass
class BankWorld(World):
    """The small world with the credit bank of the product."""

    bank: TrainingService | None = None

    @property
    def services(self) -> GraphServices:
        return replace(super().services, training=self.bank)

    async def act(self, call: str, given: dict[str, Any] | None = None, who: Principal = YUZHONG) -> Any:
        """The payload of one action; `call` may use $i."""
        variables = {"i": given} if given else {}
        words = "($i: RecordTrainingInput!)" if given else ""
        return (await self.data(f"mutation{words} {{ act: {call} }}", variables, principal=who))["act"]


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> BankWorld:
    """Teachers and rules in a real database; 四川 is shown titles and ledgers of 渝中."""
    await stock(database)
    guard = FixedGuard(
        {
            YUZHONG.name: own("500103"),
            SICHUAN.name: receiving(by_agreement("500103", "TrainingRecord.title", "TrainingRecord.ledger")),
        },
        {"500103": ("510000",)},
    )
    moments = iter(range(1, 1000))
    bank = await open_training(
        database,
        guard,
        Resources(),
        KEYS,
        RULES,
        open_keys(None, tmp_path / "certificates.json"),
        public_url="https://gateway.example",
        clock=lambda: NOON + timedelta(seconds=next(moments)),
    )
    return BankWorld(bank=bank)


GIVEN = {**ENTERED, "teacherId": T1, "unit": "HOUR", "quantity": "2"}


async def recognized(world: BankWorld) -> str:
    """The id of a record that was entered and recognized."""
    entered = await world.act(f"recordTraining(input: $i) {{ record {{ id }} {ERRORS} }}", GIVEN)
    record: str = entered["record"]["id"]
    call = f'reviewTraining(recordIds: ["{record}"], decision: RECOGNIZE)'
    assert (await world.act(f"{call} {{ {ERRORS} }}"))["errors"] == []
    return record


async def test_what_is_entered_is_credited_when_it_is_recognized(world: BankWorld) -> None:
    call = f"recordTraining(input: $i) {{ record {{ id state award {{ id }} }} {ERRORS} }}"
    entered = await world.act(call, GIVEN)
    assert (entered["errors"], entered["record"]["state"], entered["record"]["award"]) == ([], "REPORTED", None)
    assert await world.act(call, GIVEN) == entered
    record = entered["record"]["id"]
    call = f'reviewTraining(recordIds: ["{record}", "no id"], decision: RECOGNIZE, note: "已核对")'
    reviewed = await world.act(f"{call} {{ records {{ id state award {{ hours rule {{ code }} }} }} {ERRORS} }}")
    assert [one["path"] for one in reviewed["errors"]] == [["recordIds", "1"]]
    (one,) = reviewed["records"]
    assert (one["id"], one["state"], one["award"]["rule"]) == (record, "RECOGNIZED", {"code": "cq"})
    assert Decimal(one["award"]["hours"]) == 2


async def test_a_certificate_is_issued_once_and_no_longer_valid_after_a_correction(world: BankWorld) -> None:
    record = await recognized(world)
    call = f'issueCertificate(recordId: "{record}") {{ certificate {{ id credential }} {ERRORS} }}'
    issued = await world.act(call)
    assert await world.act(call) == issued
    credential = issued["certificate"]["credential"]
    verify = f'{{ verifyCertificate(credential: "{credential}") {{ valid record {{ id title }} }} }}'
    shown = {"valid": True, "record": {"id": record, "title": "同步教研"}}
    assert (await world.data(verify, principal=YUZHONG))["verifyCertificate"] == shown
    assert (await world.data(verify, principal=ANONYMOUS))["verifyCertificate"] == {"valid": True, "record": None}
    await world.act(f"{await correction(world, record)} {{ {ERRORS} }}", {**GIVEN, "quantity": "3"})
    assert (await world.data(verify))["verifyCertificate"]["valid"] is False


async def correction(world: BankWorld, record: str) -> str:
    """The call that corrects a record as it is now."""
    found = await world.data(f'{{ trainingRecord(id: "{record}") {{ version }} }}', principal=YUZHONG)
    version = found["trainingRecord"]["version"]
    return f'correctTraining(recordId: "{record}", expectedVersion: {version}, reason: "学时录入错误", input: $i)'


async def test_corrections_and_revocations_are_lines_that_sum_up(world: BankWorld) -> None:
    record = await recognized(world)
    call = await correction(world, record)
    fields = f"record {{ award {{ hours }} ledger {{ hours reverses {{ hours }} }} }} {ERRORS}"
    corrected = await world.act(f"{call} {{ {fields} }}", {**GIVEN, "quantity": "3"})
    assert corrected["errors"] == []
    assert [Decimal(one["hours"]) for one in corrected["record"]["ledger"]] == [2, -2, 3]
    stale = await world.act(
        f"{call} {{ record {{ id }} {ERRORS} }}", {**GIVEN, "quantity": "4", "idempotencyKey": "k9"}
    )
    assert (stale["record"], [one["code"] for one in stale["errors"]]) == (None, ["VERSION_CONFLICT"])
    call = f'revokeTraining(recordId: "{record}", reason: "重复")'
    revoked = await world.act(f"{call} {{ record {{ state award {{ id }} }} {ERRORS} }}")
    assert revoked == {"record": {"state": "REVOKED", "award": None}, "errors": []}
    query = f'{{ teacher(id: "{T1}") {{ transcript(on: "2026-06-30") {{ awardedHours entries {{ hours }} }} }} }}'
    transcript = (await world.data(query, principal=YUZHONG))["teacher"]["transcript"]
    assert [Decimal(one["hours"]) for one in transcript["entries"]] == [2, -2, 3, -3]
    assert Decimal(transcript["awardedHours"]) == 0


async def test_behind_an_agreement_the_named_fields_are_shown_and_credit_is_decided_on(
    world: BankWorld, database: Database
) -> None:
    await put(database, ("joint", "yz", {}))
    fields = "id title kind ledger { id hours recognitions { region { code } state } }"
    pending = '{ recognition: { region: "510000", states: [PENDING] } }'
    query = f"{{ trainingRecords(filter: {pending}) {{ nodes {{ {fields} }} }} }}"
    body = await world.answer(query, principal=SICHUAN)
    (node,) = body["data"]["trainingRecords"]["nodes"]
    assert (node["id"], node["kind"]) == (node_id("TrainingRecord", "joint"), None)
    assert [one["extensions"]["code"] for one in body["errors"]] == ["NOT_SHARED"]
    (line,) = node["ledger"]
    assert line["recognitions"] == [{"region": {"code": "510000"}, "state": "PENDING"}]
    assert world.audit.shown == {"TrainingRecord:joint": {"TrainingRecord.title", "TrainingRecord.ledger"}}
    call = f'recognizeCredit(entryId: "{line["id"]}", region: "510000")'
    decided = await world.act(f"{call} {{ entry {{ recognitions {{ state hours }} }} {ERRORS} }}", who=SICHUAN)
    (found,) = decided["entry"]["recognitions"]
    assert (found["state"], Decimal(found["hours"])) == ("PARTLY_RECOGNIZED", Decimal(4))


async def test_a_page_costs_the_same_statements_however_long_it_is(world: BankWorld, database: Database) -> None:
    await put(database, *((f"r{at:02}", "yz", {"title": f"活动 {at}"}) for at in range(40)))
    statements: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    async def cost(first: int) -> int:
        statements.clear()
        fields = (
            "title teacher { name } history { state } award { hours record { title } recognitions { state } }"
            " ledger { hours } certificate { id } sameActivity { records { id } }"
        )
        query = f"{{ trainingRecords(first: {first}) {{ nodes {{ {fields} }} }} }}"
        assert len((await world.data(query, principal=YUZHONG))["trainingRecords"]["nodes"]) == first
        return len(statements)

    assert await cost(10) == await cost(40)
