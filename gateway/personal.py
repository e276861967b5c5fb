"""Personal data: which fields there are, who may be shown which, and what the audit log is told.

Slices decide and ask by these words: `access` makes a `Reach` of a principal and the agreements in force, `training`
asks it about each record, and the graph answers null with its code for what is withheld.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.errors import GatewayError
from gateway.identity import Purpose, lies_within

OPEN_FIELDS = frozenset({"TrainingRecord.id", "TrainingRecord.state", "TrainingRecord.version", "Teacher.id"})
"""Fields that everybody sees who sees the record or teacher at all."""
RECORD_FIELDS = frozenset(
    f"TrainingRecord.{name}"
    for name in (
        "nativeId", "teacher", "title", "kind", "level", "form", "role", "startsOn", "endsOn", "quantity", "unit",
        "outcome", "issuer", "platform", "program", "resource", "evidence", "history", "sameActivity", "award",
        "ledger", "certificate", "provenance",
    )
)  # fmt: skip
TEACHER_FIELDS = frozenset(f"Teacher.{name}" for name in ("name", "region", "school", "records", "transcript"))
PERSONAL_FIELDS = RECORD_FIELDS | TEACHER_FIELDS
"""Schema coordinates that a sharing agreement may name."""


class Action(StrEnum):
    """What may be done to training records and agreements, named as the mutations are."""

    RECORD = "recordTraining"
    CORRECT = "correctTraining"
    REVIEW = "reviewTraining"
    REVOKE = "revokeTraining"
    RECOGNIZE = "recognizeCredit"
    CERTIFY = "issueCertificate"
    PROPOSE_AGREEMENT = "proposeAgreement"
    ACCEPT_AGREEMENT = "acceptAgreement"
    REVOKE_AGREEMENT = "revokeAgreement"


class AuditOutcome(StrEnum):
    """Whether what was asked for was given or done."""

    ALLOWED = "ALLOWED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Decision:
    """Which personal fields may be shown (schema coordinates), and the refusal that stands for all others."""

    fields: frozenset[str]
    refusal: GatewayError

    @property
    def visible(self) -> bool:
        """Whether there is anything to see at all; what is not visible is as if it did not exist."""
        return bool(self.fields)


@dataclass(frozen=True, slots=True)
class RegionReach:
    """Fields that may be shown of what belongs to a region and everything inside it; None is everywhere.

    `receiver` is the region that is shown them by an agreement; None where they are one's own.
    """

    region: str | None
    fields: frozenset[str]
    receiver: str | None = None

    def covers(self, region: str | None) -> bool:
        """Whether something that belongs to a region (or to none) is meant."""
        return lies_within(region, self.region)


@dataclass(frozen=True, slots=True)
class Reach:
    """What one principal may be shown, at one moment: one's own records, and those of regions.

    `refusal` is raised where nothing may be shown; it says what is missing, such as a purpose.
    """

    refusal: GatewayError
    regions: tuple[RegionReach, ...] = ()
    teacher: str | None = None
    """The teacher that the principal is."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all may be shown."""
        return not self.regions and self.teacher is None

    def of(self, region: str | None, teacher: str | None) -> Decision:
        """What may be shown of a record or teacher of this region; one's own is shown whole."""
        if teacher is not None and teacher == self.teacher:
            return Decision(PERSONAL_FIELDS, self.refusal)
        shown = [reach.fields for reach in self.regions if reach.covers(region)]
        return Decision(frozenset().union(*shown), self.refusal)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line for the audit log: ids and names of fields, never the personal data itself.

    `subjects` are such as `TrainingRecord:0f3c…` and `Teacher:9a1b…`, by our own ids.
    """

    principal: str
    purpose: Purpose | None
    action: str
    outcome: AuditOutcome
    subjects: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    trace_id: str = ""
