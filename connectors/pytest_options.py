"""The option that partners' pytest runs know: an entry point of its own, so that other projects pay nothing for it."""

from typing import Protocol


class _Parser(Protocol):
    """As much of pytest's parser as is needed here."""

    def getgroup(self, name: str, description: str = "") -> "_Group":
        """The group of options of a name."""


class _Group(Protocol):
    """As much of pytest's group of options as is needed here."""

    def addoption(self, *names: str, action: str, default: bool, help: str) -> None:  # noqa: A002  # pytest's word
        """Add an option."""


def pytest_addoption(parser: _Parser) -> None:
    """`--shanhai-live`: also look at the platforms themselves."""
    group = parser.getgroup("shanhai", "Shanhai connectors")
    group.addoption(
        "--shanhai-live",
        action="store_true",
        default=False,
        help="Also read the first page of each platform, with secrets from the environment.",
    )
