"""Reports of a manifest's check: findings and the fields it maps."""

import strawberry

from gateway.graph.ports import CheckedManifest
from schema import findings as rows
from schema.findings import Severity


@strawberry.type
class Finding:
    """One thing found wrong with a manifest or a record."""

    code: str
    severity: Severity
    message: str
    pointer: str | None = strawberry.field(description="RFC 6901 JSON pointer into the manifest.")
    line: int | None
    column: int | None
    expected: str | None
    found: str | None
    suggestion: str | None
    documentation_url: str | None

    @classmethod
    def of(cls, row: rows.Finding) -> "Finding":
        """The finding of a check."""
        return cls(
            code=row.code,
            severity=row.severity,
            message=row.message,
            pointer=row.pointer,
            line=row.line,
            column=row.column,
            expected=row.expected,
            found=row.found,
            suggestion=row.suggestion,
            documentation_url=row.documentation_url,
        )


@strawberry.type
class FieldCoverage:
    """Whether a field of the common schema is mapped."""

    field: str
    required: bool
    mapped: bool
    filled: float | None = strawberry.field(description="Share of records, 0 to 1.")


@strawberry.type
class ManifestReport:
    """What can be said about a manifest."""

    ok: bool
    findings: list[Finding]
    coverage: list[FieldCoverage]
    resolved: str | None = strawberry.field(description="Defaults filled in.")

    @classmethod
    def of(cls, row: CheckedManifest) -> "ManifestReport":
        """The report of a check."""
        return cls(
            ok=row.ok,
            findings=[Finding.of(finding) for finding in row.findings],
            coverage=[
                FieldCoverage(field=one.field, required=one.required, mapped=one.mapped, filled=one.filled)
                for one in row.coverage
            ],
            resolved=row.resolved,
        )
