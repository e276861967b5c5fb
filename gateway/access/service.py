"""The doorway of access: what a principal may see and do, the agreements between regions, and the audit log."""

from datetime import datetime

from sqlalchemy import Connection

from gateway.access.audit import AuditLog
from gateway.access.policies import givers_of, may_receive, reach_of, receivers_of, refusal_of
from gateway.access.sharing import Agreements
from gateway.clock import Clock
from gateway.identity import Principal
from gateway.keyed import KeyedHash
from gateway.personal import Action, AuditEvent, Reach
from gateway.storage import Database


class AccessService:
    """Made by `open_access`. Agreements are read anew in each call, so that a revocation holds at once."""

    def __init__(self, agreements: Agreements, audit: AuditLog) -> None:
        self.agreements, self.audit = agreements, audit

    async def reach(self, who: Principal) -> Reach:
        """What a principal may be shown now, by roles, purpose and the agreements in force today."""
        in_force = await self.agreements.in_force() if may_receive(who) else ()
        return reach_of(who, in_force)

    async def require(self, who: Principal, action: Action, region: str | None) -> None:
        """Raise Forbidden or PurposeRequired, after it was written into the audit log, where an action is refused."""
        if refusal := refusal_of(who, action, region):
            await self.audit.note_refusal(who, action, refusal, region=region)
            raise refusal

    async def receivers(self, region: str | None) -> tuple[str, ...]:
        """Regions that may decide about credit of this one, by agreements in force today; sorted."""
        return receivers_of(region, await self.agreements.in_force())

    async def givers(self, receiver: str) -> tuple[str, ...]:
        """Regions about whose credit (of all inside them too) this one may decide, by agreements in force today."""
        return givers_of(receiver, await self.agreements.in_force())

    def append(self, connection: Connection, now: datetime, event: AuditEvent) -> None:
        """Write a line into the audit log within a transaction; call it late, the log is locked to the end of it."""
        self.audit.append(connection, now, event)

    async def note(self, *events: AuditEvent) -> None:
        """Write lines into the audit log in a transaction of their own."""
        await self.audit.note(*events)


def open_access(database: Database, keys: KeyedHash, clock: Clock) -> AccessService:
    """Access over a database; the keyed hashes chain the audit log."""
    audit = AuditLog(database, keys, clock)
    return AccessService(Agreements(database, audit, clock), audit)
