"""内江: training records as files, in every packing, with the lines that are broken."""

import csv
import gzip
import hashlib
import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from connectors.simulators.neijiang.drop import HEADER, drop_files, index, write_drop
from tests.connectors.simulators.documentation import blocks, section
from tests.connectors.simulators.neijiang_client import Neijiang

TEXT = section("## 内江市教育云平台")
KEY = {"X-Drop-Key": "demo-drop-4e7a90c1"}


@pytest.fixture
def platform() -> Neijiang:
    return Neijiang()


@pytest.mark.parametrize("headers", [{}, {b"X-Drop-Key": b"wrong"}, {b"X-Drop-Key": "错".encode()}])
async def test_the_drop_needs_its_key(platform: Neijiang, headers: dict[bytes, bytes]) -> None:
    for name in ("index.json", "2024-1.csv", "nothing.csv"):
        answer = await platform.http.get(f"/drop/training/{name}", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "X-Drop-Key is missing or wrong"})


async def test_the_index_tells_every_file_as_it_is(platform: Neijiang) -> None:
    files = (await platform.http.get("/drop/training/index.json", headers=KEY)).json()["files"]
    assert [entry["name"] for entry in files] == [
        "2022-1.csv",
        "2022-2.csv",
        "2023-1.csv.gz",
        "2023-2.zip",
        "2024-1.csv",
        "2024-2.csv",
        "2025-1.csv",
        "2025-2.csv",
    ]
    assert files[4] == {
        "name": "2024-1.csv",
        "size": 19955,
        "sha256": "ff674082f0c42ff570e57b5547b1f57bf8ae107ce5225bd51278828c6c39fbde",
        "modified": "2024-06-29T09:00:00+08:00",
    }
    for entry in files:
        content = (await platform.http.get(f"/drop/training/{entry['name']}", headers=KEY)).content
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["size"], entry["sha256"])
    assert (await platform.http.get("/drop/training/2021-1.csv", headers=KEY)).status_code == 404


async def test_a_file_can_be_replaced_while_the_platform_runs(platform: Neijiang) -> None:
    before = drop_files()["2025-2.csv"]
    platform.app.state.drop["2025-2.csv"] = replace(before, content=before.content + b"\r\n")
    files = (await platform.http.get("/drop/training/index.json", headers=KEY)).json()["files"]
    assert files[7]["size"] == len(before.content) + 2
    assert (await platform.http.get("/drop/training/2025-2.csv", headers=KEY)).content == before.content + b"\r\n"
    assert drop_files()["2025-2.csv"] == before


def lines(name: str, content: bytes) -> list[list[str]]:
    """The lines of a file, read as a recipient must."""
    if name.endswith(".gz"):
        text = gzip.decompress(content).decode("gb18030")
    elif name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.namelist() == ["2023-2.csv"]
            raw = archive.read("2023-2.csv")
        assert raw.startswith(b"\xef\xbb\xbf")
        text = raw.decode("utf-8-sig")
    else:
        text = content.decode("gb18030")
    assert text.count("\r\n") > 50
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_files_hold_900_sound_lines_and_three_broken_ones() -> None:
    read = {name: lines(name, file.content) for name, file in drop_files().items()}
    assert all(tuple(rows[0]) == HEADER for rows in read.values())
    sound = [row for rows in read.values() for row in rows[1:] if len(row) == 16]
    assert len({row[0] for row in sound}) == len(sound) == 900
    broken = {name: [len(row) for row in rows if len(row) != 16] for name, rows in read.items()}
    assert {name: widths for name, widths in broken.items() if widths} == {
        "2022-2.csv": [9],
        "2024-1.csv": [17],
        "2025-1.csv": [3],
    }
    assert drop_files()["2025-1.csv"].content.decode("gb18030").endswith('NJ-0900,NJ-T2021-7,"写到一半的活动')
    assert drop_files()["2025-1.csv"].content.count(b'"') % 2 == 1


def test_the_lines_tell_blended_training_joint_work_and_rotation() -> None:
    rows = [row for name, file in drop_files().items() for row in lines(name, file.content)[1:] if len(row) == 16]
    assert Counter(row[3] for row in rows) == {
        "跨学科协作": 216,
        "混合式培训": 186,
        "研修": 126,
        "资源研发": 120,
        "听课": 114,
        "评审": 60,
        "支教": 48,
        "岗位轮岗": 30,
    }
    assert {row[5] for row in rows if row[3] == "混合式培训"} == {"线上线下混合"}
    assert {(row[10], row[11]) for row in rows if row[3] == "岗位轮岗"} == {("1", "项")}
    assert {row[4] for row in rows} == {"国家", "市级", "区级", "集团", "校本"}
    assert sum("\n" in row[2] for row in rows) == 36
    assert all(datetime.strptime(row[8], "%Y年%m月%d日") <= datetime.strptime(row[9], "%Y年%m月%d日") for row in rows)  # noqa: DTZ007


def test_the_drop_can_be_written_into_a_folder(tmp_path: Path) -> None:
    write_drop(tmp_path / "new" / "drop")
    written = {path.name: path.read_bytes() for path in (tmp_path / "new" / "drop").iterdir()}
    assert b'"name":"2024-1.csv"' in written.pop("index.json")
    assert written == {name: file.content for name, file in drop_files().items()}


def test_the_example_lines_and_index_entry_are_the_real_ones() -> None:
    shown = list(csv.reader(io.StringIO(blocks(TEXT, "csv")[0], newline="")))
    known = {row[0]: row for name, file in drop_files().items() for row in lines(name, file.content)}
    assert [known[row[0]] for row in shown] == shown
    assert [row[0] for row in shown] == ["NJ-0060", "NJ-0072"]
    assert f"`{json.dumps(index(drop_files())['files'][4])}`" in TEXT
