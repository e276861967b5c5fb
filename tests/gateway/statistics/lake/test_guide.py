"""docs/lake.md tells the truth: its snippets run, and its columns are those of the files."""

import contextlib
import io
import re
from datetime import date
from pathlib import Path

import pytest

from connectors.sketches import people_sketch
from gateway.statistics.lake import Lake
from gateway.storage import Database
from tests.architecture.source import ROOT
from tests.gateway.statistics.lake.store import fact, lake_of, put, read

GUIDE = (ROOT / "docs" / "lake.md").read_text("utf-8")


def chapter(title: str) -> str:
    """The text below a heading of the guide."""
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


async def filled(database: Database, lake: Lake) -> None:
    """Facts of two platforms and two months; a month was written twice."""
    await put(
        database,
        fact(day=date(2026, 3, 1), value="5"),
        fact(day=date(2026, 3, 9), value="7"),
        fact(day=date(2026, 4, 1), value="9"),
        fact("yuzhong", day=date(2026, 3, 2), value="2"),
        fact(day=date(2026, 3, 2), value="1000", resource="R-1"),
        *(
            fact(platform, measure="active_teachers", value="3", sketch=people_sketch(teachers, b"agreed"))
            for platform, teachers in (("zibo", "abc"), ("yuzhong", "bcd"))
        ),
    )
    await lake.catch_up()
    await put(database, fact(day=date(2026, 3, 1), value="6"))
    await lake.catch_up()


async def test_the_snippets_print_what_is_in_the_lake(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    snippets = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    async with lake_of(database, tmp_path / ".shanhai" / "lake") as lake:
        await filled(database, lake)
        printed, names = io.StringIO(), dict[str, object]()
        with contextlib.redirect_stdout(printed):
            for snippet in snippets:
                exec(snippet, names)  # noqa: S102 - the guide's own text
    rows = [line.split()[1:] for line in printed.getvalue().splitlines()]
    assert rows == [
        ["month", "views"],
        ["yuzhong", "2026-03-01", "2.0"],
        ["zibo", "2026-03-01", "13.0"],
        ["zibo", "2026-04-01", "9.0"],
        ["4.0", "4.0", "4.0"],
    ]


@pytest.mark.parametrize(("title", "kind"), [("Columns of facts", "facts"), ("Columns of rollups", "rollup")])
async def test_the_columns_are_those_of_the_files(database: Database, tmp_path: Path, title: str, kind: str) -> None:
    async with lake_of(database, tmp_path / "lake") as lake:
        await filled(database, lake)
        paths = [getattr(each, kind) for each in lake.snapshot.partitions]
    described = read(paths, "DESCRIBE SELECT * FROM read_parquet($files)")
    listed = re.findall(r"^\| `(\w+)` \| ([\w(),]+) \|", chapter(title), re.MULTILINE)
    assert listed == [(name, column_type) for name, column_type, *_ in described]
