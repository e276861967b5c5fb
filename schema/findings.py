"""Findings: what a check has to say about a manifest or a record, as data."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an ERROR refuses, a WARNING tells, INFO explains."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found wrong, precise enough to be mended without asking anybody.

    `code` is stable and documented; `pointer` is an RFC 6901 JSON pointer into the manifest or the record; `line` and
    `column` count from one.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    pointer: str | None = None
    line: int | None = None
    column: int | None = None
    expected: str | None = None
    found: str | None = None
    suggestion: str | None = None
    documentation_url: str | None = None
