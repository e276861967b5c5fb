"""`python -m benchmarks.training`: converts records, posts them into a ledger, prints figures.

Conversions run in memory on one core. Postings go through the database, SQLite unless a URL is given: first pages of
records of many teachers, as a harvest stores them, then single records, as officers enter them, then a reconciliation
of all, which finds nothing to write.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

import psutil

from benchmarks.training.conversions import convert_alone, plan_people
from benchmarks.training.posting import WRITERS, measure
from benchmarks.training.transcripts import measure_transcripts
from gateway.storage import open_database, upgrade


async def run(url: str, conversions: int, people: int, records: int, page: int) -> None:
    """Measure and print."""
    print(f"{'conversions':<34}{convert_alone(conversions)}")
    print(f"{'lines of a teacher, per record':<34}{plan_people(people, records)}")
    database = open_database(url)
    await upgrade(database)
    figures = await measure(database, people, records, page)
    times = await measure_transcripts(database)
    await database.aclose()
    print(f"{f'records posted, {page} a page':<34}{figures.pages}")
    print(f"{'records posted one by one':<34}{figures.singles}")
    print(f"{f'the same, {WRITERS} writers at once':<34}{figures.contended}")
    print(f"{'records reconciled':<34}{figures.reconciled}")
    print(f"{'transcript of a teacher':<34}{times}")
    print(f"\n{people} teachers with {records} records each, {figures.lines} lines")
    print(f"resident memory     {psutil.Process().memory_info().rss / 1e6:.0f} MB")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--conversions", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--records", type=int, default=100, help="records of each teacher")
    parser.add_argument("--page", type=int, default=100, help="records stored and posted together")
    parser.add_argument("--database", help="SQLAlchemy URL of an empty database; a temporary SQLite file by default")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        url = given.database or f"sqlite+aiosqlite:///{Path(temporary)}/training.db"
        asyncio.run(run(url, given.conversions, given.people, given.records, given.page))


if __name__ == "__main__":
    main()
