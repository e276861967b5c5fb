"""Dates, instants and decimals: what is written can be read, and nothing else is guessed at."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, TypeAdapter

from gateway.errors import CursorInvalid
from gateway.graph.execution import Executor
from gateway.graph.pagination import position_after, position_cursor
from gateway.graph.scalars import CONFIG, parse_date, parse_datetime, parse_decimal
from schema.identifiers import resource_id
from schema.kinds import ResourceKind
from schema.resources import CatalogResource, Provenance, ResourceRecord
from tests.gateway.graph.compiled.both import COMPILED, REFERENCE
from tests.gateway.graph.live import MemoryLive
from tests.gateway.graph.records import NOON
from tests.gateway.graph.world import MemoryCatalog, World

MIXED = CatalogResource(
    platform="chongqing",
    record=ResourceRecord(
        native_id="N-1",
        title="甜城",
        kind=ResourceKind.LESSON,
        published_at=datetime.fromisoformat("2025-09-26T10:18:33+08:00"),
        updated_at=datetime.fromisoformat("2025-10-05T18:58:46.076Z"),
        starts_at=datetime.fromisoformat("2026-01-01T07:30:00+08:00"),
    ),
    provenance=Provenance(
        fetched_at=NOON, digest="ab" * 32, modified_upstream_at=datetime.fromisoformat("2025-09-26T10:18:33-03:30")
    ),
)
IN_UTC = {
    "publishedAt": "2025-09-26T02:18:33+00:00",
    "updatedAt": "2025-10-05T18:58:46.076000+00:00",
    "startsAt": "2025-12-31T23:30:00+00:00",
    "provenance": {"modifiedUpstreamAt": "2025-09-26T13:48:33+00:00"},
}
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def written(value: date | Decimal) -> str:
    serialize = CONFIG.scalar_map[type(value)].serialize
    assert serialize is not None
    return str(serialize(value))


@given(st.dates())
def test_a_day_is_read_as_it_was_written(day: date) -> None:
    assert parse_date(written(day)) == day


@given(st.builds(datetime.fromtimestamp, st.integers(-(10**10), 2 * 10**11), ZONES))
def test_an_instant_is_read_as_it_was_written_and_told_in_utc(instant: datetime) -> None:
    read = parse_datetime(written(instant))
    assert read == instant
    assert read.tzinfo is UTC


INSTANTS = st.builds(datetime.fromtimestamp, st.floats(-(10**10), 2 * 10**11), ZONES)


@given(INSTANTS, INSTANTS)
def test_instants_compare_as_their_spellings_do_whatever_their_zones_are(one: datetime, other: datetime) -> None:
    assert (written(one) < written(other), written(one) == written(other)) == (one < other, one == other)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2025-09-26T10:18:33+08:00", "2025-09-26T02:18:33+00:00"),
        ("2025-10-05T18:58:46.076Z", "2025-10-05T18:58:46.076000+00:00"),
        ("2026-01-01T04:00:00+08:00", "2025-12-31T20:00:00+00:00"),
    ],
)
def test_an_instant_is_written_in_utc(instant: str, text: str) -> None:
    assert written(TypeAdapter(AwareDatetime).validate_python(instant)) == text
    assert written(datetime.fromisoformat(instant)) == text


def test_a_clock_without_a_zone_is_not_taken_for_an_instant() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        written(datetime.fromisoformat("2026-03-01T08:00:00"))


FIELDS = "publishedAt updatedAt startsAt provenance { modifiedUpstreamAt }"
DOCUMENTS = {
    "node": f"query($id: ID!) {{ node(id: $id) {{ ... on Resource {{ {FIELDS} }} }} }}",
    "search": f"{{ search(first: 1) {{ nodes {{ {FIELDS} }} }} }}",
    "entities": f"query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Resource {{ {FIELDS} }} }} }}",
}


@pytest.mark.parametrize("executor", [REFERENCE, COMPILED])
@pytest.mark.parametrize("document", DOCUMENTS)
async def test_every_way_to_a_record_of_mixed_zones_tells_utc(document: str, executor: Executor) -> None:
    world = World(catalog=MemoryCatalog(records=(MIXED,)), executor=executor)
    identifier = resource_id("chongqing", "N-1")
    variables = {"id": identifier, "of": [{"__typename": "Resource", "id": identifier}]}
    data = await world.data(DOCUMENTS[document], variables)
    told = {"node": data.get("node"), "search": data.get("search", {}).get("nodes"), "entities": data.get("_entities")}
    assert told[document] in (IN_UTC, [IN_UTC])


async def test_a_stream_tells_utc() -> None:
    world = World(live=MemoryLive(hits=(MIXED,)))
    first, *_ = await world.events(f"subscription {{ searchStream {{ edges {{ node {{ {FIELDS} }} }} }} }}")
    assert first["data"]["searchStream"]["edges"] == [{"node": IN_UTC}]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_a_decimal_keeps_its_digits(number: Decimal) -> None:
    assert parse_decimal(written(number)) == number


@pytest.mark.parametrize(
    ("number", "text"), [("1.500000", "1.5"), ("8.000000", "8"), ("100", "100"), ("-0.000000", "0"), ("1E+3", "1000")]
)
def test_a_decimal_is_written_without_exponent_and_idle_zeros(number: str, text: str) -> None:
    assert written(Decimal(number)) == text


@pytest.mark.parametrize("text", ["20260301", "2026-W09-1", "2026-3-1", "2026-02-30", "", " 2026-03-01", 5, None, True])
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="day"):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026-03-01T08:00:00",
        "2026-03-01T08:00:00+0800",
        "2026-03-01T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-03-01T08:00:00+99:99",
        1_700_000_000,
        None,
    ],
)
def test_an_instant_without_a_zone_or_a_sense_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"instant|outside|hour|offset"):
        parse_datetime(text)


@pytest.mark.parametrize("text", [1.5, 1, "1e5", "NaN", "Infinity", "", "1,5", "9" * 31])
def test_a_decimal_is_text_of_digits(text: object) -> None:
    with pytest.raises(ValueError, match="is not a decimal"):
        parse_decimal(text)


@given(st.integers(0, 10**8))
def test_a_position_cursor_leads_to_the_entry_after_it(position: int) -> None:
    assert position_after(position_cursor(position)) == position + 1


@given(st.text(max_size=30))
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    try:
        position = position_after(text)
    except CursorInvalid:
        return
    assert position_cursor(position - 1) == text
