"""Redis for tests: the server on loopback or one of our own, and a database number nobody else uses."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator

from redis import Redis

from tests.services.availability import answers, free_port, missing

HOST, PORT = "127.0.0.1", 6379
CLAIM_SECONDS = 3600


@contextlib.contextmanager
def own_server(binary: str) -> Iterator[tuple[str, int]]:
    """A throw-away server on a free loopback port that writes nothing to disk."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="shanhai-redis-") as folder:
        command = [binary, "--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            while not answers(HOST, port):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"our own Redis does not answer on port {port}")
                time.sleep(0.02)
            yield HOST, port
        finally:
            server.terminate()
            server.wait(30)


@contextlib.contextmanager
def claimed_database(host: str, port: int) -> Iterator[str]:
    """The URL of an empty database, claimed for this process and emptied afterwards."""
    with Redis(host=host, port=port) as registry:
        for number in range(1, 16):
            claim = f"shanhai:tests:{number}"
            if not registry.set(claim, os.getpid(), nx=True, ex=CLAIM_SECONDS):
                continue
            with Redis(host=host, port=port, db=number) as claimed:
                if claimed.dbsize() == 0:
                    try:
                        yield f"redis://{host}:{port}/{number}"
                    finally:
                        claimed.flushdb()
                        registry.delete(claim)
                    return
            registry.delete(claim)
    missing("Redis", f"none of the databases 1 to 15 on {host}:{port} is empty and unclaimed")


@contextlib.contextmanager
def redis_database() -> Iterator[str]:
    """The URL of an empty database on the server that answers on loopback, else on one of our own."""
    with contextlib.ExitStack() as stack:
        if answers(HOST, PORT):
            address = HOST, PORT
        elif binary := shutil.which("redis-server"):
            address = stack.enter_context(own_server(binary))
        else:
            missing("Redis", f"nothing answers on {HOST}:{PORT} and redis-server is not installed")
        yield stack.enter_context(claimed_database(*address))
