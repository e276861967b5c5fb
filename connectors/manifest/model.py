"""The manifest as a record: what may stand at the top level."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from connectors.credentials import CredentialSpec, NoCredentialSpec
from connectors.manifest.sections import AnyHarvest, AnyTraining, AnyUsage, Section
from connectors.manifest.tables import TableSpec
from connectors.protocols import Failure
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
    harvest: AnyHarvest
    training: AnyTraining | None = None
    usage: AnyUsage | None = None

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

    def sections(self) -> Iterator[tuple[str, Section]]:
        """The sections that are there, by their key."""
        for name, section in (("harvest", self.harvest), ("training", self.training), ("usage", self.usage)):
            if section is not None:
                yield name, section
