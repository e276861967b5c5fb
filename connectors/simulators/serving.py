"""One simulator as a real server on loopback."""

import argparse
from collections.abc import Mapping, Sequence

import uvicorn

from connectors.simulators.simulation import Simulator


def serve(simulators: Mapping[str, Simulator], arguments: Sequence[str] | None = None) -> None:
    """Parse `CODE --port N [--host H] [--size N] [--seed N] [--control]` and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m connectors.simulators", description="Serve a simulated platform.")
    parser.add_argument("code", choices=sorted(simulators))
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--size", type=int, help="records in the catalog; the platform's own number by default")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--control", action="store_true", help="serve PUT and DELETE /__faults")
    given = parser.parse_args(arguments)
    app = simulators[given.code].build(given.seed, given.size, control=given.control)
    uvicorn.run(app, host=given.host, port=given.port, log_level="warning")
