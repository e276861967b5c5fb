"""An index that is missing, damaged, foreign, stale or in use by another process."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.catalog import CatalogService, SearchRequest
from gateway.catalog.directory import damage
from gateway.errors import NotReady
from gateway.storage import Database, open_database
from tests.gateway.catalog.conftest import Catalog
from tests.gateway.catalog.store import opened, put, record, seeded, withdraw


async def total(service: CatalogService) -> int:
    return (await service.search(SearchRequest(query="勾股"))).total


def present(folder: Path) -> Path:
    return folder / str(json.loads((folder / "state.json").read_text())["folder"])


@pytest.fixture
async def closed(sqlite: Database, tmp_path: Path) -> Path:
    """The folder of a sound index over 30 records, one of them withdrawn; closed."""
    await put(sqlite, "zibo", *(record(str(number)) for number in range(20)))
    async with await opened(sqlite, tmp_path / "index") as service:
        await put(sqlite, "yuzhong", *(record(str(number)) for number in range(11)))
        await withdraw(sqlite, "zibo", "3")
        assert await service.catch_up() == 12
    return tmp_path / "index"


async def test_a_sound_index_is_opened_as_it_is(sqlite: Database, closed: Path) -> None:
    before = present(closed)
    async with await opened(sqlite, closed) as service:
        assert await total(service) == 30
        assert await service.catch_up() == 0
    assert present(closed) == before


async def test_a_stale_index_is_caught_up(sqlite: Database, closed: Path) -> None:
    before = present(closed)
    await put(sqlite, "zibo", record("3"), record("new"), record("4", "唐诗"))
    async with await opened(sqlite, closed) as service:
        assert await total(service) == 31
    assert present(closed) == before


async def test_a_missing_index_is_built(sqlite: Database, closed: Path) -> None:
    shutil.rmtree(closed)
    async with await opened(sqlite, closed) as service:
        assert await total(service) == 30


async def test_garbage_in_any_file_is_noticed_and_the_index_built_anew(sqlite: Database, closed: Path) -> None:
    chance = seeded(1)
    sound = closed.with_name("sound")
    shutil.copytree(closed, sound)
    inside = [path.relative_to(sound) for path in sound.rglob("*") if path.is_file() and not path.name.endswith("lock")]
    assert len(inside) >= 9
    for name in inside:
        shutil.rmtree(closed)
        shutil.copytree(sound, closed)
        content = bytearray((closed / name).read_bytes())
        place = chance.randrange(len(content))
        content[place : place + 20] = bytes(255 - byte for byte in content[place : place + 20])
        (closed / name).write_bytes(bytes(content))
        async with await opened(sqlite, closed) as service:
            assert await total(service) == 30, name


@pytest.mark.parametrize("size", [0, 5, 100])
async def test_a_truncated_file_is_noticed(sqlite: Database, closed: Path, size: int) -> None:
    for path in sorted(present(closed).glob("*.store")):
        path.write_bytes(path.read_bytes()[:size])
    assert damage(present(closed)) is not None
    async with await opened(sqlite, closed) as service:
        assert await total(service) == 30


@pytest.mark.parametrize(
    "changed", [{"format": -1}, {"database": 1}, {"sequence": 1_000}, {"folder": "gone"}, {"folder": "../x"}, {"x": 1}]
)
async def test_a_state_that_does_not_fit_leads_to_a_new_index(
    sqlite: Database, closed: Path, changed: dict[str, object]
) -> None:
    before = present(closed)
    state = json.loads((closed / "state.json").read_text())
    (closed / "state.json").write_text(json.dumps(state | changed))
    async with await opened(sqlite, closed) as service:
        assert await total(service) == 30
    assert present(closed) != before
    assert not before.exists()


async def test_the_index_of_another_database_is_not_used(sqlite_template: Path, closed: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "other.db")
    other = open_database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    await put(other, "zibo", *(record(str(number)) for number in range(40)))
    async with await opened(other, closed) as service:
        assert await total(service) == 40
        assert (await service.counts_by_platform()) == {"zibo": 40}
    await other.aclose()


async def test_a_rebuild_answers_throughout_and_takes_in_what_comes_meanwhile(catalog: Catalog) -> None:
    await catalog.put("zibo", *(record(str(number)) for number in range(50)))
    before = present(catalog.folder)
    rebuilding = asyncio.create_task(catalog.service.rebuild())
    await put(catalog.database, "zibo", record("later"), record("1", "唐诗"))
    while not rebuilding.done():
        assert await total(catalog.service) >= 50 - 1
    await rebuilding
    assert await total(catalog.service) == 50
    assert present(catalog.folder) != before
    assert not before.exists()


async def test_a_second_process_reads_what_the_first_writes_and_takes_over_after_it(
    sqlite: Database, tmp_path: Path
) -> None:
    first = await opened(sqlite, tmp_path / "index")
    async with await opened(sqlite, tmp_path / "index") as second:
        await put(sqlite, "zibo", record("1"), record("2"))
        assert await second.catch_up() == 0
        assert await total(second) == 0
        assert await first.catch_up() == 2
        await second.catch_up()
        assert await total(second) == 2
        await first.rebuild()
        await second.catch_up()
        assert await total(second) == 2
        await first.aclose()
        await put(sqlite, "zibo", record("3"))
        assert await second.catch_up() == 1
        assert await total(second) == 3


async def test_cursors_by_relevance_hold_in_every_process_with_the_same_index(closed: Path, sqlite: Database) -> None:
    first = await opened(sqlite, closed)
    page = await first.search(SearchRequest(query="勾股", first=20))
    async with await opened(sqlite, closed) as second:
        rest = await second.search(SearchRequest(query="勾股", first=20, after=page.hits[-1].cursor))
    await first.aclose()
    keys = {(hit.resource.platform, hit.resource.record.native_id) for hit in page.hits + rest.hits}
    assert (len(keys), rest.has_next) == (30, False)


async def test_a_reader_before_any_index_says_so(sqlite: Database, tmp_path: Path) -> None:
    async with await opened(sqlite, tmp_path / "index") as first:
        (tmp_path / "index" / "state.json").unlink()
        async with await opened(sqlite, tmp_path / "index") as second:
            with pytest.raises(NotReady, match="built"):
                await second.search(SearchRequest())
            with pytest.raises(NotReady):
                await second.facets(SearchRequest(), [], 20)
        await put(sqlite, "zibo", record("1"))
        await first.catch_up()


WRITER = """
import asyncio, sys
from pathlib import Path
from gateway.storage import open_database
from tests.gateway.catalog.store import opened, put, record, withdraw

async def main():
    database = open_database(sys.argv[1])
    service = await opened(database, Path(sys.argv[2]))
    for turn in range(10_000):
        await put(database, "zibo", *(record(str((turn * 7 + step) % 90)) for step in range(9)))
        await withdraw(database, "zibo", str(turn % 90))
        await service.catch_up()
        print(turn, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("turns", [0, 3, 11])
async def test_a_killed_writer_leaves_an_index_that_goes_on(sqlite: Database, tmp_path: Path, turns: int) -> None:
    url, folder = str(sqlite.engine.url), tmp_path / "index"
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url, folder, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    for _ in range(turns + 1):
        assert await writer.stdout.readline()
    await asyncio.sleep(0.01 * turns)
    writer.kill()
    await writer.wait()
    async with await opened(sqlite, folder) as service, sqlite.reading() as connection:
        live = await connection.exec_driver_sql("SELECT count(*) FROM resources WHERE withdrawn_at IS NULL")
        assert await total(service) == live.scalar_one()


async def test_following_takes_in_changes_until_told_to_stop(catalog: Catalog) -> None:
    stopping = asyncio.Event()
    following = asyncio.create_task(catalog.service.follow(0.01, stopping))
    await put(catalog.database, "zibo", record("1"))
    for _ in range(1_000):
        await asyncio.sleep(0.01)
        if await total(catalog.service):
            break
    stopping.set()
    await following
    assert await total(catalog.service) == 1


async def test_a_stored_record_that_cannot_be_read_is_left_out_and_stops_nothing(catalog: Catalog) -> None:
    await put(catalog.database, "zibo", record("1"), record("bad"), record("3"))
    async with catalog.database.writing() as connection:
        await connection.exec_driver_sql("UPDATE resources SET body = x'7b7d' WHERE native_id = 'bad'")
    assert await catalog.service.catch_up() == 3
    assert await total(catalog.service) == 2
