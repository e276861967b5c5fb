"""Usage of 渝中: its statements counted, by resource, stage and subject; different people by the day."""

import base64
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from datasketches import hll_sketch, hll_union

from connectors.errors import ManifestError
from connectors.records import UsageRequest
from connectors.simulators.yuzhong.records import UNKNOWNS
from connectors.simulators.yuzhong.statements import EXTENSION, VERBS
from connectors.sketches import people_sketch
from schema.usage import UsageFact
from tests.connectors.platforms.runs import SETTLED, Run, accepted, built, connector, context, harvest, usage
from tests.connectors.simulators.xapi_client import everything, opened

FIRST, LAST = date(2025, 10, 20), date(2025, 10, 26)
Numbers = dict[tuple[str, str], int]
"""Value by measure and day."""


def numbers(run: Run[UsageFact]) -> Numbers:
    """What the facts of each day add up to; people do not, so there is one fact of them a day."""
    told: Counter[tuple[str, str]] = Counter()
    for fact in run.records:
        assert (fact.measure != "active_users") or (fact.measure, fact.day.isoformat()) not in told
        told[fact.measure, fact.day.isoformat()] += int(fact.value)
    return dict(told)


async def statements(app: Any) -> list[Any]:
    """The statements of these days that stand and tell that somebody did something."""
    told = await everything(await opened(app))
    days = [one for one in told if str(FIRST) <= one["timestamp"][:10] <= str(LAST)]
    return [one for one in days if one["verb"]["display"]["en-US"] not in ("earned", "voided")]


def people(told: Iterable[Any]) -> dict[str, set[str]]:
    """The accounts of each day."""
    found: dict[str, set[str]] = {}
    for one in told:
        found.setdefault(one["timestamp"][:10], set()).add(one["actor"]["account"]["name"])
    return found


async def counted(app: Any) -> Numbers:
    """A plain count over the statements that stand."""
    names = {"experienced": "views", "played": "plays", "attended": "sessions_attended"}
    told = await statements(app)
    verbs = Counter((one["verb"]["display"]["en-US"], one["timestamp"][:10]) for one in told)
    counts = {(names[verb], day): count for (verb, day), count in verbs.items() if verb in names}
    return {**counts, **{("active_users", day): len(members) for day, members in people(told).items()}}


async def test_facts_of_yuzhong_are_its_statements_counted() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    run = await usage("yuzhong", FIRST, LAST, app=app)
    assert numbers(run) == await counted(app)
    published = {"from": str(FIRST), "to": str(LAST)}
    platform = await opened(app)
    days = (await platform.http.get("/api/v2/stats/daily", params=published)).json()["items"]
    plays = {day: value for (measure, day), value in numbers(run).items() if measure == "plays"}
    assert plays == {day["date"]: day["metrics"]["plays"] for day in days}
    assert len(plays) == 7


async def test_a_voided_play_does_not_count() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    before = numbers(await usage("yuzhong", FIRST, LAST, app=app))
    played = await everything(await opened(app), verb=VERBS["played"])
    voided = next(statement for statement in played if statement["timestamp"].startswith(str(FIRST)))
    app.state.statements.void(voided["id"])
    after = numbers(await usage("yuzhong", FIRST, LAST, app=app))
    assert after["plays", str(FIRST)] == before["plays", str(FIRST)] - 1
    assert after == await counted(app)


async def test_statements_that_more_leads_to_elsewhere_on_the_host_are_read_too() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    relative = numbers(await usage("yuzhong", FIRST, LAST, app=app))
    app.state.statements.absolute_more = True
    assert numbers(await usage("yuzhong", FIRST, LAST, app=app)) == relative


async def test_a_token_that_expires_between_pages_is_fetched_anew() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    simulation = app.state.simulation
    simulation.faults.fail("token", path="/xapi/statements").skip = 3
    run = await usage("yuzhong", FIRST, LAST, app=app)
    assert numbers(run) == await counted(app)
    tokens = [path for _, path in simulation.requests if path == "/oauth/token"]
    assert len(tokens) == 3, "two for the run, one for the count"


async def test_plays_are_told_by_the_resource_that_the_catalog_lists_with_its_stage_and_subject() -> None:
    catalog = await harvest("yuzhong", size=None)
    run = await usage("yuzhong", FIRST, LAST)
    plays = [fact for fact in run.records if fact.measure == "plays"]
    told = [one for one in await statements(built("yuzhong", size=None, now=SETTLED)) if "played" in one["verb"]["id"]]
    extensions = [one["context"]["extensions"] for one in told]
    resources = Counter(f"{one[f'{EXTENSION}/app']}:{one[f'{EXTENSION}/id']}" for one in extensions)
    by_resource: Counter[str] = Counter()
    for fact in plays:
        by_resource[fact.resource or ""] += int(fact.value)
    assert by_resource == resources
    assert set(by_resource) <= {*accepted(catalog), *catalog.deleted, *catalog.rejected}
    assert {fact.region for fact in run.records} == {"500103"}
    known = accepted(catalog)
    for fact in plays:
        record = known[fact.resource].record if fact.resource in known else None
        if record is not None and fact.stage is not None:
            assert record.stages == (fact.stage,)
        if record is not None and fact.subject is not None:
            assert fact.subject in record.subjects
    assert (len(plays), sum(fact.stage is not None for fact in plays)) == (2_865, 2_447)
    assert {note.value for item in run.items for note in item.unmapped} <= {
        str(value) for fields in UNKNOWNS for value in fields.values()
    }


async def test_people_of_a_day_are_counted_once_and_sketched_with_the_secret_of_the_gateway() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    run = await usage("yuzhong", FIRST, LAST, app=app)
    facts = {str(fact.day): fact for fact in run.records if fact.measure == "active_users"}
    key = app.state.simulation.secrets["sketchKey"].encode()
    members = people(await statements(app))
    assert {day: (int(fact.value), image(fact)) for day, fact in facts.items()} == {
        day: (len(ids), people_sketch(ids, key)) for day, ids in members.items()
    }
    assert all((fact.stage, fact.subject, fact.resource) == (None, None, None) for fact in facts.values())
    assert all(fact.sketch is None for fact in run.records if fact.measure != "active_users")
    union = hll_union(11)
    for fact in facts.values():
        union.update(hll_sketch.deserialize(image(fact)))
    exact = len(set().union(*members.values()))
    assert union.get_lower_bound(3) <= exact <= union.get_upper_bound(3)
    assert exact < sum(fact.value for fact in facts.values())


async def test_without_the_secret_of_the_sketch_nothing_is_asked() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    world = context("yuzhong", app, now=SETTLED)
    kept = {name: value for name, value in world.secrets.items() if name != "sketchKey"}
    with pytest.raises(ManifestError, match="'sketchKey' is not set") as caught:
        await anext(connector("yuzhong").usage(replace(world, secrets=kept), UsageRequest(FIRST, LAST)))
    assert caught.value.findings[0].pointer == "/usage/counts/active_users/sketch/secret"
    assert not app.state.simulation.requests


def image(fact: UsageFact) -> bytes:
    """The bytes of a fact's sketch."""
    assert fact.sketch is not None
    return base64.b64decode(fact.sketch, validate=True)
