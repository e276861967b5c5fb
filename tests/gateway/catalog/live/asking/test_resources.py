"""From what a connector found to what a viewer may see: as a harvest would have stored it, and nothing hidden told."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Accepted, LiveAnswer, Rejected
from gateway.catalog.documents import StoredRow, stored_resource
from gateway.catalog.live.candidates import whole
from gateway.harvesting.changes import prepare
from gateway.identity import PUBLIC_TIERS
from schema.access import Access
from schema.resources import CatalogResource
from tests.gateway.catalog.live.asking.river import BEGIN, CODE, EVERYTHING, answer, record, shown


def harvested(accepted: Accepted, platform: Access) -> CatalogResource:
    """The same record as a harvest stores it and the catalog reads it."""
    stored = prepare(accepted, platform)
    row = StoredRow(
        1,
        CODE,
        stored.native_id,
        1,
        stored.access,
        stored.body,
        stored.unmapped,
        accepted.digest,
        3,
        BEGIN,
        accepted.modified_upstream_at,
        None,
    )
    return stored_resource(row)


@pytest.mark.parametrize("platform", Access)
@pytest.mark.parametrize("own", Access)
def test_a_live_hit_is_what_a_harvest_would_have_stored(platform: Access, own: Access) -> None:
    for number in (0, 1):
        accepted = record(number, own)
        [found] = whole(shown(LiveAnswer((accepted,)), platform=platform, visible=EVERYTHING).records)
        assert found == harvested(accepted, platform)
        assert found.provenance.unmapped == (("subjects: 国学",) if number else ())


def test_who_notes_hits_is_told_of_each_when_it_is_made_whole_and_once() -> None:
    noted: list[CatalogResource] = []
    [found] = shown(LiveAnswer((record(0),)), note=noted.append).records
    assert noted == []
    assert [found.resource(), found.resource()] == noted * 2
    assert len(noted) == 1


def test_a_record_built_without_validation_is_as_one_that_was_validated() -> None:
    [found] = whole(shown(LiveAnswer((record(1),))).records)
    validated = CatalogResource(
        platform=found.platform,
        record=found.record,
        provenance=type(found.provenance)(**dict(found.provenance)),
    )
    assert found == validated
    assert found.to_json() == validated.to_json()
    assert found.model_dump() == validated.model_dump()
    assert found.model_dump(exclude_unset=True) == validated.model_dump(exclude_unset=True)
    assert found.model_fields_set == validated.model_fields_set
    assert found.provenance.model_fields_set == validated.provenance.model_fields_set
    assert CatalogResource.model_validate_json(orjson.dumps(found.model_dump(mode="json", by_alias=True))) == found
    assert repr(found) == repr(validated)
    copied = found.model_copy(update={"platform": "other"}, deep=True)
    assert (copied.platform, found.platform, copied.record) == ("other", CODE, found.record)


@given(
    st.lists(st.sampled_from(Access), max_size=30),
    st.sampled_from(Access),
    st.sampled_from([PUBLIC_TIERS, EVERYTHING, frozenset({Access.PUBLIC})]),
    st.integers(0, 3),
    st.none() | st.integers(0, 60),
    st.integers(1, 40),
    st.booleans(),
)
def test_nothing_hidden_is_shown_or_counted(
    tiers: list[Access],
    platform: Access,
    visible: frozenset[Access],
    rejected: int,
    total: int | None,
    first: int,
    knows_of_no_more: bool,
) -> None:
    accepted = tuple(record(number, tier) for number, tier in enumerate(tiers[:first]))
    found = LiveAnswer(accepted, (Rejected(None, (), ""),) * rejected, total, complete=knows_of_no_more)
    told = shown(found, platform=platform, visible=visible, first=first)
    seen = [one for one in accepted if platform.narrower(one.record.access) in visible]
    assert [one.native_id for one in told.records] == [one.record.native_id for one in seen]
    assert all(one.record.access in visible for one in whole(told.records))
    assert told.outcome.count == len(seen)
    everything_was_read = knows_of_no_more and (
        len(accepted) < first or (total is not None and total <= len(accepted) + rejected)
    )
    assert told.complete == everything_was_read
    assert told.ends == (not everything_was_read and len(seen) < first)
    if visible == EVERYTHING and total is not None:
        assert told.outcome.total == max(0, total - rejected)
    else:
        assert told.outcome.total == (len(seen) if everything_was_read else None)


def test_what_the_platform_cannot_do_is_passed_on() -> None:
    assert shown(replace(answer(3), filtered_here=("kinds", "sort"))).outcome.filtered_here == ("kinds", "sort")
