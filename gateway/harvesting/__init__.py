"""Harvesting: listings become stored records, page by page, and what goes wrong is kept and told."""

from gateway.harvesting.errors import HarvestInProgress, LeaseLost
from gateway.harvesting.quarantine import QuarantinedRecord
from gateway.harvesting.reports import QuarantinePage, RunFilter, RunPage
from gateway.harvesting.runs import HarvestKind, HarvestRun, RunProgress, RunState
from gateway.harvesting.service import HarvestingService
from gateway.harvesting.unmapped import UnmappedValue

__all__ = [
    "HarvestInProgress",
    "HarvestKind",
    "HarvestRun",
    "HarvestingService",
    "LeaseLost",
    "QuarantinePage",
    "QuarantinedRecord",
    "RunFilter",
    "RunPage",
    "RunProgress",
    "RunState",
    "UnmappedValue",
]
