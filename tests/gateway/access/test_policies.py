"""Who sees which fields and may do what, over every role, region, purpose, scope and agreement there can be."""

import itertools
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.agreements import AgreementView
from gateway.access.policies import ACTIONS, SEEN_FOR, reach_of, refusal_of
from gateway.errors import Forbidden, PurposeRequired
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Grant, Principal, Purpose, Role, Scope
from gateway.personal import OPEN_FIELDS, PERSONAL_FIELDS, Action
from gateway.storage import Database
from gateway.training.ports import Guard
from schema.credit import AgreementState
from tests.gateway.access.stored_agreements import (
    CHENGDU,
    CHONGQING,
    NEIJIANG,
    SHARED,
    SICHUAN,
    TODAY,
    YUZHONG,
    ZIBO,
    audited,
    lay_down,
    service,
)

CREDIT, ADMINISTRATION = Purpose.CREDIT_RECOGNITION, Purpose.TRAINING_ADMINISTRATION
CERTIFICATION, COMPLAINT, AUDIT = Purpose.CERTIFICATION, Purpose.COMPLAINT, Purpose.AUDIT
OWN_PURPOSES = {
    Role.TRAINING_OFFICER: {CREDIT, ADMINISTRATION, CERTIFICATION, COMPLAINT},
    Role.ADMIN: {COMPLAINT, AUDIT},
}
RELATIONS = {
    "own": NEIJIANG,
    "above": SICHUAN,
    "everywhere": None,
    "below": "511002",
    "sibling": CHENGDU,
    "receiver": CHONGQING,
    "within the receiver": YUZHONG,
    "foreign": ZIBO,
    "unknown": "999999",
}
"""Region of the grant, as it lies to the record of 内江."""
COVERING = {"own", "above", "everywhere"}
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
AGREEMENT_CASES: dict[str, dict[str, Any]] = {
    "active": {},
    "active without end": {"valid_from": date(2020, 1, 1), "valid_to": None},
    "proposed": {"state": "PROPOSED"},
    "revoked": {"state": "REVOKED"},
    "expired": {"valid_from": YESTERDAY, "valid_to": YESTERDAY},
    "not yet": {"valid_from": TOMORROW, "valid_to": None},
    "other purpose": {"purposes": json.dumps([CERTIFICATION])},
    "other receiver": {"to_region": ZIBO},
    "other giver": {"from_region": ZIBO},
    "of a sibling": {"from_region": CHENGDU},
}
GIVERS = {
    "active": {CHONGQING: (SICHUAN,)},
    "active without end": {CHONGQING: (SICHUAN,)},
    "other receiver": {ZIBO: (SICHUAN,)},
    "other giver": {CHONGQING: (ZIBO,)},
    "of a sibling": {CHONGQING: (CHENGDU,)},
}


def principal(role: Role, region: str | None, purpose: Purpose | None = None, *scopes: Scope) -> Principal:
    return Principal(role, (Grant(role, region),), purpose, scopes=frozenset(scopes or Scope), client="key")


def expected(role: Role, relation: str, purpose: Purpose | None, agreement: str) -> tuple[set[str], str]:
    """Fields shown of a record of 内江 and the code that stands for all others."""
    fitting = purpose in OWN_PURPOSES.get(role, ())
    receivers = {"other receiver": {"foreign", "everywhere"}}.get(agreement, {"receiver", "everywhere"})
    purposes = {CERTIFICATION} if agreement == "other purpose" else {CREDIT}
    in_force = agreement not in {"none", "proposed", "revoked", "expired", "not yet"}
    receives = in_force and role is Role.TRAINING_OFFICER and relation in receivers and purpose in purposes
    shown: set[str] = set()
    if fitting and relation in COVERING:
        shown = set(PERSONAL_FIELDS)
    elif receives and agreement not in {"other giver", "of a sibling"}:
        shown = set(SHARED)
    if receives:
        return shown, "NOT_SHARED"
    return shown, "PURPOSE_REQUIRED" if role in OWN_PURPOSES and not fitting else "FORBIDDEN"


@pytest.mark.parametrize("agreement", ["none", *AGREEMENT_CASES])
async def test_each_role_sees_exactly_what_the_tables_and_the_agreements_in_force_say(
    database: Database, agreement: str
) -> None:
    if agreement in AGREEMENT_CASES:
        await lay_down(database, **AGREEMENT_CASES[agreement])
    access = service(database)
    for role, relation, purpose in itertools.product(Role, RELATIONS, (None, *Purpose)):
        reach = await access.reach(principal(role, RELATIONS[relation], purpose))
        decision = reach.of(NEIJIANG, "teacher of somebody")
        case = (role, relation, purpose, agreement)
        assert (set(decision.fields), decision.refusal.code) == expected(*case), case
        assert reach.teacher is None, case
    assert await audited(database) == []


def test_the_tables_name_each_action_and_no_field_is_open_and_personal() -> None:
    assert set(ACTIONS) == set(Action)
    assert {role: set(purposes) for role, purposes in SEEN_FOR.items()} == OWN_PURPOSES
    assert PERSONAL_FIELDS.isdisjoint(OPEN_FIELDS)


def test_what_belongs_to_no_region_or_an_unknown_one_is_seen_by_grants_for_everywhere_alone() -> None:
    for region in (None, "", "999999", "内江"):
        assert reach_of(principal(Role.TRAINING_OFFICER, None, CREDIT), ()).of(region, None).fields == PERSONAL_FIELDS
        for other in ("100000", NEIJIANG, "999999", ""):
            assert not reach_of(principal(Role.TRAINING_OFFICER, other, CREDIT), ()).of(region, None).visible


def test_teachers_see_their_own_records_without_a_purpose_and_nothing_else() -> None:
    for purpose in (None, *Purpose):
        who = Principal("teacher", (Grant(Role.TEACHER, ZIBO),), purpose, teacher="t1", client="key")
        reach = reach_of(who, ())
        assert reach.of(NEIJIANG, "t1").fields == PERSONAL_FIELDS
        for region, teacher in ((NEIJIANG, "t2"), (ZIBO, "t2"), (ZIBO, None), (None, None)):
            assert not reach.of(region, teacher).visible
        assert reach.refusal.code == "FORBIDDEN"
    nameless = reach_of(Principal("teacher", (Grant(Role.TEACHER),), client="key"), ())
    assert nameless.is_empty
    assert "which one you are" in nameless.refusal.message
    for role in set(Role) - {Role.TEACHER}:
        assert reach_of(Principal("a", (Grant(role),), teacher="t1", client="key"), ()).of(None, "t1").fields == set()


def test_a_teacher_who_is_an_officer_too_is_asked_for_a_purpose_beyond_their_own_records() -> None:
    grants = (Grant(Role.TEACHER), Grant(Role.TRAINING_OFFICER, NEIJIANG))
    reach = reach_of(Principal("both", grants, teacher="t1", client="key"), ())
    assert reach.of(NEIJIANG, "t1").fields == PERSONAL_FIELDS
    assert reach.of(NEIJIANG, "t2").fields == set()
    assert reach.refusal.code == "PURPOSE_REQUIRED"


def test_refusals_say_what_is_missing() -> None:
    assert reach_of(ANONYMOUS, ()).refusal.message == (
        "training records are for officers of the region and the teacher themselves; "
        "ask the operator for a key with role TRAINING_OFFICER in it"
    )
    assert reach_of(principal(Role.TRAINING_OFFICER, NEIJIANG), ()).refusal.message == (
        "personal data needs a purpose, and you stated none; send the header Shanhai-Purpose with one of "
        "CREDIT_RECOGNITION, TRAINING_ADMINISTRATION, CERTIFICATION, COMPLAINT"
    )
    assert reach_of(principal(Role.ADMIN, NEIJIANG, CREDIT), ()).refusal.message == (
        "personal data needs a purpose, and CREDIT_RECOGNITION does not fit your role; "
        "send the header Shanhai-Purpose with one of COMPLAINT, AUDIT"
    )


def test_agreements_add_up_and_show_no_field_that_is_not_personal() -> None:
    def shared(*fields: str) -> AgreementView:
        return AgreementView("a", SICHUAN, CHONGQING, (CREDIT,), fields, TODAY, None, AgreementState.ACTIVE, "b")

    who = principal(Role.TRAINING_OFFICER, CHONGQING, CREDIT)
    reach = reach_of(who, [shared("TrainingRecord.title", "TrainingRecord.secret"), shared("Teacher.name")])
    assert reach.of(NEIJIANG, None).fields == {"TrainingRecord.title", "Teacher.name"}
    assert reach.of(YUZHONG, None).fields == PERSONAL_FIELDS
    assert [(each.region, each.receiver) for each in reach.regions] == [
        (CHONGQING, None),
        (SICHUAN, CHONGQING),
        (SICHUAN, CHONGQING),
    ]


AGREEING = ((Role.TRAINING_OFFICER, Role.ADMIN), None)
ALLOWED: dict[Action, tuple[tuple[Role, ...], set[Purpose] | None]] = {
    Action.RECORD: ((Role.TRAINING_OFFICER,), {ADMINISTRATION, COMPLAINT}),
    Action.CORRECT: ((Role.TRAINING_OFFICER,), {ADMINISTRATION, COMPLAINT}),
    Action.REVIEW: ((Role.TRAINING_OFFICER,), {ADMINISTRATION, COMPLAINT, CREDIT}),
    Action.REVOKE: ((Role.TRAINING_OFFICER,), {ADMINISTRATION, COMPLAINT}),
    Action.RECOGNIZE: ((Role.TRAINING_OFFICER,), {CREDIT}),
    Action.CERTIFY: ((Role.TRAINING_OFFICER,), {CERTIFICATION, ADMINISTRATION}),
    Action.PROPOSE_AGREEMENT: AGREEING,
    Action.ACCEPT_AGREEMENT: AGREEING,
    Action.REVOKE_AGREEMENT: AGREEING,
}
SCOPES = ((Scope.READ,), (Scope.WRITE,), (Scope.READ, Scope.WRITE))


@pytest.mark.parametrize("action", Action)
def test_each_action_is_for_its_roles_purposes_regions_and_the_scope_to_write(action: Action) -> None:
    roles, purposes = ALLOWED[action]
    for role, relation, purpose, scopes in itertools.product(Role, RELATIONS, (None, *Purpose), SCOPES):
        refusal = refusal_of(principal(role, RELATIONS[relation], purpose, *scopes), action, NEIJIANG)
        wanted = None if relation in COVERING else "FORBIDDEN"
        if purposes is not None and purpose not in purposes:
            wanted = "PURPOSE_REQUIRED"
        if role not in roles or Scope.WRITE not in scopes:
            wanted = "FORBIDDEN"
        assert (refusal and refusal.code) == wanted, (role, relation, purpose, scopes)


def test_the_administrator_of_the_whole_gateway_records_and_decides_nothing_about_teachers() -> None:
    for purpose in (None, *Purpose):
        who = Principal("administrator", ADMINISTRATOR.grants, purpose, client="administrator")
        allowed = {action for action in Action if refusal_of(who, action, NEIJIANG) is None}
        assert allowed == {Action.PROPOSE_AGREEMENT, Action.ACCEPT_AGREEMENT, Action.REVOKE_AGREEMENT}


async def test_a_refused_action_is_written_into_the_audit_log_before_it_is_raised(database: Database) -> None:
    access = service(database)
    guard: Guard = access
    officer = principal(Role.TRAINING_OFFICER, NEIJIANG, CREDIT)
    await guard.require(officer, Action.REVIEW, "511002")
    assert await audited(database) == []
    with pytest.raises(Forbidden, match="do not cover the region of this record or teacher") as refusal:
        await guard.require(officer, Action.REVIEW, YUZHONG)
    assert YUZHONG not in refusal.value.message
    with pytest.raises(PurposeRequired, match="TRAINING_ADMINISTRATION, COMPLAINT"):
        await guard.require(officer, Action.RECORD, NEIJIANG)
    assert await audited(database) == [
        ("TRAINING_OFFICER", "reviewTraining", "REFUSED", "[]", '{"code": "FORBIDDEN", "region": "500103"}'),
        ("TRAINING_OFFICER", "recordTraining", "REFUSED", "[]", '{"code": "PURPOSE_REQUIRED", "region": "511000"}'),
    ]


PURPOSES = st.none() | st.sampled_from(Purpose)
VIEWS = st.builds(
    AgreementView,
    id=st.just("a"),
    from_region=st.sampled_from([SICHUAN, CHONGQING, "100000"]),
    to_region=st.sampled_from([SICHUAN, CHONGQING, "100000"]),
    purposes=st.lists(st.sampled_from(Purpose)).map(tuple),
    fields=st.lists(st.sampled_from(sorted(PERSONAL_FIELDS))).map(tuple),
    valid_from=st.just(TODAY),
    valid_to=st.none(),
    state=st.just(AgreementState.ACTIVE),
    basis=st.just("b"),
)


@given(
    PURPOSES,
    st.none() | st.text(max_size=5),
    st.frozensets(st.sampled_from(Scope)),
    st.lists(VIEWS, max_size=5),
    st.none() | st.text(max_size=5),
)
def test_nobody_without_grants_is_ever_shown_or_allowed_anything(
    purpose: Purpose | None,
    teacher: str | None,
    scopes: frozenset[Scope],
    in_force: list[AgreementView],
    client: str | None,
) -> None:
    who = Principal("somebody", (), purpose, teacher, scopes, client)
    reach = reach_of(who, in_force)
    assert reach.is_empty
    assert reach.of(NEIJIANG, teacher).fields == set()
    assert reach.refusal.code == "FORBIDDEN"
    assert all(isinstance(refusal_of(who, action, None, NEIJIANG), Forbidden) for action in Action)


async def test_receivers_are_the_regions_that_decide_about_credit_by_agreements_in_force(database: Database) -> None:
    access = service(database)
    await lay_down(database)
    assert [await access.receivers(region) for region in (NEIJIANG, SICHUAN, CHONGQING, None, "999999")] == [
        (CHONGQING,),
        (CHONGQING,),
        (),
        (),
        (),
    ]
    for agreement, changed in AGREEMENT_CASES.items():
        await lay_down(database, **changed)
        wanted = {"active": (CHONGQING,), "active without end": (CHONGQING,), "other receiver": (ZIBO,)}
        assert await access.receivers(NEIJIANG) == wanted.get(agreement, ()), agreement
        given = {CHONGQING: await access.givers(CHONGQING), ZIBO: await access.givers(ZIBO)}
        assert given == {CHONGQING: (), ZIBO: (), **GIVERS.get(agreement, {})}, agreement
