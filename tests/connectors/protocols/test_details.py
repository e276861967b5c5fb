"""Details: one request per record or per batch, what is missing, and what is never asked."""

from collections.abc import Mapping
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.errors import ConnectorError, Malformed, Transient, UpstreamFailure
from connectors.manifest import read_manifest
from connectors.records import HarvestPage
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, harvest, ids, json, rows

FIELDS = "    nativeId: id\n    title: {path: detail.name, alternatives: [title]}\n    kind: {constant: LESSON}\n"
ONE_BY_ONE = "  detail: {request: {path: '/lessons/{id}', query: {lang: zh}}, records: data}\n"
BATCH = "  detail: {request: {path: /many}, records: data, batch: {ids: id, key: key, parameter: ids, size: 2}}\n"


def text(section: str, **more: str) -> str:
    """A manifest whose records are completed."""
    return manifest(harvest=section, fields=FIELDS, **more)


def platform(records: list[Any], details: Mapping[str, Response]) -> Scripted:
    """Lists the records, and has these answers by the last part of a path."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        if request.url.path == "/items":
            return json(records)
        return details.get(request.url.path.rpartition("/")[2], json({}, 404))

    return Scripted(answer)


def named(*names: str) -> dict[str, Response]:
    """Details by id."""
    return {name: json({"data": {"name": f"详情{name}"}}) for name in names}


def titles(pages: list[HarvestPage]) -> list[str]:
    """What was mapped."""
    return [one.record.title for page in pages for one in page.accepted]


async def test_every_record_is_asked_for_by_itself() -> None:
    lessons = platform(rows(1, 2), named("1", "2"))
    assert titles(await harvest(text(ONE_BY_ONE), lessons)) == ["详情1", "详情2"]
    assert sorted(target for _, target, _, _ in lessons.asked) == ["/items", "/lessons/1?lang=zh", "/lessons/2?lang=zh"]


async def test_a_detail_that_is_missing_rejects_its_record() -> None:
    pages = await harvest(text(ONE_BY_ONE), platform(rows(1, 2, 3), named("1", "3")))
    assert titles(pages) == ["详情1", "详情3"]
    [rejected] = pages[0].rejected
    assert [one.code for one in rejected.findings] == ["record.detailMissing"]
    assert "HTTP 404" in rejected.findings[0].message
    assert '"id":2' in rejected.raw


async def test_a_detail_that_is_missing_may_be_done_without() -> None:
    section = ONE_BY_ONE.replace("records: data", "records: data, missing: keep")
    pages = await harvest(text(section), platform(rows(1, 2), named("1")))
    assert titles(pages) == ["详情1", "第2课"]
    assert titles(await harvest(text(section), platform(rows(1, 2), {}))) == ["第1课", "第2课"]


async def test_keeping_spares_what_is_missing_and_not_what_is_refused() -> None:
    section = ONE_BY_ONE.replace("records: data", "records: data, missing: keep")
    pages = await harvest(text(section), platform(rows(1, 2), {**named("1"), "2": json({}, 400)}))
    assert titles(pages) == ["详情1"]
    assert [one.findings[0].code for one in pages[0].rejected] == ["record.detailMissing"]


@pytest.mark.parametrize("status", [404, 400])
async def test_when_every_detail_is_refused_it_is_not_the_records_fault(status: int) -> None:
    refused = {name: json({}, status) for name in "123"}
    with pytest.raises(UpstreamFailure, match=f"no detail of 3 records can be had: .*HTTP {status}"):
        await harvest(text(ONE_BY_ONE), platform(rows(1, 2, 3), refused))


async def test_a_disturbance_of_one_detail_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.protocols.exchange.PAUSE", 0.001)
    with pytest.raises(Transient):
        await harvest(text(ONE_BY_ONE), platform(rows(1, 2), {**named("1"), "2": json({}, 503)}))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("a/b", "/lessons/a%2Fb"),
        ("../admin", "/lessons/..%2Fadmin"),
        ("a?b=c#d", "/lessons/a%3Fb%3Dc%23d"),
        ("课 1", "/lessons/%E8%AF%BE%201"),
        ("//evil.example/", "/lessons/%2F%2Fevil.example%2F"),
        ("a%2e%2e", "/lessons/a%252e%252e"),
        ("\r\nX: y", "/lessons/%0D%0AX%3A%20y"),
    ],
)
async def test_ids_stay_one_step_of_the_path(name: str, asked: str) -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["raw_path"].decode())
        body = b'{"data": {"name": "n"}}' if len(seen) > 1 else b'[{"id": "%s"}]' % name.encode("unicode_escape")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    lessons = Scripted(lambda request, body, number: json({}))
    lessons.app = app  # type: ignore[assignment]
    await harvest(text(ONE_BY_ONE), lessons)
    assert seen == ["/items", asked]


@pytest.mark.parametrize("name", ["..", ".", "", None, True, [], {}])
async def test_ids_that_are_no_step_of_a_path_are_never_asked_for(name: Any) -> None:
    lessons = platform([{"id": name, "title": "课"}, *rows(1)], named("1"))
    [page] = await harvest(text(ONE_BY_ONE), lessons)
    assert ids([page]) == ["1"]
    assert "lacks what its request is filled from" in page.rejected[0].findings[0].message
    assert len(lessons.asked) == 2


async def test_only_records_that_want_one_are_asked_for() -> None:
    section = ONE_BY_ONE.replace("records: data", "records: data, when: full")
    records = [{"id": 1, "title": "第1课", "full": True}, {"id": 2, "title": "第2课"}]
    lessons = platform(records, named("1"))
    assert titles(await harvest(text(section), lessons)) == ["详情1", "第2课"]
    assert len(lessons.asked) == 2


async def test_nobody_asks_for_the_detail_of_what_is_deleted() -> None:
    lessons = platform([{"id": 1, "gone": True}, *rows(2)], named("2"))
    [page] = await harvest(text("  deleted: gone\n" + ONE_BY_ONE), lessons)
    assert (page.deleted, ids([page]), len(lessons.asked)) == (("1",), ["2"], 2)


def many(answers: Any, records: list[Any]) -> Scripted:
    """A platform with details in batches."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        if request.url.path == "/items":
            return json(records)
        return json(answers(request.query_params["ids"].split(",")))

    return Scripted(answer)


async def test_details_come_in_batches() -> None:
    answer = lambda names: {"data": [{"key": name, "name": f"详情{name}"} for name in reversed(names)]}  # noqa: E731
    lessons = many(answer, rows(1, 2, 3))
    assert titles(await harvest(text(BATCH), lessons)) == ["详情1", "详情2", "详情3"]
    assert [target for _, target, _, _ in lessons.asked] == ["/items", "/many?ids=1%2C2", "/many?ids=3"]


async def test_a_record_that_its_batch_leaves_out_is_rejected_or_kept() -> None:
    records = [*rows(1, 2), {"title": "无号"}]
    lessons = many(lambda names: {"data": [{"key": int(name), "name": "详"} for name in names if name != "2"]}, records)
    [page] = await harvest(text(BATCH), lessons)
    assert titles([page]) == ["详"]
    assert [one.findings[0].message for one in page.rejected] == [
        "its detail cannot be had: the answer holds no detail of 2",
        "its detail cannot be had: it has no id",
    ]
    assert "None" not in "".join(target for _, target, _, _ in lessons.asked)
    kept = BATCH.replace("records: data", "records: data, missing: keep")
    assert titles(await harvest(text(kept), many(lambda names: {"data": []}, rows(1, 2)))) == ["第1课", "第2课"]


@pytest.mark.parametrize(("answer", "kind"), [({"data": None}, Malformed), ({"data": []}, UpstreamFailure)])
async def test_a_batch_without_any_detail_ends_the_run(answer: Any, kind: type[ConnectorError]) -> None:
    with pytest.raises(kind) as caught:
        await harvest(text(BATCH), many(lambda names: answer, rows(1, 2)))
    assert type(caught.value) is kind


async def test_a_record_too_deep_to_be_kept_is_rejected_without_its_detail() -> None:
    deep = b'[{"id":1,"title":"t","a":' + b"[" * 400 + b"]" * 400 + b'},{"id":2,"title":"t"}]'

    def answer(request: Request, body: bytes, number: int) -> Response:
        if request.url.path == "/items":
            return Response(deep)
        return named("2").get(request.url.path.rpartition("/")[2], json({}, 404))

    [page] = await harvest(text(ONE_BY_ONE), Scripted(answer))
    assert (ids([page]), len(page.rejected)) == (["2"], 1)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("  detail: {request: {path: /all}}\n", "the request must name the record"),
        ("  as: xml\n  records: i\n  detail: {request: {path: '/{id}'}}\n", "complete JSON records, not XML ones"),
        ("  as: xml\n  records: i\n  joins: {t: {request: {path: /t}, key: a, on: b}}\n", "not XML ones"),
    ],
)
def test_a_detail_that_cannot_work_is_refused_at_reading(section: str, words: str) -> None:
    reading = read_manifest(text(section))
    assert reading.connector is None
    assert any(words in finding.message for finding in reading.findings)
