"""Ids, nodes, and the fields of every node."""

import pytest

from gateway.identity import ADMINISTRATOR
from schema.identifiers import GlobalId, resource_id
from tests.gateway.graph.world import World

RICH = resource_id("chongqing", "YKT-0000000")
SECRET = resource_id("chongqing", "S-1")
REGION = str(GlobalId("Region", ("500103",)))
PLATFORM = str(GlobalId("Platform", ("zibo",)))
PROGRAM = str(GlobalId("Program", ("chengyu",)))
NOBODY = (
    "",
    "x",
    "山海",
    "=" * 9,
    RICH + "=",
    RICH[:-3],
    SECRET,
    resource_id("chongqing", "unknown"),
    str(GlobalId("Resource", ("chongqing",))),
    str(GlobalId("Resource", ("a", "b", "c"))),
    str(GlobalId("Region", ("990000",))),
    str(GlobalId("Region", ("500103", "x"))),
    str(GlobalId("Platform", ("nowhere",))),
    str(GlobalId("Program", ("nowhere",))),
    str(GlobalId("Connector", ("chongqing",))),
)


@pytest.mark.parametrize("identifier", NOBODY)
async def test_an_id_that_is_malformed_unknown_or_hidden_is_null(identifier: str) -> None:
    data = await World().data(
        "query($id: ID!) { node(id: $id) { id } resource(id: $id) { id } nodes(ids: [$id]) { id } }", {"id": identifier}
    )
    assert data == {"node": None, "resource": None, "nodes": [None]}


async def test_nodes_keep_the_order_and_length_of_the_ids_and_load_resources_together() -> None:
    world = World()
    ids = [PLATFORM, "x", RICH, REGION, SECRET, PROGRAM, RICH]
    data = await world.data("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", {"ids": ids})
    assert [one and one["id"] for one in data["nodes"]] == [PLATFORM, None, RICH, REGION, None, PROGRAM, RICH]
    assert [one and one["__typename"] for one in data["nodes"]] == [
        "Platform", None, "Resource", "Region", None, "Program", "Resource",
    ]  # fmt: skip
    assert world.catalog.calls == {"resources": 1}


async def test_more_than_a_hundred_ids_are_refused() -> None:
    code, message = await World().refusal("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [RICH] * 101})
    assert (code, message) == ("LIMIT_EXCEEDED", "number of ids: 101 is not between 0 and 100")


async def test_a_hidden_resource_is_shown_to_the_administrator() -> None:
    data = await World().data(f'{{ resource(id: "{SECRET}") {{ title access }} }}', principal=ADMINISTRATOR)
    assert data["resource"] == {"title": "校本 勾股定理", "access": "SCHOOL"}


async def test_every_field_of_a_resource_is_told() -> None:
    data = await World().data(
        f"""{{ resource(id: "{RICH}") {{
          id nativeId url title summary language kind stages schoolSystem volume keywords teachingModes classroomKind
          delivery publishedAt updatedAt startsAt durationSeconds thumbnailUrl access openToViewer
          platform {{ id code simulated }} region {{ code level parent {{ name }} }} audienceRegions {{ code }}
          translations {{ language title machine }} subjects {{ scheme code label native }} edition {{ code native }}
          provider {{ name kind region {{ name }} }} contributors {{ name role organization {{ name }} }}
          program {{ id name }} files {{ url mediaType sizeBytes requiresLogin }} license {{ code }}
          sharing {{ copy adapt validTo }} review {{ status reviewedAt }}
          evaluations {{ evaluator dimension score evaluatedOn }} awards {{ name level }}
          recognitions {{ organization {{ name }} state }}
          provenance {{ manifestVersion fetchedAt digest unmapped }}
        }} }}"""
    )
    told = data["resource"]
    assert told["id"] == RICH
    assert told["schoolSystem"] == "FIVE_FOUR"
    assert told["durationSeconds"] is None, "longer than GraphQL's Int"
    assert told["openToViewer"] is True
    assert told["region"] == {"code": "500103", "level": "DISTRICT", "parent": {"name": "重庆市"}}
    assert told["audienceRegions"] == [{"code": "500103"}], "a code that is no region is left out"
    assert told["subjects"][1] == {"scheme": "SUBJECT", "code": "X-LOCAL", "label": "地方课程", "native": "地方课程"}
    assert told["contributors"] == [{"name": None, "role": "AUTHOR", "organization": None}]
    assert told["files"][0]["sizeBytes"] == 5e9
    assert told["sharing"] == {"copy": "PROVINCE", "adapt": "CITY", "validTo": "2027-01-01"}
    assert told["evaluations"] == [
        {"evaluator": "THIRD_PARTY", "dimension": "内容", "score": "4.5", "evaluatedOn": None}
    ]
    assert told["program"] == {"id": PROGRAM, "name": "成渝地区双城经济圈教师共同体"}
    assert told["provenance"]["unmapped"] == ["subject: 国学"]


async def test_open_to_viewer_takes_the_platform_and_the_resource_together() -> None:
    query = "query($id: ID!) { resource(id: $id) { access openToViewer } }"
    world = World()
    registered = await world.data(query, {"id": resource_id("chongqing", "R-1")})
    assert registered["resource"] == {"access": "REGISTERED", "openToViewer": False}
    narrow_platform = await world.data(query, {"id": resource_id("yuzhong", "L-3")})
    assert narrow_platform["resource"] == {"access": "PUBLIC", "openToViewer": False}


async def test_a_record_of_a_platform_that_is_gone_is_still_shown() -> None:
    data = await World().data(
        f'{{ resource(id: "{resource_id("orphaned", "L-999")}") {{ platform {{ code name region {{ code }} }} }} }}'
    )
    assert data["resource"]["platform"] == {"code": "orphaned", "name": "orphaned", "region": {"code": "100000"}}


async def test_links_come_page_by_page_in_the_order_of_the_course() -> None:
    query = (
        "query($id: ID!, $a: String) { resource(id: $id) { related(relations: [HAS_PART], first: 50, after: $a)"
        " { totalCount edges { cursor relation node { nativeId } } nodes { id }"
        " pageInfo { hasNextPage endCursor } } } }"
    )
    world = World()
    first = (await world.data(query, {"id": RICH}))["resource"]["related"]
    assert [edge["node"]["nativeId"] for edge in first["edges"]] == [f"L-{number}" for number in range(1, 51)]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (60, True)
    second = (await world.data(query, {"id": RICH, "a": first["pageInfo"]["endCursor"]}))["resource"]["related"]
    assert [edge["node"]["nativeId"] for edge in second["edges"]] == [f"L-{number}" for number in range(51, 61)]
    assert second["pageInfo"]["hasNextPage"] is False


async def test_platforms_are_found_by_region_code_and_native_id() -> None:
    world = World()
    data = await world.data(
        '{ all: platforms { code } inside: platforms(regions: ["500000"]) { code }'
        " none: platforms(regions: []) { code }"
        ' one: platform(code: "yuzhong") { name resource(nativeId: "L-3") { id } lost: resource(nativeId: "") { id } }'
        ' nobody: platform(code: "") { id } }'
    )
    assert [one["code"] for one in data["all"]] == ["chongqing", "yuzhong", "zibo"]
    assert [one["code"] for one in data["inside"]] == ["chongqing", "yuzhong"]
    assert data["none"] == []
    assert data["one"]["resource"] == {"id": resource_id("yuzhong", "L-3")}
    assert data["one"]["lost"] is None
    assert data["nobody"] is None
    assert (await world.refusal('{ platforms(regions: ["cq"]) { code } }'))[0] == "INVALID_INPUT"


async def test_platforms_tell_health_and_freshness_and_unknown_ones_say_so() -> None:
    data = await World().data(
        "{ platforms { code resourceCount capabilities lastHarvestedAt health { state lastError circuits { open } } } }"
    )
    assert data["platforms"][1] == {
        "code": "yuzhong",
        "resourceCount": 20,
        "capabilities": ["HARVEST", "INCREMENTAL", "LIVE_SEARCH"],
        "lastHarvestedAt": "2026-03-01T04:00:00+00:00",
        "health": {"state": "DOWN", "lastError": "login page instead of JSON", "circuits": []},
    }
    assert data["platforms"][2]["health"] == {"state": "UNKNOWN", "lastError": None, "circuits": []}
    assert data["platforms"][2]["resourceCount"] == 0


async def test_regions_are_walked_up_and_down() -> None:
    data = await World().data(
        '{ top: regions { code } below: regions(parent: "500000") { code }'
        ' region(code: "370300") { name level parent { code } ancestors { code } } unknown: region(code: "") { id } }'
    )
    assert {"code": "500000"} in data["top"]
    assert {"code": "500103"} in data["below"]
    assert data["region"] == {
        "name": "淄博市",
        "level": "CITY",
        "parent": {"code": "370000"},
        "ancestors": [{"code": "100000"}, {"code": "370000"}],
    }
    assert data["unknown"] is None


@pytest.mark.parametrize("query", ['regions(parent: "999999")', 'platforms(regions: ["999999"])'])
async def test_a_region_that_is_not_known_is_refused_by_name(query: str) -> None:
    code, message = await World().refusal(f"{{ {query} {{ code }} }}")
    argument = query.partition("(")[2].partition(":")[0]
    assert code == "INVALID_INPUT"
    assert message == (
        f"{argument}: '999999' is no known GB/T 2260 region code such as '500103'; the field `regions` lists them"
    )


async def test_members_of_a_program_are_those_of_a_day_and_a_role() -> None:
    query = (
        'query($r: MemberRole, $d: Date, $n: Int! = 50, $a: String) { program(code: "chengyu") { platforms { code }'
        " regions { code } members(role: $r, on: $d, first: $n, after: $a) { totalCount nodes { organization { name } }"
        " pageInfo { hasNextPage hasPreviousPage endCursor } } } }"
    )
    world = World()

    async def members(**variables: object) -> tuple[list[str], int, dict[str, object]]:
        page = (await world.data(query, variables))["program"]["members"]
        return [one["organization"]["name"] for one in page["nodes"]], page["totalCount"], page["pageInfo"]

    assert (await members())[0] == ["谢家湾学校", "成都七中", "石室中学"]
    assert (await members(r="RECEIVING", d="2025-01-01"))[0] == ["石室中学"]
    assert (await members(r="RECEIVING", d="2024-12-31"))[0] == ["成都七中", "石室中学"]
    names, total, info = await members(n=1)
    assert (names, total, info["hasNextPage"], info["hasPreviousPage"]) == (["谢家湾学校"], 3, True, False)
    names, total, info = await members(n=5, a=info["endCursor"])
    assert (names, total, info["hasNextPage"], info["hasPreviousPage"]) == (["成都七中", "石室中学"], 3, False, True)
    assert (await world.data(query))["program"]["platforms"] == [{"code": "chongqing"}, {"code": "yuzhong"}]
    assert (await world.refusal(query, {"a": "c1"}))[0] == "CURSOR_INVALID"
    assert (await world.refusal(query, {"n": 101}))[0] == "LIMIT_EXCEEDED"


async def test_vocabularies_have_labels_for_people() -> None:
    data = await World().data("{ vocabulary(scheme: STAGE) { scheme code label labelEn native } }")
    assert data["vocabulary"][1] == {
        "scheme": "STAGE",
        "code": "PRIMARY",
        "label": "小学",
        "labelEn": "Primary school",
        "native": None,
    }
