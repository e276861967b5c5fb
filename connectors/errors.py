"""Connector errors, grouped by what the caller should do.

ConnectorError                 code, platform, message; never carries a secret
├── Transient                  try again later: the platform or the way to it is disturbed
│   ├── Timeout                no answer within the deadline
│   ├── Unreachable            refused, reset, DNS
│   └── Throttled              told to slow down; `retry_after` seconds if it said so
├── CredentialRefused          refresh the credential once, then stop
├── Malformed                  an answer that is not what the manifest says: HTML for JSON, truncated, too large
├── UpstreamFailure            an error the platform states in its own words and that a retry will not mend
├── PagingError                a page that repeats, a token that cycles, a cap that is reached
├── EgressRefused              an address the gateway must not ask: private, oddly spelled, or not the platform's
└── ManifestError              the manifest itself is wrong; `findings` say where
"""

from collections.abc import Sequence
from typing import ClassVar

from schema.findings import Finding


class ConnectorError(Exception):
    """Root of everything a connector raises on purpose.

    `code` is stable and documented in docs/errors.md; `retryable` says whether the same request may succeed later.
    """

    code: ClassVar[str] = "CONNECTOR_ERROR"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, platform: str | None = None) -> None:
        super().__init__(message)
        self.platform = platform


class Transient(ConnectorError):
    """The platform or the way to it is disturbed; trying later makes sense."""

    code = "UPSTREAM_UNAVAILABLE"
    retryable = True


class Timeout(Transient):
    """No complete answer within the deadline."""

    code = "UPSTREAM_TIMEOUT"


class Unreachable(Transient):
    """No connection, or it broke before the answer was complete."""

    code = "UPSTREAM_UNREACHABLE"


class Throttled(Transient):
    """The platform asked to slow down."""

    code = "UPSTREAM_THROTTLED"

    def __init__(self, message: str, *, platform: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, platform=platform)
        self.retry_after = retry_after


class CredentialRefused(ConnectorError):
    """The platform does not accept the credential."""

    code = "CREDENTIAL_REFUSED"


class Malformed(ConnectorError):
    """An answer that cannot be read as the manifest says."""

    code = "UPSTREAM_MALFORMED"


class UpstreamFailure(ConnectorError):
    """An error in the platform's own words that a retry will not mend."""

    code = "UPSTREAM_FAILURE"


class PagingError(ConnectorError):
    """Paging that repeats, cycles or exceeds its cap."""

    code = "PAGING_BROKEN"


class EgressRefused(ConnectorError):
    """An address that must not be asked, whoever named it; nothing was sent."""

    code = "EGRESS_REFUSED"


class ManifestError(ConnectorError):
    """A manifest that cannot be used."""

    code = "MANIFEST_INVALID"

    def __init__(self, message: str, findings: Sequence[Finding] = (), *, platform: str | None = None) -> None:
        super().__init__(message, platform=platform)
        self.findings = tuple(findings)
