"""The manifest as a record: what may stand at the top level."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from connectors.credentials import CredentialSpec, NoCredentialSpec
from connectors.manifest.origins import Origin
from connectors.manifest.recorded import ManifestTest
from connectors.manifest.searching import SearchSection
from connectors.manifest.sections import AnyHarvest, AnyTraining, AnyUsage, Section, any_protocol
from connectors.manifest.tables import TableSpec
from connectors.protocols import Failure
from connectors.transport import Limits
from schema.platforms import PlatformDescription
from schema.records import Record

FORMAT_VERSION = 1
AnySearch = Annotated[SearchSection, any_protocol(SearchSection)]


class ManifestDocument(Record):
    """A whole manifest."""

    manifest: int
    version: Annotated[int, Field(ge=1)]
    platform: PlatformDescription
    origin: Origin
    other_origins: tuple[Origin, ...] = ()
    credentials: CredentialSpec = NoCredentialSpec()
    limits: Limits = Limits()
    freshness: Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(days=366))] | None = None
    failures: tuple[Failure, ...] = ()
    vocabularies: dict[str, TableSpec] = Field(default_factory=dict)
    harvest: AnyHarvest
    training: AnyTraining | None = None
    usage: AnyUsage | None = None
    search: AnySearch | None = None
    tests: tuple[ManifestTest, ...] = Field((), max_length=50)

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
        for name, section in self.sections():
            if section.origin is not None and section.origin not in self.origins:
                raise ValueError(f"{name}.origin is {section.origin}, which otherOrigins does not name")
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """Every origin a request may go to, the main one first."""
        return (self.origin, *self.other_origins)

    def sections(self) -> Iterator[tuple[str, Section]]:
        """The sections that are there, by their key."""
        named = {"harvest": self.harvest, "training": self.training, "usage": self.usage, "search": self.search}
        for name, section in named.items():
            if section is not None:
                yield name, section

    def homes(self) -> Iterator[tuple[str, CredentialSpec]]:
        """Where each section asks, and how it is shown there who asks."""
        for _, section in self.sections():
            yield section.origin or self.origin, section.credentials or self.credentials

    @property
    def sketch_secrets(self) -> frozenset[str]:
        """The names of the secrets by which people are keyed in sketches."""
        return frozenset(self.usage.sketch_secrets.values()) if self.usage is not None else frozenset()

    def all_credentials(self) -> tuple[CredentialSpec, ...]:
        """The manifest's credentials and those of its sections."""
        own = (section.credentials for _, section in self.sections())
        return (self.credentials, *(credentials for credentials in own if credentials is not None))
