"""A manifest's mapping tried on one recorded answer of its platform: no network, no credentials."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from connectors.conformance.checks import MOST_REJECTED, MOST_UNMAPPED
from connectors.conformance.coverage import coverage
from connectors.conformance.offline import ManifestReport, check_manifest
from connectors.conformance.reach import unreached
from connectors.context import ConnectorContext, utc_now
from connectors.credentials import NoCredentialSpec
from connectors.errors import ConnectorError
from connectors.extraction import JMESPATH
from connectors.manifest import ManifestConnector, read_manifest
from connectors.manifest.document import read_document
from connectors.manifest.model import ManifestDocument
from connectors.manifest.report import Report, in_order
from connectors.manifest.sections import Section
from connectors.paging.model import NoPaging
from connectors.protocols import FailureTable, Listing, Upstream, Walk
from connectors.protocols.exchange import Exchange
from connectors.protocols.files import FilesListing
from connectors.protocols.graphql import GraphQlListing
from connectors.protocols.oai_pmh import OaiPmhListing
from connectors.protocols.rest import RestListing
from connectors.protocols.xapi import XapiListing
from connectors.records import HarvestPage, HarvestRequest, UsageRequest
from connectors.transport import Request, Response
from schema.findings import Finding, Severity

SectionName = Literal["harvest", "training", "usage"]
EXAMPLES = 10
_NO_STATEMENTS = b'{"statements": [], "more": ""}'
_NO_RECORDS = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch"/></OAI-PMH>'
EVER = UsageRequest(date(1970, 1, 1), date(2100, 1, 1))


async def check_sample(
    text: str, sample: bytes, section: SectionName = "harvest", *, source: str = "manifest"
) -> ManifestReport:
    """Check a manifest and map every record of a recorded answer by it; never raises on bad input.

    `coverage` is of the section's records, with the share of the accepted ones that fill each field.
    """
    offline = check_manifest(text, source=source)
    document = read_manifest(text).document
    if document is None or not offline.ok:
        return offline
    report = Report(read_document(text))
    found = dict(document.sections()).get(section)
    if found is None:
        report.add("sample.unreadable", f"the manifest has no section {section}", "")
        return _with(offline, report.findings)
    alone = _alone(found)
    trial = _Trial(document, section, alone, sample)
    try:
        page = await trial.mapped()
        records = await trial.records()
    except ConnectorError as error:
        report.add("sample.unreadable", str(error), f"/{section}")
        return _with(offline, report.findings)
    _judge(section, page, report)
    for lost in unreached(section, alone, records):
        written = report.knows(lost.pointer.rpartition("/")[0])
        if written:
            there = f": there is no {lost.step!r}" if lost.step else ""
            message = f"{lost.path!r} finds nothing in {len(records)} records{there}"
            report.add(
                "sample.pathFindsNothing",
                message,
                lost.pointer,
                severity=Severity.WARNING,
                found=lost.step,
                words=lost.words,
            )
    return replace(_with(offline, report.findings), coverage=coverage(alone, [page]))


def _with(report: ManifestReport, findings: Sequence[Finding]) -> ManifestReport:
    ok = report.ok and not any(finding.severity is Severity.ERROR for finding in findings)
    return replace(report, ok=ok, findings=in_order((*report.findings, *findings)))


def _alone(section: Section) -> Section:
    """The section as it reads one answer and asks for nothing else."""
    changes: dict[str, Any] = {"credentials": None, "origin": None, "detail": None, "joins": {}}
    listing: Listing = section
    if isinstance(listing, RestListing):
        changes |= {"paging": NoPaging(kind="none"), "request": listing.request[:1]}
    if isinstance(listing, OaiPmhListing):
        changes |= {"by": "records", "deletions": "listRecords", "sets": ()}
    if isinstance(listing, FilesListing):
        changes |= {"files": ("/sample",), "folder": None, "index": None}
    if isinstance(listing, GraphQlListing) and listing.connection is not None:
        nodes = f"data.{listing.connection}.not_null(nodes, edges[].node)"
        changes |= {"connection": None, "records": nodes}
    if isinstance(listing, GraphQlListing):
        changes["paging"] = NoPaging(kind="none")
    if "window" in type(section).model_fields:
        changes["window"] = None
    return section.model_copy(update=changes)


@dataclass(slots=True)
class _Answering:
    """A transport that gives the sample as its answer; `end` ends a listing that goes on regardless of paging."""

    body: bytes
    media_type: str
    end: bytes | None
    asked: int = 0

    async def send(self, request: Request) -> Response:
        """The sample, and then the end."""
        self.asked += 1
        body = self.body if self.asked == 1 or self.end is None else self.end
        return Response(200, {"content-type": self.media_type}, body, request.url)

    async def aclose(self) -> None:
        """Nothing is open."""


class _Trial:
    """One section at work on one answer."""

    def __init__(self, document: ManifestDocument, name: SectionName, section: Section, sample: bytes) -> None:
        self._name, self._section = name, section
        self._document = document.model_copy(update={name: section, "credentials": NoCredentialSpec(), "tests": ()})
        self._sample = sample

    async def mapped(self) -> HarvestPage[Any]:
        """What the mapping makes of the records; raises `ConnectorError`."""
        async with aclosing(self._pages()) as listing:
            pages = [page async for page in listing]
        return HarvestPage(
            tuple(one for page in pages for one in page.accepted),
            tuple(one for page in pages for one in page.rejected),
            tuple(one for page in pages for one in page.deleted),
        )

    async def records(self) -> Sequence[Any]:
        """The records as they came."""
        table = FailureTable((*self._document.failures, *self._section.known_failures))
        exchange = Exchange(self._context(), NoCredentialSpec().build({}, utc_now), table)
        origin, origins = self._document.origin, frozenset(self._document.origins)
        upstream = Upstream(exchange, origin, origins, self._document.limits.timeout_seconds, utc_now)
        return [record async for page in self._section.pages(upstream, Walk()) for record in page.records]

    def _context(self) -> ConnectorContext:
        media_type = "application/json" if self._section.language is JMESPATH else "text/xml"
        listing: Listing = self._section
        end = _NO_STATEMENTS if isinstance(listing, XapiListing) else _NO_RECORDS
        pages_by_itself = isinstance(listing, XapiListing | OaiPmhListing)
        answering = _Answering(self._sample, media_type, end if pages_by_itself else None)
        # sketches are made with the keys of demonstrations
        secrets = {name: f"demo-{name}" for name in self._document.sketch_secrets}
        return ConnectorContext(self._document.platform.code, answering, secrets)

    async def _pages(self) -> AsyncGenerator[HarvestPage[Any], None]:
        connector, context = ManifestConnector(self._document), self._context()
        if self._name == "usage":
            async for facts in connector.usage(context, EVER):
                yield facts
        elif self._name == "training":
            async for reports in connector.training(context, HarvestRequest()):
                yield reports
        else:
            async for resources in connector.harvest(context, HarvestRequest()):
                yield resources


def _judge(section: str, page: HarvestPage[Any], report: Report) -> None:
    total = len(page.accepted) + len(page.rejected)
    if total + len(page.deleted) == 0:
        report.add("sample.empty", "the sample holds no records where the manifest looks for them", f"/{section}")
        return
    reasons = [reason for one in page.rejected for reason in one.findings]
    serious = len(page.rejected) > MOST_REJECTED * total
    for code, count in Counter(reason.code for reason in reasons).most_common():
        example = next(reason for reason in reasons if reason.code == code)
        report.add(
            "sample.rejected",
            f"{count} of {total} records: {code}: {example.message}",
            _place(section, code, report),
            severity=Severity.ERROR if serious else Severity.WARNING,
            found=example.found,
        )
    _tell_unmapped(section, page, report)
    ids = Counter(getattr(one.record, "native_id", None) for one in page.accepted)
    twice = [str(native_id) for native_id, count in ids.items() if native_id is not None and count > 1]
    if twice:
        message = f"{len(twice)} native ids occur more than once; later records would replace earlier ones"
        report.add("sample.duplicateId", message, f"/{section}/fields/nativeId", found=", ".join(twice[:EXAMPLES]))


def _tell_unmapped(section: str, page: HarvestPage[Any], report: Report) -> None:
    values = Counter((note.field, note.value) for one in page.accepted for note in one.unmapped)
    for field in sorted({field for field, _ in values}):
        touched = sum(1 for one in page.accepted if any(note.field == field for note in one.unmapped))
        named = [f"{value} ({count})" for (of, value), count in values.most_common() if of == field]
        report.add(
            "sample.unmapped",
            f"{field}: {len(named)} values that no table knows, in {touched} of {len(page.accepted)} records",
            _place(section, field, report),
            severity=Severity.WARNING if touched > MOST_UNMAPPED * len(page.accepted) else Severity.INFO,
            found=", ".join(named[:EXAMPLES]),
        )


def _place(section: str, field: str, report: Report) -> str:
    """The rule of a field or a measure, the section's fields where it has none."""
    name = field.partition(".")[0]
    beside = {"value": "measures", "sketch": "sketches", "weight": "weights"}.get(name)
    if beside is not None and report.knows(f"/{section}/{beside}"):
        return f"/{section}/{beside}"
    for key in ("fields", "measures", "counts"):
        if report.knows(f"/{section}/{key}/{name}"):
            return f"/{section}/{key}/{name}"
    return f"/{section}/fields"
