"""Short manifests at the simulated 内江, 四川 and 渝中: every deletion policy, and listings cut anywhere."""

from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette

from connectors.context import ConnectorContext
from connectors.platforms import builtin_manifests
from connectors.records import Checkpoint, HarvestPage, HarvestRequest
from connectors.simulators.neijiang.app import build
from connectors.simulators.neijiang.repository import Habits
from connectors.transport import in_process
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from tests.connectors.platforms.runs import SETTLED, built, context
from tests.connectors.platforms.runs import connector as of_platform
from tests.connectors.protocols.platform import connector
from tests.connectors.protocols.repository import manifest

NOW = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)
SIZE = 250


def text(deletions: str) -> str:
    """Ten lines for 内江."""
    return manifest(f"  deletions: {deletions}\n").replace("https://oai.example", "https://njeducloud.example")


async def harvest(app: Starlette, deletions: str, checkpoint: Checkpoint | None = None) -> list[HarvestPage]:
    """Every page of the catalog in Dublin Core."""
    there = ConnectorContext("neijiang", in_process(app), {}, now=lambda: NOW)
    return [page async for page in connector(text(deletions)).harvest(there, HarvestRequest(checkpoint=checkpoint))]


def told(pages: list[HarvestPage]) -> tuple[set[str], set[str], int]:
    """Who is there, who is gone, and how many were rejected."""
    live = {one.record.native_id for page in pages for one in page.accepted}
    return live, {name for page in pages for name in page.deleted}, sum(len(page.rejected) for page in pages)


async def test_every_deletion_policy_tells_what_it_tells() -> None:
    found = {
        (policy, omits, deletions): told(await harvest(app, deletions))
        for policy in ("persistent", "transient", "no")
        for omits in (False, True)
        for app in [build(size=SIZE, now=lambda: NOW, habits=Habits(policy, list_records_omits_deletions=omits))]
        for deletions in ("listRecords", "listIdentifiers")
    }
    live, everyone, _ = found["persistent", False, "listRecords"]
    assert everyone
    assert len(live) + len(everyone) == SIZE - 1  # one has no title
    assert [kept for kept, _, _ in found.values()] == [live] * 12
    assert {rejected for _, _, rejected in found.values()} == {1}
    recent = found["transient", False, "listRecords"][1]
    assert recent < everyone
    expected = {"persistent": everyone, "transient": recent, "no": set()}
    assert {key: gone for key, (_, gone, _) in found.items()} == {
        (policy, omits, deletions): set() if omits and deletions == "listRecords" else expected[policy]
        for policy, omits, deletions in found
    }


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
async def test_the_catalog_goes_on_after_every_page(cut: int) -> None:
    app = build(size=SIZE, now=lambda: NOW, habits=Habits(page_size=100))
    pages = await harvest(app, "listIdentifiers")
    rest = await harvest(app, "listIdentifiers", pages[cut].checkpoint)
    assert told(rest) == told(pages[cut + 1 :])


@pytest.mark.parametrize("code", ["sichuan", "yuzhong"])
async def test_training_listings_go_on_after_every_page(code: str) -> None:
    [path] = [path for path in builtin_manifests() if path.name == f"{code}.yaml"]
    written = path.read_text("utf-8").replace("  protocol: xapi\n", "  protocol: xapi\n  limit: 40\n")
    platform, there = connector(written), context(code, built(code, size=0, now=SETTLED), now=SETTLED)
    pages = [page async for page in platform.training(there, HarvestRequest())]
    assert len(pages) > 1

    def names(some: list[HarvestPage[TrainingReport]]) -> list[str]:
        return [one.record.native_id for page in some for one in page.accepted]

    for number in sorted({0, len(pages) // 2, len(pages) - 1}):
        again = HarvestRequest(checkpoint=pages[number].checkpoint)
        rest = [page async for page in platform.training(there, again)]
        assert names(rest) == names(pages[number + 1 :])


async def test_the_connection_of_sichuan_goes_on_after_every_page() -> None:
    app = built("sichuan", size=SIZE)
    there = context("sichuan", app)
    pages: list[HarvestPage[ResourceRecord]] = [
        page async for page in of_platform("sichuan").harvest(there, HarvestRequest())
    ]
    assert len(pages) > 1
    for number, page in enumerate(pages):
        rest = [p async for p in of_platform("sichuan").harvest(there, HarvestRequest(checkpoint=page.checkpoint))]
        assert told(rest) == told(pages[number + 1 :])
