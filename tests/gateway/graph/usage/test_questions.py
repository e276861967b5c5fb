"""Questions for a report: every argument reaches the statistics, and what cannot be asked is refused with a code."""

from datetime import date
from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph.usage.inputs import UsageFilter, parse_usage_filter
from gateway.statistics import questions
from gateway.statistics.questions import Interval, ReportDimension, ReportOrder, ReportQuestion
from schema.kinds import ResourceKind
from schema.modes import TeachingMode
from schema.stages import Stage
from tests.gateway.graph.world import World

ASK = """
query Ask($filter: UsageFilter, $by: [ReportDimension!]!, $interval: Interval, $order: ReportOrder) {
  usage(measures: ["views", "plays"], filter: $filter, groupBy: $by, interval: $interval, orderBy: $order, first: 7) {
    totalCount
  }
}
"""
WORDS = {"platforms", "regions", "programs", "subjects"}
ENUMS = {"stages": Stage, "kinds": ResourceKind, "teaching_modes": TeachingMode}


async def test_only_measures_need_to_be_named() -> None:
    world = World()
    await world.data('{ usage(measures: ["views"]) { totalCount } }')
    assert world.usage.questions == [ReportQuestion(("views",))]
    assert world.usage.questions[0].group_by == (ReportDimension.PLATFORM,)


async def test_every_argument_reaches_the_statistics_in_their_own_words() -> None:
    world = World()
    await world.data(
        ASK,
        {
            "filter": {
                "platforms": ["chongqing", "zibo"],
                "regions": ["500000"],
                "programs": ["chengyu"],
                "stages": ["PRIMARY", "JUNIOR_SECONDARY"],
                "subjects": ["mathematics"],
                "kinds": ["LESSON"],
                "teachingModes": ["LIVE"],
                "from": "2026-01-01",
                "to": "2026-03-31",
            },
            "by": ["PROVINCE", "STAGE"],
            "interval": "MONTH",
            "order": {"measure": "plays", "direction": "ASC"},
        },
    )
    assert world.usage.questions == [
        ReportQuestion(
            measures=("views", "plays"),
            filter=questions.UsageFilter(
                platforms=("chongqing", "zibo"),
                regions=("500000",),
                programs=("chengyu",),
                stages=("PRIMARY", "JUNIOR_SECONDARY"),
                subjects=("mathematics",),
                kinds=("LESSON",),
                teaching_modes=("LIVE",),
                first=date(2026, 1, 1),
                last=date(2026, 3, 31),
            ),
            group_by=(ReportDimension.PROVINCE, ReportDimension.STAGE),
            interval=Interval.MONTH,
            order=ReportOrder("plays", descending=False),
        )
    ]


async def test_nulls_ask_nothing_empty_lists_match_nothing_and_orders_descend() -> None:
    world = World()
    nothing: dict[str, Any] = {"regions": None, "stages": [], "from": None}
    await world.data(ASK, {"filter": nothing, "by": [], "interval": None, "order": {"measure": "views"}})
    (question,) = world.usage.questions
    assert question.filter == questions.UsageFilter(stages=())
    assert (question.group_by, question.interval) == ((), None)
    assert question.order == ReportOrder("views", descending=True)


@pytest.mark.parametrize("dimension", list(ReportDimension))
@pytest.mark.parametrize("interval", list(Interval))
async def test_every_dimension_and_interval_may_be_named(dimension: ReportDimension, interval: Interval) -> None:
    world = World()
    body = await world.answer(ASK, {"by": [dimension.value], "interval": interval.value})
    if dimension in (ReportDimension.LEVEL, ReportDimension.ROLE, ReportDimension.FORM):
        (error,) = body["errors"]
        assert error["extensions"]["code"] == "GROUPING_IMPOSSIBLE"
        assert world.usage.questions == []
    else:
        (question,) = world.usage.questions
        assert (question.group_by, question.interval) == ((dimension,), interval)


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    """Values of a filter as Strawberry hands them over: left out, null, or given."""
    absent = st.sampled_from([strawberry.UNSET, None])
    words = dict.fromkeys(WORDS, absent | st.lists(st.text(max_size=5), max_size=3))
    enums = {name: absent | st.lists(st.sampled_from(list(members)), max_size=3) for name, members in ENUMS.items()}
    days = dict.fromkeys(("from_", "to"), absent | st.dates())
    return st.fixed_dictionaries({**words, **enums, **days})


@given(conditions())
def test_any_filter_keeps_its_values_in_order_and_as_plain_text(given: dict[str, Any]) -> None:
    asked = parse_usage_filter(UsageFilter(**given))
    for name in (*WORDS, *ENUMS):
        values = getattr(asked, name)
        assert values == (tuple(given[name]) if isinstance(given[name], list) else None)
        assert all(type(one) is str for one in values or ())
    assert asked.first == (given["from_"] or None)
    assert asked.last == (given["to"] or None)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ('measures: ["views"], first: 1001', "LIMIT_EXCEEDED", "first: 1001 is not between 0 and 1000"),
        ('measures: ["views"], first: -1', "LIMIT_EXCEEDED", "first: -1 is not between 0 and 1000"),
        ('measures: ["view"]', "MEASURE_UNKNOWN", "did you mean 'views'"),
        ('measures: ["views"], groupBy: [ROLE]', "GROUPING_IMPOSSIBLE", "ROLE"),
        (
            'measures: ["views"], filter: { from: "2026-03-02", to: "2026-03-01" }',
            "SPAN_IMPOSSIBLE",
            "2026-03-01 lies before 2026-03-02",
        ),
        ("groupBy: [PLATFORM]", "GRAPHQL_VALIDATION_FAILED", "measures"),
        ('measures: ["views"], groupBy: null', "GRAPHQL_VALIDATION_FAILED", "[ReportDimension!]!"),
        ('measures: ["views"], first: null', "GRAPHQL_VALIDATION_FAILED", "non-null type 'Int!'"),
        ('measures: ["views"], groupBy: [SCHOOL]', "GRAPHQL_VALIDATION_FAILED", "SCHOOL"),
        ('measures: ["views"], filter: { from: "March" }', "GRAPHQL_VALIDATION_FAILED", "is not a day such as"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_a_code(arguments: str, code: str, says: str) -> None:
    world = World()
    found, message = await world.refusal(f"{{ usage({arguments}) {{ totalCount }} }}")
    assert found == code
    assert says in message
    assert not world.usage.calls


async def test_text_that_is_no_cursor_is_refused() -> None:
    code, message = await World().refusal('{ usage(measures: ["views"], after: "nonsense") { totalCount } }')
    assert (code, "nonsense" in message) == ("CURSOR_INVALID", True)


async def test_the_bounds_of_a_page_themselves_are_allowed() -> None:
    data = await World().data(
        '{ none: usage(measures: ["views"], first: 0) { totalCount rows { period { to } } pageInfo { endCursor } }'
        ' all: usage(measures: ["views"], first: 1000) { rows { period { to } } } }'
    )
    assert data["none"] == {"totalCount": 4, "rows": [], "pageInfo": {"endCursor": None}}
    assert len(data["all"]["rows"]) == 4


async def test_a_refused_report_blanks_no_sibling() -> None:
    body = await World().answer(
        '{ wrong: usage(measures: ["view"]) { totalCount } right: usage(measures: ["views"]) { totalCount }'
        " platforms { code } }"
    )
    assert (body["data"]["wrong"], body["data"]["right"]) == (None, {"totalCount": 4})
    assert len(body["data"]["platforms"]) == 3
    (error,) = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["wrong"], "MEASURE_UNKNOWN")
