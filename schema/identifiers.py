"""Global IDs: opaque to clients, stable across re-harvests, readable to us."""

import base64
import binascii
from dataclasses import dataclass

from schema.errors import InvalidIdentifier


@dataclass(frozen=True, slots=True)
class GlobalId:
    """What a global ID says: a type name and the parts that name one object of it.

    A resource is ``GlobalId("Resource", ("chongqing", "CQ-1024"))``, a region ``GlobalId("Region", ("500103",))``.
    The text form is unpadded base64url of the parts joined by NUL, so native ids may hold any printable text.
    """

    type_name: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return _text("\0".join((self.type_name, *self.parts)))

    @classmethod
    def parse(cls, text: str) -> "GlobalId":
        """Read the text form back; raises `InvalidIdentifier` for anything this class did not write."""
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            raw = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        except (UnicodeError, binascii.Error) as error:
            raise InvalidIdentifier(f"{text!r} is not a global ID") from error
        type_name, *parts = raw.split("\0")
        parsed = cls(type_name, tuple(parts))
        if not type_name or not parts or not all(parts) or str(parsed) != text:
            raise InvalidIdentifier(f"{text!r} is not a global ID")
        return parsed


def resource_id(platform: str, native_id: str) -> str:
    """The global ID of one record of one platform."""
    return _text(f"Resource\0{platform}\0{native_id}")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _text(joined: str) -> str:
    return binascii.b2a_base64(joined.encode(), newline=False).rstrip(b"=").translate(_URL_SAFE).decode()
