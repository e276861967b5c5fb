"""From rows to what the registry shows of a connector."""

import json
from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from connectors.conformance import ManifestReport
from gateway.registry import sealed, store
from gateway.registry.records import ConnectorView, CredentialStatus, SealedSecret, VersionView
from gateway.registry.secrets import SecretStore
from gateway.registry.store import StoredConnector
from schema.platforms import PlatformDescription


def view(connection: Connection, operator: SecretStore, code: str) -> ConnectorView:
    """One connector that is there."""
    [found] = views(connection, operator, [store.get(connection, code)])
    return found


def views(
    connection: Connection, operator: SecretStore, connectors: Sequence[StoredConnector]
) -> tuple[ConnectorView, ...]:
    """Connectors with their versions and secrets, in two statements however many they are."""
    numbers = {
        (connector.code, number)
        for connector in connectors
        for number in (connector.standing.newest, connector.standing.active, connector.standing.canary)
        if number is not None
    }
    versions = store.versions_among(connection, numbers)
    secrets = sealed.listed(connection, [connector.code for connector in connectors])
    return tuple(_view(connector, versions, secrets, operator) for connector in connectors)


def platform_of(report: ManifestReport) -> PlatformDescription:
    """The platform as the manifest of a usable report describes it."""
    return PlatformDescription.model_validate(json.loads(report.resolved or "{}")["platform"])


def _view(
    connector: StoredConnector,
    versions: dict[tuple[str, int], store.StoredVersion],
    secrets: Collection[SealedSecret],
    operator: SecretStore,
) -> ConnectorView:
    standing = connector.standing

    def shown(number: int | None) -> VersionView | None:
        return None if number is None else versions[connector.code, number].view

    newest = versions[connector.code, standing.newest]
    current = newest if standing.active is None else versions[connector.code, standing.active]
    active, canary = shown(standing.active), shown(standing.canary)
    names = {name for each in (newest.view, active, canary) if each is not None for name in each.report.secret_names}
    own = [secret for secret in secrets if secret.platform == connector.code]
    return ConnectorView(
        platform=platform_of(current.view.report),
        state=standing.state,
        newest=newest.view,
        active=active,
        canary=canary,
        capabilities=current.capabilities,
        credentials=_statuses(sealed.provided(operator, connector, names), names, own),
        registered_at=connector.registered_at,
        updated_at=connector.updated_at,
        suspended_because=standing.suspended_because,
    )


def _statuses(
    provided: Collection[str], names: Collection[str], secrets: Collection[SealedSecret]
) -> tuple[CredentialStatus, ...]:
    since = {secret.name: secret.updated_at for secret in secrets if secret.name not in provided}
    return tuple(CredentialStatus(name, name in provided or name in since, since.get(name)) for name in sorted(names))
