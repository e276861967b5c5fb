"""Every setting in one declaration: it drives the environment, the command line and docs/settings.md."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from gateway.logs import LogFormat

LONGEST_SPAN = 3_660
"""Days of usage that may be asked for at once."""


class Settings(BaseSettings):
    """Values the operator chooses; each is read from `SHANHAI_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="SHANHAI_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    data_dir: Path = Field(
        Path(".shanhai"), description="Directory of the SQLite database, the search index and the lake of usage."
    )
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
        description="YAML file of connector secrets by platform and name. Default: SHANHAI_SECRET_<PLATFORM>__<NAME>.",
    )
    admin_key: SecretStr | None = Field(
        None,
        description="Key that shows every tier, sent as `Authorization: Bearer <key>`. Default: nobody has it.",
    )
    sealing_key: SecretStr | None = Field(
        None,
        description="Base64 of 32 random bytes that seal credentials set through the API; several separated by commas, "
        "the first seals and all open. Default: none can be set.",
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+[^\s?#/]$",
        description="Address under which clients reach the gateway, such as https://shanhai.example, for links to "
        "exports. Default: what the client asks, which a proxy may have changed.",
    )
    signing_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Secret text that signs links to exports; replicas need the same one. "
        "Default: a random key in the data directory.",
    )
    export_seconds: int = Field(600, ge=10, le=86_400, description="How long a link to an export holds, in seconds.")
    identity_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Secret text behind pseudonyms of teachers and the hashes of the audit log; replicas need the same "
        "one, and it must never change. Default: a random key in the data directory.",
    )
    key_requests: int = Field(
        1_200, ge=1, le=1_000_000, description="Requests a minute of one key or token, where the key does not say."
    )
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="OpenID Connect issuer whose tokens are accepted. Default: none.",
    )
    oidc_audience: str | None = Field(None, description="What the tokens must be meant for; needed with an issuer.")
    oidc_jwks_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s#]+$",
        description="Where the issuer publishes its keys. Default: what its discovery document says.",
    )
    oidc_algorithms: Annotated[tuple[str, ...], NoDecode] = Field(
        ("RS256", "ES256", "EdDSA"), description="Signature algorithms of tokens, separated by commas; never symmetric."
    )
    certificate_keys: SecretStr | None = Field(
        None,
        description="Base64 of 32-byte Ed25519 keys, separated by commas: the first signs certificates, all are "
        "published. Default: those in `certificates.json` in the data directory, made at the first use.",
    )
    credit_rules: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="JSON files of credit rules beside the built-in ones, separated by commas."
    )
    sample_rules: bool = Field(
        True, description="Whether the sample credit rules are used for regions that have no rules of their own."
    )
    cycle_hours: Decimal | None = Field(
        None,
        gt=0,
        description="Hours that a five-year cycle requires; 360 is often cited, confirm it. Default: not stated.",
    )
    egress_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Private hosts that connectors may reach, as host, host:port or network such as 10.1.0.0/16, "
        "separated by commas.",
    )
    live_transport: Literal["fast", "httpx"] = Field(
        "fast", description="What live searches ask platforms through: fast (pyreqwest), or httpx as harvests do."
    )
    drop_dir: Path | None = Field(None, description="Directory below which platforms drop files. Default: none.")
    harvest_workers: int = Field(
        2, ge=0, le=16, description="Harvests a serving process carries out at once; 0 leaves them to other processes."
    )
    schedule: bool = Field(True, description="Whether serving processes harvest platforms whose freshness is overdue.")
    usage_backfill_days: int = Field(
        400, ge=1, le=LONGEST_SPAN, description="Days that the first harvest of a platform's usage asks for."
    )
    usage_lookback_days: int = Field(
        35,
        ge=0,
        le=LONGEST_SPAN,
        description="Days before the last one asked for that a later harvest of usage asks for again, since late and "
        "corrected days arrive up to then.",
    )
    smallest_shown: int = Field(
        5,
        ge=1,
        le=1_000,
        description="Cells of usage reports that count fewer people than this are hidden; 1 hides none.",
    )
    live_fresh_seconds: float = Field(
        10.0, ge=0, le=3_600, description="How long a platform's answer to a live search is given again without asking."
    )
    live_revalidate_seconds: float = Field(
        60.0,
        ge=0,
        le=3_600,
        description="How long after that it is still given at once, marked as stale, while the platform is asked anew.",
    )
    live_stale_seconds: float = Field(
        900.0,
        ge=0,
        le=86_400,
        description="How long after it was fresh it stands in for a platform that fails or is too late.",
    )
    live_patience_seconds: float = Field(
        10.0,
        gt=0,
        le=120,
        description="How long one call of a live search to a platform may take, however long its callers wait.",
    )
    live_flights: int = Field(
        32, ge=1, le=1_024, description="Calls of live searches that may be under way to one platform at one time."
    )
    live_kept_records: int = Field(
        5_000, ge=0, le=1_000_000, description="Records that the kept answers of live searches may hold in memory."
    )
    workers: int = Field(1, ge=1, le=64, description="Worker processes of `shanhai serve`.")
    server: Literal["granian", "uvicorn"] = Field(
        "granian",
        description="Server of `shanhai serve`: granian, or uvicorn, which takes less of the processor.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins whose pages may ask from a browser, separated by commas; * for all."
    )
    introspection: bool = Field(True, description="Whether clients may introspect the schema.")
    compiled: bool = Field(
        True, description="Whether operations that are asked for again run as compiled code; else all by graphql-core."
    )
    graphiql: bool = Field(True, description="Whether browsers are shown GraphiQL at /graphiql.")
    anonymous_requests: int = Field(
        1_200, ge=0, le=1_000_000, description="Requests a minute of one address that sends no key; 0 counts none."
    )
    anonymous_cost: int = Field(
        300_000,
        ge=0,
        le=10_000_000,
        description="Units of cost a minute of one address that sends no key; 0 counts none.",
    )
    key_cost: int = Field(
        600_000, ge=0, le=10_000_000, description="Units of cost a minute of one key or token; 0 counts none."
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="How many proxies in front of the gateway add the address they were asked from to X-Forwarded-For. "
        "Default: none, so that an address is that of the connection.",
    )
    cost_limit: int = Field(
        10_000, ge=1, le=1_000_000, description="Units that one operation may be estimated to cost, and may cost."
    )
    operation_seconds: float = Field(30, gt=0, le=600, description="Seconds that one operation may take.")
    body_seconds: float = Field(30, gt=0, le=600, description="Seconds that the body of a request may take to come.")
    concurrency: int = Field(200, ge=1, le=10_000, description="Operations that one process executes at once.")
    batching: int = Field(0, ge=0, le=100, description="Most operations of an array in one request; 0 for no arrays.")
    partial_status: bool = Field(
        False,
        description="Whether answers with errors beside their data have the status 294 of the GraphQL over HTTP draft.",
    )
    documents: Literal["any", "trusted"] = Field(
        "any", description="Which documents are answered: any, or trusted ones only but to administrators."
    )
    trusted_documents: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="JSON files of trusted documents by id, separated by commas."
    )
    persisted_queries: bool = Field(
        True, description="Whether clients may send a document once and its hash from then on (Apollo's protocol)."
    )
    response_cache_seconds: int = Field(
        60,
        ge=0,
        le=86_400,
        description="How long answers without personal data are kept at most, in seconds; 0 is off.",
    )
    metrics: Literal["off", "local", "open"] = Field(
        "local",
        description="Who may read /metrics: callers on this machine and administrators; with open everybody, with off "
        "nobody.",
    )
    slow_seconds: float = Field(
        1.0, ge=0, le=600, description="Operations that take this many seconds or longer are logged; 0 logs none."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: LogFormat = Field("text", description="How log lines look: text, or json for one JSON object a line.")

    @field_validator("database_url")
    @classmethod
    def _is_async(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                dialect = make_url(value).get_dialect(_is_async=True)
            except (ArgumentError, ImportError, NoSuchModuleError):
                dialect = None
            if dialect is None or not dialect.is_async:
                raise ValueError("write postgresql+asyncpg://user@host/name or sqlite+aiosqlite:///path")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("write redis://host:port/number")
        return value

    @field_validator("reroutes")
    @classmethod
    def _are_origins(cls, value: dict[str, str]) -> dict[str, str]:
        for each in (*value, *value.values()):
            if not re.fullmatch(r"https?://[^\s/?#@]+", each):
                raise ValueError("write from=to pairs of origins such as https://api.example=http://127.0.0.1:9101")
        return value

    @field_validator("cors_origins", "egress_allow", "oidc_algorithms", mode="before")
    @classmethod
    def _split_texts(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("manifests", "credit_rules", "trusted_documents", mode="before")
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
        local = URL.create("sqlite+aiosqlite", database=str(self.data_dir / "shanhai.db"))
        return self.database_url or local.render_as_string(hide_password=False)

    @property
    def lake_dir(self) -> Path:
        """Where this node keeps the Parquet files that usage statistics are answered from."""
        return self.data_dir / "lake"

    @property
    def index_dir(self) -> Path:
        """Where this node keeps its derived search index."""
        return self.data_dir / "index"

    @property
    def exports_dir(self) -> Path:
        """Where files of reports stand while they are sent."""
        return self.data_dir / "exports"
