"""Which connectors exist, how they stand, what they may present, and what is wrong with the others."""

from gateway.registry.canary import CanaryConnector, canary_code, is_canary, served_code
from gateway.registry.directory import RegisteredConnector, Registry, RejectedManifest
from gateway.registry.live import LiveRegistry
from gateway.registry.ports import OpenContext
from gateway.registry.records import (
    ConnectorOutcome,
    ConnectorPage,
    ConnectorState,
    ConnectorView,
    CredentialStatus,
    DriftKind,
    DriftView,
    EventView,
    Refusal,
    Rotation,
    SealedSecret,
    Secrets,
    TestReadOutcome,
    VersionView,
)
from gateway.registry.secrets import SecretStore
from gateway.registry.service import RegistryService
from gateway.registry.vault import Vault

__all__ = [
    "CanaryConnector",
    "ConnectorOutcome",
    "ConnectorPage",
    "ConnectorState",
    "ConnectorView",
    "CredentialStatus",
    "DriftKind",
    "DriftView",
    "EventView",
    "LiveRegistry",
    "OpenContext",
    "Refusal",
    "RegisteredConnector",
    "Registry",
    "RegistryService",
    "RejectedManifest",
    "Rotation",
    "SealedSecret",
    "SecretStore",
    "Secrets",
    "TestReadOutcome",
    "Vault",
    "VersionView",
    "canary_code",
    "is_canary",
    "served_code",
]
