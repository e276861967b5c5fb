"""`shanhai usage`: what reports look like in the terminal, what they are as files, and how wrong questions end."""

import asyncio
import csv
import fcntl
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import orjson
import pytest
from typer.testing import CliRunner

from gateway.application import open_database_of
from gateway.cli.program import app
from gateway.cli.usage_reports import cell_text
from gateway.errors import GatewayError, InvalidInput, NotReady
from gateway.settings import Settings
from gateway.statistics import CellStatus, ReportCell
from gateway.statistics.errors import UnknownMeasure
from schema.measures import AggregationMethod, measures
from schema.quantities import Quantity, between, exact, more_than
from tests.gateway.cli.test_commands import shanhai
from tests.gateway.statistics.facts import Fact, fact
from tests.gateway.statistics.stored import store

DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(59)]
BY_PROVINCE = ("--by", "province", "--interval", "month", "--from", "2026-01-01", "--to", "2026-02-28")
VIEWS = ("--measure", "views", *BY_PROVINCE)


def facts() -> Iterator[Fact]:
    """Two months of two platforms; 淄博 leaves Sundays out."""
    for day in DAYS:
        yield fact("chongqing", "views", day.isoformat(), 100)
        yield fact("chongqing", "active_teachers", day.isoformat(), 40)
        if day.weekday() != 6:
            yield fact("zibo", "views", day.isoformat(), 10)
            yield fact("zibo", "active_teachers", day.isoformat(), 12)


async def fill(data_dir: Path) -> None:
    async with open_database_of(Settings(data_dir=data_dir)) as database:
        await store(database, facts())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with facts and, after the first command, a lake."""
    folder = tmp_path_factory.mktemp("usage") / "data"
    asyncio.run(fill(folder))
    run("lake", "--data-dir", str(folder))
    return folder


@pytest.fixture
def data_dir(filled: Path, tmp_path: Path) -> str:
    """A copy of it for one test."""
    shutil.copytree(filled, tmp_path / "data")
    return str(tmp_path / "data")


def run(*words: str) -> str:
    """What a command prints, run in this process; raises what would end the program with 2."""
    ran = CliRunner().invoke(app, ["usage", *words], env={"COLUMNS": "200"}, catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.stdout


def lines(text: str) -> list[str]:
    return [" ".join(line.replace("│", " ").split()) for line in text.splitlines()]


def test_a_report_is_a_table_charts_coverage_and_caveats(data_dir: str) -> None:
    asked = ("usage", "report", *VIEWS, "--measure", "active_teachers", "--data-dir", data_dir)
    ran = shanhai(*asked, COLUMNS="120")
    assert (ran.returncode, ran.stderr) == (0, "")
    shown = lines(ran.stdout)
    assert "重庆市 2026-01-01 – 2026-01-31 3100人次 40至1240人" in shown
    assert "重庆市 2026-02-01 – 2026-02-28 2800人次 40至1120人" in shown
    assert "山东省 2026-01-01 – 2026-01-31 270人次* 12至324人*" in shown
    assert "跨省 2026-01-01 – 2026-01-31 not published not published" in shown
    assert "* a platform reported fewer days than asked" in shown
    bars = [line for line in shown if line.startswith("重庆市 2026-01 █")]
    assert [line.split()[-1] for line in bars] == ["3100人次", "40至1240人"]
    assert ["░" in line for line in bars] == [False, True]
    assert "zibo views 2026-01-01 2026-02-28 51 no" in shown
    assert re.findall(r"^([A-Z_]+): ", ran.stdout, re.MULTILINE) == ["NOT_PUBLISHED", "INCOMPLETE"]


def test_a_report_without_charts_has_no_bars(data_dir: str) -> None:
    shown = run("report", *VIEWS, "--no-chart", "--data-dir", data_dir)
    assert "3100人次" in shown
    assert "█" not in shown


def test_a_report_for_machines_says_what_graphql_says(data_dir: str) -> None:
    asked = ("--order", "views", "--first", "1", "--platform", "zibo", "--platform", "chongqing", "--json")
    document = orjson.loads(run("report", *VIEWS, *asked, "--data-dir", data_dir))
    assert document["totalCount"] == 4
    assert document["rows"] == [
        {
            "keys": [{"dimension": "PROVINCE", "value": "500000", "label": "重庆市"}],
            "period": {"from": "2026-01-01", "to": "2026-01-31"},
            "cells": [
                {
                    "measure": "views",
                    "status": "OK",
                    "quantity": {
                        "value": 3100, "lower": 3100, "upper": 3100, "qualifier": "EXACT", "unit": "人次",
                        "display": "3100人次",
                    },
                    "method": "SUM",
                    "asOf": "2026-01-31",
                    "complete": True,
                    "platforms": ["chongqing"],
                }
            ],
        }
    ]  # fmt: skip
    assert [one["platform"] for one in document["coverage"]] == ["chongqing", "zibo"]


def test_more_rows_than_shown_are_announced(data_dir: str) -> None:
    shown = run("report", *VIEWS, "--first", "1", "--data-dir", data_dir)
    assert "Usage: 1 of 8 rows" in shown
    assert "7 more rows: raise --first, up to 1000, or use `shanhai usage export`" in shown


def test_a_report_is_exported_whole_in_the_format_of_the_files_ending(data_dir: str, tmp_path: Path) -> None:
    for ending in ("csv", "parquet", "xlsx"):
        path = tmp_path / f"usage.{ending}"
        shown = run("export", *VIEWS, "-o", str(path), "--data-dir", data_dir)
        assert shown == f"{path}: {path.stat().st_size:,} bytes\n"
    with (tmp_path / "usage.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    stored = duckdb.read_parquet(str(tmp_path / "usage.parquet")).select("province", "value").fetchall()
    assert [(row["province"], Decimal(row["value"])) for row in rows if row["value"]] == stored[:4]
    assert sum(Decimal(row["value"]) for row in rows if row["value"]) == 59 * 100 + 51 * 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "usage.csv", "usage.parquet", "usage.xlsx"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "usage.pdf"), "--format: 'pdf' is unknown; possible are csv, parquet, xlsx"),
        (("-o", "usage.csv", "--format", "json"), "--format: 'json' is unknown; possible are csv, parquet, xlsx"),
        (("-o", "missing/usage.csv"), "--output missing/usage.csv: No such file or directory"),
    ],
)
def test_an_export_that_cannot_be_is_refused(data_dir: str, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        run("export", *VIEWS, *words, "--data-dir", data_dir)


def test_a_refused_export_leaves_the_file_that_was_there(data_dir: str, tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("mine")
    with pytest.raises(UnknownMeasure):
        run("export", "--measure", "clicks", "-o", str(path), "--data-dir", data_dir)
    assert path.read_text() == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "usage.csv"]


def test_a_wrong_question_ends_with_2_and_one_plain_line(data_dir: str) -> None:
    ran = shanhai("usage", "report", "--measure", "views", "--by", "village", "--data-dir", data_dir, COLUMNS="1000")
    assert (ran.returncode, ran.stdout) == (2, "")
    [line] = ran.stderr.splitlines()
    assert line.startswith("error INVALID_INPUT: --by: 'village' is unknown; possible are platform, region, province, ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name at least one, such as views"),
        (("--measure", "clicks"), "'clicks' is no measure"),
        (("--measure", "view"), "did you mean views"),
        (("--measure", "views", "--interval", "decade"), "possible are day, week, month, quarter, year"),
        (("--measure", "views", "--from", "2026-13-01"), "--from: '2026-13-01' is no day; write it like 2026-03-01"),
        (("--measure", "views", "--from", "2026-02-01", "--to", "2026-01-01"), "2026-02-01 lies behind to 2026-01-01"),
        (("--measure", "views", "--stage", "college"), "--stage: 'college' is unknown; possible are"),
        (("--measure", "views", "--platform", "nowhere"), "possible are chongqing, national, neijiang"),
        (("--measure", "views", "--first", "1001"), "between 0 and 1000"),
    ],
)
def test_a_wrong_question_is_refused_with_what_is_possible(data_dir: str, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(GatewayError, match=re.escape(said)):
        run("report", *words, "--data-dir", data_dir)


def test_words_may_be_written_in_any_case(data_dir: str) -> None:
    words = ("--by", "Teaching-Mode", "--by", "STAGE", "--interval", "Quarter", "--stage", "junior-secondary")
    shown = run("report", "--measure", "views", *words, "--json", "--data-dir", data_dir)
    assert orjson.loads(shown)["totalCount"] == 0


def lake(data_dir: str) -> list[str]:
    files: list[str] = orjson.loads(run("lake", "--json", "--data-dir", data_dir))["files"]
    return files


def test_the_lake_is_a_query_that_duckdb_takes(data_dir: str) -> None:
    query = run("lake", "--data-dir", data_dir)
    assert query.startswith("-- 220 facts in 4 files, as of ")
    assert duckdb.execute(query).fetchall() == [
        ("chongqing", "views", date(2026, 1, 1), 3100),
        ("chongqing", "views", date(2026, 2, 1), 2800),
        ("zibo", "views", date(2026, 1, 1), 270),
        ("zibo", "views", date(2026, 2, 1), 240),
    ]
    assert all(f"'{path}'" in query and Path(path).is_file() for path in lake(data_dir))


def test_a_lake_is_rebuilt_from_the_facts(data_dir: str) -> None:
    before = lake(data_dir)
    assert run("rebuild", "--data-dir", data_dir) == "4 months of platforms were written anew\n"
    after = lake(data_dir)
    assert (len(after), set(after) & set(before)) == (4, set())


def test_a_lake_that_another_process_keeps_is_left_alone(data_dir: str) -> None:
    before = lake(data_dir)
    with Path(data_dir, "lake", "writer.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(NotReady, match="stop the gateway, then try again"):
            run("rebuild", "--data-dir", data_dir)
    assert lake(data_dir) == before


@pytest.mark.parametrize(
    ("status", "quantity", "complete", "text"),
    [
        (CellStatus.OK, exact(3100, "人次"), True, "3100人次"),
        (CellStatus.OK, exact(3100, "人次"), False, "3100人次*"),
        (CellStatus.OK, between(120, 300, "人", closed=True), True, "120至300人"),
        (CellStatus.OK, more_than(6_500_000, "人次"), True, "超过650万人次"),
        (CellStatus.CONFLICT, between(2000, 6005, "场", closed=True), False, "conflict 2000–6005"),
        (CellStatus.NOT_PUBLISHED, None, True, "not published"),
        (CellStatus.NOT_ADDITIVE, None, True, "not additive"),
        (CellStatus.SUPPRESSED, None, False, "suppressed"),
    ],
)
def test_a_cell_says_its_number_or_why_there_is_none(
    status: CellStatus, quantity: Quantity | None, complete: bool, text: str
) -> None:
    cell = ReportCell(measures()["views"], status, quantity, AggregationMethod.SUM, None, complete, ())
    assert cell_text(cell) == text
