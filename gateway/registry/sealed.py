"""Sealed secrets on a connection: stored, opened within their origins, erased and sealed anew."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from connectors.conformance import ManifestReport
from gateway.registry.records import Rotation, SealedSecret, Secrets
from gateway.registry.refusals import Refused, credential_unknown
from gateway.registry.secrets import SecretStore
from gateway.registry.store import REGISTERED, StoredConnector
from gateway.registry.vault import Label, Vault, VaultClosed, origins_text
from gateway.storage.tables import ConnectorSecretRow

LONGEST_NAME, LONGEST_VALUE = 100, 20_000
_SECRETS: Table = ConnectorSecretRow.metadata.tables["connector_secrets"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The secrets a manifest names, as far as they are known, and why others are missing."""

    secrets: Secrets
    missing: list[str] = field(default_factory=list)


def accept(values: Mapping[str, str], report: ManifestReport) -> None:
    """Refuse names that the manifest does not reference and values that cannot be meant."""
    for name, value in values.items():
        if name not in report.secret_names:
            raise credential_unknown(name, report.secret_names)
        if len(name) > LONGEST_NAME:
            raise Refused("INVALID_INPUT", f"names of secrets have at most {LONGEST_NAME} characters", "credentials")
        if not value.strip() or len(value) > LONGEST_VALUE or _has_surrogates(value):
            expected = f"text of 1 to {LONGEST_VALUE} characters"
            raise Refused("INVALID_INPUT", f"secret {name!r} is empty or too long; expected {expected}", "credentials")


def put(
    connection: Connection,
    vault: Vault,
    platform: str,
    values: Mapping[str, str],
    origins: Collection[str],
    now: datetime,
) -> None:
    """Seal values for these origins in place of earlier ones; refuses when no key is set."""
    for name, value in sorted(values.items()):
        label = Label(platform, name, tuple(sorted(origins)))
        try:
            sealed = vault.seal(label, value)
        except VaultClosed as closed:
            raise Refused("SEALING_KEY_MISSING", str(closed), "credentials") from None
        row = {"sealed": sealed, "key_id": vault.key_id, "origins": origins_text(origins), "updated_at": now}
        where = (_SECRETS.c.platform == platform, _SECRETS.c.name == name)
        if connection.execute(update(_SECRETS).where(*where).values(row)).rowcount == 0:
            connection.execute(insert(_SECRETS).values(platform=platform, name=name, **row))


def erase(connection: Connection, platform: str) -> int:
    """Erase every sealed secret of a platform and count them."""
    return connection.execute(delete(_SECRETS).where(_SECRETS.c.platform == platform)).rowcount


def listed(connection: Connection, platforms: Collection[str] | None = None) -> list[SealedSecret]:
    """Sealed secrets by platform and name, without values."""
    query = select(_SECRETS).order_by(_SECRETS.c.platform, _SECRETS.c.name)
    if platforms is not None:
        query = query.where(_SECRETS.c.platform.in_(list(platforms)))
    return [
        SealedSecret(row.platform, row.name, row.key_id, tuple(json.loads(row.origins)), row.updated_at)
        for row in connection.execute(query)
    ]


def provided(operator: SecretStore, connector: StoredConnector, names: Collection[str]) -> dict[str, str]:
    """The operator's values for a connector that came from a file; whoever registers a code has no claim to them."""
    return {} if connector.source == REGISTERED else operator.for_platform(connector.code, frozenset(names))


def resolve(
    connection: Connection, vault: Vault, operator: SecretStore, connector: StoredConnector, names: Collection[str]
) -> Resolved:
    """The secrets of a connector: those of the operator win, and all travel only where every one of them may."""
    values = provided(operator, connector, names)
    homes = [connector.trusted_origins] if values else []
    rows = {row["name"]: row for row in _rows(connection, connector.code)}
    missing: list[str] = []
    for name in sorted(set(names) - set(values)):
        if name not in rows:
            missing.append(f"secret {name!r} is not set")
            continue
        label = _label(rows[name])
        try:
            values[name] = vault.open(label, rows[name]["key_id"], rows[name]["sealed"])
            homes.append(frozenset(label.origins))
        except VaultClosed as closed:
            missing.append(str(closed))
    return Resolved(Secrets(values, frozenset.intersection(*homes) if homes else None), missing)


def rotate(connection: Connection, vault: Vault) -> Rotation:
    """Seal every secret under the first key; those that no key opens stay as they are."""
    resealed: list[str] = []
    current = 0
    unreadable: list[str] = []
    for row in _rows(connection):
        label = _label(row)
        try:
            value = vault.open(label, row["key_id"], row["sealed"])
        except VaultClosed:
            unreadable.append(f"{label.platform} {label.name}")
            continue
        if row["key_id"] == vault.key_id:
            current += 1
            continue
        where = (_SECRETS.c.platform == label.platform, _SECRETS.c.name == label.name)
        changed = {"sealed": vault.seal(label, value), "key_id": vault.key_id}
        connection.execute(update(_SECRETS).where(*where).values(changed))
        resealed.append(label.platform)
    return Rotation(len(resealed), current, tuple(sorted(set(resealed))), tuple(unreadable))


def _rows(connection: Connection, platform: str | None = None) -> list[Mapping[str, Any]]:
    query = select(_SECRETS).order_by(_SECRETS.c.platform, _SECRETS.c.name)
    if platform is not None:
        query = query.where(_SECRETS.c.platform == platform)
    return [dict(row) for row in connection.execute(query).mappings()]


def _label(row: Mapping[str, Any]) -> Label:
    return Label(row["platform"], row["name"], tuple(json.loads(row["origins"])))


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
