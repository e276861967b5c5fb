"""Training from platforms to another province: harvested, linked, credited once, shown, recognized, taken back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from gateway.access.key_store import KeyStore
from gateway.application import Services
from gateway.application.tokens import identity_keys
from gateway.cli.simulation import demo_secrets_environment, simulators
from gateway.clock import utc_now
from gateway.harvesting import HarvestKind, RunState
from gateway.identity import Grant, Purpose, Role
from gateway.training.people.links import LinkEvidence, Linking
from schema.identifiers import GlobalId
from tests.journeys.gateway import Client, harvest, running, settings_for

RECORD = """query($id: ID!) { trainingRecord(id: $id) { id state version title kind
  teacher { id name } award { id hours rule { sample } } sameActivity { reason credited { id } records { id } }
  ledger { id hours reverses { id } recognitions { region { code } state hours rule { code } note } } } }"""
TRANSCRIPT = """query($id: ID!, $on: Date!) { teacher(id: $id) { transcript(on: $on) {
  awardedHours entries { id hours record { id } reverses { id } } } } }"""
LISTED = "query($f: TrainingRecordFilter) { trainingRecords(filter: $f, first: 100) { totalCount nodes { id title } } }"
RECOGNIZE = """mutation($e: ID!) { recognizeCredit(entryId: $e, region: "510000") {
  entry { id recognitions { region { code } state hours rule { code } } } errors { code message } } }"""
ADMIN = "administrator-of-journeys"
PROPOSE = """mutation { proposeAgreement(input: { fromRegion: "500000", toRegion: "510000",
  purposes: [CREDIT_RECOGNITION], fields: ["TrainingRecord.title", "TrainingRecord.ledger", "TrainingRecord.startsOn"],
  validFrom: "2026-01-01", basis: "成渝教师研修共同体协议" }) { agreement { id state } errors { code message } } }"""
ACCEPT = "mutation($a: ID!) { acceptAgreement(agreementId: $a) { agreement { state } errors { code } } }"
REVOKE = (
    'mutation($a: ID!) { revokeAgreement(agreementId: $a, reason: "终止") { agreement { state } errors { code } } }'
)


@dataclass
class Officer:
    """Asks with a key of one's own, for a purpose."""

    client: Client
    key: str
    purpose: Purpose

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key}", "Shanhai-Purpose": self.purpose}
        response = await self.client.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )
        answer: dict[str, Any] = response.json()
        return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data


async def officer(client: Client, region: str, purpose: Purpose = Purpose.CREDIT_RECOGNITION) -> Officer:
    keys = KeyStore(client.services.database, utc_now, client.services.access.audit)
    made = await keys.create(f"office of {region}", [Grant(Role.TRAINING_OFFICER, region)], by="test")
    return Officer(client, made.text, purpose)


@asynccontextmanager
async def harvested(directory: Path, *codes: str) -> AsyncIterator[Client]:
    """A gateway with the training records of these platforms and the resources of 重庆."""
    with simulators(size=40) as reroutes, pytest.MonkeyPatch.context() as environment:
        for name, value in demo_secrets_environment().items():
            environment.setenv(name, value)
        async with running(settings_for(directory, reroutes, schedule=False, admin_key=ADMIN)) as client:
            for code in codes:
                run = await harvest(client.services, code, HarvestKind.TRAINING)
                assert run.state is RunState.SUCCEEDED
            yield client


async def rows(services: Services, query: str, **given: Any) -> list[Any]:
    async with services.database.reading() as connection:
        return list(await connection.execute(text(query), given))


JOINT = """SELECT a.id, a.account_id, b.id, b.account_id FROM training_records a
  JOIN training_records b ON a.activity_key = b.activity_key AND a.kind = b.kind AND a.starts_on = b.starts_on
  WHERE a.platform = 'chongqing' AND b.platform = 'sichuan' AND a.state = 'RECOGNIZED' AND b.state = 'RECOGNIZED'
  AND a.outcome = 'PASSED' AND b.outcome = 'PASSED' AND a.kind <> 'RESOURCE_DEVELOPMENT' AND b.program IS NOT NULL
  AND EXISTS (SELECT * FROM ledger_entries e WHERE e.record_id = a.id) AND {}
  ORDER BY a.native_id, b.native_id LIMIT 1"""
"""A joint session: the report of 重庆, which earned hours alone, and that of 四川, preferred where it earned too."""
BOTH_EARN = "EXISTS (SELECT * FROM ledger_entries e WHERE e.record_id = b.id)"
ONE_EARNS = f"NOT {BOTH_EARN}"


def global_id(name: str) -> str:
    return str(GlobalId("TrainingRecord", (name,)))


async def link(services: Services, one: str, other: str) -> str | None:
    """Make two accounts one person, as `shanhai training link` does for equal national ids."""
    posting, keys = services.training.posting, identity_keys(services.settings)
    linking = Linking(services.access, posting, keys)

    def work(connection: Connection) -> str | None:
        return linking.link(connection, utc_now(), one, other, LinkEvidence.OFFICER, "已核对", "test")

    return await services.database.transact(work)


async def test_a_joint_session_reported_by_two_platforms_is_credited_once(tmp_path: Path) -> None:
    async with harvested(tmp_path, "chongqing", "sichuan") as client:
        await check_joint_session(client, BOTH_EARN, "sichuan", "以写明联合项目的一份计入")
        await check_joint_session(client, ONE_EARNS, "chongqing", "以有适用规则、可换算学时的一份计入")


async def check_joint_session(client: Client, pair: str, kept: str, why: str) -> None:
    """Link the two teachers of a pair of reports: the report of the platform `kept` is credited, for this reason."""
    services = client.services
    [(one, one_account, other, other_account)] = await rows(services, JOINT.format(pair))
    [(day,)] = await rows(services, "SELECT starts_on FROM training_records WHERE id = :id", id=one)
    here, everywhere = await officer(client, "500000"), await officer(client, "100000")
    before = (await here.ask(RECORD, id=global_id(one)))["trainingRecord"]
    await link(services, one_account, other_account)
    found = {name: (await everywhere.ask(RECORD, id=global_id(name)))["trainingRecord"] for name in (one, other)}
    teacher = found[one]["teacher"]["id"]
    told = (await everywhere.ask(TRANSCRIPT, id=teacher, on=str(day)))["teacher"]["transcript"]
    both = [global_id(one), global_id(other)]
    standing = [entry["id"] for entry in told["entries"] if entry["record"]["id"] in both and entry["reverses"] is None]
    undone = {entry["reverses"]["id"] for entry in told["entries"] if entry["reverses"]}
    assert before["award"] is not None
    assert before["sameActivity"] is None
    assert found[other]["teacher"]["id"] == teacher
    [credited] = [record for record in found.values() if record["award"]]
    assert credited["id"] == global_id({"chongqing": one, "sichuan": other}[kept])
    assert [name for name in standing if name not in undone] == [credited["award"]["id"]]
    for record in found.values():
        assert record["sameActivity"]["credited"]["id"] == credited["id"]
        assert sorted(each["id"] for each in record["sameActivity"]["records"]) == sorted(both)
        assert why in record["sameActivity"]["reason"]


async def test_a_record_of_chongqing_is_recognized_in_sichuan_until_the_agreement_is_revoked(tmp_path: Path) -> None:
    async with harvested(tmp_path, "chongqing") as client:
        here, there = await officer(client, "500000"), await officer(client, "510000")
        [(name,)] = await rows(
            client.services,
            """SELECT r.id FROM training_records r JOIN ledger_entries e ON e.record_id = r.id WHERE r.kind = 'COURSE'
            AND r.unit = 'HOUR' AND r.state = 'RECOGNIZED' AND e.reverses_id IS NULL ORDER BY r.native_id LIMIT 1""",
        )
        record = global_id(name)
        unseen = await there.answer(RECORD, id=record)
        closed = await there.answer(LISTED, f={})
        proposed = (await here.ask(PROPOSE))["proposeAgreement"]["agreement"]
        agreement = proposed["id"]
        own = await here.answer(ACCEPT, a=agreement)
        still = await there.answer(RECORD, id=record)
        accepted = (await there.ask(ACCEPT, a=agreement))["acceptAgreement"]["agreement"]
        shown = await there.answer(RECORD, id=record)
        waiting = {"recognition": {"region": "510000", "states": ["PENDING"]}}
        pending = (await there.ask(LISTED, f=waiting))["trainingRecords"]["totalCount"]
        entry = shown["data"]["trainingRecord"]["ledger"][0]
        decided = (await there.ask(RECOGNIZE, e=entry["id"]))["recognizeCredit"]
        left = (await there.ask(LISTED, f=waiting))["trainingRecords"]["totalCount"]
        revoked = (await here.ask(REVOKE, a=agreement))["revokeAgreement"]["agreement"]
        gone = await there.answer(RECORD, id=record)
        nothing = await there.answer(LISTED, f={})
        refused = await there.answer(RECOGNIZE, e=entry["id"])
        kept = (await here.ask(RECORD, id=record))["trainingRecord"]
        log = await client.services.access.audit.verify()
        lines = await client.services.access.audit.entries(subject=f"TrainingRecord:{name}", limit=100)
    assert unseen["data"]["trainingRecord"] is None
    assert still["data"]["trainingRecord"] is None
    assert (closed["data"]["trainingRecords"] or {"totalCount": 0})["totalCount"] == 0
    assert (proposed["state"], accepted["state"], revoked["state"]) == ("PROPOSED", "ACTIVE", "REVOKED")
    assert own["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    seen = shown["data"]["trainingRecord"]
    assert (seen["title"] is None, seen["kind"], seen["teacher"], seen["award"]) == (False, None, None, None)
    assert {error["extensions"]["code"] for error in shown["errors"]} == {"NOT_SHARED"}
    assert {error["path"][1] for error in shown["errors"]} == {"kind", "teacher", "award", "sameActivity"}
    [standing] = entry["recognitions"]
    assert (standing["region"]["code"], standing["state"], standing["hours"]) == ("510000", "PENDING", "0")
    [recognition] = decided["entry"]["recognitions"]
    assert decided["errors"] == []
    assert recognition["state"] in ("RECOGNIZED", "PARTLY_RECOGNIZED")
    assert recognition["rule"]["code"].startswith("sc-")
    assert left == pending - 1
    assert gone["data"]["trainingRecord"] is None
    assert (nothing["data"]["trainingRecords"] or {"totalCount": 0})["totalCount"] == 0
    assert refused["data"]["recognizeCredit"] is None or refused["data"]["recognizeCredit"]["entry"] is None
    assert kept["award"]["id"] == entry["id"]
    assert log.problems == ()
    readers = {
        (line.event.principal.partition(" (")[0], line.event.outcome)
        for line in lines
        if "TrainingRecord.title" in line.event.fields
    }
    assert readers == {("office of 500000", "ALLOWED"), ("office of 510000", "ALLOWED")}
