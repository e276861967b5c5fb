"""Conformance: what is right and wrong about a manifest and its platform, as data."""

from connectors.conformance.checks import CHECKS, Check
from connectors.conformance.live import LiveReport, check_live
from connectors.conformance.offline import Coverage, ManifestReport, check_manifest

__all__ = ["CHECKS", "Check", "Coverage", "LiveReport", "ManifestReport", "check_live", "check_manifest"]
