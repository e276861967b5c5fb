"""What training needs of other slices, satisfied where the application is put together."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from gateway.identity import Principal
from gateway.personal import Action, AuditEvent, Reach


class Guard(Protocol):
    """Who may see and do what; deny by default."""

    async def reach(self, who: Principal) -> Reach:
        """What a principal may be shown now, by roles, purpose and the agreements in force today."""
        ...

    async def require(self, who: Principal, action: Action, region: str | None) -> None:
        """Raise Forbidden or PurposeRequired, after it was written into the audit log, where an action is refused."""
        ...

    async def receivers(self, region: str | None) -> tuple[str, ...]:
        """Regions that may decide about credit of this one, by agreements in force today; sorted."""
        ...

    async def givers(self, receiver: str) -> tuple[str, ...]:
        """Regions about whose credit (of all inside them too) this one may decide, by agreements in force today."""
        ...

    def append(self, connection: Connection, now: datetime, event: AuditEvent) -> None:
        """Write a line into the audit log within a transaction; call it late, the log is locked to the end of it."""
        ...


class ResourceState(StrEnum):
    """Where a resource stands whose developers want credit."""

    APPROVED = "APPROVED"
    PENDING = "PENDING"
    WITHDRAWN = "WITHDRAWN"
    UNKNOWN = "UNKNOWN"
    """No platform has listed it yet."""


ResourceName = tuple[str, str]
"""Platform and native id."""


class ResourceStates(Protocol):
    """The catalog as the credit bank asks it, within its own transaction."""

    def states(self, connection: Connection, names: Collection[ResourceName]) -> Mapping[ResourceName, ResourceState]:
        """One entry for each name."""
        ...

    def changed(self, connection: Connection, after: int, most: int) -> tuple[list[ResourceName], int]:
        """At most so many resources that changed after a catalog sequence, and the last sequence looked at."""
        ...
