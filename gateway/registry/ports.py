"""What the registry needs from others, and what its operations work with."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector
from gateway.clock import Clock
from gateway.registry.records import Secrets
from gateway.registry.secrets import SecretStore
from gateway.registry.vault import Vault
from gateway.storage import Database


class OpenContext(Protocol):
    """Gives a connector its world for the length of a block; `secrets.origins` is where its secrets may travel."""

    def __call__(
        self, connector: ManifestConnector, secrets: Secrets
    ) -> AbstractAsyncContextManager[ConnectorContext]: ...


@dataclass(frozen=True, slots=True)
class Resources:
    """What every operation of the registry is given; `plugins` are the platforms that installed plug-ins speak for."""

    database: Database
    clock: Clock
    vault: Vault
    open_context: OpenContext
    operator: SecretStore
    plugins: frozenset[str] = frozenset()
