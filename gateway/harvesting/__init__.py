"""Harvesting: listings become stored records, page by page, and what goes wrong is kept and told."""

from gateway.harvesting.errors import HarvestInProgress, HarvestKindUnsupported, LeaseLost, RunEnded
from gateway.harvesting.ports import Connectors, FreshnessTarget, FreshnessTargets
from gateway.harvesting.quarantine import QuarantinedRecord
from gateway.harvesting.reports import QuarantinePage, RunFilter, RunPage
from gateway.harvesting.runs import HarvestKind, HarvestRun, RunProgress, RunState
from gateway.harvesting.scheduling import Scheduler
from gateway.harvesting.service import HarvestingService
from gateway.harvesting.unmapped import UnmappedValue
from gateway.harvesting.worker import Worker

__all__ = [
    "Connectors",
    "FreshnessTarget",
    "FreshnessTargets",
    "HarvestInProgress",
    "HarvestKind",
    "HarvestKindUnsupported",
    "HarvestRun",
    "HarvestingService",
    "LeaseLost",
    "QuarantinePage",
    "QuarantinedRecord",
    "RunEnded",
    "RunFilter",
    "RunPage",
    "RunProgress",
    "RunState",
    "Scheduler",
    "UnmappedValue",
    "Worker",
]
