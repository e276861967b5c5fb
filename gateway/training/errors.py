"""What training refuses; every code has a heading in docs/errors.md.

GatewayError
├── VersionConflict       VERSION_CONFLICT         a record that has moved on since it was read
└── IdempotencyKeyReused  IDEMPOTENCY_KEY_REUSED   one key for two different bodies
"""

from gateway.errors import GatewayError


class VersionConflict(GatewayError):
    """The record has moved on since it was read; read it again."""

    code = "VERSION_CONFLICT"


class IdempotencyKeyReused(GatewayError):
    """The same idempotency key came with another body."""

    code = "IDEMPOTENCY_KEY_REUSED"
