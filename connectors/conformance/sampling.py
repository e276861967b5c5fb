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
from connectors.protocols.oai_pmh import OaiPmhListing
from connectors.protocols.rest import RestListing
from connectors.records import HarvestPage, HarvestRequest, UsageRequest
from connectors.transport import Request, Response
from schema.findings import Finding, Severity

SectionName = Literal["harvest", "training", "usage"]
EXAMPLES = 10
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
    if "window" in type(section).model_fields:
        changes["window"] = None
    return section.model_copy(update=changes)


@dataclass(frozen=True, slots=True)
class _Answering:
    """A transport that gives one answer to whatever it is asked."""

    body: bytes
    media_type: str

    async def send(self, request: Request) -> Response:
        """The sample."""
        return Response(200, {"content-type": self.media_type}, self.body, request.url)

    async def aclose(self) -> None:
        """Nothing is open."""


class _Trial:
    """One section at work on one answer."""

    def __init__(self, document: ManifestDocument, name: SectionName, section: Section, sample: bytes) -> None:
        self._name, self._section = name, section
        self._document = document.model_copy(update={name: section, "credentials": NoCredentialSpec(), "tests": ()})
        media_type = "application/json" if section.language is JMESPATH else "text/xml"
        self._context = ConnectorContext(document.platform.code, _Answering(sample, media_type), {})

    async def mapped(self) -> HarvestPage[Any]:
        """What the mapping makes of the records; raises `ConnectorError`."""
        async with aclosing(self._pages()) as pages:
            async for page in pages:
                return page
        return HarvestPage(())

    async def records(self) -> Sequence[Any]:
        """The records as they came."""
        table = FailureTable((*self._document.failures, *self._section.known_failures))
        exchange = Exchange(self._context, NoCredentialSpec().build({}, utc_now), table)
        origin, origins = self._document.origin, frozenset(self._document.origins)
        upstream = Upstream(exchange, origin, origins, self._document.limits.timeout_seconds, utc_now)
        async for page in self._section.pages(upstream, Walk()):
            return page.records
        return ()

    async def _pages(self) -> AsyncGenerator[HarvestPage[Any], None]:
        connector = ManifestConnector(self._document)
        if self._name == "usage":
            async for facts in connector.usage(self._context, EVER):
                yield facts
        elif self._name == "training":
            async for reports in connector.training(self._context, HarvestRequest()):
                yield reports
        else:
            async for resources in connector.harvest(self._context, HarvestRequest()):
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
    for key in ("fields", "measures", "counts"):
        if report.knows(f"/{section}/{key}/{name}"):
            return f"/{section}/{key}/{name}"
    return f"/{section}/fields"
