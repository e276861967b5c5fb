"""A first look at the platform through its connector: a page or two, read and judged, nothing stored."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from connectors.conformance.checks import CHECKS
from connectors.conformance.coverage import FieldCoverage, coverage
from connectors.context import ConnectorContext
from connectors.contract import Harvests
from connectors.errors import ConnectorError
from connectors.manifest import ManifestConnector
from connectors.manifest.explain import documentation_of
from connectors.manifest.report import in_order
from connectors.records import HarvestPage, HarvestRequest
from schema.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class LiveReport:
    """What a look at the platform showed; `pages` are what was read, for previews.

    `coverage` says which share of the records fills each field, where a manifest tells the fields.
    """

    ok: bool
    findings: tuple[Finding, ...]
    pages: tuple[HarvestPage, ...] = ()
    coverage: tuple[FieldCoverage, ...] = ()


async def check_live(connector: Harvests, context: ConnectorContext, *, pages: int = 1) -> LiveReport:
    """Read the first `pages` pages that hold anything and run every check on them; a failure is a finding."""
    read: list[HarvestPage] = []
    failure: list[Finding] = []
    try:
        async with aclosing(_harvest(connector, context)) as listing:
            async for page in listing:
                read.append(page)
                if sum(1 for kept in read if kept.accepted or kept.rejected) >= pages:
                    break
    except ConnectorError as error:
        failure.append(Finding(error.code, str(error), documentation_url=documentation_of(error.code)))
    findings = failure or [finding for check in CHECKS for finding in check.run(read)]
    ok = not any(finding.severity is Severity.ERROR for finding in findings)
    filled = coverage(connector.document.harvest, read) if isinstance(connector, ManifestConnector) else ()
    return LiveReport(ok, in_order(findings), tuple(read), filled)


async def _harvest(connector: Harvests, context: ConnectorContext) -> AsyncGenerator[HarvestPage, None]:
    """The listing as a generator that can be closed early."""
    async for page in connector.harvest(context, HarvestRequest()):
        yield page
