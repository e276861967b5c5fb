"""A training record as the credit bank reads it: what it says, where it stands, and what it wants credit for."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import orjson

from gateway.training.ports import ResourceName, ResourceState
from schema.quality import Level
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole

DEAD = frozenset({RecordState.REJECTED, RecordState.REVOKED})
NOT_DONE = frozenset({Outcome.FAILED, Outcome.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Claim:
    """One record. `person` is our id of the teacher whose account it hangs on; `platform` is empty if it was entered.

    `resource_state` says where the resource stands that it names; None where it names none. `erased` records are
    left as they are, with their lines.
    """

    id: str
    account_id: str
    person: str
    platform: str
    region: str | None
    activity_key: str
    activity_id: str | None
    kind: TrainingKind
    level: Level | None
    form: TrainingForm | None
    role: TrainingRole
    starts_on: date
    ends_on: date | None
    quantity: Decimal
    unit: QuantityUnit
    outcome: Outcome | None
    program: str | None
    resource: ResourceName | None
    state: RecordState
    created_at: datetime
    withdrawn: bool = False
    erased: bool = False
    resource_state: ResourceState | None = None

    @property
    def order(self) -> tuple[date, datetime, str]:
        """The fixed order in which records consume caps."""
        return self.starts_on, self.created_at, self.id

    @property
    def is_alive(self) -> bool:
        """Whether it reports an activity at all."""
        return self.state not in DEAD and not self.withdrawn and not self.erased

    @property
    def is_recognized(self) -> bool:
        """Whether it passed review."""
        return self.is_alive and self.state is RecordState.RECOGNIZED

    @property
    def develops(self) -> bool:
        """Whether its hours are a share of one resource."""
        return self.kind is TrainingKind.RESOURCE_DEVELOPMENT

    @property
    def contributes(self) -> bool:
        """Whether it makes its teacher one of those among whom the hours of a resource are split.

        An erased one still does, since the lines of an erased teacher stay.
        """
        recognized = self.state is RecordState.RECOGNIZED and not self.withdrawn
        return self.develops and self.resource is not None and recognized and self.outcome not in NOT_DONE

    @property
    def counts(self) -> bool:
        """Whether it may earn hours: recognized, done, and with a resource that passed review where it made one."""
        done = self.is_recognized and self.outcome not in NOT_DONE
        return done and (not self.develops or self.resource_state is ResourceState.APPROVED)

    @property
    def inputs(self) -> str:
        """SHA-256 of all that its conversion reads of it, in 64 hexadecimal digits."""
        said = (
            self.kind, self.level, self.form, self.role, self.starts_on.isoformat(), plain(self.quantity), self.unit,
            self.outcome, self.region, self.resource,
        )  # fmt: skip
        return hashlib.sha256(orjson.dumps(said)).hexdigest()


def plain(number: Decimal) -> str:
    """Digits without an exponent and without trailing zeros: 8 for 8.000000."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
