"""Load over real connections: a bare HTTP/1.1 client that costs less than what it measures, and processes to load."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil


@dataclass(frozen=True)
class Sample:
    """What so many requests took: seconds each, wall seconds in all, and processor seconds of the server."""

    latencies: tuple[float, ...]
    wall: float
    cpu: float
    failures: int = 0
    bodies: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.wall

    @property
    def cpu_microseconds(self) -> float:
        """Processor time of the server for one request."""
        return self.cpu / len(self.latencies) * 1e6

    def quantile(self, part: float) -> float:
        """A quantile of the latencies in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1_000


class Connection:
    """One kept-alive connection that posts JSON."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._reader, self._writer, self._head = reader, writer, head

    @classmethod
    async def open(cls, port: int, path: str = "/graphql", headers: Mapping[str, str] | None = None) -> "Connection":
        """Connect to a port of this machine."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return cls(reader, writer, "\r\n".join(lines).encode())

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer, which must have a length."""
        self._writer.write(self._head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start : lower.index(b"\r\n", start)])
        return status, await self._reader.readexactly(length)

    def close(self) -> None:
        """End the connection."""
        self._writer.close()


async def load(
    port: int,
    bodies: Sequence[bytes],
    connections: int,
    cpu: Callable[[], float],
    *,
    path: str = "/graphql",
    headers: Mapping[str, str] | None = None,
    sound: Callable[[bytes], bool] = lambda body: b'"errors"' not in body,
    keep: bool = False,
) -> Sample:
    """Post every body once, spread over so many connections; `cpu` reads the processor seconds of the server."""
    opened = [await Connection.open(port, path, headers) for _ in range(connections)]
    waiting = iter(bodies)
    latencies: list[float] = []
    kept: list[bytes] = []
    failures = 0

    async def work(connection: Connection) -> None:
        nonlocal failures
        for body in waiting:
            began = time.perf_counter()
            status, answer = await connection.post(body)
            latencies.append(time.perf_counter() - began)
            failures += status != 200 or not sound(answer)
            if keep:
                kept.append(answer)

    before, began = cpu(), time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in opened))
    wall, used = time.perf_counter() - began, cpu() - before
    for connection in opened:
        connection.close()
    return Sample(tuple(latencies), wall, used, failures, tuple(kept))


@dataclass(frozen=True)
class Served:
    """A server in a process of its own, with the processor time of it and its children."""

    port: int
    process: asyncio.subprocess.Process

    def cpu(self) -> float:
        """Processor seconds so far."""
        root = psutil.Process(self.process.pid)
        times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def memory(self) -> float:
        """Resident megabytes."""
        root = psutil.Process(self.process.pid)
        return sum(one.memory_info().rss for one in (root, *root.children(recursive=True))) / 1e6


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cores() -> tuple[int, int]:
    """A core for the server and one for everything else; the same where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


@asynccontextmanager
async def served(
    arguments: Sequence[str],
    port: int,
    *,
    core: int | None = None,
    environment: Mapping[str, str] | None = None,
    patience: float = 120.0,
    program: str = sys.executable,
    folder: str | None = None,
) -> AsyncIterator[Served]:
    """Run a program until the end of the block, on one core where one is given; it is ready when its port answers."""

    def pin() -> None:
        if core is not None:
            os.sched_setaffinity(0, {core})

    process = await asyncio.create_subprocess_exec(
        program, *arguments, env={**os.environ, **(environment or {})}, preexec_fn=pin, cwd=folder
    )
    try:
        await _listening(port, process, patience)
        yield Served(port, process)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process, patience: float) -> None:
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        if process.returncode is not None:
            raise SystemExit(f"the server ended with code {process.returncode} before it answered")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise SystemExit(f"nobody answers on port {port} after {patience:g} s")
