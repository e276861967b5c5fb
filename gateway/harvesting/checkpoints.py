"""What the transaction of every page ends with: counts and checkpoint of the run, or its end where it was cancelled."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from connectors.records import HarvestPage
from gateway.harvesting.runs import RunCounts
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.unfinished import cancel_requested, end_cancelled
from gateway.storage.tables import HarvestRunRow

_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]


def advance(run: ActiveRun, page: HarvestPage[Any], counted: RunCounts) -> ActiveRun:
    """The run as it is behind a page; `expected` is what the listing is said to hold, where the page tells."""
    counts = RunCounts(expected=run.counts.expected if counted.expected is None else counted.expected)
    for name in RunCounts.__slots__:
        if name != "expected":
            setattr(counts, name, getattr(run.counts, name) + getattr(counted, name))
    return replace(run, counts=counts, checkpoint=page.checkpoint, unmapped=set(run.unmapped))


def record(connection: Connection, now: datetime, run: ActiveRun) -> None:
    """Write counts and checkpoint; where somebody asked that the run end, it ends with this page."""
    checkpoint = None if run.checkpoint is None else json.dumps(dict(run.checkpoint))
    values = {"checkpoint": checkpoint, **asdict(run.counts)}
    connection.execute(update(_RUNS).where(_RUNS.c.id == run.id).values(values))
    if (by := cancel_requested(connection, run.id)) is not None:
        end_cancelled(connection, now, run.id, by)
        run.cancelled = True
