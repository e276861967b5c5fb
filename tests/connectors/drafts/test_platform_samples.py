"""Drafts from the first pages of the platforms, held against the manifests that people wrote for them."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.drafts import draft_from_sample
from tests.connectors.drafts.drafting import about, connected, errors, first_page, read
from tests.connectors.platforms.runs import connector, harvest

HARVESTS = {"chongqing": (0.87, 0.94), "zibo": (0.89, 0.87), "national": (0.7, 0.85), "sichuan": (0.89, 0.87)}
"""The share of a hand-written manifest's fields that a draft finds, and of its values that it finds equal, at least."""
TRAININGS = ("chongqing", "zibo", "sichuan")


@pytest.mark.parametrize(("code", "floors"), HARVESTS.items())
async def test_a_draft_finds_most_of_what_people_wrote(code: str, floors: tuple[float, float]) -> None:
    body, address = await first_page(code, "harvest")
    draft = draft_from_sample(body, "answer", about(code, address))
    assert errors(draft) == []
    written = set(connector(code).document.harvest.fields)
    found = set(connected(draft).document.harvest.fields)
    outcome = await read(draft, body)
    assert outcome.share >= 0.99
    assert len(written & found) / len(written) >= floors[0], sorted(written - found)
    assert await _equal(code, outcome.values()) >= floors[1]


async def _equal(code: str, drafted: list[Mapping[str, Any]]) -> float:
    """The share of the values of the hand-written manifest that are the same in the draft's records."""
    values = {one["nativeId"]: one for one in drafted}
    expected = await _by_hand(code)
    pairs = [
        (one[name], values[native_id].get(name))
        for native_id, one in expected.items()
        if native_id in values
        for name in one
    ]
    assert len(pairs) > 500
    same = [pair for pair in pairs if pair[0] == pair[1]]
    return len(same) / len(pairs)


async def _by_hand(code: str) -> dict[str, Mapping[str, Any]]:
    run = await harvest(code)
    return {
        one.native_id: one.model_dump(mode="json", by_alias=True, exclude_defaults=True) for one in run.records[:200]
    }


@pytest.mark.parametrize("code", ["yuzhong", "neijiang"])
async def test_drafts_of_the_other_platforms_accept_their_samples(code: str) -> None:
    body, address = await first_page(code, "harvest")
    draft = draft_from_sample(body, "answer", about(code, address))
    assert errors(draft) == []
    assert (await read(draft, body)).share >= 0.99


@pytest.mark.parametrize("code", TRAININGS)
async def test_training_is_drafted_whole(code: str) -> None:
    body, address = await first_page(code, "training")
    draft = draft_from_sample(body, "answer", about(code, address, "training"))
    assert draft.needed == ("harvest",)
    assert [code for code, _ in errors(draft)] == ["manifest.missingKey"]
    training = connector(code).document.training
    found = connected(draft).document.training
    assert training is not None
    assert found is not None
    assert len(set(training.fields) & set(found.fields)) / len(training.fields) >= 0.89
    assert (await read(draft, body, "training")).share >= 0.99


async def test_a_statement_store_is_known_by_its_answer() -> None:
    body, address = await first_page("yuzhong", "training")
    draft = draft_from_sample(body, "answer", about("yuzhong", address, "training"))
    training = connected(draft).document.training
    assert training is not None
    assert (training.protocol, training.path) == ("xapi", "/xapi/statements")  # type: ignore[attr-defined]
    assert training.fields["teacherId"].path == "actor.account.name"
    assert training.fields["unit"].constant == "HOUR"


async def test_a_dropped_table_in_gb18030_is_read() -> None:
    body, _ = await first_page("neijiang", "training")
    draft = draft_from_sample(
        body, "2022-1.csv", about("neijiang", "https://oai.njeducloud.example/drop/2022-1.csv", "training")
    )
    assert draft.needed == ("harvest",)
    assert "encoding: gb18030" in draft.text
    outcome = await read(draft, body, "training")
    assert outcome.share >= 0.95
    assert str(outcome.records[0].starts_on) == "2022-01-10"


async def test_a_signed_address_leaves_no_proof_in_the_draft() -> None:
    body, address = await first_page("chongqing", "harvest")
    assert "sign=" in address
    draft = draft_from_sample(body, "answer", about("chongqing", address))
    credentials = connected(draft).document.credentials
    assert getattr(credentials, "kind", None) == "hmac"
    for value in (pair.partition("=")[2] for pair in address.partition("?")[2].split("&")):
        assert len(value) < 6 or value not in draft.text


async def test_the_same_sample_gives_the_same_draft() -> None:
    body, address = await first_page("sichuan", "harvest")
    drafts = {draft_from_sample(body, "answer", about("sichuan", address)).text for _ in range(2)}
    assert len(drafts) == 1
