"""Where findings about a valid document are collected, with their places."""

from collections.abc import Iterable
from dataclasses import replace

from connectors.manifest.document import Document
from connectors.manifest.explain import documentation_of, nearest
from schema.findings import Finding, Severity


class Report:
    """Findings with their places in the manifest."""

    def __init__(self, yaml: Document) -> None:
        self._yaml = yaml
        self.findings: list[Finding] = []

    def knows(self, pointer: str) -> bool:
        """Whether anything stands at a pointer."""
        return pointer in self._yaml.values

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
                documentation_url=documentation_of(code),
            )
        )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by their place, each with the address of what is written about it."""
    placed = sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0))
    return tuple(
        one if one.documentation_url else replace(one, documentation_url=documentation_of(one.code)) for one in placed
    )
