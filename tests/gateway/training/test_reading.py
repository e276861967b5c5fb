"""Records, teachers and what hangs on them are shown as far as the decision about each of them goes."""

import re
from datetime import date, timedelta
from functools import partial

import orjson
import pytest
from sqlalchemy import Connection, insert, update

from gateway.errors import Erased, NotShared
from gateway.personal import PERSONAL_FIELDS, RECORD_FIELDS, Reach
from gateway.storage import Database
from gateway.storage.tables import CertificateRow, TeacherAccountRow, TrainingRecordRow, TrainingVersionRow
from gateway.training.credit.rules import synchronize_rules
from gateway.training.reading import by_id as reading
from gateway.training.views import RecordView
from schema.training import RecordState, TrainingKind
from tests.gateway.training.guards import CHONGQING, FORBIDDEN, YUZHONG, by_agreement, own, receiving
from tests.gateway.training.reads import ask, put, stock
from tests.gateway.training.rule import rule
from tests.gateway.training.stored import NOON, TITLE, Resources, add_account

RECORDS = TrainingRecordRow.metadata.tables["training_records"]
ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
HIDDEN = {
    "native_id", "teacher", "title", "kind", "level", "form", "role", "starts_on", "ends_on", "quantity", "unit",
    "outcome", "issuer", "platform", "program", "resource", "provenance",
}  # fmt: skip


same_activity = partial(reading.same_activity, samples=True)
"""Of a gateway that uses samples."""


async def test_an_officer_sees_all_of_a_record_of_their_region(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {"evidence": '[{"name":null,"url":"https://example.org/1"}]'}))
    view: RecordView = (await ask(database, reading.records_by_id, ["r", "unknown"], own(YUZHONG)))["r"]
    assert (view.title, view.teacher, view.platform, view.kind) == (TITLE, "yz", "chongqing", TrainingKind.COURSE)
    assert (view.native_id, view.evidence[0].url) == ("native-r", "https://example.org/1")
    assert view.provenance is not None
    assert view.provenance.fetched_at == NOON
    assert view.decision.fields == PERSONAL_FIELDS


async def test_a_record_of_another_region_is_as_if_it_did_not_exist(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {}))
    for reach in (own("500107"), own("510000"), Reach(FORBIDDEN), receiving(by_agreement(CHONGQING, "Teacher.name"))):
        assert await ask(database, reading.records_by_id, ["r"], reach) == {}
        for work in (reading.history, reading.lines, reading.awards, reading.certificates):
            assert await ask(database, work, ["r"], reach) == {}


async def test_a_teacher_sees_their_own_records_whole_and_no_others(database: Database) -> None:
    await stock(database)
    await put(database, ("mine", "yz", {}), ("other", "yz2", {}))
    reach = Reach(FORBIDDEN, teacher="yz")
    assert list(await ask(database, reading.records_by_id, ["mine", "other"], reach)) == ["mine"]
    assert list(await ask(database, reading.teachers_by_id, ["yz", "yz2"], reach)) == ["yz"]


async def test_what_an_agreement_does_not_name_is_none_and_has_its_refusal(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {}))
    reach = receiving(by_agreement(CHONGQING, "TrainingRecord.title"))
    view = (await ask(database, reading.records_by_id, ["r"], reach))["r"]
    assert view.title == TITLE
    assert {name for name in HIDDEN if getattr(view, name) is None} == HIDDEN - {"title"}
    assert view.evidence == ()
    assert isinstance(view.decision.refusal, NotShared)
    assert (view.state, view.version) == (RecordState.RECOGNIZED, 1)


@pytest.mark.parametrize("name", sorted(RECORD_FIELDS))
async def test_every_field_is_shown_alone_where_it_alone_is_shared(database: Database, name: str) -> None:
    await stock(database)
    full = {
        "issuer": '{"name":"进修学院"}',
        "program": "p",
        "resource_platform": "chongqing",
        "resource_native_id": "x",
    }
    await put(database, ("r", "yz", full))
    view = (await ask(database, reading.records_by_id, ["r"], receiving(by_agreement(CHONGQING, name))))["r"]
    attribute = re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name.removeprefix("TrainingRecord."))
    assert {each for each in HIDDEN if getattr(view, each) is not None} == HIDDEN & {attribute}


async def test_a_record_entered_by_hand_has_no_platform_and_no_native_id(database: Database) -> None:
    await stock(database)
    await put(database, ("hand", "yz", {"platform": ""}))
    view = (await ask(database, reading.records_by_id, ["hand"], own(YUZHONG)))["hand"]
    assert (view.platform, view.native_id) == (None, None)
    assert (view.provenance.platform, view.provenance.manifest_version) == (None, None)


async def test_notes_about_unmapped_values_are_shown_with_the_fields_they_are_about(database: Database) -> None:
    await stock(database)
    notes = ("level: 班级", "starts_on: 三月", "issuer.name: 学院", "teacher_name: 教师甲", "state: 其他")
    await put(database, ("r", "yz", {"unmapped": orjson.dumps(notes).decode()}))

    async def shown(reach: Reach) -> tuple[str, ...]:
        view: RecordView = (await ask(database, reading.records_by_id, ["r"], reach))["r"]
        assert view.provenance is not None
        return view.provenance.unmapped

    assert await shown(own(YUZHONG)) == notes
    names = ("TrainingRecord.provenance", "TrainingRecord.startsOn", "TrainingRecord.issuer")
    assert await shown(receiving(by_agreement(CHONGQING, *names))) == notes[1:3]
    assert await shown(receiving(by_agreement(CHONGQING, *names[:1]))) == ()


async def test_what_was_erased_is_withheld_for_that_reason(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {"title": None, "erased_at": NOON}))

    def erase(connection: Connection) -> None:
        connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == "yz").values(name=None, erased_at=NOON))

    await database.transact(erase)
    view = (await ask(database, reading.records_by_id, ["r"], own(YUZHONG)))["r"]
    assert isinstance(view.decision.refusal, Erased)
    assert "TrainingRecord.title" not in view.decision.fields
    assert view.kind is TrainingKind.COURSE
    teacher = (await ask(database, reading.teachers_by_id, ["yz"], own(YUZHONG)))["yz"]
    assert isinstance(teacher.decision.refusal, Erased)
    assert (teacher.name, teacher.school, teacher.region) == (None, None, YUZHONG)


async def test_of_two_accounts_the_one_that_shows_most_speaks_then_the_newest(database: Database) -> None:
    await stock(database)
    later = NOON + timedelta(days=1)

    def add(connection: Connection) -> None:
        add_account(connection, "new", teacher="yz", platform="yuzhong", name="新名", updated_at=later)
        add_account(connection, "far", teacher="yz", platform="sichuan", region="510107", name="远", updated_at=later)

    await database.transact(add)
    assert (await ask(database, reading.teachers_by_id, ["yz"], own(CHONGQING)))["yz"].name == "新名"
    shared = receiving(by_agreement(CHONGQING, "Teacher.name"))
    assert (await ask(database, reading.teachers_by_id, ["yz"], shared))["yz"].name == "远"


async def test_a_teacher_is_seen_through_a_record_that_shows_whose_it_is(database: Database) -> None:
    await stock(database)
    reach = receiving(by_agreement(CHONGQING, "TrainingRecord.teacher"))
    view = (await ask(database, reading.teachers_by_id, ["yz"], reach))["yz"]
    assert (view.id, view.name, view.school, view.region) == ("yz", None, None, None)


async def test_history_is_told_oldest_first(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {}))
    versions = TrainingVersionRow.metadata.tables["training_versions"]

    def tell(connection: Connection) -> None:
        for number, state in ((2, "RECOGNIZED"), (1, "REPORTED")):
            row = {"record_id": "r", "version": number, "at": NOON, "by": "platform:chongqing", "state": state}
            connection.execute(insert(versions), row)

    await database.transact(tell)
    events = (await ask(database, reading.history, ["r"], own(YUZHONG)))["r"]
    assert [(event.version, event.state) for event in events] == [(1, "REPORTED"), (2, "RECOGNIZED")]
    assert await ask(database, reading.history, ["r"], receiving(by_agreement(CHONGQING, "TrainingRecord.title"))) == {}


async def test_lines_awards_and_their_ids_follow_what_is_shown_of_the_record(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {}))
    award = (await ask(database, reading.awards, ["r"], own(YUZHONG)))["r"]
    assert (award.hours, award.rule.id) == (8, "cq@1")
    assert [line.id for line in (await ask(database, reading.lines, ["r"], own(YUZHONG)))["r"]] == [award.id]
    only_award = receiving(by_agreement(CHONGQING, "TrainingRecord.award"))
    assert list(await ask(database, reading.entries_by_id, [award.id, "no"], only_award)) == [award.id]
    assert await ask(database, reading.lines, ["r"], only_award) == {}
    only_title = receiving(by_agreement(CHONGQING, "TrainingRecord.title"))
    assert await ask(database, reading.entries_by_id, [award.id], only_title) == {}


async def test_certificates_are_those_in_force_first_and_never_erased_ones(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {}), ("s", "yz", {"title": "别的"}))
    certificates = CertificateRow.metadata.tables["certificates"]

    def certify(connection: Connection) -> None:
        base = {"record_version": 1, "key_id": "k", "issued_by": "x"}
        for name, record, text, revoked in (
            ("old", "r", "jws-old", NOON), ("now", "r", "jws-now", None), ("gone", "s", None, None),
        ):  # fmt: skip
            row = {"id": name, "record_id": record, "credential": text, "issued_at": NOON, "revoked_at": revoked}
            connection.execute(insert(certificates), {**base, **row})

    await database.transact(certify)
    found = await ask(database, reading.certificates, ["r", "s"], own(YUZHONG))
    assert {record: view.id for record, view in found.items()} == {"r": "now"}
    by_id = await ask(database, reading.certificates_by_id, ["old", "now", "gone"], own(YUZHONG))
    assert sorted(by_id) == ["now", "old"]
    assert await ask(database, reading.certificates_by_id, ["now"], receiving()) == {}


async def test_reports_of_one_activity_name_only_records_in_reach(database: Database) -> None:
    await stock(database)

    def link(connection: Connection) -> None:
        add_account(connection, "far", teacher="yz", platform="sichuan", region="510107")

    await database.transact(link)
    await put(database, ("a", "yz", {}), ("b", "yz", {"platform": "yuzhong"}), ("c", "far", {"platform": "sichuan"}))
    work = same_activity
    everywhere = await ask(database, work, Resources(), ["a", "c"], own(None))
    assert {name: view.records for name, view in everywhere.items()} == {"a": ("a", "b", "c"), "c": ("a", "b", "c")}
    assert everywhere["a"].credited in {"a", "b", "c"}
    near = await ask(database, work, Resources(), ["a", "b", "c"], own(CHONGQING))
    assert {name: view.records for name, view in near.items()} == {"a": ("a", "b"), "b": ("a", "b")}
    assert await ask(database, work, Resources(), ["c"], own("510000")) == {}


async def test_the_report_that_has_the_award_is_told_while_rules_have_changed_since(database: Database) -> None:
    await stock(database, [rule("cq")])

    def link(connection: Connection) -> None:
        add_account(connection, "far", teacher="yz", platform="sichuan", region="510107")

    await database.transact(link)
    there = {"platform": "sichuan", "region": "510107", "program": "x"}
    await put(database, ("a", "yz", {}), ("b", "far", there))
    reasons = []
    for rules in ([rule("cq")], [rule("cq"), rule("sc", region="510000")]):
        await synchronize_rules(database, NOON, rules)
        told = (await ask(database, same_activity, Resources(), ["a"], own(None)))["a"]
        assert (told.credited, told.records) == ("a", ("a", "b"))
        reasons.append(told.reason.partition("：")[2].partition("，")[0])
    assert reasons == ["以有适用规则、可换算学时的一份计入", "以先前按当时规则计入的一份为准"]
    await put(database, ("c", "yz", {"title": "另一"}))
    told = (await ask(database, same_activity, Resources(), ["a"], own(None)))["a"]
    assert (told.credited, told.reason) == ("b", "同一活动有 2 份报告：以写明联合项目的一份计入，其余不重复计入")


async def test_the_reason_of_an_activity_tells_nothing_of_reports_out_of_reach(database: Database) -> None:
    await stock(database)

    def link(connection: Connection) -> None:
        add_account(connection, "far", teacher="yz", platform="sichuan", region="510107")

    await database.transact(link)
    await put(database, ("a", "yz", {}), ("b", "yz", {"platform": "yuzhong", "starts_on": date(2026, 2, 28)}))
    near = await ask(database, same_activity, Resources(), ["a"], own(CHONGQING))
    await put(database, ("c", "far", {"platform": "sichuan", "starts_on": date(2026, 3, 1)}))
    assert await ask(database, same_activity, Resources(), ["a"], own(CHONGQING)) == near
    assert near["a"].credited == "b"
    await put(database, ("d", "far", {"platform": "zibo", "region": "510107", "program": "x"}))
    hidden = (await ask(database, same_activity, Resources(), ["a"], own(CHONGQING)))["a"]
    assert (hidden.credited, hidden.records) == (None, ("a", "b"))
    assert hidden.reason == "同一活动有 2 份报告：同一活动只计入一份，不重复计入"
    whole = (await ask(database, same_activity, Resources(), ["a"], own(None)))["a"]
    assert (whole.credited, whole.reason) == ("d", "同一活动有 4 份报告：以写明联合项目的一份计入，其余不重复计入")
