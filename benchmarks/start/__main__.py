"""`python -m benchmarks.start`: how long `shanhai serve` takes to its first answer, with a warm index.

Fills a temporary catalog with seeded records, serves it once so that the index is there, then starts and stops it
several times. The first answer is a search that finds something. Bytecode is kept, as an installation keeps it.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import orjson

from benchmarks.fanout.gateway import environment
from benchmarks.load import Connection, free_port, served
from benchmarks.search.__main__ import fill
from gateway.storage import open_database, upgrade

_QUESTION = orjson.dumps({"query": '{ search(query: "数学课堂") { totalCount nodes { title } } }'})


async def start(folder: Path) -> float:
    """Seconds from the start of the process to a good answer."""
    port = free_port()
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    began = time.perf_counter()
    async with served(["-m", "gateway.cli", "serve"], port, environment=environment(folder, port, **bytecode)):
        while True:
            connection = await Connection.open(port)
            try:
                status, body = await connection.post(_QUESTION)
                if status == 200 and orjson.loads(body)["data"]["search"]["totalCount"] > 0:
                    return time.perf_counter() - began
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.02)
            finally:
                connection.close()


async def run(records: int, times: int) -> None:
    """Fill, start, print."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in ("data", "manifests"):
            await asyncio.to_thread((folder / name).mkdir, mode=0o700)
        database = open_database(f"sqlite+aiosqlite:///{folder}/data/shanhai.db")
        await upgrade(database)
        await fill(database, records)
        await database.aclose()
        print(f"first start, which builds the index of {records} records: {await start(folder):.1f} s")
        taken = [await start(folder) for _ in range(times)]
        print(f"later starts to the first answer: median {statistics.median(taken):.2f} s, worst {max(taken):.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.records, arguments.times))
