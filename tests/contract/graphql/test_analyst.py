"""What an analyst reads of reports agrees with the facts that were stored."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import event

from schema.identifiers import resource_id
from tests.contract.graphql.stored import StoredWorld, stored_world
from tests.contract.graphql.test_operations import FOLDER, RICH, VARIABLES, only
from tests.journeys.gateway import running, settings_for

ANALYST = (FOLDER / "analyst.graphql").read_text("utf-8")


@pytest.fixture
async def world(tmp_path: Path, stored_folder: Path) -> AsyncIterator[StoredWorld]:
    """Records and facts in a real database, behind the real catalog and the real statistics."""
    async with stored_world(tmp_path, stored_folder) as opened:
        yield opened


async def usage(world: StoredWorld, name: str) -> dict[str, Any]:
    """The report of one operation."""
    answer: dict[str, Any] = (await world.data(only(ANALYST, name), VARIABLES.get(name)))["usage"]
    return answer


async def test_regions_over_time_come_by_most_views_without_the_district_inside_the_municipality(
    world: StoredWorld,
) -> None:
    report = await usage(world, "RegionsOverTime")
    assert [(one["period"]["from"], one["period"]["to"], one["keys"][0]["label"]) for one in report["rows"]] == [
        ("2026-02-01", "2026-02-28", "重庆市"),
        ("2026-01-01", "2026-01-31", "重庆市"),
    ]
    february, january = (one["cells"] for one in report["rows"])
    assert [cell["quantity"] and cell["quantity"]["value"] for cell in (february[0], january[0])] == [1540.0, 1000.0]
    assert (february[1]["status"], february[1]["quantity"]) == ("NOT_PUBLISHED", None)
    assert (january[1]["method"], january[1]["quantity"]) == (
        "BOUNDS",
        {"value": None, "lower": 120.0, "upper": 200.0, "qualifier": "BETWEEN", "display": "120至200人"},
    )
    assert {platform["code"] for cell in (*february, *january) for platform in cell["platforms"]} == {"chongqing"}
    assert [one["code"] for one in report["caveats"]] == ["NESTED_REGION_LEFT_OUT", "INCOMPLETE"]
    reported = {(one["platform"]["code"], one["measure"]["code"]): one["daysReported"] for one in report["coverage"]}
    assert reported == {
        ("chongqing", "views"): 3,
        ("chongqing", "active_teachers"): 2,
        ("yuzhong", "views"): 1,
        ("yuzhong", "active_teachers"): 0,
    }


async def test_a_region_without_facts_has_no_rows_rather_than_zeros(world: StoredWorld) -> None:
    assert await usage(world, "ByCity") == {"totalCount": 0, "rows": []}


async def test_cursors_of_a_report_walk_its_rows_and_fit_no_other_report(world: StoredWorld) -> None:
    query = (
        "query($a: String, $by: [ReportDimension!]!) {"
        ' usage(measures: ["views"], groupBy: $by, first: 1, after: $a)'
        " { rows { keys { value } } pageInfo { hasNextPage endCursor } } }"
    )
    seen, after, more = [], None, True
    while more:
        page = (await world.data(query, {"a": after, "by": ["PLATFORM"]}))["usage"]
        seen += [row["keys"][0]["value"] for row in page["rows"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == ["chongqing", "orphaned", "yuzhong", "zibo"]
    assert (await world.refusal(query, {"a": after, "by": ["STAGE"]}))[0] == "CURSOR_INVALID"


async def test_usage_of_a_resource_is_what_its_platform_told_of_it(world: StoredWorld) -> None:
    cell = "measure { code } status quantity { value } asOf platforms { code }"
    used = await world.data(
        f'{{ resource(id: "{RICH}") {{ usage {{ {cell} }} none: usage(measures: []) {{ status }} }} }}'
    )
    assert used["resource"] == {
        "usage": [
            {
                "measure": {"code": "views"},
                "status": "OK",
                "quantity": {"value": 40.0},
                "asOf": "2026-02-11",
                "platforms": [{"code": "chongqing"}],
            }
        ],
        "none": [],
    }
    unused = await world.data(
        f'{{ resource(id: "{resource_id("chongqing", "L-3")}")'
        " { usage { status }"
        ' asked: usage(measures: ["plays", "views"]) { measure { code } status quantity { value } } } }'
    )
    assert unused["resource"] == {
        "usage": [],
        "asked": [
            {"measure": {"code": code}, "status": "NOT_PUBLISHED", "quantity": None} for code in ("plays", "views")
        ],
    }


async def test_usage_adds_no_statement_to_a_page_of_twenty(world: StoredWorld) -> None:
    assert world.database is not None
    statements: list[str] = []
    event.listen(world.database.engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    async def cost(fields: str) -> int:
        statements.clear()
        nodes = (await world.data(f"{{ search(first: 20) {{ nodes {{ title {fields} }} }} }}"))["search"]["nodes"]
        assert len(nodes) == 20
        return len(statements)

    assert await cost("") == await cost('usage(measures: ["views"]) { status }')


async def test_links_name_the_file_and_carry_question_age_and_signature(world: StoredWorld) -> None:
    links = await usage(world, "Export")
    for name in ("csv", "parquet"):
        link = urlsplit(links[name])
        assert (link.scheme, link.netloc, link.path) == ("https", "gateway.example", f"/exports/usage.{name}")
        assert set(parse_qs(link.query)) == {"q", "expires", "signature"}


async def test_a_link_opens_at_the_address_of_the_gateway_that_made_it(tmp_path: Path) -> None:
    async with running(settings_for(tmp_path, {}, builtin_platforms=False)) as client:
        data = await client.ask('{ usage(measures: ["views"]) { exportUrl(format: CSV) } }')
        url = data["usage"]["exportUrl"]
        assert url.startswith("http://gateway.example/exports/usage.csv?")
        file = await client.http.get(url)
    assert (file.status_code, file.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    assert "measure" in file.text.splitlines()[0]
