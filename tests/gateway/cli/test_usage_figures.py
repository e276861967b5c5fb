"""`shanhai usage figures` and `shanhai usage measures`: tables for people, JSON for machines, refusals with a hint."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.cli.usage_figures import figures, measures
from gateway.errors import InvalidInput
from schema.errors import UnknownRegion
from schema.measures import measures as known_measures
from schema.published import published_figures

APP = typer.Typer()
APP.command("figures")(figures)
APP.command("measures")(measures)


def run(*words: str) -> Result:
    """The result of a command on a wide terminal."""
    return CliRunner().invoke(APP, words, env={"COLUMNS": "240"})


def told(*words: str) -> list[dict[str, Any]]:
    """The JSON of a command that must succeed."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.output)
    return found


def test_figures_are_told_in_full_as_json() -> None:
    found = told("figures")
    assert [one["id"] for one in found] == list(published_figures())
    (zibo,) = [one for one in found if one["id"] == "zibo-online-research-sessions"]
    assert zibo == {
        "id": "zibo-online-research-sessions",
        "platform": "zibo",
        "program": None,
        "region": None,
        "measure": "online_research_sessions",
        "value": 6005,
        "lower": 6005,
        "upper": 6005,
        "qualifier": "EXACT",
        "unit": "场",
        "display": "6005场",
        "scope": "since launch",
        "asOf": {"from": "2023-01-29", "to": "2023-01-29"},
        "source": "建设“三个课堂” 讲好“淄博好课”（淄博市教育局，2023-01-29）",
        "sourceUrl": "http://gaige.zibo.gov.cn/art/2023/1/29/art_19872_2775182.html",
        "quote": "网络教研6005场",
        "repeated": [],
        "note": "The same text says 2000余场 in another place.",
        "conflictsWith": ["zibo-online-research-sessions-for-training"],
    }
    assert [one["display"] for one in found if one["value"] is None] == ["数千名", "数万个"]


def test_the_table_shows_owner_number_date_and_what_contradicts_it() -> None:
    result = run("figures", "--region", "510000", "--measure", "anchor_schools", "--measure", "multimedia_ratio")
    assert result.exit_code == 0
    assert "Published figures: 3" in result.output
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.output.splitlines() if "│" in line]
    assert rows == [
        ["四川省", "multimedia_ratio", "多媒体教室比例", "100%", "", "2023-02-14", ""],
        ["四川云教", "anchor_schools", "主播学校", "44所", "", "2023-02-14", "48所"],
        ["四川云教", "anchor_schools", "主播学校", "48所", "", "", "44所"],
    ]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--platform", "zibo", "--platform", "yuzhong"], 38),
        (["--region", "500103"], 19),
        (["--program", "chengdu-chongqing-teacher-community"], 5),
        (["--program", "chengdu-chongqing-teacher-community", "--platform", "zibo"], 0),
        (["--platform", "neijiang"], 0),
    ],
)
def test_options_all_hold(words: list[str], count: int) -> None:
    assert len(told("figures", *words)) == count


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["--platform", "zibbo"], InvalidInput, "--platform: 'zibbo' is unknown; possible are"),
        (["--program", "none"], InvalidInput, "--program: 'none' is unknown; possible are"),
        (["--measure", "viewz"], InvalidInput, "--measure: 'viewz' is unknown; did you mean 'views'"),
        (["--region", "370399"], UnknownRegion, "'370399' is no known"),
    ],
)
def test_unknown_codes_are_refused_with_what_is_possible(
    words: list[str], error: type[Exception], message: str
) -> None:
    result = run("figures", *words)
    assert isinstance(result.exception, error)
    assert str(result.exception).startswith(message)
    assert result.output == ""


def test_measures_are_listed_for_people_and_for_machines() -> None:
    result = run("measures")
    assert result.exit_code == 0
    assert "Measures: 88" in result.output
    assert all(code in result.output for code in known_measures())
    found = told("measures")
    assert [one["code"] for one in found] == list(known_measures())
    assert found[0] == {
        "code": "views",
        "name": "浏览",
        "unit": "人次",
        "kind": "FLOW",
        "over_time": "SUM",
        "over_platforms": "SUM",
        "people": False,
        "description": "Pages or resources opened",
    }
