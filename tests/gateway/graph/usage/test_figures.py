"""Measures and published figures in the graph: reachable from every side, refetchable, refused with a hint."""

from typing import Any

import pytest

from schema.identifiers import GlobalId
from schema.measures import measures
from schema.published import published_figures
from schema.wording import worded
from tests.gateway.graph.usage.connected import ConnectedWorld
from tests.gateway.graph.world import World

COMMUNITY = "chengdu-chongqing-teacher-community"


def figure_id(code: str) -> str:
    """The global id of a figure."""
    return str(GlobalId("PublishedFigure", (code,)))


async def figures(arguments: str = "", fields: str = "id") -> list[dict[str, Any]]:
    """Published figures of these arguments."""
    given = f"({arguments})" if arguments else ""
    data = await ConnectedWorld().data(f"{{ publishedFigures{given} {{ {fields} }} }}")
    found: list[dict[str, Any]] = data["publishedFigures"]
    return found


async def test_every_measure_is_told_in_the_order_of_the_table() -> None:
    data = await World().data("{ measures { code name unit kind overTime overPlatforms description } }")
    assert data["measures"] == [
        {
            "code": one.code,
            "name": one.name,
            "unit": one.unit,
            "kind": one.kind,
            "overTime": one.over_time,
            "overPlatforms": one.over_platforms,
            "description": one.description,
        }
        for one in measures().values()
    ]
    assert len(data["measures"]) == 88


async def test_every_figure_is_told_with_its_one_owner() -> None:
    told = await figures(
        fields="""id measure { code } quantity { value lower upper qualifier unit display } platform { code }
        program { code } region { code } asOf { from to } source sourceUrl quote conflictsWith { id }"""
    )
    assert [one["id"] for one in told] == [figure_id(code) for code in published_figures()]
    assert len(told) == 73
    for one, row in zip(told, published_figures().values(), strict=True):
        assert one["measure"] == {"code": row.measure}
        assert one["quantity"]["display"] == worded(row.quantity)
        assert one["quantity"]["lower"] == (None if row.lower is None else float(row.lower))
        owners = [(one[name] or {}).get("code") for name in ("platform", "program", "region")]
        assert owners == [row.platform, row.program, row.region]
    assert sum(one["platform"] is None for one in told) == 7
    assert sum(bool(one["conflictsWith"]) for one in told) == 10


async def test_the_contradiction_of_zibo_stays_visible_from_both_claims() -> None:
    told = await figures(
        'regions: ["370300"], measures: ["online_research_sessions"]',
        "quantity { display qualifier } asOf { from to } quote conflictsWith { quantity { display } }",
    )
    day = {"from": "2023-01-29", "to": "2023-01-29"}
    assert told == [
        {
            "quantity": {"display": "6005场", "qualifier": "EXACT"},
            "asOf": day,
            "quote": "网络教研6005场",
            "conflictsWith": [{"quantity": {"display": "2000余场"}}],
        },
        {
            "quantity": {"display": "2000余场", "qualifier": "BETWEEN"},
            "asOf": day,
            "quote": "通过平台开展的2000余场网络教研",
            "conflictsWith": [{"quantity": {"display": "6005场"}}],
        },
    ]


async def test_a_figure_is_refetched_by_its_id() -> None:
    code = "chengdu-chongqing-co-developing-teachers"
    data = await ConnectedWorld().data(
        """query($id: ID!) { node(id: $id) { __typename ... on PublishedFigure { id
        quantity { value lower upper display } asOf { from to } program { code } platform { code } } } }""",
        {"id": figure_id(code)},
    )
    assert data["node"] == {
        "__typename": "PublishedFigure",
        "id": figure_id(code),
        "quantity": {"value": None, "lower": 2000, "upper": 10_000, "display": "数千名"},
        "asOf": {"from": "2025-01-01", "to": "2025-12-31"},
        "program": {"code": COMMUNITY},
        "platform": None,
    }


@pytest.mark.parametrize("identifier", [figure_id("no-such-figure"), str(GlobalId("PublishedFigure", ("a", "b")))])
async def test_an_id_of_no_figure_is_null(identifier: str) -> None:
    assert await World().data("query($id: ID!) { node(id: $id) { id } }", {"id": identifier}) == {"node": None}


async def test_a_joint_figure_is_reachable_from_its_program_and_from_both_platforms_and_regions_once() -> None:
    data = await ConnectedWorld().data(
        f"""{{ program(code: "{COMMUNITY}") {{ publishedFigures {{ id }} }}
        chongqing: platform(code: "chongqing") {{ publishedFigures {{ id }} }}
        sichuan: platform(code: "sichuan") {{ publishedFigures {{ id }} }}
        both: publishedFigures(regions: ["500000", "510000"]) {{ id }} }}"""
    )
    joint = [one["id"] for one in data["program"]["publishedFigures"]]
    assert len(joint) == 5
    for side, count in (("chongqing", 19), ("sichuan", 19)):
        ids = [one["id"] for one in data[side]["publishedFigures"]]
        assert len(ids) == len(set(ids)) == count
        assert set(joint) < set(ids)
    both = [one["id"] for one in data["both"]]
    assert len(both) == len(set(both)) == 54


async def test_figures_of_a_platform_and_a_program_can_be_narrowed_to_measures() -> None:
    data = await ConnectedWorld().data(
        """{ platform(code: "zibo") { publishedFigures(measures: ["investment"]) { quantity { display } } }
        neijiang: platform(code: "neijiang") { publishedFigures { id } }
        programs { publishedFigures(measures: ["schools_covered_joint"]) { quantity { display } } } }"""
    )
    assert data["platform"]["publishedFigures"] == [{"quantity": {"display": "3.48亿元"}}]
    assert data["neijiang"]["publishedFigures"] == []
    told = [one["publishedFigures"] for one in data["programs"] if one["publishedFigures"]]
    assert told == [[{"quantity": {"display": "1800余所"}}]]


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ("platforms: null, regions: null", 73),
        ("platforms: []", 0),
        ('platforms: ["zibo", "yuzhong"]', 38),
        ('regions: ["100000"]', 73),
        ('regions: ["500103"]', 19),
        ('regions: ["370000"], platforms: ["zibo"]', 19),
        (f'programs: ["{COMMUNITY}"], platforms: ["sichuan"]', 5),
        ('measures: ["internet_access_ratio", "multimedia_ratio"], regions: ["510000"]', 2),
    ],
)
async def test_arguments_all_hold_and_null_asks_nothing(arguments: str, count: int) -> None:
    assert len(await figures(arguments)) == count


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            'publishedFigures(platforms: ["ziboo"]) { id }',
            "platforms: 'ziboo' is unknown; possible are chongqing, national, neijiang, sichuan, yuzhong, zibo",
        ),
        ('publishedFigures(measures: ["view_total"]) { id }', "measures: 'view_total' is unknown; did you mean"),
        ('publishedFigures(measures: ["浏览"]) { id }', "measures: '浏览' is unknown; there are 88 of them"),
        (
            'publishedFigures(programs: ["chengyu"]) { id }',
            f"programs: 'chengyu' is unknown; possible are {COMMUNITY}, ",
        ),
        (
            'publishedFigures(regions: ["370399"]) { id }',
            "regions: '370399' is no known GB/T 2260 region code such as '500103'",
        ),
        ('platform(code: "zibo") { publishedFigures(measures: ["x"]) { id } }', "measures: 'x' is unknown"),
        (f'program(code: "{COMMUNITY}") {{ publishedFigures(measures: ["x"]) {{ id }} }}', "measures: 'x' is unknown"),
    ],
)
async def test_unknown_codes_are_refused_with_what_is_possible(query: str, message: str) -> None:
    code, said = await ConnectedWorld().refusal(f"{{ {query} }}")
    assert code == "INVALID_INPUT"
    assert said.startswith(message)


async def test_more_codes_than_anybody_needs_are_refused() -> None:
    many = {"measures": ["views"] * 501}
    code, message = await World().refusal(
        "query($measures: [String!]) { publishedFigures(measures: $measures) { id } }", many
    )
    assert (code, message) == ("LIMIT_EXCEEDED", "measures: 501 values, at most 500 are possible")


async def test_figures_of_figures_are_bounded_by_the_budget() -> None:
    aliases = " ".join(f"a{at}: publishedFigures {{ id }}" for at in range(140))
    body = await World().answer(f"{{ {aliases} }}")
    assert {error["extensions"]["code"] for error in body["errors"]} == {"LIMIT_EXCEEDED"}


async def test_a_figure_of_a_platform_whose_manifest_is_gone_still_names_it() -> None:
    data = await World().data(
        'query { publishedFigures(measures: ["output_classrooms"]) { platform { code name } quantity { display } } }'
    )
    assert data["publishedFigures"] == [
        {"platform": {"code": "sichuan", "name": "sichuan"}, "quantity": {"display": "168间"}}
    ]
