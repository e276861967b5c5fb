"""Which connectors exist, where they came from and what is wrong with the others."""

from gateway.registry.directory import RegisteredConnector, Registry, RejectedManifest
from gateway.registry.secrets import SecretStore

__all__ = ["RegisteredConnector", "Registry", "RejectedManifest", "SecretStore"]
