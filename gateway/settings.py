"""Every setting in one declaration: it drives the environment, the command line and docs/settings.md."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Values the operator chooses; each is read from `SHANHAI_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="SHANHAI_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    data_dir: Path = Field(Path(".shanhai"), description="Directory of the SQLite database and the search index.")
    database_url: str | None = Field(
        None,
        description="SQLAlchemy URL with an async driver, such as postgresql+asyncpg://user@host/name. "
        "Default: SQLite in the data directory.",
    )
    redis_url: str | None = Field(None, description="Redis for caches shared between replicas. Default: memory.")
    manifests: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="Directories of connector manifests beside the built-in ones, separated by commas."
    )
    builtin_platforms: bool = Field(True, description="Whether the manifests that come with the product are loaded.")
    reroutes: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="Origins to ask instead of those in the manifests: from=to pairs separated by commas, such as "
        "https://api.example=http://127.0.0.1:9101.",
    )
    secrets_file: Path | None = Field(
        None,
        description="YAML file of connector secrets by platform and name. Default: SHANHAI_SECRET_<PLATFORM>_<NAME>.",
    )
    admin_key: SecretStr | None = Field(
        None,
        description="Key that shows every tier, sent as `Authorization: Bearer <key>`. Default: nobody has it.",
    )
    workers: int = Field(1, ge=1, le=64, description="Worker processes of `shanhai serve`.")
    introspection: bool = Field(True, description="Whether clients may introspect the schema.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )

    @field_validator("manifests", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        return tuple(Path(part) for part in value.split(",") if part) if isinstance(value, str) else value

    @field_validator("reroutes", mode="before")
    @classmethod
    def _split_pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if any(not origin or not target for origin, _, target in pairs):
            raise ValueError("write from=to pairs separated by commas")
        return {origin.strip(): target.strip() for origin, _, target in pairs}

    @property
    def resolved_database_url(self) -> str:
        """The database to open: the one that was set, or SQLite in the data directory."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'shanhai.db'}"

    @property
    def index_dir(self) -> Path:
        """Where this node keeps its derived search index."""
        return self.data_dir / "index"
