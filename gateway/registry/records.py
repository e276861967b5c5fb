"""What the registry hands out: connectors, their versions, reports, drift and the outcome of every action."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.conformance import ManifestReport, Preview
from schema.platforms import Capability, PlatformDescription


class ConnectorState(StrEnum):
    """Where a connector stands: draft → verified → canary → active ⇄ suspended → retired."""

    DRAFT = "DRAFT"
    VERIFIED = "VERIFIED"
    CANARY = "CANARY"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    RETIRED = "RETIRED"


class DriftKind(StrEnum):
    """How the shape of a platform's records changed: a field takes more types, fewer, is gone, or is new."""

    WIDENED = "WIDENED"
    NARROWED = "NARROWED"
    MISSING = "MISSING"
    NEW = "NEW"


@dataclass(frozen=True, slots=True)
class VersionView:
    """One immutable version of a manifest; `digest` is the SHA-256 of its text in hexadecimal."""

    platform: str
    version: int
    manifest: str
    digest: str
    created_at: datetime
    created_by: str
    report: ManifestReport


@dataclass(frozen=True, slots=True)
class CredentialStatus:
    """Whether a secret that a manifest names is set, and since when; never its value."""

    name: str
    set: bool
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConnectorView:
    """A registered connector. `active` is served, `canary` is on trial beside it, `newest` was published last."""

    platform: PlatformDescription
    state: ConnectorState
    newest: VersionView
    active: VersionView | None
    canary: VersionView | None
    capabilities: frozenset[Capability]
    credentials: tuple[CredentialStatus, ...]
    registered_at: datetime
    updated_at: datetime
    suspended_because: str | None = None

    @property
    def code(self) -> str:
        """The platform's code, which names the connector."""
        return self.platform.code


@dataclass(frozen=True, slots=True)
class DriftView:
    """A change of the platform's shape since the active version was first harvested.

    `field` is the path in the upstream record, such as `team[].name`; `records` counts those that showed it in the last
    run.
    """

    field: str
    kind: DriftKind
    message: str
    first_seen_at: datetime
    records: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an action was not carried out: a stable code of docs/errors.md; `path` names the argument."""

    code: str
    message: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectorOutcome:
    """What an action on a connector did: nothing changed where `refusals` is not empty."""

    connector: ConnectorView | None = None
    report: ManifestReport | None = None
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class TestReadOutcome:
    """What a test read showed; `preview` is None when the manifest could not be used or the read was refused."""

    __test__ = False

    report: ManifestReport
    preview: Preview | None = None
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectorPage:
    """Connectors by platform code; `total` counts all that match."""

    items: tuple[ConnectorView, ...]
    total: int
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the audit: who did what, when, to which version; `detail` never holds a secret."""

    id: int
    platform: str
    at: datetime
    by: str
    action: str
    version: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a connector may present: values by name, and the only origins they may travel to.

    `origins` is None where nothing binds the values but the manifest they were given together with.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    origins: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A sealed secret as it is listed, without its value."""

    platform: str
    name: str
    key_id: str
    origins: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: how many secrets were sealed anew, and how many had the first key already.

    `platforms` are those of the former; `unreadable` are secrets that no key opens, as `platform name`.
    """

    resealed: int
    current: int
    platforms: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
