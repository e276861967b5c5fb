"""Every snippet of docs/analyst.md does what the guide says, against a gateway with facts that listens on loopback."""

import asyncio
import json
import re
import shlex
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
import uvicorn
from typer.testing import CliRunner

from gateway.application import create_app, open_database_of
from gateway.cli.program import app
from gateway.settings import Settings
from gateway.statistics import ReportDimension
from gateway.statistics.engine.caveats import CODES
from gateway.training.summary.summarizing import CODES as SUMMARY_CODES
from tests.architecture.source import ROOT
from tests.gateway.statistics.facts import fact
from tests.gateway.statistics.stored import store

GUIDE = (ROOT / "docs" / "analyst.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\S+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [match.groups() for match in BLOCK.finditer(GUIDE)]
ORIGIN = "http://127.0.0.1:8000"
DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(59)]


def queries() -> list[tuple[str, dict[str, Any]]]:
    """Each GraphQL snippet with the variables that follow it."""
    found: list[tuple[str, dict[str, Any]]] = []
    for language, words, text in BLOCKS:
        if language == "graphql":
            found.append((text, {}))
        elif (language, words) == ("json", "variables"):
            found[-1] = (found[-1][0], json.loads(text))
    return found


def commands() -> list[str]:
    lines = "".join(text for language, _, text in BLOCKS if language == "sh").replace("\\\n", " ")
    return lines.splitlines()


def program() -> str:
    [text] = [text for language, _, text in BLOCKS if language == "python"]
    return text


async def fill(data_dir: Path) -> None:
    facts = [
        fact(platform, measure, day.isoformat(), number)
        for day in DAYS
        for platform, measure, number in (
            ("chongqing", "views", 100),
            ("chongqing", "active_teachers", 40),
            ("sichuan", "views", 70),
        )
        if platform != "sichuan" or day.month == 1 or day.weekday() != 6
    ]
    async with open_database_of(Settings(data_dir=data_dir)) as database:
        await store(database, facts)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months of facts: 重庆 tells every day, 四川 leaves Sundays of February out."""
    folder = tmp_path_factory.mktemp("analyst")
    asyncio.run(fill(folder / "data"))
    return folder / "data"


@pytest.fixture(scope="module")
def gateway(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway that serves a copy of them."""
    served = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(data_dir, served)
    settings = Settings(data_dir=served, schedule=False, harvest_workers=0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="error", lifespan="on"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        pause = threading.Event()
        while not server.started and thread.is_alive():
            pause.wait(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def ask(gateway: str, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        answer = client.post(f"{gateway}/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]["usage"]
    return data


def test_the_guide_has_snippets_of_every_sort() -> None:
    assert (len(queries()), len(commands()), len(program().splitlines()) > 20) == (2, 4, True)


def test_the_first_report_is_answered_with_rows_and_bounds(gateway: str) -> None:
    query, variables = queries()[0]
    report = ask(gateway, query, variables)
    first = report["rows"][0]
    assert report["totalCount"] == 4
    assert first["keys"] == [{"dimension": "PROVINCE", "value": "500000", "label": "重庆市"}]
    assert [cell["quantity"]["display"] for cell in first["cells"]] == ["3100人次", "40至1240人"]
    assert first["cells"][1]["quantity"] | {"display": ""} == {
        "value": None, "lower": 40.0, "upper": 1240.0, "qualifier": "BETWEEN", "display": "",
    }  # fmt: skip
    assert {caveat["code"] for caveat in report["caveats"]} == {"INCOMPLETE", "NOT_PUBLISHED"}


def test_each_link_of_the_guide_is_a_file(gateway: str) -> None:
    report = ask(gateway, *queries()[1])
    with httpx.Client(trust_env=False, timeout=60) as client:
        for name, start in {"csv": b"\xef\xbb\xbfstage,stage_label", "parquet": b"PAR1", "xlsx": b"PK"}.items():
            response = client.get(report[name])
            assert response.status_code == 200
            assert response.content.startswith(start)


def test_the_columns_of_an_export_are_those_of_the_guide(gateway: str) -> None:
    report = ask(gateway, *queries()[1])
    with httpx.Client(trust_env=False, timeout=60) as client:
        header = client.get(report["csv"]).text.removeprefix("\ufeff").split("\r\n")[0].split(",")
    table = GUIDE.partition("| column |")[2].partition("\n\n")[0]
    listed = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])]
    assert [name for name in header if not name.startswith("subject")] == listed


def test_the_notebook_gets_a_data_frame(gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    names: dict[str, Any] = {}
    exec(compile(program().replace(ORIGIN, gateway), "analyst.md", "exec"), names)  # noqa: S102  # the snippet itself
    frame = names["views"]
    assert len(frame) == 8
    assert frame[frame.province == "510000"].complete.tolist() == [True, False]
    assert {caveat["code"] for caveat in frame.attrs["caveats"]} == {"INCOMPLETE", "NOT_PUBLISHED"}
    table = names["table"]
    assert table["重庆市"].tolist() == [3100, 2800]
    assert table["四川省"].iloc[0] == 70 * 31
    with pytest.raises(ValueError, match="clicks"):
        names["usage"](["clicks"], ["PLATFORM"])


@pytest.mark.parametrize("command", commands())
def test_the_command_does_what_the_guide_says(data_dir: Path, tmp_path: Path, command: str) -> None:
    name, *words = shlex.split(command.replace("usage.xlsx", str(tmp_path / "usage.xlsx")))
    assert name == "shanhai"
    environment = {"SHANHAI_DATA_DIR": str(data_dir), "COLUMNS": "160"}
    ran = CliRunner().invoke(app, words, env=environment, catch_exceptions=False)
    assert ran.exit_code == 0
    if words[1] == "report":
        assert "40至1240人" in ran.stdout
    elif words[1] == "lake":
        assert len(duckdb.execute(ran.stdout).fetchall()) == 4
    elif words[1] == "export":
        assert (tmp_path / "usage.xlsx").read_bytes().startswith(b"PK")


def test_every_caveat_and_dimension_is_explained() -> None:
    assert sorted(re.findall(r"^### ([A-Z_]+)$", GUIDE, re.MULTILINE)) == sorted((*CODES, *SUMMARY_CODES))
    usage_only = set(ReportDimension) - {ReportDimension.LEVEL, ReportDimension.ROLE, ReportDimension.FORM}
    assert {f"`{dimension}`" for dimension in usage_only} <= set(re.findall(r"`[A-Z_]+`", GUIDE))
