"""The platforms disturbed: what passes is overcome, what stays ends with the right error."""

import pytest

from connectors.errors import ConnectorError, CredentialRefused, Malformed, Throttled, Transient
from connectors.records import HarvestPage
from connectors.simulators import Faults
from tests.connectors.platforms.runs import SIZE, built, harvest

LISTINGS = {
    "chongqing": "/openapi/v1/resources",
    "zibo": "/api/resource/list",
    "yuzhong": "/api/v2/resources",
    "sichuan": "/graphql",
    "neijiang": "/oai",
    "national": "/zxx/ndrs/national_lesson/teachingmaterials/part",
}


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.protocols.exchange.PAUSE", 0.001)


class Disturbed:
    """A platform whose faults a test chooses before it harvests."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._app = built(code)
        self.faults: Faults = self._app.state.simulation.faults
        self.path = LISTINGS[code]

    async def harvest(self) -> list[HarvestPage]:
        """Every page, through the transport as the gateway assembles it."""
        return (await harvest(self.code, app=self._app, retrying=True)).pages

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
        ("sichuan", "busy"),
        ("sichuan", "server"),
        ("sichuan", "partial"),
        ("neijiang", "throttled"),
        ("neijiang", "server"),
    ],
)
async def test_a_failure_in_the_platform_s_own_words_that_passes_costs_no_record(code: str, failure: str) -> None:
    platform = Disturbed(code)
    platform.faults.fail(failure, path=platform.path, times=2)
    assert await platform.count() == SIZE


@pytest.mark.parametrize("code", LISTINGS)
async def test_a_login_page_where_data_was_due_is_malformed(code: str) -> None:
    platform = Disturbed(code)
    platform.faults.html(path=platform.path, times=None)
    with pytest.raises(Malformed, match=r"an HTML page where (JSON|XML) was due"):
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
        ("sichuan", 500, Transient),
        ("neijiang", 503, Transient),
        ("neijiang", 429, Throttled),
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
