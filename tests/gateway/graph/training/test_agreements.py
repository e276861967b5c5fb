"""Sharing agreements: proposed by one side, accepted by the other, revoked by either, at once in effect."""

from typing import Any

import pytest

from gateway.identity import ANONYMOUS
from schema.credit import AgreementState
from tests.gateway.graph.training.facts import ANALYST, CHONGQING, SICHUAN, node_id
from tests.gateway.graph.world import World

ACTIVE, PROPOSED = node_id("SharingAgreement", "agreement-1"), node_id("SharingAgreement", "agreement-2")
JOINT = node_id("TrainingRecord", "joint-1")
ERRORS = "errors { code path }"
INPUT = {
    "fromRegion": "500000", "toRegion": "510000", "purposes": ["CREDIT_RECOGNITION"],
    "fields": ["TrainingRecord.title"], "validFrom": "2026-01-01", "basis": "two offices agreed in writing",
}  # fmt: skip
PROPOSE = (
    f"mutation($i: AgreementInput!) {{ proposeAgreement(input: $i) {{ agreement {{ id state validTo }} {ERRORS} }} }}"
)


async def test_every_field_of_an_agreement_is_shown() -> None:
    fields = "id fromRegion { code } toRegion { code } purposes fields validFrom validTo state basis"
    data = await World().data(f"{{ sharingAgreements {{ {fields} }} }}", principal=CHONGQING)
    assert data["sharingAgreements"][1] == {
        "id": PROPOSED,
        "fromRegion": {"code": "510000"},
        "toRegion": {"code": "500000"},
        "purposes": ["CREDIT_RECOGNITION"],
        "fields": ["TrainingRecord.title"],
        "validFrom": "2026-01-01",
        "validTo": "2026-12-31",
        "state": "PROPOSED",
        "basis": "two offices agreed in writing",
    }


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("", [ACTIVE, PROPOSED]),
        ("(states: [ACTIVE, REVOKED])", [ACTIVE]),
        ("(states: [])", []),
        ('(regions: ["510000"], states: null)', [ACTIVE, PROPOSED]),
        ('(regions: ["370000"])', []),
    ],
)
async def test_agreements_are_narrowed_by_side_and_state(arguments: str, found: list[str]) -> None:
    data = await World().data(f"{{ sharingAgreements{arguments} {{ id }} }}", principal=CHONGQING)
    assert [one["id"] for one in data["sharingAgreements"]] == found


async def test_strangers_are_refused_the_list_and_find_no_node() -> None:
    for who in (ANONYMOUS, ANALYST):
        assert (await World().refusal("{ sharingAgreements { id } }", principal=who))[0] == "FORBIDDEN"
        assert await World().data(f'{{ node(id: "{ACTIVE}") {{ id }} }}', principal=who) == {"node": None}
    assert (await World().refusal('{ sharingAgreements(regions: ["1"]) { id } }', principal=CHONGQING))[
        0
    ] == "INVALID_INPUT"


async def test_an_agreement_is_proposed_and_a_bad_one_is_refused_where_it_is_wrong() -> None:
    world = World()
    payload = (await world.data(PROPOSE, {"i": INPUT}, principal=CHONGQING))["proposeAgreement"]
    assert payload == {
        "agreement": {"id": node_id("SharingAgreement", "agreement-3"), "state": "PROPOSED", "validTo": None},
        "errors": [],
    }
    payload = (await World().data(PROPOSE, {"i": {**INPUT, "basis": " "}}, principal=CHONGQING))["proposeAgreement"]
    assert payload == {"agreement": None, "errors": [{"code": "INVALID_INPUT", "path": ["input", "basis"]}]}


async def test_strangers_may_not_propose_accept_or_revoke() -> None:
    world = World()
    before = dict(world.agreements.stored)
    for text, variables in (
        (PROPOSE, {"i": INPUT}),
        (f'mutation {{ acceptAgreement(agreementId: "{PROPOSED}") {{ {ERRORS} }} }}', {}),
        (f'mutation {{ revokeAgreement(agreementId: "{ACTIVE}", reason: "x") {{ {ERRORS} }} }}', {}),
    ):
        assert (await world.refusal(text, variables, principal=ANALYST))[0] == "FORBIDDEN"
    assert world.agreements.stored == before


async def act(world: World, call: str) -> Any:
    data = await world.data(f"mutation {{ act: {call} {{ agreement {{ state }} {ERRORS} }} }}", principal=SICHUAN)
    return data["act"]


async def test_an_agreement_is_accepted_once() -> None:
    world = World()
    call = f'acceptAgreement(agreementId: "{PROPOSED}")'
    assert await act(world, call) == {"agreement": {"state": "ACTIVE"}, "errors": []}
    refused = {"agreement": None, "errors": [{"code": "STATE_IMPOSSIBLE", "path": ["agreementId"]}]}
    assert await act(world, call) == refused


@pytest.mark.parametrize("identifier", ["agreement-1", JOINT, node_id("SharingAgreement", "none")])
async def test_an_id_of_no_agreement_is_refused_where_it_stands(identifier: str) -> None:
    world = World()
    for call in (
        f'acceptAgreement(agreementId: "{identifier}")',
        f'revokeAgreement(agreementId: "{identifier}", reason: "x")',
    ):
        refused = {"agreement": None, "errors": [{"code": "INVALID_INPUT", "path": ["agreementId"]}]}
        assert await act(world, call) == refused


async def test_revoking_takes_effect_on_the_next_field() -> None:
    world = World()
    read = f'{{ trainingRecord(id: "{JOINT}") {{ title }} }}'
    assert (await world.data(read, principal=SICHUAN))["trainingRecord"] == {"title": "活动 joint-1"}
    without_reason = await act(world, f'revokeAgreement(agreementId: "{ACTIVE}", reason: " ")')
    assert without_reason["errors"] == [{"code": "INVALID_INPUT", "path": ["reason"]}]
    assert world.agreements.stored["agreement-1"].state is AgreementState.ACTIVE
    assert (await act(world, f'revokeAgreement(agreementId: "{ACTIVE}", reason: "结束")'))["errors"] == []
    assert (await world.data(read, principal=SICHUAN))["trainingRecord"] is None
