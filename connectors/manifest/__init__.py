"""Manifests: one YAML file per platform, read, checked and turned into a connector."""

from connectors.manifest.connector import ManifestConnector
from connectors.manifest.model import ManifestDocument
from connectors.manifest.reading import ManifestReading, read_manifest, read_manifest_file

__all__ = ["ManifestConnector", "ManifestDocument", "ManifestReading", "read_manifest", "read_manifest_file"]
