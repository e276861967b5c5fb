"""Where findings about a valid document are collected, with their places."""

from connectors.manifest.document import Document
from connectors.manifest.explain import DOCUMENTATION, nearest
from schema.findings import Finding, Severity


class Report:
    """Findings with their places in the manifest."""

    def __init__(self, yaml: Document) -> None:
        self._yaml = yaml
        self.findings: list[Finding] = []

    def add(
        self,
        code: str,
        message: str,
        pointer: str,
        *,
        severity: Severity = Severity.ERROR,
        found: str | None = None,
        words: tuple[str, ...] = (),
        expected: str | None = None,
    ) -> None:
        """Add one; `words` are what could stand there, the nearest of them is suggested."""
        position = self._yaml.position(pointer)
        self.findings.append(
            Finding(
                code=code,
                message=message,
                severity=severity,
                pointer=pointer,
                line=position.line if position else None,
                column=position.column if position else None,
                expected=expected or ("one of " + ", ".join(words) if words and len(words) <= 60 else None),
                found=found,
                suggestion=nearest(found, words) if found else None,
                documentation_url=DOCUMENTATION,
            )
        )
