"""Options that several commands share, and the settings they amount to."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from gateway.errors import InvalidInput
from gateway.settings import Settings
from schema.errors import InvalidIdentifier
from schema.identifiers import GlobalId

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Directory of database and index. [.shanhai]")]
Manifests = Annotated[
    list[Path] | None, typer.Option("--manifests", help="Directory of connector manifests; may be repeated.")
]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on. [127.0.0.1]")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on. [8000]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of a table.")]


def read_settings(**chosen: Any) -> Settings:
    """Settings from the environment, overruled by the options that were given; names the wrong one."""
    given = {name: value for name, value in chosen.items() if value not in (None, [])}
    if "manifests" in given:
        given["manifests"] = tuple(given["manifests"])
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise InvalidInput(f"setting SHANHAI_{name.upper()}: {first['msg']}") from None


def require_database(settings: Settings) -> None:
    """Raises InvalidInput where the data directory holds no database: asking must not make an empty one."""
    if settings.database_url is None and not (settings.data_dir / "shanhai.db").exists():
        raise InvalidInput(
            f"there is no database in {settings.data_dir}; name the data directory with --data-dir (the demo's is "
            ".shanhai/demo), or harvest first"
        )


def our_id(kind: str, text: str) -> str:
    """Our own id of 32 hexadecimal digits, also from the one that GraphQL shows; raises InvalidInput for another."""
    if re.fullmatch("[0-9a-f]{32}", text):
        return text
    try:
        named = GlobalId.parse(text)
    except InvalidIdentifier:
        raise InvalidInput(f"{text[:60]!r} is no id of a {kind}: give the one that GraphQL shows") from None
    if named.type_name != kind:
        raise InvalidInput(f"{text[:60]!r} is the id of a {named.type_name}, not of a {kind}")
    return str(named.parts[0])
