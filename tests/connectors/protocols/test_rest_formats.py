"""REST answers that are not plain JSON, ids of deleted records, and windows of days."""

from datetime import UTC, datetime

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.errors import Malformed, PagingError
from connectors.manifest import read_manifest
from connectors.records import HarvestRequest
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, harvest, ids, json, resumed, rows

XML_FIELDS = "    nativeId: e:id\n    title: e:title\n    kind: {constant: LESSON}\n"
XML = manifest(
    harvest="  as: xml\n  namespaces: {e: 'urn:edu'}\n  records: .//e:lesson\n  deletedIds: gone.id\n",
    fields=XML_FIELDS,
)
LESSONS = (
    '<list xmlns="urn:edu"><lesson><id>1</id><title>第1课</title></lesson><lesson><id>2</id><title/></lesson>{}</list>'
)


def xml(text: str) -> Scripted:
    """A platform that answers with this document."""
    return Scripted(lambda request, body, number: Response(text, media_type="application/xml"))


async def test_xml_is_read_with_its_namespaces() -> None:
    platform = xml(LESSONS.format(""))
    [page] = await harvest(XML, platform)
    assert (ids([page]), page.deleted) == (["1"], ())
    [rejected] = page.rejected
    assert (rejected.native_id, [one.code for one in rejected.findings]) == ("2", ["title.missing"])
    assert rejected.raw == '<lesson xmlns="urn:edu"><id>2</id><title/></lesson>'
    assert platform.asked[0][3]["accept"] == "text/xml, application/xml"


@pytest.mark.parametrize(
    ("written", "deleted"),
    [("<gone><id>7</id></gone>", ("7",)), ("<gone><id>7</id><id>8</id></gone>", ("7", "8")), ("<gone/>", ())],
)
async def test_ids_of_deleted_records_in_xml_may_be_one_or_many(written: str, deleted: tuple[str, ...]) -> None:
    [page] = await harvest(XML, xml(LESSONS.format(written)))
    assert page.deleted == deleted


@pytest.mark.parametrize(
    ("gone", "deleted"),
    [(7, ("7",)), ("8", ("8",)), ([True, 1.5, {}, "a\x00b", "x" * 300, 9], ("9",)), (None, ()), ("", ())],
)
async def test_only_what_can_be_an_id_is_deleted(gone: object, deleted: tuple[str, ...]) -> None:
    platform = Scripted(lambda request, body, number: json({"items": [], "gone": gone}))
    [page] = await harvest(manifest(harvest="  records: items\n  deletedIds: gone\n"), platform)
    assert page.deleted == deleted


async def test_xml_pages_by_what_its_elements_say() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        more = "<next>b</next>" if "cursor" not in request.query_params else ""
        return Response(
            f"<r><total>2</total>{more}<i><id>{number}</id><title>课</title></i></r>", media_type="text/xml"
        )

    text = manifest(
        harvest="  as: xml\n  records: i\n  paging: {kind: cursor, next: next, total: total}\n",
    )
    pages = await harvest(text, Scripted(answer))
    assert (ids(pages), [page.expected for page in pages]) == (["1", "2"], [2, 2])


async def test_another_document_in_the_midst_never_ends_an_xml_listing() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        page = f"<r><i><id>{number}</id><title>课</title></i></r>" if number < 3 else "<fault>维护</fault>"
        return Response(page, media_type="text/xml")

    platform = Scripted(answer)
    with pytest.raises(Malformed, match="a fault element where the pages before were r"):
        await harvest(manifest(harvest="  as: xml\n  records: i\n  paging: {kind: page, size: 1}\n"), platform)
    assert len(platform.asked) == 3


async def test_thousands_of_equal_elements_take_no_time() -> None:
    items = "".join(f"<i><id>{number}</id><title>课</title></i>" for number in range(30_000))
    [page] = await harvest(manifest(harvest="  as: xml\n  records: i\n"), xml(f"<r>{items}</r>"))
    assert len(page.accepted) == 30_000


async def test_failure_rows_look_into_xml_records() -> None:
    text = manifest(
        top="failures: [{record: \"state == 'broken'\", outcome: skipRecord, message: why}]\n",
        harvest="  as: xml\n  records: i\n",
    )
    [page] = await harvest(text, xml("<r><i><id>1</id><title>课</title><state>broken</state><why>转码中</why></i></r>"))
    assert (ids([page]), page.rejected[0].findings[0].message) == ([], "the platform says: 转码中")


async def test_json_lines_are_records() -> None:
    lines = b"\xef\xbb\xbf" + b"\n\n".join(orjson.dumps(row) for row in rows(1, 2)) + b"\r\n"
    platform = Scripted(lambda request, body, number: Response(lines))
    assert ids(await harvest(manifest(harvest="  as: jsonLines\n"), platform)) == ["1", "2"]


async def test_a_broken_json_line_is_malformed() -> None:
    platform = Scripted(lambda request, body, number: Response(b'{"id": 1}\n{"id":'))
    with pytest.raises(Malformed, match="JSON Lines was due"):
        await harvest(manifest(harvest="  as: jsonLines\n"), platform)


@pytest.mark.parametrize(
    ("form", "records", "inner"),
    [
        ("json", "items", orjson.dumps({"items": rows(1, 2)}).decode()),
        ("jsonLines", "'@'", "\n".join(orjson.dumps(row).decode() for row in rows(1, 2))),
        ("xml", "i", "<r><i><id>1</id><title>课</title></i><i><id>2</id><title>课</title></i></r>"),
        (
            "xml",
            "i",
            '<?xml version="1.0" encoding="GBK"?><r>'
            "<i><id>1</id><title>课</title></i><i><id>2</id><title>课</title></i></r>",
        ),
    ],
)
async def test_an_answer_may_stand_in_a_text_of_another(form: str, records: str, inner: str) -> None:
    text = manifest(harvest=f"  as: {form}\n  inside: data.body\n  records: {records}\n")
    [page] = await harvest(text, Scripted(lambda request, body, number: json({"data": {"body": inner}})))
    assert ids([page]) == ["1", "2"]
    assert page.accepted[0].record.title in ("课", "第1课")


@pytest.mark.parametrize(
    ("body", "words"),
    [({"data": {}}, "no text at 'data.body'"), ({"data": {"body": "{"}}, "not JSON"), ([], "no text at")],
)
async def test_an_answer_that_is_not_inside_is_malformed(body: object, words: str) -> None:
    text = manifest(harvest="  inside: data.body\n  records: items\n")
    with pytest.raises(Malformed, match=words):
        await harvest(text, Scripted(lambda request, _, number: json(body)))


def test_xml_without_a_path_to_its_records_is_refused() -> None:
    assert "records: an XPath" in read_manifest(manifest(harvest="  as: xml\n")).findings[0].message


WINDOWS = manifest(
    harvest="  records: items\n  paging: {kind: window, since: 2024-01-01, fromParameter: a, toParameter: b}\n"
)


async def test_windows_are_walked_and_may_be_equal() -> None:
    platform = Scripted(lambda request, body, number: json({"items": rows(1)}))
    since = HarvestRequest(since=datetime.now(UTC))
    [page] = await harvest(WINDOWS, platform, request=since)
    assert ids([page]) == ["1"]
    everything = Scripted(lambda request, body, number: json({"items": rows(1)}))
    pages = await harvest(WINDOWS, everything)
    assert len(pages) == len(everything.asked) > 20
    assert {tuple(ids([page])) for page in pages} == {("1",)}
    assert [target for _, target, _, _ in everything.asked[:2]] == [
        "/items?a=2024-01-01&b=2024-01-31",
        "/items?a=2024-02-01&b=2024-02-29",
    ]
    again = Scripted(lambda request, body, number: json({"items": rows(1)}))
    rest = await harvest(WINDOWS, again, request=resumed(pages[4].checkpoint))
    assert [target for _, target, _, _ in again.asked] == [target for _, target, _, _ in everything.asked[5:]]
    assert len(rest) == len(pages) - 5


async def test_equal_pages_within_a_window_end_the_run() -> None:
    text = WINDOWS.replace("toParameter: b", "toParameter: b, each: {kind: page, size: 1}")
    platform = Scripted(lambda request, body, number: json({"items": rows(1)}))
    with pytest.raises(PagingError, match="second time"):
        await harvest(text, platform)
    assert len(platform.asked) == 2
