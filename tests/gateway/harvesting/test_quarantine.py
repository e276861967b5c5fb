"""Rejected records are kept with their reason until they are accepted, deleted or gone."""

from datetime import timedelta

import pytest

from connectors.errors import Malformed
from connectors.records import HarvestPage, Rejected
from gateway.errors import CursorInvalid
from gateway.harvesting import HarvestingService, HarvestRun
from gateway.storage import Database
from schema.findings import Finding, Severity
from tests.gateway.harvesting.upstream import NOW, Upstream, accepted, live, rejected


@pytest.fixture
def service(database: Database) -> HarvestingService:
    return HarvestingService(database)


async def harvest(service: HarvestingService, *pages: HarvestPage) -> HarvestRun:
    upstream = Upstream(list(pages))
    return await service.run(upstream, upstream.context())


async def test_a_reject_is_told_with_rule_id_and_raw_record(service: HarvestingService) -> None:
    finding = Finding("KIND_UNKNOWN", "no such kind", Severity.ERROR, pointer="/kind", suggestion="LESSON")
    run = await harvest(service, HarvestPage((accepted("a"),), (Rejected("x", (finding,), '{"kind": "玄学"}'),)))
    (record,) = (await service.quarantined("chongqing")).records
    assert (record.native_id, record.code, record.findings) == ("x", "KIND_UNKNOWN", (finding,))
    assert (record.raw, record.run_id, run.quarantined) == ('{"kind": "玄学"}', run.id, 1)


async def test_a_stored_record_that_is_rejected_later_stays_stored(
    database: Database, service: HarvestingService
) -> None:
    await harvest(service, HarvestPage((accepted("a"), accepted("b"))))
    run = await harvest(service, HarvestPage((accepted("a"),), (rejected("b"),)))
    assert (run.withdrawn, await live(database)) == (0, {"a", "b"})


async def test_a_later_reject_replaces_the_earlier_and_acceptance_removes_it(service: HarvestingService) -> None:
    await harvest(service, HarvestPage((accepted("a"),), (rejected("b", "one"),)))
    await harvest(service, HarvestPage((accepted("a"),), (rejected("b", "two"),)))
    assert [record.raw for record in (await service.quarantined("chongqing")).records] == ["two"]
    await harvest(service, HarvestPage((accepted("a"), accepted("b"))))
    assert (await service.quarantined("chongqing")).total == 0


async def test_a_reject_that_is_no_longer_listed_is_forgotten(service: HarvestingService) -> None:
    await harvest(service, HarvestPage((accepted("a"),), (rejected("b"), rejected(None, "nameless"))))
    await harvest(service, HarvestPage((accepted("a"),)))
    assert (await service.quarantined("chongqing")).total == 0


@pytest.mark.parametrize("native_id", [None, "", "x" * 251, "a\0b", "a\ud800b"], ids=repr)
async def test_unusable_ids_and_texts_are_kept_as_anonymous_rejects(
    service: HarvestingService, native_id: str | None
) -> None:
    run = await harvest(service, HarvestPage((accepted("a"),), (rejected(native_id, "raw \0 \ud800"),)))
    (record,) = (await service.quarantined("chongqing")).records
    assert (record.native_id, record.raw, run.quarantined) == (None, "raw \ufffd ?", 1)


async def test_quarantine_is_paged_and_filtered_by_code(service: HarvestingService) -> None:
    bad = tuple(rejected(f"x{n}", code="A" if n < 3 else "B") for n in range(5))
    await harvest(service, HarvestPage((accepted("a"),), bad))
    walked: list[str | None] = []
    after = None
    while True:
        page = await service.quarantined("chongqing", code="A", first=2, after=after)
        assert page.total == 3
        walked += [record.native_id for record in page.records]
        after = page.records[-1].id
        if not page.has_next:
            break
    assert sorted(filter(None, walked)) == ["x0", "x1", "x2"]
    with pytest.raises(CursorInvalid):
        await service.quarantined("chongqing", after="nonsense")


async def test_rejects_are_found_by_id_and_since_when_they_were_seen(database: Database) -> None:
    for hours, native_id in enumerate(("x", "y")):
        at = NOW + timedelta(hours=hours)
        page = HarvestPage((accepted("a"),), (rejected(native_id),))
        upstream = Upstream([page], fails_at=1, failure=Malformed("drift"))
        await HarvestingService(database, clock=lambda at=at: at).run(upstream, upstream.context())  # type: ignore[misc]
    service = HarvestingService(database)
    assert (await service.quarantined("chongqing")).total == 2
    (late,) = (await service.quarantined("chongqing", since=NOW + timedelta(hours=1))).records
    assert late.native_id == "y"
    assert await service.quarantined_record(late.id) == late
    assert await service.quarantined_record("nonsense") is None
