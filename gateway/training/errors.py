"""What training refuses; every code has a heading in docs/errors.md.

GatewayError
├── VersionConflict       VERSION_CONFLICT         a record that has moved on since it was read
├── IdempotencyKeyReused  IDEMPOTENCY_KEY_REUSED   one key for two different bodies
└── StateImpossible       STATE_IMPOSSIBLE         a step that the present state does not allow
"""

from gateway.errors import GatewayError


class VersionConflict(GatewayError):
    """The record has moved on since it was read; read it again."""

    code = "VERSION_CONFLICT"


class IdempotencyKeyReused(GatewayError):
    """The same idempotency key came with another body."""

    code = "IDEMPOTENCY_KEY_REUSED"


class StateImpossible(GatewayError):
    """The present state does not allow this step; the message names the state and what is possible."""

    code = "STATE_IMPOSSIBLE"
