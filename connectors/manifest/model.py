"""The manifest as records: what may stand at the top level and under `harvest:`."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from connectors.credentials import CredentialSpec, NoCredentialSpec
from connectors.extraction import JmesPath
from connectors.manifest.incremental import IncrementalSpec
from connectors.manifest.rules import Rule
from connectors.manifest.tables import TableSpec
from connectors.paging import PagingSpec
from connectors.paging.model import NoPaging
from connectors.protocols import Failure, RequestSpec
from connectors.transport import Limits
from connectors.transport.urls import origin
from schema.platforms import PlatformDescription
from schema.records import Record

FORMAT_VERSION = 1


def _valid_origin(text: str) -> str:
    try:
        found = origin(text)
    except ValueError as error:
        raise PydanticCustomError("origin", "{reason}", {"reason": str(error)}) from error
    if text.rstrip("/").lower() != found:
        raise PydanticCustomError("origin", "an origin has no path, query or user: {origin}", {"origin": found})
    return found


Origin = Annotated[str, AfterValidator(_valid_origin)]


class DeletedIds(Record):
    """`ids` finds, in the answer, native ids of records that the platform has deleted."""

    ids: JmesPath


def _one_request(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class HarvestSpec(Record):
    """How the platform's resources are listed and what its records mean.

    `request` is one request or a list of them, each the start of a listing of its own.
    """

    protocol: Literal["rest"]
    request: Annotated[tuple[RequestSpec, ...], BeforeValidator(_one_request), Field(min_length=1, max_length=100)]
    paging: PagingSpec = NoPaging(kind="none")
    records: JmesPath = "@"
    format: Literal["json"] = Field("json", alias="as")
    incremental: IncrementalSpec | None = None
    deleted: JmesPath | DeletedIds | None = None
    fields: dict[str, Rule]


class ManifestDocument(Record):
    """A whole manifest."""

    manifest: int
    version: Annotated[int, Field(ge=1)]
    platform: PlatformDescription
    origin: Origin
    other_origins: tuple[Origin, ...] = ()
    credentials: CredentialSpec = NoCredentialSpec()
    limits: Limits = Limits()
    failures: tuple[Failure, ...] = ()
    vocabularies: dict[str, TableSpec] = Field(default_factory=dict)
    harvest: HarvestSpec

    @field_validator("manifest")
    @classmethod
    def _known_version(cls, value: int) -> int:
        if value != FORMAT_VERSION:
            raise PydanticCustomError(
                "version",
                "this gateway reads manifests of version {known}, not {found}",
                {"known": FORMAT_VERSION, "found": value},
            )
        return value

    @model_validator(mode="after")
    def _different_origins(self) -> Self:
        if self.origin in self.other_origins:
            raise ValueError("otherOrigins repeats the origin")
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """Every origin a request may go to, the main one first."""
        return (self.origin, *self.other_origins)
