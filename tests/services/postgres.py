"""PostgreSQL for tests: the server on loopback or our own, and for each test a database that is as new."""

import asyncio
import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from tests.services.availability import answers, free_port, missing
from tests.services.emptying import New, described, emptied

HOST, PORT, USER = "127.0.0.1", 5432, "postgres"
Preparation = Callable[[str], Coroutine[Any, Any, None]]
"""Fills the empty database behind a URL."""


def outside_the_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in a thread, so that the test's own event loop is left alone."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@dataclass
class PostgresServer:
    """A server with a template; databases are named after this process, so concurrent suites do not meet.

    A database that a test has used is emptied and used again, where it is still of the shape of the template.
    """

    host: str
    port: int
    numbers: Iterator[int] = field(default_factory=itertools.count)
    idle: list[str] = field(default_factory=list)
    new: New | None = None

    @property
    def template(self) -> str:
        """Name of the database that all others are copied from."""
        return f"shanhai_test_{os.getpid()}_template"

    def url(self, name: str) -> str:
        """SQLAlchemy URL of one database."""
        return f"postgresql+asyncpg://{USER}@{self.host}:{self.port}/{name}"

    async def run(self, *statements: str) -> None:
        """Run statements that no transaction may hold."""
        async with self._connected("postgres") as connection:
            for statement in statements:
                await connection.execute(statement)

    async def prepare(self, preparation: Preparation) -> None:
        """Make the template."""
        await self.run(f"CREATE DATABASE {self.template}")
        await preparation(self.url(self.template))
        async with self._connected(self.template) as connection:
            self.new = await described(connection)

    @contextlib.asynccontextmanager
    async def database(self, *, empty: bool = False) -> Any:
        """The URL of a database that is as the template, or empty."""
        name = self.idle.pop() if self.idle and not empty else await self._created(empty=empty)
        try:
            yield self.url(name)
        finally:
            if not empty and await self._emptied(name):
                self.idle.append(name)
            else:
                await self.run(f"DROP DATABASE {name} WITH (FORCE)")

    async def clear(self) -> None:
        """Drop the template and what waits to be used again."""
        await self.run(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in (*self.idle, self.template)))
        self.idle.clear()

    async def _created(self, *, empty: bool) -> str:
        name = f"shanhai_test_{os.getpid()}_{next(self.numbers)}"
        await self.run(
            f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else self.template}",
            # a crash of the server ends the suite, so that nothing need reach the disk before a commit returns
            f"ALTER DATABASE {name} SET synchronous_commit = off",
        )
        return name

    async def _emptied(self, name: str) -> bool:
        async with self._connected(name) as connection:
            return self.new is not None and await emptied(connection, self.new)

    @contextlib.asynccontextmanager
    async def _connected(self, database: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(host=self.host, port=self.port, user=USER, database=database)
        try:
            yield connection
        finally:
            await connection.close()


def postgres_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, newest version first, or None."""
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3])
    candidates = [Path(on_path).resolve()] if on_path else []
    for initdb in [*candidates, *reversed(found)]:
        if (initdb.parent / "postgres").exists():
            return initdb.parent
    return None


@contextlib.contextmanager
def own_server(binaries: Path) -> Iterator[tuple[str, int]]:
    """A throw-away server on a free loopback port."""
    # postgres refuses to run as root, so root runs it as the account its package made
    account: dict[str, Any] = {"user": USER} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="shanhai-postgres-") as folder:
        if account:
            shutil.chown(folder, USER)
        data, port = f"{folder}/data", free_port()
        initdb = [str(binaries / "initdb"), "-D", data, "-U", USER, "-A", "trust", "-N", "--no-instructions"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **account)
        options = ["-h", HOST, "-p", str(port), "-k", folder, "-F"]
        command = [str(binaries / "postgres"), "-D", data, *options]
        with Path(f"{folder}/log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **account)
        try:
            _await_answer(port)
            yield HOST, port
        finally:
            server.terminate()
            server.wait(30)


def _await_answer(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if answers(HOST, port):
            with contextlib.suppress(asyncpg.CannotConnectNowError, OSError):
                outside_the_loop(PostgresServer(HOST, port).run("SELECT 1"))
                return
        time.sleep(0.05)
    raise TimeoutError(f"our own PostgreSQL does not answer on port {port}")


@contextlib.contextmanager
def postgres_server(preparation: Preparation) -> Iterator[PostgresServer]:
    """The server that answers on loopback, else one of our own; its template is ready."""
    with contextlib.ExitStack() as stack:
        if answers(HOST, PORT):
            address = HOST, PORT
        elif binaries := postgres_binaries():
            address = stack.enter_context(own_server(binaries))
        else:
            missing("PostgreSQL", f"nothing answers on {HOST}:{PORT} and initdb is not installed")
        server = PostgresServer(*address)
        try:
            outside_the_loop(server.prepare(preparation))
            yield server
        finally:
            outside_the_loop(server.clear())
