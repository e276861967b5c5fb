"""Manifests as clients send them, and their offline check."""

import asyncio

from gateway.errors import LimitExceeded
from gateway.graph.budget import CHECK
from gateway.graph.connectors.reports import ManifestReport
from gateway.graph.context import GraphContext
from gateway.graph.loaders import opened

MAX_MANIFEST = 256 * 1024
"""Bytes of a manifest's text; the largest that comes with the product has a tenth of it."""
MAX_FINDINGS = 1_000
"""Findings of a report that is open to everybody; a text with more is no manifest yet."""


def bounded_manifest(text: str) -> str:
    """The text if it is short enough; raises LimitExceeded that states the limit."""
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_MANIFEST:
        raise LimitExceeded(f"manifest: a manifest may have {MAX_MANIFEST} bytes, this one has {size}")
    return text


async def checked(context: GraphContext, manifest: str) -> ManifestReport:
    """The report of an offline check, which is made beside the event loop, a few at a time."""
    text = bounded_manifest(manifest)
    context.budget.spend(CHECK)
    registry = opened(context.services.connectors, "the connector registry")
    async with context.services.checking:
        report = await asyncio.to_thread(registry.check, text)
    if len(report.findings) > MAX_FINDINGS:
        first = report.findings[0]
        raise LimitExceeded(
            f"manifest: a report tells {MAX_FINDINGS} findings, this one has {len(report.findings)}; "
            f"the first is of line {first.line}: {first.message[:200]}"
        )
    return ManifestReport.of(report)
