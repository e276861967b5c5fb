"""The four platforms disturbed: what passes is overcome, what stays ends with the right error."""

from datetime import UTC, datetime

import pytest

from connectors.context import ConnectorContext
from connectors.errors import ConnectorError, CredentialRefused, Malformed, Throttled, Transient
from connectors.records import HarvestPage, HarvestRequest
from connectors.simulators import SIMULATORS, Faults
from connectors.transport import Limits, assemble, in_process
from tests.connectors.platforms.test_manifests import connector

SIZE = 450
NOW = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)
LISTINGS = {
    "chongqing": "/openapi/v1/resources",
    "zibo": "/api/resource/list",
    "yuzhong": "/api/v2/resources",
    "national": "/zxx/ndrs/national_lesson/teachingmaterials/part",
}
QUICK = Limits(requests_per_second=1000, burst=1000, backoff_seconds=0.001, max_backoff_seconds=0.01, retries=1)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.protocols.exchange.PAUSE", 0.001)


class Disturbed:
    """A platform whose faults a test chooses before it harvests."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._app = SIMULATORS[code].build(size=SIZE, now=lambda: NOW)
        self.faults: Faults = self._app.state.simulation.faults
        self.path = LISTINGS[code]

    async def harvest(self) -> list[HarvestPage]:
        """Every page, through the transport as the gateway assembles it."""
        transport = assemble(in_process(self._app), QUICK)
        context = ConnectorContext(self.code, transport, SIMULATORS[self.code].secrets, now=lambda: NOW)
        return [page async for page in connector(self.code).harvest(context, HarvestRequest())]

    async def count(self) -> int:
        """How many records were accounted for."""
        return sum(len(p.accepted) + len(p.rejected) + len(p.deleted) for p in await self.harvest())


@pytest.mark.parametrize("code", LISTINGS)
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_disturbance_that_passes_costs_no_record(code: str, status: int) -> None:
    platform = Disturbed(code)
    platform.faults.error(status, path=platform.path, times=2)
    assert await platform.count() == SIZE


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("chongqing", "server"),
        ("chongqing", "throttled"),
        ("zibo", "server"),
        ("zibo", "throttled"),
        ("yuzhong", "server"),
    ],
)
async def test_a_failure_in_the_platform_s_own_words_that_passes_costs_no_record(code: str, failure: str) -> None:
    platform = Disturbed(code)
    platform.faults.fail(failure, path=platform.path, times=2)
    assert await platform.count() == SIZE


@pytest.mark.parametrize("code", LISTINGS)
async def test_a_login_page_where_json_was_due_is_malformed(code: str) -> None:
    platform = Disturbed(code)
    platform.faults.html(path=platform.path, times=None)
    with pytest.raises(Malformed, match="an HTML page where JSON was due"):
        await platform.harvest()


@pytest.mark.parametrize("code", LISTINGS)
async def test_a_truncated_answer_is_malformed(code: str) -> None:
    platform = Disturbed(code)
    platform.faults.truncate(path=platform.path, times=None)
    with pytest.raises((Malformed, Transient)):
        await platform.harvest()


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("chongqing", 503, Transient),
        ("national", 429, Throttled),
        ("yuzhong", 401, CredentialRefused),
        ("zibo", 403, CredentialRefused),
    ],
)
async def test_a_disturbance_that_stays_is_told_by_its_recovery(
    code: str, status: int, error: type[ConnectorError]
) -> None:
    platform = Disturbed(code)
    platform.faults.error(status, path=platform.path, times=None)
    with pytest.raises(error) as caught:
        await platform.harvest()
    assert (type(caught.value), caught.value.platform) == (error, code)


async def test_a_renamed_list_is_malformed_and_renamed_fields_fill_the_quarantine() -> None:
    platform = Disturbed("chongqing")
    platform.faults.drift(rename={"list": "rows"}, path=platform.path, times=None)
    with pytest.raises(Malformed, match=r"data\.list"):
        await platform.harvest()
    platform = Disturbed("chongqing")
    platform.faults.drift(rename={"title": "name"}, path=platform.path, times=None)
    pages = await platform.harvest()
    assert sum(len(page.accepted) for page in pages) == 0
    assert {finding.code for page in pages for item in page.rejected for finding in item.findings} >= {"title.missing"}
