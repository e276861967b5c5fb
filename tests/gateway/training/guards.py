"""A guard that says what a test wants, and principals as tests know them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from gateway.errors import Forbidden, NotShared
from gateway.identity import Grant, Principal, Purpose, Role
from gateway.personal import PERSONAL_FIELDS, Action, AuditEvent, Reach, RegionReach

FORBIDDEN = Forbidden("not yours")
NOT_SHARED = NotShared("the agreement does not name this")
YUZHONG, CHONGQING, SICHUAN = "500103", "500000", "510000"


def officer(region: str | None = YUZHONG) -> Principal:
    """A training officer of a region."""
    grants = (Grant(Role.TRAINING_OFFICER, region),)
    return Principal(f"officer of {region}", grants, Purpose.CREDIT_RECOGNITION, client=f"key-{region}")


def own(*regions: str | None) -> Reach:
    """All of what belongs to these regions."""
    return Reach(FORBIDDEN, tuple(RegionReach(region, PERSONAL_FIELDS) for region in regions))


def by_agreement(region: str, *names: str, receiver: str = SICHUAN) -> RegionReach:
    """Some fields of what belongs to a region, such as `TrainingRecord.title`."""
    return RegionReach(region, frozenset(names), receiver)


def receiving(*shared: RegionReach) -> Reach:
    """The reach of an officer of 四川 who is shown something by agreements, beside their own."""
    return Reach(NOT_SHARED, (RegionReach(SICHUAN, PERSONAL_FIELDS), *shared))


@dataclass
class FixedGuard:
    """Answers what it was given; `refused` are actions that nobody may do, `written` is the audit log."""

    reaches: Mapping[str, Reach] = field(default_factory=dict)
    deciding: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: frozenset[Action] = frozenset()
    written: list[AuditEvent] = field(default_factory=list)
    asked: list[tuple[str, Action, str | None]] = field(default_factory=list)
    asked_givers: list[str] = field(default_factory=list)

    async def reach(self, who: Principal) -> Reach:
        """By the name of the principal; nothing for others."""
        return self.reaches.get(who.name, Reach(FORBIDDEN))

    async def require(self, who: Principal, action: Action, region: str | None) -> None:
        """Refuse what nobody may do."""
        self.asked.append((who.name, action, region))
        if action in self.refused:
            raise Forbidden(f"{action} is refused")

    async def receivers(self, region: str | None) -> tuple[str, ...]:
        """By region."""
        return self.deciding.get(region or "", ())

    async def givers(self, receiver: str) -> tuple[str, ...]:
        """Regions that this one decides about; notes that it was asked."""
        self.asked_givers.append(receiver)
        return tuple(sorted(region for region, deciding in self.deciding.items() if receiver in deciding))

    def append(self, _connection: Connection, _now: datetime, event: AuditEvent) -> None:
        """Keep the line."""
        self.written.append(event)
