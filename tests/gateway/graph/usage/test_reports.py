"""Reports of usage as a client sees them: rows, cells, coverage, caveats, pages and links."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.graph.budget import REPORT, UNITS, Budget
from gateway.graph.context import GraphServices
from gateway.graph.linked import platforms_by_code
from tests.gateway.graph.statistics import ROWS, MemoryUsage
from tests.gateway.graph.world import World

CELL = "measure { code } status quantity { value lower upper qualifier unit display } method asOf complete"
REPORT_OF_BOTH = f"""
{{
  usage(measures: ["views", "active_teachers"]) {{
    totalCount
    asOf
    measures {{ code unit kind }}
    rows {{ keys {{ dimension value label }} period {{ from to }} cells {{ {CELL} platforms {{ code name }} }} }}
    coverage {{ platform {{ code name }} measure {{ code }} firstDay lastDay daysReported complete }}
    caveats {{ code message platforms {{ code }} }}
  }}
}}
"""


async def report() -> dict[str, Any]:
    answer: dict[str, Any] = (await World().data(REPORT_OF_BOTH))["usage"]
    return answer


async def cells_of(platform: str) -> list[dict[str, Any]]:
    (row,) = [one for one in (await report())["rows"] if one["keys"][0]["value"] == platform]
    return list(row["cells"])


async def test_rows_come_in_the_order_of_the_statistics_with_their_keys_and_days() -> None:
    rows = (await report())["rows"]
    assert [one["keys"] for one in rows] == [
        [{"dimension": "PLATFORM", "value": one.keys[0].value, "label": one.keys[0].label}] for one in ROWS
    ]
    assert {(one["period"]["from"], one["period"]["to"]) for one in rows} == {("2026-03-01", "2026-03-31")}
    assert {tuple(cell["measure"]["code"] for cell in one["cells"]) for one in rows} == {("views", "active_teachers")}


async def test_a_report_tells_its_measures_and_when_its_facts_last_changed() -> None:
    told = await report()
    assert told["totalCount"] == 4
    assert told["asOf"] == "2026-03-01T04:00:00+00:00"
    assert told["measures"] == [
        {"code": "views", "unit": "人次", "kind": "FLOW"},
        {"code": "active_teachers", "unit": "人", "kind": "DISTINCT"},
    ]


async def test_an_exact_cell_and_a_bounded_one_say_how_they_were_put_together() -> None:
    views, teachers = await cells_of("chongqing")
    assert views == {
        "measure": {"code": "views"},
        "status": "OK",
        "quantity": {
            "value": 1600.0,
            "lower": 1600.0,
            "upper": 1600.0,
            "qualifier": "EXACT",
            "unit": "人次",
            "display": views["quantity"]["display"],
        },
        "method": "SUM",
        "asOf": "2026-03-31",
        "complete": True,
        "platforms": [{"code": "chongqing", "name": "重庆云课堂"}],
    }
    assert "1600" in views["quantity"]["display"]
    assert (teachers["status"], teachers["method"]) == ("OK", "BOUNDS")
    assert [teachers["quantity"][name] for name in ("value", "lower", "upper", "qualifier")] == [
        None, 120.0, 300.0, "BETWEEN",
    ]  # fmt: skip
    assert [one["code"] for one in teachers["platforms"]] == ["chongqing", "yuzhong"]


async def test_a_conflict_shows_the_span_of_its_claims_and_no_single_value() -> None:
    views, _ = await cells_of("zibo")
    assert views["status"] == "CONFLICT"
    assert [views["quantity"][name] for name in ("value", "lower", "upper", "qualifier")] == [
        None, 2000.0, 6005.0, "BETWEEN",
    ]  # fmt: skip
    assert views["quantity"]["display"]


@pytest.mark.parametrize(
    ("platform", "at", "status", "platforms"),
    [
        ("yuzhong", 0, "SUPPRESSED", ["yuzhong"]),
        ("yuzhong", 1, "NOT_ADDITIVE", ["yuzhong"]),
        ("zibo", 1, "NOT_PUBLISHED", []),
    ],
)
async def test_a_cell_without_a_number_is_null_and_says_why(
    platform: str, at: int, status: str, platforms: list[str]
) -> None:
    cell = (await cells_of(platform))[at]
    assert [cell[name] for name in ("status", "quantity", "method", "asOf", "complete")] == [
        status, None, "NONE", None, False,
    ]  # fmt: skip
    assert [one["code"] for one in cell["platforms"]] == platforms


async def test_a_platform_whose_manifest_is_gone_is_named_by_its_code() -> None:
    views, _ = await cells_of("orphaned")
    assert views["platforms"] == [{"code": "orphaned", "name": "orphaned"}]


async def test_coverage_and_caveats_name_their_platforms() -> None:
    told = await report()
    assert told["coverage"] == [
        {
            "platform": {"code": "chongqing", "name": "重庆云课堂"},
            "measure": {"code": "views"},
            "firstDay": "2026-03-01",
            "lastDay": "2026-03-31",
            "daysReported": 31,
            "complete": True,
        },
        {
            "platform": {"code": "zibo", "name": "淄博交互式在线教学系统"},
            "measure": {"code": "active_teachers"},
            "firstDay": None,
            "lastDay": None,
            "daysReported": 0,
            "complete": False,
        },
    ]
    assert told["caveats"] == [
        {
            "code": "NESTED_REGION_LEFT_OUT",
            "message": "渝中 lies in 重庆 and was left out",
            "platforms": [{"code": "yuzhong"}, {"code": "chongqing"}],
        }
    ]


async def test_a_walk_by_cursor_sees_every_row_once() -> None:
    world, seen, after = World(), [], None
    query = (
        'query($a: String) { usage(measures: ["views"], first: 3, after: $a)'
        " { rows { keys { value } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )
    while True:
        page = (await world.data(query, {"a": after}))["usage"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [one["keys"][0]["value"] for one in page["rows"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == [one.keys[0].value for one in ROWS]
    assert world.usage.calls == {"report": 2}


async def test_a_link_to_the_file_begins_with_the_address_that_the_client_used() -> None:
    data = await World().data(
        '{ usage(measures: ["views"]) { csv: exportUrl(format: CSV) sheet: exportUrl(format: XLSX)'
        " parquet: exportUrl(format: PARQUET) } }"
    )
    assert data["usage"] == {
        "csv": "https://gateway.example/exports/usage.csv?q=views",
        "sheet": "https://gateway.example/exports/usage.xlsx?q=views",
        "parquet": "https://gateway.example/exports/usage.parquet?q=views",
    }


async def test_a_link_that_cannot_be_made_blanks_nothing_else_of_its_report() -> None:
    body = await World().answer(
        '{ usage(measures: ["views", "plays", "downloads"]) { totalCount exportUrl(format: CSV) } }'
    )
    assert body["data"]["usage"] == {"totalCount": 4, "exportUrl": None}
    (error,) = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["usage", "exportUrl"], "LIMIT_EXCEEDED")


async def test_a_thousand_rows_of_three_measures_make_each_platform_once() -> None:
    context = World().context()
    platform = platforms_by_code(context)
    assert platform("chongqing") is platform("chongqing")
    rows = tuple(replace(ROWS[1], cells=ROWS[1].cells * 3) for _ in range(1000))
    world = World(usage=MemoryUsage(rows=rows))
    data = await world.data('{ usage(measures: ["views"], first: 1000) { rows { cells { platforms { code } } } } }')
    assert sum(len(row["cells"]) for row in data["usage"]["rows"]) == 3000
    assert world.usage.calls == {"report": 1}
    assert not world.catalog.calls
    assert not world.states.calls


async def test_reports_cost_as_much_as_ten_searches_and_their_cells_a_fifth_of_a_unit() -> None:
    world = World(usage=MemoryUsage(rows=(ROWS[1],) * 1000))
    shown = 'usage(measures: ["views", "active_teachers"], first: 1000) { rows { period { from } } }'
    context = world.context()
    body = (await world.executor.execute(f"{{ {shown} }}", context)).body
    assert "errors" not in body
    left = UNITS - REPORT - 2000 // 5
    context.budget.spend(left)
    assert (await world.executor.execute(f"{{ {shown} }}", context)).body["errors"][0]["extensions"]["code"] == (
        "LIMIT_EXCEEDED"
    )
    assert world.usage.calls == {"report": 1}, "refused before the statistics were asked"


async def test_rows_beyond_the_budget_are_refused_and_their_siblings_answered() -> None:
    world = World(usage=MemoryUsage(rows=(ROWS[1],) * 1000))
    context = replace(world.context(), budget=Budget(REPORT + 50))
    text = '{ usage(measures: ["views"], first: 1000) { rows { period { from } } } platforms { code } }'
    body = (await world.executor.execute(text, context)).body
    assert body["data"]["usage"] is None
    assert len(body["data"]["platforms"]) == 3
    (error,) = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["usage", "rows"], "LIMIT_EXCEEDED")
    assert "a report 200 and 1 for every 5 cells" in error["message"]


@dataclass
class WithoutUsage(World):
    """A world whose statistics are not open."""

    @property
    def services(self) -> GraphServices:
        return replace(super().services, usage=None)


async def test_without_statistics_usage_is_not_ready_and_the_rest_is_answered() -> None:
    body = await WithoutUsage().answer(
        '{ usage(measures: ["views"]) { totalCount } search(first: 1) { nodes { title usage { status } } } }'
    )
    assert body["data"]["usage"] is None
    (node,) = body["data"]["search"]["nodes"]
    assert (bool(node["title"]), node["usage"]) == (True, None)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["NOT_READY", "NOT_READY"]
    assert {error["message"] for error in body["errors"]} == {"the report service is not open here"}
