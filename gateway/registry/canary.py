"""The canary lane: a version on trial is served beside the active one, for administrators only."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector
from connectors.records import HarvestPage, HarvestRequest
from connectors.transport import ClientCertificate, Limits
from schema.access import Access
from schema.platforms import Capability, PlatformDescription

_SUFFIX = "@canary"
_TRIED = frozenset({Capability.HARVEST, Capability.INCREMENTAL, Capability.TOMBSTONES})


def canary_code(code: str) -> str:
    """The lane of a platform's canary; no platform has such a code."""
    return f"{code}{_SUFFIX}"


def is_canary(code: str) -> bool:
    """Whether a code names a canary's lane."""
    return code.endswith(_SUFFIX)


def served_code(code: str) -> str:
    """The platform behind a code, canary or not."""
    return code.removesuffix(_SUFFIX)


class CanaryConnector:
    """A manifest's connector under the code of its lane, with records that only administrators see."""

    def __init__(self, inner: ManifestConnector) -> None:
        self._inner = inner
        own = {"code": canary_code(inner.platform.code), "access": Access.SCHOOL}
        self._platform = inner.platform.model_copy(update=own)

    @property
    def platform(self) -> PlatformDescription:
        """The same platform in a lane of its own."""
        return self._platform

    @property
    def version(self) -> int:
        """Version of the manifest."""
        return self._inner.version

    @property
    def limits(self) -> Limits:
        """How hard the platform may be asked."""
        return self._inner.limits

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What is tried: listing resources, and nothing that counts usage or training twice."""
        return self._inner.capabilities & _TRIED

    @property
    def freshness(self) -> timedelta | None:
        """How old its harvest may become."""
        return self._inner.freshness

    def certificate(self, secrets: Mapping[str, str]) -> ClientCertificate | None:
        """What the transport must show when it connects."""
        return self._inner.certificate(secrets)

    def harvest(self, context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[HarvestPage]:
        """Harvest as the manifest says."""
        return self._inner.harvest(context, request)
