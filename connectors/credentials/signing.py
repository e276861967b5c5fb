"""Signed requests as common Chinese platforms want them: app key, timestamp, nonce and a signature over them."""

import base64
import hashlib
import hmac
import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, model_validator

from connectors.credentials.canonical import Part, QueryForm, canonical_path, canonical_query
from connectors.credentials.contract import Clock, Credential, CredentialConfig, secret_value
from connectors.credentials.placement import placed
from connectors.errors import ManifestError
from connectors.transport.seam import Request, Transport
from schema.records import Record

Algorithm = Literal["md5", "sha1", "sha256", "sm3"]


class SignatureNames(Record):
    """Under which names the four values travel; a name of null is not sent."""

    app_key: str | None = "appKey"
    timestamp: str | None = "timestamp"
    nonce: str | None = "nonce"
    sign: str = "sign"


class HmacSpec(CredentialConfig):
    """`kind: hmac`: `{kind: hmac, appKey: name, secret: name}` signs the sorted query with HMAC-SHA256.

    `appKey` and `secret` are names of secrets. App key, timestamp and nonce are put into their place (`in`) first, so
    that in the query they are signed with it; the signature comes last and never covers itself. The signed text is
    `parts`, in their order or (`sortParts`) sorted, joined by `joiner`. `mode` keys it: `hmac`, or the plain digest of
    the text with the secret at its end (`append`), its start (`prepend`) or both (`wrap`), held apart by
    `secretJoiner`, such as `"&key="`. Timestamps in `iso` are UTC to the second.
    """

    kind: Literal["hmac"]
    app_key: str | None = Field(None, min_length=1)
    secret: str = Field(min_length=1)
    algorithm: Algorithm = "sha256"
    mode: Literal["hmac", "append", "prepend", "wrap"] = "hmac"
    secret_joiner: str = ""
    parts: tuple[Part, ...] = Field(("query",), min_length=1)
    sort_parts: bool = False
    joiner: str = "\n"
    query: QueryForm = QueryForm()
    place: Literal["query", "header"] = Field("query", alias="in")
    names: SignatureNames = SignatureNames()
    prefix: str = ""
    timestamp: Literal["seconds", "milliseconds", "iso"] = "milliseconds"
    encoding: Literal["hex", "base64"] = "hex"
    case: Literal["lower", "upper"] = "lower"

    @model_validator(mode="after")
    def _app_key_is_known(self) -> "HmacSpec":
        if "appKey" in self.parts and self.app_key is None:
            raise ValueError("parts name the appKey, but no appKey secret is given")
        return self

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """The credential with its key and random nonces."""
        return self.signer(secrets, now, lambda: randomness.token_hex(16))

    def signer(self, secrets: Mapping[str, str], now: Clock, nonce: Callable[[], str]) -> "Signer":
        """The credential with nonces of the caller's choice, for golden vectors."""
        if self.algorithm not in hashlib.algorithms_available:
            raise ManifestError(f"the OpenSSL of this Python does not know {self.algorithm}; another build does")
        app_key = secret_value(secrets, self.app_key, "/appKey") if self.app_key else None
        return Signer(self, app_key, secret_value(secrets, self.secret, "/secret"), now, nonce)


class Signer:
    """Signs every request anew."""

    def __init__(self, spec: HmacSpec, app_key: str | None, secret: str, now: Clock, nonce: Callable[[], str]) -> None:
        self._spec = spec
        self._app_key = app_key
        self._secret = secret.encode()
        self._now = now
        self._nonce = nonce

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with its signature; a retry is signed anew, lest its nonce be taken for a replay."""
        del transport
        return replace(self.signed(request), renew=self.signed)

    def invalidate(self, refused: Request | None = None) -> None:
        """Every request has a new signature already."""
        del refused

    def signed(self, request: Request) -> Request:
        """The request with app key, timestamp, nonce and signature."""
        spec, names = self._spec, self._spec.names
        values = {"timestamp": _timestamp(self._now(), spec.timestamp), "nonce": self._nonce()}
        if self._app_key is not None:
            values["appKey"] = self._app_key
        sent = {"appKey": names.app_key, "timestamp": names.timestamp, "nonce": names.nonce}
        request = placed(
            request, spec.place, {name: values[part] for part, name in sent.items() if name and part in values}
        )
        text = self.signed_text(request, values)
        return placed(request, spec.place, {names.sign: spec.prefix + self._signature(text.encode())})

    def signed_text(self, request: Request, values: Mapping[str, str]) -> str:
        """What is signed; `values` are app key, timestamp and nonce."""
        spec = self._spec
        pieces = [self._part(part, request, values) for part in spec.parts]
        return spec.joiner.join(sorted(pieces) if spec.sort_parts else pieces)

    def _part(self, part: Part, request: Request, values: Mapping[str, str]) -> str:
        match part:
            case "method":
                return request.method.upper()
            case "path":
                return canonical_path(request.url)
            case "query":
                own = (self._spec.names.sign,) if self._spec.place == "query" else ()
                return canonical_query(request.url, self._spec.query, own)
            case "body":
                return request.body.decode("utf-8", "surrogateescape")
            case "bodyDigest":
                return self._written(hashlib.new(self._spec.algorithm, request.body).digest())
            case _:
                return values[part]

    def _signature(self, text: bytes) -> str:
        spec, secret = self._spec, self._secret
        if spec.mode == "hmac":
            return self._written(hmac.digest(secret, text, spec.algorithm))
        between = spec.secret_joiner.encode()
        before = secret + between if spec.mode in ("prepend", "wrap") else b""
        after = between + secret if spec.mode in ("append", "wrap") else b""
        return self._written(hashlib.new(spec.algorithm, before + text + after).digest())

    def _written(self, digest: bytes) -> str:
        if self._spec.encoding == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex().upper() if self._spec.case == "upper" else digest.hex()


def _timestamp(now: datetime, unit: Literal["seconds", "milliseconds", "iso"]) -> str:
    if unit == "iso":
        return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seconds = now.timestamp()
    return str(int(seconds)) if unit == "seconds" else str(round(seconds * 1000))
