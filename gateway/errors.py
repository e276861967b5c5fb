"""The gateway's error tree; every code has a heading in docs/errors.md.

GatewayError                 code, message, platform, retryable; safe to show to a client
├── InvalidInput             INVALID_INPUT        an argument that cannot be used; says what is possible
├── LimitExceeded            LIMIT_EXCEEDED       an argument or operation beyond a stated limit
├── CursorInvalid            CURSOR_INVALID       text that is no cursor of this list
├── CursorExpired            CURSOR_EXPIRED       a RELEVANCE cursor whose index generation is gone
├── Forbidden                FORBIDDEN            the principal may not do this
├── PurposeRequired          PURPOSE_REQUIRED     personal data, and no purpose that fits was stated
├── NotShared                NOT_SHARED           a field that no sharing agreement names
├── Erased                   ERASED               what stood here was erased at the request of the person
├── StateImpossible          STATE_IMPOSSIBLE     a step that the present state does not allow
└── NotReady                 NOT_READY            the gateway is starting or an index is being rebuilt
"""

from typing import ClassVar


class GatewayError(Exception):
    """Root of everything the gateway raises on purpose; the message is written for the client."""

    code: ClassVar[str] = "INTERNAL"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, platform: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.platform = platform


class InvalidInput(GatewayError):
    """An argument that cannot be used; the message names the argument, what was found and what is possible."""

    code = "INVALID_INPUT"


class LimitExceeded(GatewayError):
    """An argument or operation beyond a stated limit; the message states the limit."""

    code = "LIMIT_EXCEEDED"


class CursorInvalid(GatewayError):
    """Text that is not a cursor of this list."""

    code = "CURSOR_INVALID"


class CursorExpired(GatewayError):
    """A RELEVANCE cursor that outlived its index generation; start from the first page."""

    code = "CURSOR_EXPIRED"


class Forbidden(GatewayError):
    """The principal may not do this."""

    code = "FORBIDDEN"


class PurposeRequired(GatewayError):
    """Personal data is shown for a stated purpose only; the message names the purposes that fit."""

    code = "PURPOSE_REQUIRED"


class NotShared(GatewayError):
    """The sharing agreement by which the viewer sees the record does not name this field."""

    code = "NOT_SHARED"


class Erased(GatewayError):
    """What stood here was erased."""

    code = "ERASED"


class StateImpossible(GatewayError):
    """The present state does not allow this step; the message names the state and what is possible."""

    code = "STATE_IMPOSSIBLE"


class NotReady(GatewayError):
    """The gateway is starting or rebuilding something the request needs."""

    code = "NOT_READY"
    retryable = True
