"""What a test read shows: the first records as they came and as they were mapped, and the requests it took."""

from collections.abc import Iterable

import strawberry

from gateway.graph.connectors.payloads import UserError
from gateway.graph.connectors.reports import Finding, ManifestReport
from gateway.registry import Refusal, TestReadOutcome


@strawberry.type(
    description="`mapped` is the record as JSON of the published record schema, null when rejected. Not a Resource: "
    "a trial must never overwrite a published record in a client's cache."
)
class TestReadRow:
    """One record of a test read."""

    __test__ = False

    native_id: str | None
    raw: str
    mapped: str | None
    findings: list[Finding]
    unmapped: list[str]


@strawberry.type
class TestRequest:
    """One request of a test read."""

    __test__ = False

    method: str
    url: str
    status: int | None
    duration_ms: float


@strawberry.type
class TestReadPayload:
    """What a test read showed."""

    __test__ = False

    report: ManifestReport
    rows: list[TestReadRow]
    requests: list[TestRequest]
    errors: list[UserError]

    @classmethod
    def of(cls, outcome: TestReadOutcome) -> "TestReadPayload":
        """The payload of a read; what ended it early is its last error."""
        payload = cls.refused(ManifestReport.of(outcome.report), outcome.refusals)
        if seen := outcome.preview:
            payload.rows = [
                TestReadRow(
                    native_id=row.native_id,
                    raw=row.raw,
                    mapped=row.mapped,
                    findings=[Finding.of(finding) for finding in row.findings],
                    unmapped=[f"{one.field}: {one.value}" for one in row.unmapped],
                )
                for row in seen.rows
            ]
            payload.requests = [
                TestRequest(method=one.method, url=one.url, status=one.status, duration_ms=one.duration_ms)
                for one in seen.requests
            ]
            if seen.failure:
                payload.errors.append(UserError(code=seen.failure.code, message=seen.failure.message, path=None))
        return payload

    @classmethod
    def refused(cls, report: ManifestReport, refusals: Iterable[Refusal]) -> "TestReadPayload":
        """The payload of a read that was not carried out."""
        return cls(report=report, rows=[], requests=[], errors=[UserError.of(refusal) for refusal in refusals])
