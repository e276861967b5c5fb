"""Sharing agreements: proposed by one side, accepted by the other, revoked by either, and each step audited."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.access.agreements import LONGEST_BASIS, AgreementDraft, AgreementView
from gateway.errors import Forbidden, GatewayError, InvalidInput, StateImpossible
from gateway.identity import ANONYMOUS, Grant, Principal, Purpose, Role, Scope
from gateway.storage import Database
from schema.credit import AgreementState
from tests.gateway.access.stored_agreements import (
    CHONGQING,
    NEIJIANG,
    SICHUAN,
    TODAY,
    YUZHONG,
    ZIBO,
    Clock,
    audited,
    lay_down,
    rows_of,
    service,
)

DAY = timedelta(days=1)
DRAFT = AgreementDraft(
    SICHUAN,
    CHONGQING,
    (Purpose.COMPLAINT, Purpose.CREDIT_RECOGNITION, Purpose.COMPLAINT),
    ("TrainingRecord.title", "Teacher.name", "Teacher.name"),
    TODAY,
    TODAY + DAY,
    " 教师单独同意 ",
)


def someone(role: Role, region: str | None, name: str = "") -> Principal:
    return Principal(name or f"{role} of {region}", (Grant(role, region),), client="key")


GIVER, RECEIVER = someone(Role.TRAINING_OFFICER, SICHUAN), someone(Role.TRAINING_OFFICER, CHONGQING)


def view(identifier: str, state: AgreementState, **changed: Any) -> AgreementView:
    kept = AgreementView(
        identifier,
        SICHUAN,
        CHONGQING,
        (Purpose.CREDIT_RECOGNITION, Purpose.COMPLAINT),
        ("Teacher.name", "TrainingRecord.title"),
        TODAY,
        TODAY + DAY,
        state,
        "教师单独同意",
    )
    return replace(kept, **changed)


async def test_an_agreement_is_proposed_accepted_and_revoked_and_shares_only_between(database: Database) -> None:
    clock = Clock()
    access = service(database, clock)
    asking = replace(RECEIVER, purpose=Purpose.COMPLAINT)

    async def shown() -> frozenset[str]:
        return (await access.reach(asking)).of(NEIJIANG, None).fields

    made = await access.agreements.propose(GIVER, DRAFT)
    assert made == view(made.id, AgreementState.PROPOSED)
    assert await shown() == frozenset()
    assert await access.agreements.accept(RECEIVER, made.id) == view(made.id, AgreementState.ACTIVE)
    assert await shown() == {"Teacher.name", "TrainingRecord.title"}
    ended = await access.agreements.revoke(GIVER, made.id, "合作结束")
    assert ended == view(made.id, AgreementState.REVOKED)
    assert await shown() == frozenset()
    assert await access.agreements.by_id(RECEIVER, [made.id, "\x00", "é", ""]) == {made.id: ended}
    subjects, detail = f'["SharingAgreement:{made.id}"]', f'{{"from_region": "{SICHUAN}", "to_region": "{CHONGQING}"}}'
    assert await audited(database) == [
        (GIVER.name, "proposeAgreement", "ALLOWED", subjects, detail),
        (RECEIVER.name, "acceptAgreement", "ALLOWED", subjects, detail),
        (GIVER.name, "revokeAgreement", "ALLOWED", subjects, detail),
    ]
    assert (await access.audit.verify()).is_sound


async def test_an_agreement_begins_and_ends_with_days_in_china(database: Database) -> None:
    clock = Clock()
    access = service(database, clock)
    await lay_down(database, valid_from=TODAY, valid_to=TODAY)
    midnight = clock.now - timedelta(hours=12)
    states = {
        midnight - timedelta(seconds=1): (0, AgreementState.ACTIVE),
        midnight: (1, AgreementState.ACTIVE),
        midnight + DAY - timedelta(seconds=1): (1, AgreementState.ACTIVE),
        midnight + DAY: (0, AgreementState.EXPIRED),
    }
    for clock.now, (count, state) in states.items():
        assert len(await access.agreements.in_force()) == count, clock.now
        assert [each.state for each in await access.agreements.list(GIVER, None, None)] == [state], clock.now


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"to_region": SICHUAN}, "toRegion: 510000 is also fromRegion"),
        ({"to_region": NEIJIANG}, "toRegion: of 510000 and 511000 one lies in the other"),
        ({"to_region": "100000"}, "toRegion: of 510000 and 100000 one lies in the other"),
        ({"to_region": "511028"}, "toRegion: '511028' is no GB/T 2260 code.*did you mean '511083' \\(隆昌市\\)"),
        ({"from_region": "重庆"}, "fromRegion: '重庆' is no GB/T 2260 code.*did you mean '500000'"),
        ({"purposes": ()}, "purposes: an agreement names at least one"),
        ({"purposes": (Purpose.COMPLAINT, Purpose.AUDIT)}, "purposes: AUDIT is for administrators"),
        ({"fields": ()}, "fields: an agreement names at least one"),
        ({"fields": ("TrainingRecord.titel",)}, "'TrainingRecord.titel' .*did you mean 'TrainingRecord.title'"),
        ({"fields": ("Record.title", "name")}, "did you mean 'TrainingRecord.title'.*did you mean 'Teacher.name'"),
        ({"fields": ("TrainingRecord.state",)}, "'TrainingRecord.state' is shown with every record"),
        ({"fields": ("x" * 200,)}, f"'{'x' * 60}' is no field that can be shared; name coordinates"),
        ({"basis": " \n "}, "basis: name the legal basis or the separate consent .*it is empty"),
        ({"basis": "a\x00b"}, "basis: holds characters that cannot be printed"),
        ({"basis": "单独\u202e同意"}, "basis: holds characters that cannot be printed"),
        ({"basis": "\ud800"}, "basis: holds characters that cannot be printed"),
        ({"basis": "11010519491231002X 同意"}, "basis: leave out the national id"),
        ({"basis": "a" * (LONGEST_BASIS + 1)}, "basis: 2001 characters are more than 2000"),
        ({"valid_to": TODAY - DAY, "valid_from": TODAY}, "validTo: 2026-11-09 is before validFrom 2026-11-10"),
        ({"valid_to": TODAY - DAY, "valid_from": date(2020, 1, 1)}, "validTo: 2026-11-09 is past; today is 2026-11-10"),
    ],
)
async def test_what_no_agreement_can_be_is_refused_and_nothing_is_kept(
    database: Database, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        await service(database).agreements.propose(GIVER, replace(DRAFT, **changed))
    assert await rows_of(database) == []
    assert await audited(database) == [(GIVER.name, "proposeAgreement", "REFUSED", "[]", '{"code": "INVALID_INPUT"}')]


async def test_a_basis_is_kept_with_its_lines_and_the_spaces_of_chinese_text(database: Database) -> None:
    made = await service(database).agreements.propose(
        GIVER, replace(DRAFT, basis="\u3000教师\u3000单独同意\r\n\t第23条\r\n")
    )
    assert made.basis == "教师\u3000单独同意\n\t第23条"


@pytest.mark.parametrize(
    "who",
    [
        ANONYMOUS,
        someone(Role.TRAINING_OFFICER, ZIBO),
        someone(Role.TRAINING_OFFICER, NEIJIANG),
        someone(Role.ADMIN, YUZHONG),
        *(someone(role, None) for role in Role if role not in (Role.TRAINING_OFFICER, Role.ADMIN)),
        replace(GIVER, scopes=frozenset({Scope.READ})),
    ],
    ids=lambda who: who.name,
)
async def test_who_covers_neither_side_or_may_not_write_proposes_nothing_and_the_attempt_is_audited(
    database: Database, who: Principal
) -> None:
    with pytest.raises(Forbidden, match=r"^proposeAgreement"):
        await service(database).agreements.propose(who, DRAFT)
    assert await rows_of(database) == []
    line = (who.name, "proposeAgreement", "REFUSED", "[]", '{"code": "FORBIDDEN"}')
    assert await audited(database) == ([] if who.is_anonymous else [line])


@pytest.mark.parametrize("proposer", [GIVER, RECEIVER, someone(Role.ADMIN, None)], ids=lambda who: who.name)
async def test_only_the_other_side_accepts_and_never_under_the_name_that_proposed(
    database: Database, proposer: Principal
) -> None:
    access = service(database)
    made = await access.agreements.propose(proposer, DRAFT)
    own, other = (CHONGQING, SICHUAN) if proposer is RECEIVER else (SICHUAN, CHONGQING)
    before, lines = await rows_of(database), await audited(database)
    namesake = someone(Role.TRAINING_OFFICER, other, proposer.name)
    within = someone(Role.TRAINING_OFFICER, NEIJIANG if other == SICHUAN else YUZHONG)
    for who in (proposer, someone(Role.ADMIN, own, "colleague"), namesake, within):
        with pytest.raises(Forbidden, match=r"^acceptAgreement"):
            await access.agreements.accept(who, made.id)
        assert await rows_of(database) == before
    refused = [line[:3] for line in (await audited(database))[len(lines) :]]
    assert refused == [
        (name, "acceptAgreement", "REFUSED") for name in (proposer.name, "colleague", proposer.name, within.name)
    ]
    accepted = await access.agreements.accept(someone(Role.TRAINING_OFFICER, other, "another"), made.id)
    assert accepted.state is AgreementState.ACTIVE


@pytest.mark.parametrize(
    ("laid", "accepts", "revokes"),
    [
        ({"state": "PROPOSED"}, True, True),
        ({"state": "ACTIVE"}, False, True),
        ({"state": "REVOKED"}, False, False),
        ({"state": "PROPOSED", "valid_from": TODAY - DAY, "valid_to": TODAY - DAY}, False, False),
        ({"state": "ACTIVE", "valid_from": TODAY - DAY, "valid_to": TODAY - DAY}, False, False),
    ],
)
async def test_a_step_that_the_state_does_not_allow_changes_nothing(
    database: Database, laid: dict[str, Any], accepts: bool, revokes: bool
) -> None:
    agreements = service(database).agreements
    for step, allowed in (("accept", accepts), ("revoke", revokes)):
        identifier = await lay_down(database, **laid)
        before = await rows_of(database)
        accepting = step == "accept"
        act = agreements.accept(RECEIVER, identifier) if accepting else agreements.revoke(RECEIVER, identifier, "why")
        if allowed:
            await act
            assert await rows_of(database) != before
        else:
            with pytest.raises(StateImpossible, match="agreementId: the agreement is"):
                await act
            assert await rows_of(database) == before
            about = (f'["SharingAgreement:{identifier}"]', '{"code": "STATE_IMPOSSIBLE"}')
            assert (await audited(database))[-1] == (RECEIVER.name, f"{step}Agreement", "REFUSED", *about)


async def test_a_revocation_needs_a_reason_and_a_side(database: Database) -> None:
    agreements, identifier = service(database).agreements, await lay_down(database)
    before = await rows_of(database)
    with pytest.raises(InvalidInput, match="reason: say why it ends"):
        await agreements.revoke(GIVER, identifier, "  ")
    with pytest.raises(InvalidInput, match="reason: leave out the national id"):
        await agreements.revoke(GIVER, identifier, "11010519491231002X")
    with pytest.raises(Forbidden, match="do not cover region 510000 or 500000"):
        await agreements.revoke(someone(Role.TRAINING_OFFICER, NEIJIANG), identifier, "reason")
    assert await rows_of(database) == before
    about = f'["SharingAgreement:{identifier}"]'
    assert [line[1:] for line in await audited(database)] == [
        ("revokeAgreement", "REFUSED", about, '{"code": "INVALID_INPUT"}'),
        ("revokeAgreement", "REFUSED", about, '{"code": "INVALID_INPUT"}'),
        ("revokeAgreement", "REFUSED", about, '{"code": "FORBIDDEN"}'),
    ]


async def test_an_agreement_of_others_is_as_if_it_did_not_exist(database: Database) -> None:
    agreements, identifier = service(database).agreements, await lay_down(database)
    before = await rows_of(database)
    foreign = someone(Role.TRAINING_OFFICER, ZIBO)
    said = []
    for each in (identifier, "b" * 32, "\x00"):
        for act in (agreements.accept(foreign, each), agreements.revoke(foreign, each, "reason")):
            with pytest.raises(InvalidInput) as refused:
                await act
            said.append(refused.value.message.replace(repr(each), "…"))
    assert len(set(said)) == 1
    steps = [("acceptAgreement", "REFUSED"), ("revokeAgreement", "REFUSED")]
    subjects = [f'["SharingAgreement:{identifier}"]'] * 2 + ["[]"] * 4
    assert [line[1:4] for line in await audited(database)] == [
        (*step, subject) for step, subject in zip(steps * 3, subjects, strict=True)
    ]
    for who in (ANONYMOUS, someone(Role.ANALYST, ZIBO), someone(Role.PARTNER, SICHUAN)):
        with pytest.raises(Forbidden):
            await agreements.revoke(who, identifier, "reason")
    assert await rows_of(database) == before


async def test_of_those_who_accept_and_revoke_at_once_each_step_happens_once(database: Database) -> None:
    access = service(database)
    for _ in range(5):
        made = await access.agreements.propose(GIVER, replace(DRAFT, valid_to=None))
        before = len(await audited(database))
        names = [someone(Role.TRAINING_OFFICER, CHONGQING, f"r{number}") for number in range(3)]
        acts = [access.agreements.accept(who, made.id) for who in names]
        acts += [access.agreements.revoke(GIVER, made.id, "reason") for _ in range(3)]
        ended = await asyncio.gather(*acts, return_exceptions=True)
        written = (await audited(database))[before:]
        lines = [line[1] for line in written if line[2] == "ALLOWED"]
        assert len(written) == 6  # what was refused is there, too
        assert lines in (["acceptAgreement", "revokeAgreement"], ["revokeAgreement"])
        assert sum(isinstance(each, AgreementView) for each in ended) == len(lines)
        refused = [each for each in ended if not isinstance(each, AgreementView)]
        assert {each.code for each in refused if isinstance(each, GatewayError)} == {"STATE_IMPOSSIBLE"}
        assert len(refused) == 6 - len(lines)
        [stored] = (await access.agreements.by_id(GIVER, [made.id])).values()
        assert stored.state is AgreementState.REVOKED
    assert (await access.audit.verify()).is_sound
