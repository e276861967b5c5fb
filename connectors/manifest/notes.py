"""What mapping one record leaves to say: values no table knows, and what makes the record unusable."""

from typing import Any

from connectors.records import Unmapped
from schema.findings import Finding

SHOWN = 200
MOST_UNMAPPED = 100
"""Values of one record that are noted; nobody reads more, and a hostile platform sends millions."""
ROOM = 10_000_000
"""Characters that all transforms of one record may write, counted at every step."""


class Notes:
    """Collects while one record is mapped.

    `room` is what its transforms may still write, in characters; `told` counts what there was to note, also again.
    """

    __slots__ = ("findings", "room", "told", "unmapped")

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self.told = 0
        self.unmapped: list[Unmapped] = []
        self.findings: list[Finding] = []

    def write(self, length: int) -> None:
        """A transform made a text of so many characters; `ValueError` where there is no room for it."""
        self.room -= length
        if self.room < 0:
            raise ValueError("the transforms of one record make too much text")

    def unknown(self, field: str, value: str) -> None:
        """A value that could not be mapped; the record lives without it."""
        self.told += 1
        note = Unmapped(field, shortened(value))
        if len(self.unmapped) < MOST_UNMAPPED and note not in self.unmapped:
            self.unmapped.append(note)

    def invalid(self, field: str, message: str, value: Any, *, code: str = "invalid") -> None:
        """A value that makes the record unusable."""
        self.findings.append(
            Finding(
                code=f"{field}.{code}",
                message=message,
                pointer="/" + field.replace(".", "/"),
                found=shortened(value if isinstance(value, str) else repr(value)),
            )
        )


def shortened(text: str) -> str:
    """Text as it may stand in a report."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
