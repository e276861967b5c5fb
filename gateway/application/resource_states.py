"""The catalog as the credit bank asks it: whether the resources that teachers developed have passed review."""

from collections.abc import Collection, Mapping

import orjson
from sqlalchemy import Connection, select, tuple_

from gateway.storage.tables import ResourceRow
from gateway.training.ports import ResourceName, ResourceState
from schema.quality import ReviewStatus

_RESOURCES = ResourceRow.metadata.tables["resources"]
AT_ONCE = 200
"""Names in one statement; databases limit its parameters."""


class CatalogStates:
    """Reads the rows of the catalog within the transaction of a posting, so that both tell of one moment."""

    def states(self, connection: Connection, names: Collection[ResourceName]) -> Mapping[ResourceName, ResourceState]:
        """One entry for each name."""
        found: dict[ResourceName, ResourceState] = dict.fromkeys(names, ResourceState.UNKNOWN)
        wanted = list(found)
        columns = (_RESOURCES.c.platform, _RESOURCES.c.native_id, _RESOURCES.c.withdrawn_at, _RESOURCES.c.body)
        for start in range(0, len(wanted), AT_ONCE):
            named = tuple_(_RESOURCES.c.platform, _RESOURCES.c.native_id).in_(wanted[start : start + AT_ONCE])
            for platform, native_id, withdrawn_at, body in connection.execute(select(*columns).where(named)):
                state = ResourceState.WITHDRAWN if withdrawn_at is not None else _reviewed(body)
                found[platform, native_id] = state
        return found

    def changed(self, connection: Connection, after: int, most: int) -> tuple[list[ResourceName], int]:
        """At most so many resources that changed after a catalog sequence, and the last sequence looked at."""
        query = select(_RESOURCES.c.platform, _RESOURCES.c.native_id, _RESOURCES.c.sequence)
        newer = query.where(_RESOURCES.c.sequence > after).order_by(_RESOURCES.c.sequence).limit(most)
        rows = connection.execute(newer).all()
        return [(platform, native_id) for platform, native_id, _ in rows], rows[-1].sequence if rows else after


def _reviewed(body: bytes) -> ResourceState:
    """Only what passed review counts; a resource whose platform says nothing of a review has not."""
    match (orjson.loads(body).get("review") or {}).get("status"):
        case ReviewStatus.APPROVED:
            return ResourceState.APPROVED
        case ReviewStatus.WITHDRAWN:
            return ResourceState.WITHDRAWN
        case _:
            return ResourceState.PENDING
