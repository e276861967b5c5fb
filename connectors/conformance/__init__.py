"""Conformance: what is right and wrong about a manifest and its platform, as data."""

from connectors.conformance.checks import CHECKS, Check
from connectors.conformance.coverage import FieldCoverage
from connectors.conformance.live import LiveReport, check_live
from connectors.conformance.offline import ManifestReport, check_manifest, examine_manifest
from connectors.conformance.preview import Preview, PreviewRequest, PreviewRow, preview, without_people
from connectors.conformance.sampling import check_sample

__all__ = [
    "CHECKS",
    "Check",
    "FieldCoverage",
    "LiveReport",
    "ManifestReport",
    "Preview",
    "PreviewRequest",
    "PreviewRow",
    "check_live",
    "check_manifest",
    "check_sample",
    "examine_manifest",
    "preview",
    "without_people",
]
