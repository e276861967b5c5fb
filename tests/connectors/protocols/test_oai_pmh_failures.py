"""OAI-PMH that goes wrong: vanished records, wrong formats, errors in the platform's words, answers that are no XML."""

from collections.abc import Mapping

import pytest
from starlette.responses import Response

from connectors.errors import Malformed, PagingError, Throttled, Transient, UpstreamFailure
from tests.connectors.protocols.platform import harvest, ids
from tests.connectors.protocols.repository import Repository, answered, error, live, manifest

BY_IDENTIFIERS = "  by: identifiers\n"


async def test_records_can_be_fetched_one_by_one_and_a_vanished_one_is_left_out() -> None:
    def vanished(asked: Mapping[str, str], number: int) -> Response | None:
        return error("idDoesNotExist") if asked.get("identifier") == "b" else None

    repository = Repository({"a": False, "b": False, "c": True, "d": False}, intercept=vanished)
    pages = await harvest(manifest(BY_IDENTIFIERS), repository.platform)
    assert (ids(pages), [page.deleted for page in pages]) == (["a", "d"], [(), ("c",)])
    fetched = [asked["identifier"] for asked in repository.asked if asked["verb"] == "GetRecord"]
    assert sorted(fetched) == ["a", "b", "d"]
    assert {asked["verb"] for asked in repository.asked} == {"ListIdentifiers", "GetRecord"}


async def test_fetched_records_are_no_pages_to_the_cap() -> None:
    names = live(*(f"r{number}" for number in range(6)))
    pages = await harvest(manifest(BY_IDENTIFIERS + "  caps: {maxPages: 3}\n"), Repository(names).platform)
    assert ids(pages) == [*names]
    with pytest.raises(PagingError, match="maxPages"):
        await harvest(manifest(BY_IDENTIFIERS + "  caps: {maxPages: 2}\n"), Repository(names).platform)


async def test_one_failed_fetch_ends_the_others() -> None:
    def failing(asked: Mapping[str, str], number: int) -> Response | None:
        return error("badArgument", "参数错误") if asked["verb"] == "GetRecord" else None

    with pytest.raises(UpstreamFailure, match="OAI-PMH badArgument: 参数错误"):
        await harvest(manifest(BY_IDENTIFIERS), Repository(live("a", "b"), intercept=failing).platform)


async def test_a_format_the_server_lacks_is_answered_with_those_it_has() -> None:
    def lacking(asked: Mapping[str, str], number: int) -> Response | None:
        return error("cannotDisseminateFormat", "no lom") if asked["verb"] == "ListRecords" else None

    repository = Repository(live("a"), intercept=lacking)
    text = manifest("  prefix: lom\n", "    title: .//lom:title\n")
    with pytest.raises(UpstreamFailure, match=r"no lom; the server offers a, b$"):
        await harvest(text, repository.platform)
    assert [asked["verb"] for asked in repository.asked] == ["ListRecords", "ListMetadataFormats"]


@pytest.mark.parametrize("code", ["badArgument", "badVerb", "noSetHierarchy", "noMetadataFormats", "whatever"])
async def test_errors_are_told_in_the_platform_s_words(code: str) -> None:
    repository = Repository({}, intercept=lambda asked, number: error(code, "系统维护"))
    with pytest.raises(UpstreamFailure, match=f"^OAI-PMH {code}: 系统维护$") as caught:
        await harvest(manifest(), repository.platform)
    assert (caught.value.code, caught.value.platform) == ("UPSTREAM_FAILURE", "example")
    assert len(repository.asked) == 1


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><OAI-PMH>&b;</OAI-PMH>'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<!DOCTYPE html><html><body>登录</body></html>", "an HTML page"),
        ("<html><body>login</body>", "an HTML page"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "no OAI-PMH answer"),
        ('<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><rec', "XML was due"),
        (BOMB, "DOCTYPE"),
        ("", "XML was due"),
        ('{"error": 1}', "XML was due"),
        ("<OAI-PMH/>", "no OAI-PMH answer"),
    ],
)
async def test_what_is_no_answer_of_the_protocol_is_malformed(body: str, why: str) -> None:
    kind = "text/html" if "html" in body else "text/xml"
    repository = Repository({}, intercept=lambda asked, number: Response(body, media_type=kind))
    with pytest.raises(Malformed, match=why) as caught:
        await harvest(manifest(), repository.platform)
    assert caught.value.code == "UPSTREAM_MALFORMED"
    assert len(repository.asked) == 1


async def test_a_server_that_asks_to_wait_is_asked_again() -> None:
    def busy(asked: Mapping[str, str], number: int) -> Response | None:
        return Response(status_code=503, headers={"retry-after": "0"}) if number < 3 else None

    repository = Repository(live("a"), intercept=busy)
    assert ids(await harvest(manifest(), repository.platform)) == ["a"]
    assert len(repository.asked) == 3


async def test_a_long_wait_is_left_to_the_scheduler() -> None:
    waiting = Response(status_code=503, headers={"retry-after": "7200"})
    repository = Repository({}, intercept=lambda asked, number: waiting)
    with pytest.raises(Transient) as caught:
        await harvest(manifest(), repository.platform)
    assert not isinstance(caught.value, Throttled)
    assert len(repository.asked) == 1


@pytest.mark.parametrize("size", ["9" * 5000, "9" * 20, "-1", "many", ""])
async def test_a_total_that_is_no_number_is_passed_over(size: str) -> None:
    mark = f'<resumptionToken completeListSize="{size}"/>'
    page = answered(f"<ListRecords>{mark}</ListRecords>")
    [found] = await harvest(manifest(), Repository({}, intercept=lambda asked, number: page).platform)
    assert found.expected is None
