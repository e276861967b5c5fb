"""Leases: one harvest of a platform at a time, over all processes that share the database.

A lease is a row with a holder and a token that grows with every new holder. Every write transaction checks its token
first, so a holder that was thought dead and comes back can write nothing. A dead predecessor on the same host is
succeeded at once, one elsewhere when its lease has run out.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from gateway.harvesting.bulk import insert_new
from gateway.harvesting.errors import HarvestInProgress, LeaseLost
from gateway.storage.tables import HarvestLease

LEASE_TIME = timedelta(minutes=5)
_LEASES = HarvestLease.metadata.tables["harvest_leases"]
_NONCE = secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to harvest one platform."""

    platform: str
    token: int


def own_name() -> str:
    """Host, process id and nonce of this process."""
    return f"{socket.gethostname()}|{os.getpid()}|{_NONCE}"


def acquire(connection: Connection, now: datetime, platform: str) -> Lease:
    """Take the lease of a platform; raises `HarvestInProgress` while another run holds it."""
    row = lock(connection, now, platform)
    if is_held(row.holder, row.expires_at, now):
        raise HarvestInProgress(
            f"platform {platform!r} is being harvested already; its lease runs until {row.expires_at.isoformat()}",
            platform=platform,
        )
    token = int(row.token) + 1
    connection.execute(
        update(_LEASES)
        .where(_LEASES.c.platform == platform)
        .values(holder=own_name(), token=token, expires_at=now + LEASE_TIME)
    )
    return Lease(platform, token)


def lock(connection: Connection, now: datetime, platform: str) -> Row[Any]:
    """Lock the lease row of a platform to the end of the transaction, making it where there is none, and return it."""
    vacant = {"platform": platform, "holder": "", "token": 0, "expires_at": now}
    insert_new(connection, _LEASES, [vacant])
    return (connection.execute(select(_LEASES).where(_LEASES.c.platform == platform).with_for_update())).one()


def seize(connection: Connection, now: datetime, platform: str) -> None:
    """Leave a platform's lease vacant whoever holds it; what the holder still writes is refused by `confirm`."""
    row = lock(connection, now, platform)
    vacant = {"holder": "", "token": int(row.token) + 1, "expires_at": now}
    connection.execute(update(_LEASES).where(_LEASES.c.platform == platform).values(vacant))


def is_held(holder: str, expires_at: datetime, now: datetime) -> bool:
    """Whether a lease row means that somebody harvests, as far as can be known."""
    return bool(holder) and expires_at > now and not _is_dead(holder)


def confirm(connection: Connection, now: datetime, lease: Lease) -> None:
    """Renew the lease at the start of a write transaction; raises `LeaseLost` when somebody else has it."""
    renewed = connection.execute(
        update(_LEASES)
        .where(_LEASES.c.platform == lease.platform, _LEASES.c.token == lease.token)
        .values(expires_at=now + LEASE_TIME)
    )
    if renewed.rowcount != 1:
        raise LeaseLost(f"another process harvests platform {lease.platform!r} now", platform=lease.platform)


def release(connection: Connection, now: datetime, lease: Lease) -> None:
    """Give the lease back; harmless when it was lost."""
    connection.execute(
        update(_LEASES)
        .where(_LEASES.c.platform == lease.platform, _LEASES.c.token == lease.token)
        .values(holder="", expires_at=now)
    )


def _is_dead(holder: str) -> bool:
    """Whether the holder certainly runs no more: a process of this host that is gone or whose id we have now."""
    host, _, rest = holder.partition("|")
    process, _, nonce = rest.partition("|")
    if host != socket.gethostname() or not process.isdigit():
        return False
    if int(process) == os.getpid():
        return nonce != _NONCE
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
