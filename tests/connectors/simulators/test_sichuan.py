"""四川云教 as it is asked: its key, its limits, walks, live search, errors beside data."""

import base64
import re
from datetime import datetime
from typing import Any

import pytest
from graphql import build_client_schema, get_introspection_query, lexicographic_sort_schema, print_schema

from connectors.simulators import Fault
from connectors.simulators.sichuan.execution import schema
from tests.connectors.simulators.clients import Clock
from tests.connectors.simulators.sichuan import LESSONS, Sichuan


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> Sichuan:
    return Sichuan(clock)


# who may ask, and what is refused


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic demo-scyj-5d0b7c2e9a41", "Bearer"])
async def test_without_its_key_nothing_is_told(platform: Sichuan, header: str | None) -> None:
    del platform.http.headers["Authorization"]
    headers = {"Authorization": header} if header else {}
    answer = await platform.http.post("/graphql", json={"query": "{lessons {totalCount}}"}, headers=headers)
    assert (answer.status_code, answer.json()) == (
        200,
        {"errors": [{"message": "令牌无效或已过期", "extensions": {"code": "UNAUTHENTICATED"}}]},
    )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"query": 1}', b'{"query": "{a}", "variables": []}'])
async def test_a_body_that_is_no_question_is_400(platform: Sichuan, body: bytes) -> None:
    answer = await platform.http.post("/graphql", content=body)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (400, {"code": "BAD_REQUEST"})


async def test_only_post_is_served(platform: Sichuan) -> None:
    assert (await platform.http.get("/graphql", params={"query": "{lessons {totalCount}}"})).status_code == 405


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{lessons {totalCoun}}", "GRAPHQL_VALIDATION_FAILED"),
        ("{lessons(filter: {stage: MIDDLE}) {totalCount}}", "GRAPHQL_VALIDATION_FAILED"),
        ("{lessons {totalCount}", "GRAPHQL_PARSE_FAILED"),
        ("query ($n: Int!) {lessons(first: $n) {totalCount}}", "BAD_USER_INPUT"),
        (
            "{...A} fragment A on Query {lesson(id: 1) {...B}} fragment B on Lesson {links {lesson {...B}}}",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ],
)
async def test_a_wrong_question_has_errors_and_no_data(platform: Sichuan, query: str, code: str) -> None:
    answer = await platform.ask(query)
    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}


async def test_ten_levels_may_be_asked_and_eleven_not(platform: Sichuan) -> None:
    def nested(innermost: str) -> str:
        first = platform.simulation.catalog.native_id(0)
        return f'lesson(id: "{first}") {"{links {lesson " * 4}{innermost}{"}}" * 4}'

    assert (await platform.get(f"{{{nested('{id}')}}}"))["lesson"]["links"]
    by_fragment = "{...Q} fragment Q on Query {" + nested("{...L}") + "} fragment L on Lesson {links {id}}"
    for deeper in ("{" + nested("{links {id}}") + "}", by_fragment):
        assert await platform.code(deeper) == ("QUERY_TOO_DEEP", None)


async def test_introspection_may_be_as_deep_as_tools_ask(platform: Sichuan) -> None:
    data = await platform.get(get_introspection_query(type_depth=9))
    shown = build_client_schema(data)
    assert print_schema(lexicographic_sort_schema(shown)) == print_schema(lexicographic_sort_schema(schema()))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("lessons(first: 101) {totalCount}", "LIMIT_EXCEEDED"),
        ("lessons(first: 0) {totalCount}", "BAD_USER_INPUT"),
        ("lessons(first: null) {totalCount}", "BAD_USER_INPUT"),
        ('lessons(after: "abc") {totalCount}', "BAD_USER_INPUT"),
        ('lessons(filter: {updatedAfter: "2024-03-05T09:30:00"}) {totalCount}', "BAD_USER_INPUT"),
        ("lessons(filter: {updatedAfter: 5}) {totalCount}", "BAD_USER_INPUT"),
        ('lesson(id: "TGVzc29uOjE4MDE=") {id}', "NOT_FOUND"),
        ('lesson(id: "Lesson:1") {id}', "NOT_FOUND"),
        ("alliances(size: 51) {total}", "LIMIT_EXCEEDED"),
        ("alliances(page: 0) {total}", "BAD_USER_INPUT"),
        ("searchLessons(size: 51) {total}", "LIMIT_EXCEEDED"),
        ("trainingRecords(first: 101) {totalCount}", "LIMIT_EXCEEDED"),
        ('usageDaily(from: "2024-13-01", to: "2024-12-02") {date}', "BAD_USER_INPUT"),
        ('usageDaily(from: "2023-01-01", to: "2024-12-02") {date}', "LIMIT_EXCEEDED"),
    ],
)
async def test_a_refused_argument_fails_its_field_and_leaves_the_others(
    platform: Sichuan, query: str, code: str
) -> None:
    name = re.split(r"\W", query, maxsplit=1)[0]
    answer = await platform.ask(f"{{{query} beside: alliances(size: 1) {{total}}}}")
    assert answer["data"] == {name: None, "beside": {"total": 44}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [([name], code)]


async def test_a_cursor_holds_only_in_its_own_order(platform: Sichuan) -> None:
    page = await platform.get("{lessons(first: 1) {pageInfo {endCursor}}}")
    cursor = page["lessons"]["pageInfo"]["endCursor"]
    query = "query ($c: String) {lessons(after: $c, orderBy: UPDATED_DESC) {totalCount}}"
    assert await platform.code(query, c=cursor) == ("BAD_USER_INPUT", ["lessons"])


# the catalog


async def test_the_walk_covers_everything_once(platform: Sichuan) -> None:
    pages = await platform.pages(LESSONS, "lessons", first=70)
    ids = [node["id"] for page in pages for node in page]
    assert [len(page) for page in pages] == [70] * 25 + [50]
    assert len(set(ids)) == len(ids) == 1_800
    assert base64.b64decode(ids[11]) == b"Lesson:12"


async def test_every_record_is_told_whole(platform: Sichuan) -> None:
    catalog = platform.simulation.catalog
    assert await platform.lessons() == [catalog.record(ordinal) for ordinal in catalog.ordinals()]


@pytest.mark.parametrize("order", ["CREATED_ASC", "UPDATED_ASC", "UPDATED_DESC"])
async def test_edits_while_walking_skip_nothing(platform: Sichuan, clock: Clock, order: str) -> None:
    catalog = platform.simulation.catalog
    first = (await platform.ask(LESSONS, first=100, orderBy=order))["data"]["lessons"]
    seen = [edge["node"]["id"] for edge in first["edges"]]
    clock.move(minutes=1)
    catalog.delete(seen[3])
    after = first["pageInfo"]["endCursor"]
    while True:
        page = (await platform.ask(LESSONS, first=100, orderBy=order, after=after))["data"]["lessons"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(set(seen)) == 1_800
    # what moved to the end of the order is met there again
    assert len(seen) == 1_800 + (order == "UPDATED_ASC")


@pytest.mark.parametrize(("order", "sign"), [("UPDATED_ASC", 1), ("UPDATED_DESC", -1)])
async def test_lessons_come_in_the_order_asked_for(platform: Sichuan, order: str, sign: int) -> None:
    lessons = await platform.lessons(orderBy=order)
    instants = [sign * datetime.fromisoformat(node["updatedAt"]).timestamp() for node in lessons]
    assert instants == sorted(instants)
    assert len(instants) == 1_800


async def test_what_was_updated_is_found_and_withdrawals_are_marked(platform: Sichuan, clock: Clock) -> None:
    clock.move(minutes=10)
    catalog = platform.simulation.catalog
    catalog.delete(catalog.native_id(7))
    (lesson,) = await platform.lessons(filter={"updatedAfter": "2025-11-03T12:10:00+08:00"})
    assert (lesson["id"], lesson["status"]) == (catalog.native_id(7), "WITHDRAWN")
    assert lesson["updatedAt"] == "2025-11-03T12:10:00+08:00"
    assert await platform.lessons(filter={"updatedAfter": "2025-11-03T12:10:01+08:00"}) == []


# live search and filters


async def test_search_answers_by_page(platform: Sichuan) -> None:
    query = """query ($p: Int) {searchLessons(keyword: "勾股定理", stage: JUNIOR, grade: "八年级", subject: "数学",
        page: $p, size: 50) {total page size items {title stage grade subject {code} status}}}"""
    first, second, third = [(await platform.get(query, p=number))["searchLessons"] for number in (1, 2, 3)]
    assert (first["total"], first["page"], first["size"]) == (59, 1, 50)
    assert (len(first["items"]), len(second["items"]), third["items"]) == (50, 9, [])
    assert {(item["stage"], item["grade"], item["subject"]["code"], item["status"]) for item in first["items"]} == {
        ("JUNIOR", "八年级", "S07", "PUBLISHED")
    }
    assert all("勾股定理" in item["title"] for item in first["items"])
    assert (await platform.get('{searchLessons(keyword: "无此词") {total items {id}}}'))["searchLessons"] == {
        "total": 0,
        "items": [],
    }


async def test_search_is_live(platform: Sichuan) -> None:
    query = '{searchLessons(keyword: "量子香肠") {total}}'
    assert (await platform.get(query))["searchLessons"]["total"] == 0
    platform.simulation.catalog.add(title="量子香肠")
    assert (await platform.get(query))["searchLessons"]["total"] == 1
    listed = '{lessons(filter: {keyword: "量子香肠"}) {totalCount}}'
    assert (await platform.get(listed))["lessons"]["totalCount"] == 1


async def test_filters_hold_together(platform: Sichuan) -> None:
    everything = platform.records()
    alliance = everything[0]["alliance"]["id"]
    wanted = {"allianceId": alliance, "subject": "S07", "updatedAfter": "2023-01-01T00:00:00+08:00"}
    expected = [
        node["id"]
        for node in everything
        if node["alliance"]["id"] == alliance
        and node["subject"]["code"] == "S07"
        and node["updatedAt"] >= "2023-01-01T00:00:00+08:00"
    ]
    found = [node["id"] for node in await platform.lessons(filter=wanted)]
    assert found == expected
    assert len(found) == 4


# what goes wrong


async def test_seeded_failures_of_the_statistics_service_stand_beside_the_data(platform: Sichuan) -> None:
    failed = []
    after = None
    for _ in range(18):
        answer = await platform.ask(LESSONS, first=100, after=after)
        page = answer["data"]["lessons"]
        failed += [
            (page["edges"][error["path"][2]]["node"], error["path"][4], error["extensions"]["code"])
            for error in answer.get("errors", ())
        ]
        after = page["pageInfo"]["endCursor"]
    assert [(node["id"], node["playCount"], name, code) for node, name, code in failed] == [
        (platform.simulation.catalog.native_id(ordinal), None, "playCount", "STATISTICS_UNAVAILABLE")
        for ordinal in (200, 553, 906, 1259, 1612)
    ]


async def test_one_field_fails_on_demand_while_its_neighbors_are_answered(platform: Sichuan) -> None:
    platform.simulation.faults.add(Fault("field:materials", skip=1))
    query = "{lessons(first: 3) {edges {node {id materials {after {id}}}}}}"
    answer = await platform.ask(query)
    assert [edge["node"]["materials"] is None for edge in answer["data"]["lessons"]["edges"]] == [False, True, False]
    (error,) = answer["errors"]
    assert error["path"] == ["lessons", "edges", 1, "node", "materials"]
    assert (error["message"], error["extensions"]) == ("上游服务超时", {"code": "UPSTREAM_TIMEOUT"})
    assert "errors" not in await platform.ask(query)


async def test_a_failing_field_that_may_not_be_null_takes_its_parent_along(platform: Sichuan) -> None:
    platform.simulation.faults.add(Fault("field:links"))
    answer = await platform.ask("{lessons(first: 2) {edges {node {links {id}}}} alliances {total}}")
    assert answer["data"] == {"lessons": None, "alliances": {"total": 44}}
    assert [error["path"] for error in answer["errors"]] == [["lessons", "edges", 0, "node", "links"]]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("throttled", [{"code": "THROTTLED", "retryAfter": 3}]),
        ("unauthenticated", [{"code": "UNAUTHENTICATED"}]),
        ("partial", [{"code": "UPSTREAM_TIMEOUT"}]),
        ("busy", [{"code": "SERVICE_BUSY"}]),
        ("server", [{"code": "INTERNAL_SERVER_ERROR"}]),
    ],
)
async def test_named_failures_come_once_under_200(platform: Sichuan, name: str, codes: list[Any]) -> None:
    platform.simulation.faults.fail(name)
    answer = await platform.ask("{lessons {totalCount}}")
    assert [error["extensions"] for error in answer["errors"]] == codes
    assert answer.get("data", "none") == ({"lessons": None} if name == "partial" else "none")
    assert await platform.get("{lessons {totalCount}}") == {"lessons": {"totalCount": 1_800}}


async def test_an_edited_value_that_the_schema_does_not_know_is_an_error_beside_data(platform: Sichuan) -> None:
    catalog = platform.simulation.catalog
    catalog.update(catalog.native_id(0), kind="神秘课型", playCount="很多")
    query = "{lessons(first: 1) {edges {node {playCount}}}}"
    answer = await platform.ask(query)
    assert answer["data"]["lessons"]["edges"] == [{"node": {"playCount": None}}]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL_SERVER_ERROR"]
    answer = await platform.ask("{lessons(first: 1) {edges {node {kind}}}}")
    assert answer["data"] == {"lessons": None}


async def test_requests_are_noted_and_faults_can_be_set_over_http(platform: Sichuan) -> None:
    assert (await platform.http.put("/__faults", json=[{"path": "field:totalPlays"}])).json() == {"active": 1}
    query = '{usageDaily(from: "2025-03-01", to: "2025-03-01") {totalPlays}}'
    assert await platform.code(query) == ("UPSTREAM_TIMEOUT", ["usageDaily", 0, "totalPlays"])
    assert list(platform.simulation.requests) == [("PUT", "/__faults"), ("POST", "/graphql")]
