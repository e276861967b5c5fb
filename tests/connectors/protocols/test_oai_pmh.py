"""OAI-PMH: verbs, sets, dates, tokens and deletions over a real ASGI repository."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from starlette.responses import Response

from connectors.errors import PagingError, UpstreamFailure
from connectors.records import HarvestPage, HarvestRequest
from schema.platforms import Capability
from tests.connectors.protocols.platform import connector, harvest, ids, resumed
from tests.connectors.protocols.repository import Repository, error, live, manifest

SINCE = datetime(2024, 3, 5, 0, 30, tzinfo=UTC)
FIVE = live("a", "b", "c", "d", "e")


def gone(pages: list[HarvestPage]) -> list[str]:
    """The native ids that were told deleted."""
    return [name for page in pages for name in page.deleted]


def verbs(repository: Repository) -> list[str]:
    """The verbs it was asked."""
    return [asked["verb"] for asked in repository.asked]


async def test_ten_lines_read_a_repository_in_dublin_core_to_its_end() -> None:
    repository = Repository(FIVE)
    text = manifest()
    assert len(text.splitlines()) <= 10
    pages = await harvest(text, repository.platform)
    assert ids(pages) == ["a", "b", "c", "d", "e"]
    first = pages[0].accepted[0].record
    assert (first.title, first.updated_at) == ("课 a", datetime(2024, 3, 1, tzinfo=UTC))
    assert [page.expected for page in pages] == [5, 5, None]
    assert repository.asked == [
        {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "resumptionToken": "|2"},
        {"verb": "ListRecords", "resumptionToken": "|4"},
    ]
    assert connector(text).capabilities == {Capability.HARVEST, Capability.INCREMENTAL, Capability.TOMBSTONES}


async def test_default_fields_of_dublin_core_hold_what_it_says() -> None:
    dc = "".join(
        f"<dc:{name}>{value}</dc:{name}>"
        for name, value in (
            ("title", "分数的意义"),
            ("description", "一节课"),
            ("identifier", "NJ-1"),
            ("identifier", "https://oai.example/1"),
            ("subject", "数学"),
            ("subject", "分数"),
            ("language", "zh-CN"),
        )
    )
    answer = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header><identifier>x</identifier>'
        '<datestamp>2024-03-01</datestamp></header><metadata><oai_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/">{dc}</oai_dc:dc></metadata></record></ListRecords>'
        "</OAI-PMH>"
    )
    repository = Repository({}, intercept=lambda asked, number: Response(answer, media_type="text/xml"))
    [page] = await harvest(manifest(), repository.platform)
    [accepted] = page.accepted
    found = accepted.record
    assert (found.native_id, found.title, found.summary) == ("x", "分数的意义", "一节课")
    assert (found.url, found.keywords, found.language) == ("https://oai.example/1", ("数学", "分数"), "zh-CN")


async def test_sets_are_read_one_after_the_other_and_an_empty_one_is_no_error() -> None:
    repository = Repository(FIVE, sets={"s1": ("a", "b", "c"), "s:0": (), "s2": ("e",)})
    pages = await harvest(manifest("  sets: [s1, 's:0', s2]\n"), repository.platform)
    assert ids(pages) == ["a", "b", "c", "e"]
    assert [asked.get("set") for asked in repository.asked] == ["s1", None, "s:0", "s2"]
    assert [page.expected for page in pages] == [None, None, None, None]


@pytest.mark.parametrize(
    ("granularity", "sent"),
    [("YYYY-MM-DDThh:mm:ssZ", "2024-03-04T23:30:00Z"), ("YYYY-MM-DD", "2024-03-04"), ("", "2024-03-04")],
)
async def test_changes_are_asked_for_as_exactly_as_the_server_states_times(granularity: str, sent: str) -> None:
    repository = Repository(FIVE, granularity=granularity, sets={"s1": ("a",), "s2": ("b",)})
    await harvest(manifest("  sets: [s1, s2]\n"), repository.platform, request=HarvestRequest(since=SINCE))
    assert verbs(repository) == ["Identify", "ListRecords", "ListRecords"]
    assert [asked.get("from") for asked in repository.asked] == [None, sent, sent]


async def test_nothing_new_is_an_empty_listing() -> None:
    repository = Repository({})
    [page] = await harvest(manifest(), repository.platform, request=HarvestRequest(since=SINCE))
    assert (page.accepted, page.rejected, page.deleted) == ((), (), ())


@pytest.mark.parametrize("kind", ["badResumptionToken", "noRecordsMatch"])
async def test_an_expired_token_starts_its_set_again_and_loses_nothing(kind: str) -> None:
    def once(asked: Mapping[str, str], number: int) -> Response | None:
        return error(kind, "too late") if number == 3 else None

    repository = Repository(FIVE, sets={"s1": ("a",), "s2": ("b", "c", "d", "e")}, intercept=once)
    pages = await harvest(manifest("  sets: [s1, s2]\n"), repository.platform)
    assert ids(pages) == ["a", "b", "c", "b", "c", "d", "e"]


async def test_tokens_that_expire_again_and_again_end_the_run() -> None:
    def always(asked: Mapping[str, str], number: int) -> Response | None:
        return error("badResumptionToken", "too late") if "resumptionToken" in asked else None

    repository = Repository(FIVE, intercept=always)
    with pytest.raises(PagingError, match="tokens expire before the listing ends"):
        await harvest(manifest(), repository.platform)
    assert len(repository.asked) == 8


async def test_a_bad_token_that_was_never_sent_is_a_failure() -> None:
    repository = Repository(FIVE, intercept=lambda asked, number: error("badResumptionToken", "?"))
    with pytest.raises(UpstreamFailure, match="OAI-PMH badResumptionToken"):
        await harvest(manifest(), repository.platform)
    assert len(repository.asked) == 1


async def test_tokens_that_run_in_a_circle_end_the_run() -> None:
    def circle(asked: Mapping[str, str], number: int) -> Response | None:
        from_token = {"|2": "|4", "|4": "|2"}.get(asked.get("resumptionToken", ""), "|2")
        page = Repository(live(f"r{number}"))._verb({"verb": "ListRecords"})
        text = bytes(page.body).decode()
        return Response(
            text.replace("</ListRecords>", f"<resumptionToken>{from_token}</resumptionToken></ListRecords>")
        )

    repository = Repository({}, intercept=circle)
    with pytest.raises(PagingError, match="circle"):
        await harvest(manifest(), repository.platform)
    assert len(repository.asked) == 3


async def test_new_tokens_for_the_same_page_end_the_run() -> None:
    def same(asked: Mapping[str, str], number: int) -> Response | None:
        text = bytes(Repository(live("a", "b"))._verb({"verb": "ListRecords"}).body).decode()
        return Response(text.replace("</ListRecords>", f"<resumptionToken>t{number}</resumptionToken></ListRecords>"))

    repository = Repository({}, intercept=same)
    with pytest.raises(PagingError, match="second time"):
        await harvest(manifest(), repository.platform)
    assert len(repository.asked) == 2


@pytest.mark.parametrize("section", ["", "  sets: [s1, s2]\n", "  deletions: listIdentifiers\n", "  by: identifiers\n"])
async def test_every_checkpoint_goes_on_after_its_page(section: str) -> None:
    sets = {"s1": ("a", "b", "c"), "s2": ("d", "e", "f", "x")}
    records = {**FIVE, "f": False, "x": True}
    pages = await harvest(manifest(section), Repository(records, sets=sets).platform)
    for number, page in enumerate(pages):
        again = await harvest(
            manifest(section), Repository(records, sets=sets).platform, request=resumed(page.checkpoint)
        )
        assert ids(again) == ids(pages[number + 1 :])
        assert gone(again) == gone(pages[number + 1 :])


async def test_a_checkpoint_whose_token_has_expired_reads_its_set_again() -> None:
    def expired(asked: Mapping[str, str], number: int) -> Response | None:
        return error("badResumptionToken") if number == 1 else None

    pages = await harvest(manifest(), Repository(FIVE).platform)
    repository = Repository(FIVE, intercept=expired)
    assert ids(await harvest(manifest(), repository.platform, request=resumed(pages[0].checkpoint))) == [*FIVE]


async def test_deletions_are_told_where_list_records_has_them() -> None:
    repository = Repository({"a": False, "b": True, "c": True, "d": False})
    pages = await harvest(manifest(), repository.platform)
    assert (ids(pages), gone(pages)) == (["a", "d"], ["b", "c"])
    assert [page.rejected for page in pages] == [(), ()]


@pytest.mark.parametrize(("deletions", "told"), [("listRecords", []), ("listIdentifiers", ["b", "c"])])
async def test_deletions_that_list_records_omits_stand_in_the_headers(deletions: str, told: list[str]) -> None:
    repository = Repository({"a": False, "b": True, "c": True, "d": False}, silent=True)
    text = manifest(f"  deletions: {deletions}\n")
    pages = await harvest(text, repository.platform, request=HarvestRequest(since=SINCE))
    assert (ids(pages), gone(pages)) == (["a", "d"], told)
    wanted = ["Identify", "ListRecords"] + ["ListIdentifiers"] * (2 if told else 0)
    assert verbs(repository) == wanted
    assert [asked.get("from") for asked in repository.asked if "metadataPrefix" in asked] == [
        "2024-03-04T23:30:00Z"
    ] * (2 if told else 1)


async def test_a_repository_that_keeps_no_deletions_tells_none() -> None:
    repository = Repository(live("a"), silent=True)
    assert gone(await harvest(manifest("  deletions: listIdentifiers\n"), repository.platform)) == []


async def test_what_is_deleted_is_told_whatever_the_section_is_about() -> None:
    repository = Repository({"a": False, "b": True})
    text = manifest("  when: contains(oai:metadata, '课')\n")
    pages = await harvest(text, repository.platform)
    assert (ids(pages), gone(pages)) == (["a"], ["b"])


async def test_a_deletion_whose_id_is_not_found_is_rejected_and_not_lost() -> None:
    text = manifest("  deletions: listIdentifiers\n", "    nativeId: .//dc:title\n")
    pages = await harvest(text, Repository({"a": False, "b": True}, silent=True).platform)
    assert (ids(pages), gone(pages)) == (["课 a"], [])
    [rejected] = [one for page in pages for one in page.rejected]
    assert [finding.code for finding in rejected.findings] == ["nativeId.missing"]
    assert "<identifier>b</identifier>" in rejected.raw
