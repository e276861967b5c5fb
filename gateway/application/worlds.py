"""The worlds that connectors are given: a transport with every limit, and the secrets with where they may travel."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector
from connectors.plugged import PluginConnector
from connectors.transport import Confined, EgressPolicy, open_transport
from gateway.registry import CanaryConnector, RegisteredConnector, RegistryService, Secrets, SecretStore
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Worlds:
    """Opens the world of a connector."""

    settings: Settings
    policy: EgressPolicy

    @asynccontextmanager
    async def open(
        self, connector: ManifestConnector | CanaryConnector | PluginConnector, secrets: Secrets, *, live: bool = False
    ) -> AsyncIterator[ConnectorContext]:
        """A context whose transport is closed at the end of the block; that of a plug-in asks its origins only.

        `live` asks for the transport of live searches, which plug-ins are not given.
        """
        certificate = connector.certificate(secrets.values)
        plugged = isinstance(connector, PluginConnector)
        limits = connector.limits
        if live:
            # a request outlives the flight that sent it, since pyreqwest does not end what nobody waits for; and who is
            # told to slow down, or that a platform is out of order, is told so at once instead of waiting for a retry
            patience = min(limits.timeout_seconds, self.settings.live_patience_seconds)
            limits = limits.model_copy(update={"timeout_seconds": patience, "retries": 0})
        transport = open_transport(
            limits,
            self.settings.reroutes,
            policy=self.policy,
            certificate=certificate,
            fast=live and not plugged and self.settings.live_transport == "fast",
        )
        # whoever is reached may ask for the certificate, so with one nobody else is
        confined = certificate is not None or plugged
        try:
            yield ConnectorContext(
                connector.platform.code,
                Confined(transport, secrets.origins) if confined and secrets.origins is not None else transport,
                secrets.values,
                secret_origins=secrets.origins,
                folder=self.settings.drop_dir,
            )
        finally:
            await transport.aclose()


class ConnectorSecrets:
    """What each connector may present: sealed secrets and those of the operator."""

    def __init__(self, registry: RegistryService, operator: SecretStore) -> None:
        self._registry, self._operator = registry, operator

    async def of(self, code: str, entry: RegisteredConnector) -> Secrets:
        """The secrets of what is served under a code, read anew."""
        connector = entry.connector
        if isinstance(connector, PluginConnector):
            # sealed secrets were set for a manifest of this code, so a plug-in is given those of the operator alone
            return Secrets(self._operator.for_platform(code, connector.secret_names), connector.origins)
        return await self._registry.secrets_for(code, entry.secret_names)
