"""Verification of the audit log: every line, the order of lines, the counter, and a head noted elsewhere."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from gateway.access.audit_chain import GENESIS, UnreadableLine, digest_of, raw_lines
from gateway.errors import InvalidInput
from gateway.keyed import KeyedHash
from gateway.storage.sequences import AUDIT
from gateway.storage.tables import ChangeCounter

MOST_PROBLEMS = 100
"""Problems that a report lists; the others are only counted."""
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_COUNTERS = ChangeCounter.metadata.tables[ChangeCounter.__tablename__]


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The place and hash of a line; whoever keeps it elsewhere can prove that nothing up to it was rewritten."""

    sequence: int
    hash: bytes

    def __str__(self) -> str:
        """Such as `1804:9f3c…`."""
        return f"{self.sequence}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> "AuditHead":
        """The head of such a text; raises InvalidInput."""
        found = _HEAD.fullmatch(text.strip().lower())
        if found is None:
            raise InvalidInput("--head: give <sequence>:<64 hexadecimal digits>, as `shanhai audit verify` prints it")
        return cls(int(found[1]), bytes.fromhex(found[2]))


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """What is wrong at one place of the log; `sequence` is None for the log as a whole."""

    sequence: int | None
    what: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How many lines were read, the head of the log, and the first problems; `found` counts all of them."""

    rows: int
    head: str
    problems: tuple[AuditProblem, ...]
    found: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.found == 0


@dataclass
class _Check:
    """The state of a walk along the chain."""

    keys: KeyedHash
    anchor: AuditHead | None
    head: AuditHead = AuditHead(0, GENESIS)
    rows: int = 0
    found: int = 0
    problems: list[AuditProblem] = field(default_factory=list)
    anchored: bool = False

    def note(self, sequence: int | None, what: str) -> None:
        """Count a problem, and keep it while there are few."""
        self.found += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(AuditProblem(sequence, what))

    def line(self, line: Mapping[str, Any]) -> None:
        """Check the next line; each tampering is told where it stands, not again in all that follows."""
        self.rows += 1
        sequence, expected = line["sequence"], self.head.sequence + 1
        if sequence < expected:
            self.note(sequence, "stands before line 1, where no line can be")
            return
        if sequence > expected:
            missing = f"line {expected} is" if sequence == expected + 1 else f"lines {expected} to {sequence - 1} are"
            self.note(expected, f"{missing} missing")
        elif line["previous"] != self.head.hash:
            self.note(sequence, "does not follow from the line before: that one, this one or their order was changed")
        stored = line["hash"] if isinstance(line["hash"], bytes) else b""
        try:
            if not hmac.compare_digest(digest_of(self.keys, line), stored):
                self.note(sequence, "its hash does not fit: the line was changed, or made without the key")
        except UnreadableLine as unreadable:
            self.note(sequence, f"the line was changed: {unreadable}")
        self.head = AuditHead(sequence, stored)
        if self.anchor is not None and self.anchor.sequence == sequence:
            self.anchored = True
            if self.anchor.hash != stored:
                self.note(sequence, "is not the line of the given head: the log up to here was rewritten")

    def end(self, counter: int | None) -> None:
        """Check what only the end of the log tells."""
        last = self.head.sequence
        if counter is None:
            self.note(None, f"the counter {AUDIT!r} is missing")
        elif counter > last:
            missing = f"line {counter} is" if counter == last + 1 else f"lines {last + 1} to {counter} are"
            self.note(last + 1, f"{missing} missing at the end: the counter says {counter}")
        elif counter < last:
            self.note(counter + 1, f"was not counted: the counter was set back to {counter}, or lines were added")
        if self.anchor is not None and not self.anchored and self.anchor != AuditHead(0, GENESIS):
            self.note(self.anchor.sequence, "the line of the given head is not in the log")


def verify_chain(connection: Connection, keys: KeyedHash, anchor: AuditHead | None) -> AuditReport:
    """Read the whole log in the caller's transaction and check it; memory does not grow with the log."""
    check = _Check(keys, anchor)
    counted = select(_COUNTERS.c.value).where(_COUNTERS.c.name == AUDIT)
    counter: int | None = connection.execute(counted).scalar()
    try:
        for line in raw_lines(connection):
            check.line(line)
    except DBAPIError:
        check.note(check.head.sequence + 1, "the lines from here on hold what the database cannot read")
    else:
        check.end(counter)
    return AuditReport(check.rows, str(check.head), tuple(check.problems), check.found)
