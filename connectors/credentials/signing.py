"""Signed requests as common Chinese platforms want them: app key, timestamp, nonce and a signature over them."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, model_validator

from connectors.credentials.bodies import body_pairs
from connectors.credentials.canonical import (
    OtherPart,
    Part,
    QueryForm,
    canonical_host,
    canonical_pairs,
    canonical_path,
    percent_encoded,
)
from connectors.credentials.contract import Clock, Credential, CredentialConfig, secret_value
from connectors.credentials.digests import Algorithm, DigestForm, require
from connectors.credentials.placement import placed
from connectors.credentials.stamps import NonceForm, TimestampForm, timestamp
from connectors.credentials.vectors import SignatureVector, VectorMismatch, difference
from connectors.errors import ManifestError
from connectors.transport.header_names import checked_header_name
from connectors.transport.seam import Request, Transport
from connectors.transport.urls import query_pairs
from schema.records import Record


class SignatureNames(Record):
    """Under which names the values travel; a name of null is not sent."""

    app_key: str | None = "appKey"
    timestamp: str | None = "timestamp"
    nonce: str | None = "nonce"
    body_digest: str | None = None
    sign: str = "sign"


class HmacSpec(CredentialConfig):
    """`kind: hmac`: `{kind: hmac, appKey: name, secret: name}` signs the sorted query with HMAC-SHA256.

    `appKey` and `secret` are names of secrets. App key, timestamp, nonce and `constants` are put into their place
    (`in`) first, so that in the query they are signed with it; the signature comes last and never covers itself. The
    signed text is `parts`, in their order or (`sortParts`) sorted, percent-encoded if `encodeParts`, joined by
    `joiner`. `mode` keys it: `hmac`, or the plain digest of the text with the secret at its end (`append`), its start
    (`prepend`), both (`wrap`) or only where `parts` name it (`digest`). `secretJoiner` stands between secret and text,
    such as `"&key="`; with `hmac` it ends the key. `prefix` and `prefixParts` are written before the signature.
    """

    kind: Literal["hmac"]
    app_key: str | None = Field(None, min_length=1)
    secret: str = Field(min_length=1)
    algorithm: Algorithm = "sha256"
    mode: Literal["hmac", "append", "prepend", "wrap", "digest"] = "hmac"
    secret_joiner: str = ""
    parts: tuple[Part, ...] = Field(("query",), min_length=1)
    sort_parts: bool = False
    encode_parts: bool = False
    joiner: str = "\n"
    query: QueryForm = QueryForm()
    body_digest: DigestForm | None = None
    place: Literal["query", "header", "body"] = Field("query", alias="in")
    names: SignatureNames = SignatureNames()
    constants: dict[str, str] = Field(default_factory=dict)
    prefix: str = ""
    prefix_parts: tuple[Part, ...] = ()
    timestamp: TimestampForm = "milliseconds"
    nonce: NonceForm = NonceForm()
    encoding: Literal["hex", "base64"] = "hex"
    case: Literal["lower", "upper"] = "lower"
    vectors: tuple[SignatureVector, ...] = ()

    @model_validator(mode="after")
    def _parts_can_be_made(self) -> "HmacSpec":
        if "appKey" in (*self.parts, *self.prefix_parts) and self.app_key is None:
            raise ValueError("parts name the appKey, but no appKey secret is given")
        if "secret" in self.prefix_parts:
            raise ValueError("prefixParts would send the secret in clear")
        if self.mode == "digest" and "secret" not in self.parts:
            raise ValueError("mode: digest signs with no secret; name it among the parts or choose another mode")
        if self.place == "header":
            for name in (*filter(None, self.names.model_dump().values()), *self.constants):
                checked_header_name(name)
        return self

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """The credential with its key and random nonces."""
        return self.signer(secrets, now, self.nonce.fresh)

    def signer(self, secrets: Mapping[str, str], now: Clock, nonce: Callable[[], str]) -> "Signer":
        """The credential with nonces of the caller's choice."""
        app_key = secret_value(secrets, self.app_key, "/appKey") if self.app_key else None
        return Signer(self, app_key, secret_value(secrets, self.secret, "/secret"), now, nonce)

    def check_vectors(self) -> list[VectorMismatch]:
        """How the golden vectors differ from what is computed."""
        return [wrong for index, vector in enumerate(self.vectors) for wrong in _compared(self, index, vector)]


@dataclass(frozen=True, slots=True)
class Signing:
    """A signed request, the text its signature covers (it may hold the secret) and the signature without prefix."""

    request: Request
    text: str = field(repr=False)
    signature: str = field(repr=False)


class Signer(Credential):
    """Signs every request anew."""

    def __init__(self, spec: HmacSpec, app_key: str | None, secret: str, now: Clock, nonce: Callable[[], str]) -> None:
        require(spec.algorithm)
        self._spec = spec
        self._app_key = app_key
        self._secret = secret
        self._now = now
        self._nonce = nonce
        self._form = DigestForm(algorithm=spec.algorithm, encoding=spec.encoding, case=spec.case)
        self._body_form = spec.body_digest or self._form
        require(self._body_form.algorithm)

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with its signature; a retry is signed anew, lest its nonce be taken for a replay."""
        del transport
        return replace(self.signed(request), renew=self.signed)

    def signed(self, request: Request) -> Request:
        """The request with app key, timestamp, nonce and signature."""
        return self.sign(request, timestamp(self._now(), self._spec.timestamp), self._nonce()).request

    def sign(self, request: Request, stamp: str, nonce: str) -> Signing:
        """The request signed with this timestamp, written as it is sent, and this nonce."""
        spec, names = self._spec, self._spec.names
        values = {"timestamp": stamp, "nonce": nonce}
        if self._app_key is not None:
            values["appKey"] = self._app_key
        sent = {"appKey": names.app_key, "timestamp": names.timestamp, "nonce": names.nonce}
        carried = {name: values[part] for part, name in sent.items() if name and part in values}
        if names.body_digest:
            carried[names.body_digest] = self._body_form.of(request.body)
        request = placed(request, spec.place, carried | spec.constants)
        text = self.signed_text(request, values)
        signature = self._signature(text.encode("utf-8", "surrogateescape"))
        before = spec.prefix + "".join(self._part(part, request, values) for part in spec.prefix_parts)
        return Signing(placed(request, spec.place, {names.sign: before + signature}), text, signature)

    def signed_text(self, request: Request, values: Mapping[str, str]) -> str:
        """What is signed; `values` are app key, timestamp and nonce by the words of `parts`."""
        spec = self._spec
        pieces = [self._part(part, request, values) for part in spec.parts]
        if spec.encode_parts:
            pieces = [percent_encoded(piece) for piece in pieces]
        return spec.joiner.join(sorted(pieces) if spec.sort_parts else pieces)

    def _part(self, part: Part, request: Request, values: Mapping[str, str]) -> str:
        if isinstance(part, OtherPart):
            return part.text if part.text is not None else _header(request, part.header)
        match part:
            case "method":
                return request.method.upper()
            case "host":
                return canonical_host(request.url)
            case "path":
                return canonical_path(request.url)
            case "query" | "parameters" | "bodyParameters":
                pairs = query_pairs(request.url) if part != "bodyParameters" else []
                pairs += body_pairs(request) if part != "query" else []
                own = () if self._spec.place == "header" else (self._spec.names.sign,)
                return canonical_pairs(pairs, self._spec.query, own)
            case "body":
                return request.body.decode("utf-8", "surrogateescape")
            case "bodyDigest":
                return self._body_form.of(request.body)
            case "secret":
                return self._secret
            case _:
                return values[part]

    def _signature(self, text: bytes) -> str:
        spec, secret, between = self._spec, self._secret.encode(), self._spec.secret_joiner.encode()
        if spec.mode == "hmac":
            return self._form.written(hmac.digest(secret + between, text, spec.algorithm))
        before = secret + between if spec.mode in ("prepend", "wrap") else b""
        after = between + secret if spec.mode in ("append", "wrap") else b""
        return self._form.written(hashlib.new(spec.algorithm, before + text + after).digest())


def _header(request: Request, name: str | None) -> str:
    found = [value for header, value in request.headers.items() if name and header.lower() == name.lower()]
    return ", ".join(found)


def _compared(spec: HmacSpec, index: int, vector: SignatureVector) -> list[VectorMismatch]:
    try:
        signer = spec.signer(vector.secrets, _no_clock, str)
        signing = signer.sign(vector.request(), vector.timestamp, vector.nonce)
    except ManifestError as error:
        what: Literal["secrets", "request"] = "secrets" if error.findings else "request"
        return [VectorMismatch(index, what, "what a signature is made of", str(error))]
    found = []
    if vector.text is not None and vector.text != signing.text:
        position = difference(vector.text, signing.text)
        found.append(VectorMismatch(index, "text", vector.text, signing.text, position, signing.text))
    if vector.signature != signing.signature:
        position = difference(vector.signature, signing.signature)
        found.append(VectorMismatch(index, "signature", vector.signature, signing.signature, position, signing.text))
    return found


def _no_clock() -> datetime:
    """A vector states its timestamp; the epoch is never sent."""
    return datetime.fromtimestamp(0, UTC)
