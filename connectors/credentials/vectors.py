"""Golden vectors: what a platform's documents say a signature must be, compared with what is computed."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict, Field, field_validator

from connectors.transport.seam import Request
from schema.records import Record


class SignatureVector(Record):
    """A request, the values it is signed with and the signature, as the platform documents them.

    `timestamp` is written as it is sent. `secrets` are demonstration values by the names the credential uses, never
    real ones. `signature` is without `prefix`; `text` is what is signed, where the documents show it.
    """

    model_config = ConfigDict(str_strip_whitespace=False)  # a signed text may well end with a line feed

    method: Literal["GET", "POST", "PUT"] = "GET"
    url: str = Field(min_length=1)
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    timestamp: str = ""
    nonce: str = ""
    secrets: dict[str, str]
    text: str | None = None
    signature: str = Field(min_length=1)

    @field_validator("timestamp", "nonce", mode="before")
    @classmethod
    def _digits_are_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def request(self) -> Request:
        """The request before it is signed."""
        return Request(self.method, self.url, self.headers, self.body.encode())


@dataclass(frozen=True, slots=True)
class VectorMismatch:
    """What a vector states and what came out; `index` counts from 0.

    `position` is the first character in which the two differ. `signed_text` is the text that was signed, None where it
    did not come to that because a secret is missing (`what` is then `secrets`) or the request cannot be signed.
    """

    index: int
    what: Literal["text", "signature", "secrets", "request"]
    expected: str
    found: str
    position: int | None = None
    signed_text: str | None = None
    within: str = ""

    @property
    def pointer(self) -> str:
        """Where it stands, inside the credential (RFC 6901): `/vectors/0/text`, in a combination `/of/1/vectors/0`."""
        return f"{self.within}/vectors/{self.index}" + ("" if self.what == "request" else f"/{self.what}")


def difference(expected: str, found: str) -> int | None:
    """The first position in which two texts differ, None where they are equal."""
    for position, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            return position
    return None if len(expected) == len(found) else min(len(expected), len(found))
