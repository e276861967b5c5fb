"""The command `shanhai`."""

from gateway.cli.program import main

__all__ = ["main"]
