"""The audit log is told exactly which personal fields of whom a request has shown."""

import pytest
from graphql import OperationDefinitionNode, parse

from gateway.graph.context import GraphContext, GraphServices
from gateway.graph.disclosures import MOST_SUBJECTS, Disclosures, action_of
from gateway.identity import Purpose
from gateway.personal import AuditEvent, AuditOutcome
from tests.gateway.graph.training.facts import CHONGQING, CREDENTIAL, SICHUAN, THEMSELVES, node_id
from tests.gateway.graph.world import World

JOINT, T1 = node_id("TrainingRecord", "joint-1"), node_id("Teacher", "teacher-1")


def operation(text: str) -> OperationDefinitionNode:
    (found,) = (one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode))
    return found


async def test_one_line_says_who_for_what_purpose_saw_which_fields_of_whom() -> None:
    world = World()
    query = f'query Words {{ ofClients: trainingRecord(id: "{JOINT}") {{ id state title endsOn }} }}'
    await world.data(query, principal=CHONGQING)
    assert world.audit.noted == [
        (
            AuditEvent(
                principal="officer-500000",
                purpose=Purpose.TRAINING_ADMINISTRATION,
                action="trainingRecord",
                outcome=AuditOutcome.ALLOWED,
                subjects=("TrainingRecord:joint-1",),
                fields=("TrainingRecord.endsOn", "TrainingRecord.title"),
                trace_id="trace-1",
            ),
        )
    ]


async def test_what_is_open_or_public_is_not_noted() -> None:
    world = World()
    await world.data(
        f'{{ trainingRecord(id: "{JOINT}") {{ id state version }} creditRules {{ code }} platforms {{ code }}'
        f' verifyCertificate(credential: "{CREDENTIAL}") {{ valid record {{ id }} }} viewer {{ name }} }}',
        principal=CHONGQING,
    )
    assert world.audit.noted == []


async def test_withheld_fields_are_not_noted() -> None:
    world = World()
    await world.answer(f'{{ trainingRecord(id: "{JOINT}") {{ title kind teacher {{ name }} }} }}', principal=SICHUAN)
    assert world.audit.shown == {"TrainingRecord:joint-1": {"TrainingRecord.title"}}


async def test_a_page_is_one_line_and_records_alike_stand_together() -> None:
    world = World()
    await world.data("{ trainingRecords(first: 25) { nodes { title teacher { name } } } }", principal=CHONGQING)
    ((records, teachers),) = world.audit.noted
    assert (len(records.subjects), records.fields) == (25, ("TrainingRecord.teacher", "TrainingRecord.title"))
    assert (teachers.subjects, teachers.fields) == (("Teacher:teacher-1",), ("Teacher.name",))


BY_FILTER = [
    ('teachers(filter: { school: "示例" }) { totalCount nodes { id } }', {"Teacher.school"}),
    ("teachers(filter: { belowRequirement: true }) { nodes { id } }", {"Teacher.transcript"}),
    ('teachers(filter: { platforms: ["chongqing"] }) { totalCount }', {"TrainingRecord.platform"}),
    ('teachers(filter: { nativeId: "T2023-118" }) { nodes { id } }',
     {"Teacher.name", "Teacher.region", "Teacher.school"}),
    ("trainingRecords(filter: { kinds: [COURSE], roles: [PARTICIPANT] }, first: 1) { totalCount }",
     {"TrainingRecord.kind", "TrainingRecord.role"}),
    ('trainingRecords(filter: { platforms: ["chongqing"], programs: ["cqsc-k12"] }, first: 1) { totalCount }',
     {"TrainingRecord.platform", "TrainingRecord.program"}),
    ("trainingRecords(filter: { levels: [CITY], forms: [ONLINE] }, first: 1) { totalCount }",
     {"TrainingRecord.level", "TrainingRecord.form"}),
    ('trainingRecords(filter: { from: "2026-01-01" }, first: 1) { totalCount }', {"TrainingRecord.startsOn"}),
    ('trainingRecords(filter: { to: "2030-01-01" }, first: 1) { totalCount }', {"TrainingRecord.startsOn"}),
    ('trainingRecords(filter: { recognition: { region: "510000", states: [PENDING] } }, first: 1) { totalCount }',
     {"TrainingRecord.award", "TrainingRecord.ledger"}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "coordinates"), BY_FILTER)
async def test_what_a_filter_asks_about_counts_as_shown_of_every_row(field: str, coordinates: set[str]) -> None:
    world = World()
    await world.data(f"{{ {field} }}", principal=CHONGQING)
    [(line,)] = world.audit.noted
    assert (line.action, set(line.fields)) == (field.partition("(")[0], coordinates)
    record = "TrainingRecord:joint-1" if "recognition" in field else "TrainingRecord:queue-00"
    assert line.subjects == ("Teacher:teacher-1" if field.startswith("teachers") else record,)


async def test_records_of_a_teacher_by_a_filter_are_noted_by_it_too() -> None:
    world = World()
    query = f'{{ teacher(id: "{T1}") {{ records(filter: {{ kinds: [COURSE] }}, first: 1) {{ totalCount }} }} }}'
    await world.data(query, principal=CHONGQING)
    assert world.audit.shown == {
        "Teacher:teacher-1": {"Teacher.records"},
        "TrainingRecord:queue-00": {"TrainingRecord.kind"},
    }


@pytest.mark.parametrize(
    ("field", "coordinate"),
    [
        ('teachers(filter: { school: "示例" }, first: 0) { totalCount }', "Teacher.school"),
        ("trainingRecords(filter: { kinds: [COURSE] }, first: 0) { totalCount }", "TrainingRecord.kind"),
    ],
)
async def test_a_filter_that_shows_no_row_is_one_line_of_nobody(field: str, coordinate: str) -> None:
    world = World()
    await world.data(f"{{ {field} }}", principal=CHONGQING)
    [(line,)] = world.audit.noted
    assert (line.action, line.subjects, line.fields) == (field.partition("(")[0], (), (coordinate,))


async def test_regions_and_states_are_of_no_field_that_is_withheld() -> None:
    world = World()
    await world.data(
        '{ teachers(filter: { regions: ["500103"] }) { totalCount }'
        " trainingRecords(filter: { states: [REPORTED] }) { totalCount } }",
        principal=CHONGQING,
    )
    assert world.audit.noted == []


async def test_lines_certificates_and_nodes_are_noted_as_fields_of_their_record() -> None:
    world = World()
    for type_name, name in (("LedgerEntry", "entry-1"), ("Certificate", "cert-1")):
        await world.data(f'{{ node(id: "{node_id(type_name, name)}") {{ id }} }}', principal=CHONGQING)
    assert [call[0].action for call in world.audit.noted] == ["node", "node"]
    assert world.audit.shown == {"TrainingRecord:joint-1": {"TrainingRecord.ledger", "TrainingRecord.certificate"}}


async def test_a_transcript_notes_the_records_of_the_lines_that_it_shows_only() -> None:
    world = World()
    query = f'{{ teacher(id: "{T1}") {{ transcript {{ awardedHours %s }} }} }}'
    await world.data(query % "", principal=THEMSELVES)
    assert world.audit.shown == {"Teacher:teacher-1": {"Teacher.transcript"}}
    await world.data(query % "entries { hours }", principal=THEMSELVES)
    assert set(world.audit.shown) == {"Teacher:teacher-1", "TrainingRecord:joint-1", "TrainingRecord:joint-2"}


async def test_what_an_action_answers_is_noted_too() -> None:
    world = World()
    call = (
        f'mutation {{ revokeTraining(recordId: "{JOINT}", reason: "重复") {{ record {{ title }} errors {{ code }} }} }}'
    )
    await world.data(call, principal=CHONGQING)
    (events,) = world.audit.noted
    assert [(one.action, one.subjects) for one in events] == [("revokeTraining", ("TrainingRecord:joint-1",))]


async def test_when_the_audit_log_cannot_be_written_settling_fails() -> None:
    world = World()
    world.audit.fails = True
    context = world.context(CHONGQING)
    await world.executor.execute(f'{{ trainingRecord(id: "{JOINT}") {{ title }} }}', context)
    with pytest.raises(OSError, match="disk"):
        await context.settle()


async def test_without_an_audit_log_personal_data_cannot_settle_but_the_catalog_can() -> None:
    services = World().services
    closed = GraphServices(
        services.catalog, services.platforms, services.states, services.programs, training=services.training
    )
    executor = World().executor
    context = GraphContext(closed, CHONGQING)
    await executor.execute("{ platforms { code } }", context)
    await context.settle()
    await executor.execute(f'{{ trainingRecord(id: "{JOINT}") {{ title }} }}', context)
    with pytest.raises(Exception, match="audit log is not open"):
        await context.settle()


@pytest.mark.parametrize("count", [MOST_SUBJECTS, MOST_SUBJECTS + 1, 3 * MOST_SUBJECTS])
def test_no_line_has_more_subjects_than_the_limit_and_none_is_lost(count: int) -> None:
    shown = Disclosures()
    for at in range(count):
        shown.note(operation("{ teachers { totalCount } }"), f"Teacher:{at}", "Teacher.name")
    events = shown.events(CHONGQING, "trace-1")
    assert [one for event in events for one in event.subjects] == [f"Teacher:{at}" for at in range(count)]
    assert max(len(event.subjects) for event in events) <= MOST_SUBJECTS


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("{ teachers { totalCount } again: teachers { totalCount } viewer { name } }", "teachers,viewer"),
        ("query Secret { ...F } fragment F on Query { viewer { name } }", "query"),
        ("mutation { a: revokeAgreement(agreementId: 1, reason: 2) { errors { code } } }", "revokeAgreement"),
        (
            "{ trainingRecords { nodes { id } } trainingSummary { asOf } sharingAgreements { id } teacher { id } }",
            "query",
        ),
    ],
)
def test_an_action_is_named_by_root_fields_that_fit_never_by_words_of_the_client(text: str, action: str) -> None:
    assert action_of(operation(text)) == action
    assert len(action) <= 50
