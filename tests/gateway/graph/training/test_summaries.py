"""Summaries are reports: numbers, hidden cells, coverage and caveats, without anybody's name."""

import pytest

from gateway.identity import ANONYMOUS
from gateway.training.questions import RecordFilter, SummaryDimension, SummaryInterval, SummaryQuestion
from schema.training import TrainingKind
from tests.gateway.graph.training.facts import ANALYST, CHONGQING
from tests.gateway.graph.world import World

CELL = "measure { code } status quantity { value unit display } method asOf complete platforms { code }"


async def test_a_summary_is_a_report_whose_small_rows_are_hidden() -> None:
    world = World()
    data = await world.data(
        "{ trainingSummary { totalCount asOf measures { code } pageInfo { endCursor hasNextPage }"
        f" rows {{ keys {{ dimension value label }} period {{ from to }} cells {{ {CELL} }} }}"
        " coverage { platform { code } measure { code } firstDay lastDay daysReported complete }"
        " caveats { code platforms { code } } } }",
        principal=ANALYST,
    )
    report = data["trainingSummary"]
    shown, hidden = report["rows"]
    assert shown["keys"] == [{"dimension": "REGION", "value": "500103", "label": "渝中区"}]
    assert shown["period"] == {"from": "2026-01-01", "to": "2026-12-31"}
    teachers, _, hours = shown["cells"]
    platforms = [{"code": "yuzhong"}, {"code": "chongqing"}]
    assert teachers == {
        "measure": {"code": "training_teachers"}, "status": "OK", "method": "NONE", "asOf": "2026-03-01",
        "quantity": {"value": 12.0, "unit": "人", "display": "12人"}, "complete": True, "platforms": platforms,
    }  # fmt: skip
    assert (hours["quantity"]["value"], hours["method"]) == (85.5, "SUM")
    assert [(one["status"], one["quantity"], one["asOf"], one["platforms"]) for one in hidden["cells"]] == [
        ("SUPPRESSED", None, None, [])
    ] * 3
    assert (report["totalCount"], report["pageInfo"]) == (2, {"endCursor": "s1", "hasNextPage": False})
    assert [(one["measure"]["code"], one["daysReported"]) for one in report["coverage"]] == [
        ("training_teachers", 40), ("training_records", 40), ("training_hours", 40),
    ]  # fmt: skip
    assert report["caveats"] == [{"code": "SMALL_CELLS_HIDDEN", "platforms": []}]
    assert world.audit.noted == []


async def test_every_argument_reaches_the_service() -> None:
    world = World()
    await world.data(
        '{ trainingSummary(measures: ["training_hours"], filter: { kinds: [COURSE] }, groupBy: [LEVEL, CITY],'
        ' interval: QUARTER, orderBy: { measure: "training_hours", direction: ASC }, first: 1000, after: "s0")'
        " { totalCount } }",
        principal=CHONGQING,
    )
    assert world.training.questions == [
        SummaryQuestion(
            ("training_hours",),
            RecordFilter(kinds=(TrainingKind.COURSE,)),
            (SummaryDimension.LEVEL, SummaryDimension.CITY),
            SummaryInterval.QUARTER,
            ("training_hours", False),
            1000,
            "s0",
        )
    ]


async def test_without_arguments_the_question_is_the_default_one() -> None:
    world = World()
    await world.data("{ trainingSummary { totalCount } }", principal=CHONGQING)
    assert world.training.questions == [SummaryQuestion()]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("(groupBy: [KIND, STAGE])", "INVALID_INPUT"),
        ('(measures: ["views"])', "INVALID_INPUT"),
        ("(first: 1001)", "LIMIT_EXCEEDED"),
    ],
)
async def test_what_cannot_be_asked_is_refused(arguments: str, code: str) -> None:
    assert (await World().refusal(f"{{ trainingSummary{arguments} {{ totalCount }} }}", principal=CHONGQING))[0] == code


async def test_summaries_are_not_for_strangers() -> None:
    assert (await World().refusal("{ trainingSummary { totalCount } }", principal=ANONYMOUS))[0] == "FORBIDDEN"


async def test_a_summary_cannot_be_exported_and_its_rows_stand() -> None:
    query = "{ trainingSummary { totalCount exportUrl(format: CSV) } }"
    body = await World().answer(query, principal=ANALYST)
    assert body["data"]["trainingSummary"] == {"totalCount": 2, "exportUrl": None}
    assert [one["extensions"]["code"] for one in body["errors"]] == ["INVALID_INPUT"]
