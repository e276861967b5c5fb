"""What happens where a service is missing: a skip with its reason, and a failure where CI promises the service."""

import contextlib
import os
import random
import socket
from typing import NoReturn

import pytest

PORTS = range(20_000, 32_000)


def missing(service: str, reason: str) -> NoReturn:
    """Skip the test, or fail it under CI=true, where the service must be there."""
    message = f"{service} is not available: {reason}"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{message}; under CI=true its tests may not be skipped", pytrace=False)
    pytest.skip(message)


def answers(host: str, port: int) -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A loopback port that nobody listens on at this moment.

    It lies below those that systems give to outgoing connections and to whoever asks for any, so that none of them
    takes it before its server starts; and it is drawn by lot, so that suites side by side do not meet.
    """
    for port in random.SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"none of 100 ports in {PORTS} is free")
